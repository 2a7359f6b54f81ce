"""An address that takes only what a form sends, opened as a page: our own page with a way on, the same for all."""

from uuid import uuid4

import pytest

from tests.cases.helpers import open_case

BROWSER = {"HTTP_ACCEPT": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def code(cast):
    cast.intake()
    return open_case(cast)


def test_it_says_so_and_leads_on_and_tells_nothing_of_the_case(cast, code):
    koka = cast.client("koka")  # sees no case
    answers = [koka.get(f"/cases/{one}/resume", **BROWSER) for one in (code, "K7MX-42QB")]
    answers.append(cast.client("ana").get(f"/cases/{code}/texts/{uuid4()}/keep", **BROWSER))
    for answer in answers:
        page = answer.content.decode()
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "POST"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "This page cannot be used in this way" in page
        assert 'href="/"' in page
        assert code not in page
    assert answers[0].content == answers[1].content


def test_it_speaks_her_language(cast, code):
    ana = cast.client("ana")
    ana.post("/account/language", {"language": "sq"})
    assert 'lang="sq"' in ana.get(f"/cases/{code}/resume", **BROWSER).content.decode()


@pytest.mark.parametrize("headers", [{**BROWSER, "HTTP_HX_REQUEST": "true"}, {"HTTP_ACCEPT": "*/*"}, {}])
def test_answers_to_scripts_stay_small(cast, code, headers):
    answer = cast.client("ana").get(f"/cases/{code}/resume", **headers)
    assert (answer.status_code, answer.content, answer.headers["Allow"]) == (405, b"", "POST")


def test_nobody_learns_of_it_without_signing_in(cast, code, client):
    assert client.get(f"/cases/{code}/resume", **BROWSER).status_code == 302
