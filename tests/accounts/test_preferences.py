"""Language and colours: chosen before and after signing in, kept with the person and in the browser."""

import pytest
from django.test import Client


def test_before_signing_in_a_cookie_keeps_them(transactional_db):
    client = Client()
    assert client.post("/account/language", {"language": "sr", "next": "/sign-in"}).headers["Location"] == "/sign-in"
    client.post("/account/theme", {"theme": "dark", "next": "/sign-in"})
    page = client.get("/sign-in").content.decode()
    assert '<html lang="sr"' in page
    assert 'data-theme="dark"' in page


def test_signed_in_they_are_kept_with_the_person(cast, definer):
    client = cast.client("ana")
    client.post("/account/language", {"language": "sr-latn"})
    client.post("/account/theme", {"theme": "light"})
    row = definer.execute("SELECT language, theme FROM accounts_user WHERE login_name = 'ana'").fetchone()
    assert row == ("sr-latn", "light")
    page = client.get("/account").content.decode()
    assert '<html lang="sr-Latn"' in page
    assert 'data-theme="light"' in page
    others = definer.execute("SELECT DISTINCT theme FROM accounts_user WHERE login_name <> 'ana'").fetchall()
    assert others == [("auto",)]


@pytest.mark.parametrize(("address", "field"), [("/account/language", "language"), ("/account/theme", "theme")])
@pytest.mark.parametrize("typed", ["xx", "", "<script>", "a\0b"])
def test_anything_else_changes_nothing(cast, definer, address, field, typed):
    client = cast.client("ana")
    assert client.post(address, {field: typed, "next": "//evil.example/"}).status_code == 302
    row = definer.execute("SELECT language, theme FROM accounts_user WHERE login_name = 'ana'").fetchone()
    assert row == ("en", "auto")


def test_they_lead_nowhere_else(transactional_db):
    for evil in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        response = Client().post("/account/theme", {"theme": "dark", "next": evil})
        assert "evil" not in response.headers["Location"]
