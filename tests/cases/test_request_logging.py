"""Logging a request, by form and from a pasted conversation, and calls that leave none."""

from uuid import uuid4

import pytest

from accounts.exceptions import NotAllowed
from cases.access import get_case, get_request
from cases.access.queue import list_consents
from cases.services import contact_log
from tests.cases.helpers import log, open_case


@pytest.mark.parametrize(
    ("said", "wanted"),
    [("yes", [(True, "self")]), ("no", [(False, "self")]), ("guardian", [(True, "guardian")]), ("not_asked", [])],
)
def test_spoken_consent_is_noted_as_she_said_it_and_never_where_nobody_asked(cast, said, wanted):
    cast.intake()
    code = log(cast, by="ceca", consent=said, language="sq")
    with cast.acting("ana") as ana:
        found = list(list_consents(get_request(ana, code)))
        assert [(row.given, row.given_by) for row in found] == wanted
        assert {(row.purpose, row.how, row.language, row.text_version) for row in found} <= {
            ("services", "spoken", "sq", "2026-11")
        }


def test_consent_goes_with_the_request_into_the_case(cast):
    cast.intake()
    code = open_case(cast, consent="yes")
    with cast.acting("ana") as ana:
        assert get_case(ana, code).case.consents.get().given


def test_urgent_ticks_are_immediate_risk(cast):
    cast.intake()
    code = log(cast, thinks_of_ending_life=True)
    with cast.acting("ana") as ana:
        assert get_request(ana, code).risk == "immediate"


@pytest.mark.parametrize("minor", ["now", "material"])
def test_under_18_is_a_hard_stop_of_the_form(cast, definer, minor):
    cast.intake()
    client = cast.client("ceca")
    values = {"nonce": uuid4(), "restricted": "no", "minor": minor, "about": "other", "words": "my daughter",
              "channel": "phone", "language": "sr", "received_at": "2026-01-10T10:00"}  # fmt: skip
    refused = client.post("/requests/new", values)
    assert refused.status_code == 422
    assert refused.context["form"].errors.keys() == {"minor_steps_read"}
    assert "Never ask for, open, receive" in refused.content.decode()
    assert client.post("/requests/new", {**values, "minor_steps_read": "on"}).status_code == 302
    assert definer.execute("SELECT minor FROM cases_helprequest").fetchall() == [(minor,)]


def test_nobody_agrees_for_another_woman(cast):
    cast.intake()
    client = cast.client("ceca")
    values = {"nonce": uuid4(), "restricted": "no", "minor": "no", "about": "other", "words": "x", "consent": "yes",
              "channel": "phone", "language": "sr", "received_at": "2026-01-10T10:00"}  # fmt: skip
    assert client.post("/requests/new", values).context["form"].errors.keys() == {"consent"}


def test_a_pasted_conversation_fills_the_form_and_logs_nothing(cast, definer):
    cast.intake()
    client = cast.client("ceca")
    page = client.post("/requests/paste", {"conversation": "21.11.26, 20:55 - Jovana: zovi 060 123 4567"})
    assert page.status_code == 200
    html = page.content.decode()
    assert 'value="060 123 4567"' in html
    assert 'action="/requests/new"' in html
    assert "Jovana" in html
    assert definer.execute("SELECT count(*) FROM cases_helprequest").fetchone() == (0,)
    assert client.post("/requests/paste", {"conversation": ""}).status_code == 422


def test_the_check_of_a_paste_leads_back_to_the_text_as_it_was_pasted(cast):
    cast.intake()
    client, text = cast.client("ceca"), "A <long> story.\nSecond line.  "
    check = client.post("/requests/paste", {"conversation": text})
    assert "Change the pasted text" in check.content.decode()
    back = client.post("/requests/paste", {"conversation": check.context["pasted"], "change": "1"})
    assert back.status_code == 200
    assert back.context["form"]["conversation"].value() == text.strip()
    assert "A &lt;long&gt; story." in back.content.decode()


def test_the_form_names_who_is_on_restricted_intake(cast):
    cast.intake()
    assert "On restricted intake are: Ana, Boba." in cast.client("ceca").get("/requests/new").content.decode()


# --- Calls without a request ------------------------------------------------------------------
def test_a_call_without_a_request_is_two_clicks_and_can_be_taken_back(cast, definer):
    cast.intake()
    client = cast.client("ceca")
    page = client.get("/contacts/")
    values = {"nonce": page.context["form"]["nonce"].value(), "channel": "phone", "language": "sr"}
    for _click in range(2):
        assert client.post("/contacts/", {**values, "kind": "silent", "duration": "under_5"}).status_code == 302
    shown = client.get("/contacts/")
    assert {str(label): number for label, number in shown.context["counts"]}["Silent call"] == 1
    assert client.post(f"/contacts/{shown.context['today'][0].pk}/undo").status_code == 302
    assert sum(number for _label, number in client.get("/contacts/").context["counts"]) == 0
    assert client.post("/contacts/", {**values, "duration": "under_5"}).context["form"].errors.keys() == {"kind"}
    assert cast.client("ana").get("/contacts/").context["today"] == []


def test_only_caseworkers_count_contacts(cast):
    with cast.acting("lana") as lana, pytest.raises(NotAllowed):
        contact_log.count_contact(
            nonce=uuid4(), kind="spam", channel="phone", language="sr", duration="under_5", by=lana
        )


def test_the_code_that_was_logged_is_a_link_for_whoever_may_open_it(cast):
    cast.intake()
    for name, opens in (("ana", True), ("ceca", False)):
        client = cast.client(name)
        typed = {"restricted": "no", "minor": "unknown", "about": "self", "channel": "phone", "language": "sr"}
        typed |= {"received_at": "2026-01-10T10:00", "nonce": str(uuid4()), "words": "She calls."}
        page = client.post("/requests/new", typed, follow=True).content.decode()
        said = page.split("was logged under the code ")[1][:80]
        assert said.startswith('<a class="govuk-link" href="/requests/') == opens, said
