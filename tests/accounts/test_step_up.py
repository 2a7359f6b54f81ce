"""Acts that give away much ask for the second factor again, five minutes after it was last shown."""

import pytest
from django.urls import reverse

from accounts import totp
from accounts.carrying import mark_of
from accounts.models import PublicKey
from tests.accounts.helpers import fresh_codes, kept_in, stale, wrong


@pytest.mark.parametrize(("seconds", "passes"), [(299, True), (301, False), (-2, False)])
def test_five_minutes_to_the_second(cast, seconds, passes):
    client = cast.client("vera")
    stale(client, seconds)
    response = client.get("/people/invite")
    assert response.status_code == (200 if passes else 302)
    if not passes:
        assert response.headers["Location"] == "/confirm?next=%2Fpeople%2Finvite"


def guarded(cast) -> list[tuple[str, str, str]]:
    ana = cast.person("ana").user.pk
    return [
        ("vera", "GET", reverse("accounts:person_invite")),
        ("vera", "POST", reverse("accounts:person_invite")),
        ("vera", "POST", reverse("accounts:person_renew", args=[ana])),
        ("vera", "GET", reverse("accounts:person_deactivate", args=[ana])),
        ("vera", "POST", reverse("accounts:person_deactivate", args=[ana])),
        ("ana", "GET", reverse("accounts:password_change")),
        ("ana", "POST", reverse("accounts:password_change")),
        ("ana", "POST", reverse("accounts:teams_set_up")),
        ("boba", "GET", reverse("accounts:team_add")),
        ("boba", "POST", reverse("accounts:team_add")),
    ]


def test_every_guarded_act_asks_and_does_nothing_meanwhile(cast, definer):
    cast.intake()
    ceca = cast.person("ceca").user
    with cast.acting("vera"):
        key = PublicKey.objects.get(user=ceca)
    clients = {name: cast.client(name) for name in ("vera", "ana", "boba")}
    acts = [*guarded(cast), ("boba", "GET", f"/vouch/{key.pk}"), ("boba", "POST", f"/vouch/{key.pk}")]
    for client in clients.values():
        stale(client, 301)
    for name, method, address in acts:
        response = clients[name].generic(method, address)
        assert response.status_code == (302 if method == "GET" else 401), (method, address)
        assert b"Confirm it is you" in response.content or "/confirm?next=" in response.headers["Location"], address
    assert definer.execute("SELECT count(*) FROM accounts_user WHERE NOT is_active").fetchone() == (0,)


def test_confirming_opens_and_goes_on_with_what_was_typed(cast, definer):
    client = cast.client("vera")
    stale(client, 301)
    asked = client.post("/people/invite", {"display_name": "Nova"})
    assert asked.status_code == 401
    assert b"What you typed is kept" in asked.content
    carried = {"carried": kept_in(asked)}
    code = totp.current_code(cast.person("vera").totp_secret)
    assert client.post("/confirm", {"code": wrong(code), **carried}).status_code == 200
    assert client.get("/people/invite").status_code == 302
    fresh_codes(definer)
    again = client.post("/confirm", {"code": code, **carried})
    assert b'name="display_name" value="Nova"' in again.content
    assert says(again) == (True, False)  # she was signed in all the time
    assert client.get("/people/invite").status_code == 200


def test_an_act_without_fields_is_one_press_away_after_confirming(cast, definer):
    client, code = cast.client("ana"), totp.current_code(cast.person("ana").totp_secret)
    stale(client, 301)
    asked = client.post(reverse("accounts:teams_set_up"), {"typed_by": mark_of(cast.ana)})
    fresh_codes(definer)
    again = client.post("/confirm", {"code": code, "carried": kept_in(asked)})
    assert says(again) == (True, False)
    assert b"What you had chosen has not been done yet." in again.content


def says(response) -> tuple[bool, bool]:
    """Whether the page speaks of a confirmation, and whether of coming back."""
    page = response.content.decode()
    back = "Welcome back" in page or "Send what you typed again" in page
    return "Confirmed: one press is left" in page, back


def test_the_code_of_signing_in_does_not_confirm(cast):
    client = cast.client("vera")
    stale(client, 301)
    client.post("/confirm", {"code": totp.current_code(cast.person("vera").totp_secret)})
    assert client.get("/people/invite").status_code == 302


def test_without_the_control_an_old_session_would_pass(cast, settings):
    client = cast.client("vera")
    stale(client, 3600)
    assert client.get("/people/invite").status_code == 302
    settings.STEP_UP_AGE = 10**9
    assert client.get("/people/invite").status_code == 200


def test_confirm_leads_nowhere_else(cast, definer):
    client = cast.client("vera")
    fresh_codes(definer)
    code = totp.current_code(cast.person("vera").totp_secret)
    assert "evil" not in client.post("/confirm", {"code": code, "next": "//evil.example/"}).headers["Location"]
