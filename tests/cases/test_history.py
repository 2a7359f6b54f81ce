"""The record of a case: nothing is overwritten, everything has its line, two tabs lose nothing."""

from datetime import date
from uuid import uuid4

import pytest

from accounts.exceptions import WrongState
from cases.access import get_case
from cases.access.completeness import list_checks, list_incomplete, look_at
from cases.access.record import list_links
from cases.choices import CaseRole
from cases.completeness import Facts, missing
from cases.models import Incident, TimelineEntry
from cases.services import closing, facts, incidents, links
from cases.services.casework import read_content
from tests.cases.helpers import agree, assign, case_of, open_case, rate, record_of
from tests.security.attack import run

CLOSING = {"state": "closed", "reason": "needs_met", "outcome": "successful"}


@pytest.fixture
def code(cast):
    cast.intake()
    return open_case(cast)


def details(code):
    return list(TimelineEntry.objects.filter(case__code=code).order_by("at").values_list("detail", flat=True))


def gaps(opened):
    return look_at(opened).gaps


def test_every_change_of_a_fact_is_a_line_with_both_values(cast, code):
    with cast.acting("ana") as ana:
        opened = get_case(ana, code)
        facts.set_stage(case=opened.case, stage="assessment", by=ana)
        case = get_case(ana, code).case
        facts.change_facts(case=case, values={"stage": "assessment", "gender": "woman"}, by=ana)
        assert details(code)[-2:] == ["stage:engagement>assessment", "gender:unknown>woman"]


def test_a_stage_is_one_click_in_any_direction_and_back(cast, code):
    client = cast.client("ana")
    for stage in ("closure", "assessment"):
        assert client.post(f"/cases/{code}/stage", {"stage": stage}).status_code == 302
    page = client.get(f"/cases/{code}")
    assert b"Undo: back to Closure" in page.content
    assert client.post(f"/cases/{code}/stage", {"stage": "nonsense"}).status_code == 302
    with cast.acting("ana"):
        assert case_of(code).stage == "assessment"


def test_the_form_writes_only_what_she_changed_herself(cast, code):
    """Her page was open while a colleague changed the language: saving her change leaves that one alone."""
    client = cast.client("ana")
    page = client.get(f"/cases/{code}/facts").context["facts_form"]
    typed = {name: "" if page[name].value() in (None, False) else page[name].value() for name in page.fields}
    typed |= {f"initial-{name}": value for name, value in typed.items()}
    with cast.acting("ana") as ana:
        facts.change_facts(case=get_case(ana, code).case, values={"language": "sq"}, by=ana)
    answer = client.post(f"/cases/{code}/facts", {**typed, "age_band": "from_18", "on_duty_may_call": ""})
    assert answer.status_code == 302
    with cast.acting("ana"):
        case = case_of(code)
        assert (case.language, case.age_band) == ("sq", "from_18")


@pytest.mark.parametrize(
    ("field", "value"),
    [("stage", "nonsense"), ("offence_learned_on", "2999-01-01"), ("next_review_on", "2001-01-01"), ("gender", "")],
)
def test_wrong_facts_say_so_by_the_field(cast, code, field, value):
    client = cast.client("ana")
    page = client.get(f"/cases/{code}/facts").context["facts_form"]
    typed = {name: page[name].value() or "" for name in page.fields}
    answer = client.post(f"/cases/{code}/facts", {**typed, field: value})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def facts_as_typed(client, code):
    """What the browser sends of an untouched form of facts: each field, and what stood there."""
    form = client.get(f"/cases/{code}/facts").context["facts_form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    seen = {form[name].html_initial_name: form[name].value() or "" for name in form.fields}
    return {**typed, **seen, "on_duty_may_call": "", "initial-on_duty_may_call": "False"}


def test_two_who_change_the_same_fact_decide_and_other_facts_go_together(cast, code):
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    ana, boba = cast.client("ana"), cast.client("boba")
    address, hers = f"/cases/{code}/facts", facts_as_typed(ana, code)
    first = boba.post(address, {**hers, "age_band": "from_14", "gender": "woman", "minor_steps_read": "on"})
    assert first.status_code == 302, first.context["form"].errors
    typed = {**hers, "age_band": "from_18", "language": "sq", "offence_learned_on": "2026-02-01"}
    late = ana.post(address, typed)
    assert late.status_code == 422
    form = late.context["facts_form"]
    assert list(form.errors) == ["age_band"]
    assert "Changed meanwhile by Boba: it is “14 to 17” now." in late.content.decode()
    assert [form[name].value() for name in ("age_band", "gender", "language")] == ["from_18", "woman", "sq"]
    again = {name: str(value) for name, value in form.data.items()}
    assert ana.post(address, again).status_code == 302
    with cast.acting("ana"):
        case = case_of(code)
        assert (case.age_band, case.gender, case.language) == ("from_18", "woman", "sq")
        assert str(case.offence_learned_on) == "2026-02-01"


def test_different_facts_in_two_tabs_and_a_second_click_are_no_conflict(cast, code):
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    ana, boba = cast.client("ana"), cast.client("boba")
    address, hers = f"/cases/{code}/facts", facts_as_typed(ana, code)
    assert boba.post(address, {**hers, "gender": "woman"}).status_code == 302
    for _click in range(2):
        answer = ana.post(address, {**hers, "age_band": "from_14", "minor_steps_read": "on"})
        assert answer.status_code == 302, answer.context["form"].errors
    with cast.acting("ana"):
        assert (case_of(code).age_band, case_of(code).gender) == ("from_14", "woman")


def test_a_second_tab_gets_both_texts_and_loses_nothing(cast, code):
    client = cast.client("ana")
    address = f"/cases/{code}/texts/summary"
    assert client.post(address, {"seen": "1", "text": "First tab."}).status_code == 302
    answer = client.post(address, {"seen": "1", "text": "Second tab."})
    assert answer.status_code == 422
    for text in (b"First tab.", b"Second tab.", b"Somebody has changed this meanwhile"):
        assert text in answer.content
    assert client.post(address, {"seen": answer.context["form"]["seen"].value(), "text": "Both."}).status_code == 302
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        versions = facts.text_versions(case=case, name="summary", by=ana)
        assert [one.value for one in versions] == ["Both.", "First tab.", "Pictures traded again."]
        assert details(code)[-2:] == ["text:summary"] * 2


def test_a_tab_that_was_faster_by_a_moment_is_shown_too(cast, code, monkeypatch):
    """The other version is written after this request has read what stands there, and before it writes."""
    late = facts.revise_text

    def revise(**values):
        late(**{**values, "value": "From the first tab."})
        late(**values)

    client = cast.client("ana")
    before = client.get(f"/cases/{code}/texts/summary").context["form"]["seen"].value()
    monkeypatch.setattr(facts, "revise_text", revise)
    page = client.post(f"/cases/{code}/texts/summary", {"seen": before, "text": "From the second tab."})
    assert page.status_code == 422
    assert page.content.decode().count("From the first tab.") == 2  # what stands there now, and among the versions
    assert page.context["form"]["seen"].value() == str(int(before) + 1)


def test_a_text_that_is_sent_unchanged_is_no_version(cast, code, definer):
    client = cast.client("ana")
    client.post(f"/cases/{code}/texts/title", {"seen": "1", "text": "Group"})
    assert definer.execute("SELECT max(revision) FROM vault_sealed").fetchone() == (1,)


def test_lines_of_what_she_has_told_are_added_once(cast, code):
    client = cast.client("ana")
    for line in ("How she found out", "Her sister's name", "How she found out"):
        assert client.post(f"/cases/{code}/told", {"line": line}).status_code == 302
    assert client.post(f"/cases/{code}/told", {"line": "x" * 301}).status_code == 422
    with cast.acting("ana") as ana:
        told = read_content(case=get_case(ana, code).case, records=(), by=ana).told
        assert told == ("How she found out", "Her sister's name")


def test_an_incident_is_written_in_two_steps_and_once(cast, code, definer):
    client = cast.client("ana")
    address = f"/cases/{code}/incidents/new"
    assert client.post(address, {}).status_code == 422
    page = client.post(address, {"types": ["image_shared"]})
    assert page.status_code == 200
    assert not page.context["protocol"]
    typed = {"step": "details", "types": ["image_shared"], "nonce": uuid4(), "text": "Words.", "happened_in": "2026-03"}
    for _time in range(2):
        assert client.post(address, typed).status_code == 302
    assert definer.execute("SELECT types, happened_in::text FROM cases_incident").fetchall() == [
        (["image_shared"], "2026-03-01")
    ]
    wrong = client.post(address, {**typed, "happened_in": "2026-13", "names": "kept"})
    assert list(wrong.context["form"].errors) == ["happened_in"]
    assert b"kept" in wrong.content
    assert b"2026-13" in wrong.content


@pytest.mark.parametrize(
    ("first", "flag"),
    [
        ({"types": ["minor_csam"]}, "material"),
        ({"types": ["grooming"]}, "now"),
        ({"types": ["image_shared"], "age_at_capture": "under_18"}, "material"),
    ],
)
def test_a_child_in_it_shows_the_protocol_first_and_raises_the_flag(cast, code, first, flag):
    client = cast.client("ana")
    page = client.post(f"/cases/{code}/incidents/new", first)
    assert page.context["protocol"]
    details = {**first, "step": "details", "nonce": uuid4()}
    assert client.post(f"/cases/{code}/incidents/new", details).status_code == 422
    with cast.acting("ana"):
        assert case_of(code).minor != flag
    assert client.post(f"/cases/{code}/incidents/new", {**details, "minor_steps_read": "on"}).status_code == 302
    with cast.acting("ana"):
        assert case_of(code).minor == flag


def test_two_tabs_on_an_incident(cast, code):
    record_of(cast, code)
    with cast.acting("ana"):
        pk = Incident.objects.get().pk
    client = cast.client("ana")
    address = f"/cases/{code}/incidents/{pk}"
    form = client.get(address).context["form"]
    typed = {name: value for name in form.fields if (value := form[name].value())} | {"step": "details"}
    typed |= {f"initial-{name}": typed[name] for name in form.CODES if name in typed}
    first = client.post(address, {**typed, "text": "First tab.", "nature": "real"})
    assert first.status_code == 302, first.context["form"].errors
    answer = client.post(address, {**typed, "text": "Second tab.", "nature": "edited"})
    assert answer.status_code == 422
    assert b"First tab." in answer.content
    assert b"Second tab." in answer.content
    with cast.acting("ana") as ana:
        row = Incident.objects.get()
        assert (row.nature, row.changed_by_id) == ("real", ana.pk)
        versions = incidents.incident_versions(case=get_case(ana, code).case, incident=row, by=ana)
        assert [one.value for one in versions["text"]] == ["First tab.", "In a group."]
        assert [one.value for one in versions["names"]] == ["A handle"]
        assert "changed" in details(code)


def test_what_a_case_misses(cast, code):
    with cast.acting("ana") as ana:
        pages = [gap.page for gap in gaps(get_case(ana, code))]
    assert pages.count("cases:incident_list") == 2
    record_of(cast, code)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    rate(cast, code, "high")
    with cast.acting("ana") as ana:
        opened = get_case(ana, code)
        words = " ".join(str(gap.words) for gap in gaps(opened))
        assert "safety plan" in words
        assert "backup" not in words
        listed = {case.code: found for case, found in list_incomplete(ana, page=1)[1]}
        assert listed[code] == gaps(opened)
        lines = {line.item: line.outcome for line in list_checks(opened, look_at(opened))}
        assert (lines["backup"], lines["consent"]) == ("clear", "")
        asked = "cases:consent_list"
        assert asked in [gap.page for gap in gaps(opened)]
        agree(opened.case, "services", by=ana)
        assert asked not in [gap.page for gap in gaps(opened)]
        lines = {line.item: line.outcome for line in list_checks(opened, look_at(opened))}
        assert lines["consent"] == "clear"


def test_a_complete_case_misses_nothing():
    kept = {name: True for name in Facts.__dataclass_fields__ if name.startswith(("has_", "core_"))}
    day = date(2030, 1, 1)
    whole = Facts(
        risk="high", next_review_on=day, lawyers_unasked=False, checks_open=False, lacks_identity=False, **kept
    )
    assert missing(whole, day) == []
    assert len(missing(whole, date(2030, 1, 2))) == 1


def test_the_checklist_is_settled_by_one_click_and_undone(cast, code):
    client = cast.client("ana")
    for _time in range(2):
        assert client.post(f"/cases/{code}/checks/conflict/settle", {"outcome": "not_needed"}).status_code == 302
    with cast.acting("ana") as ana:
        opened = get_case(ana, code)
        lines = {line.item: line.outcome for line in list_checks(opened, look_at(opened))}
        assert lines == {"duplicates": "", "conflict": "not_needed", "eligibility": "", "consent": "", "backup": ""}
    client.post(f"/cases/{code}/checks/conflict/reopen")
    for known in ("consent", "backup"):  # the database knows: nobody ticks it
        client.post(f"/cases/{code}/checks/{known}/settle", {"outcome": "clear"})
    with cast.acting("ana") as ana:
        assert not any(line.outcome for line in list_checks(opened, look_at(opened)))
    assert client.post(f"/cases/{code}/checks/nonsense/settle", {"outcome": "clear"}).status_code == 404


def test_a_link_is_seen_by_whoever_sees_both(cast, code):
    other = open_case(cast)
    assign(cast, code, "lana")
    client = cast.client("ana")
    assert client.post(f"/cases/{code}/links", {"code": other.lower(), "kind": "same_group"}).status_code == 302
    assert client.post(f"/cases/{code}/links", {"code": "ZZZZ-ZZZZ", "kind": "same_group"}).status_code == 422
    assert client.post(f"/cases/{code}/links", {"code": code, "kind": "same_group"}).status_code == 422
    with cast.acting("ana") as ana:
        for one in (code, other):
            ((link, end),) = list_links(get_case(ana, one), ana)
            assert end.code == (other if one == code else code)
    with cast.acting("lana") as lana:
        assert list_links(get_case(lana, code), lana) == []
    with cast.acting("ana") as ana:
        links.unlink_cases(case=get_case(ana, other).case, link=link, by=ana)
        assert list_links(get_case(ana, code), ana) == []


def test_only_bosnia_has_parts_and_a_country_twice_is_one(cast, code, definer):
    client = cast.client("ana")
    wrong = client.post(f"/cases/{code}/countries", {"country": "RS", "entity": "FBIH", "reason": "lives"})
    assert list(wrong.context["form"].errors) == ["entity"]
    for _time in range(2):
        client.post(f"/cases/{code}/countries", {"country": "BA", "entity": "FBIH", "reason": "lives"})
    assert definer.execute("SELECT country, entity FROM cases_casejurisdiction").fetchall() == [("BA", "FBIH")]


def test_closing_and_opening_again_by_the_pages(cast, code):
    rate(cast, code, "standard")
    client = cast.client("ana")
    shut = {**CLOSING, "text": ""}
    assert client.post(f"/cases/{code}/close", {**shut, "reason": ""}).status_code == 422
    assert client.post(f"/cases/{code}/close", shut).status_code == 302
    page = client.get(f"/cases/{code}")
    assert b"This case can be read, not worked on." in page.content
    assert b"Save the note" not in page.content
    assert client.post(f"/cases/{code}/close", shut).status_code == 409
    assert client.post(f"/cases/{code}/facts", {"stage": "closure"}).status_code == 409
    assert client.post(f"/cases/{code}/reopen", {"text": ""}).status_code == 422
    typed = {"nonce": uuid4(), "text": "She called again."}
    assert client.post(f"/cases/{code}/reopen", typed).status_code == 302
    with cast.acting("ana"):
        case = case_of(code)
        assert (case.state, case.closed_at, case.closure_reason) == ("open", None, "")
        assert {"state:open>closed", "closed_as:needs_met:successful", "state:closed>open"} <= set(details(code))


def test_each_reason_of_opening_it_again_is_kept_also_where_somebody_was_first(cast, code, definer):
    rate(cast, code, "standard")
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    ana, boba = cast.client("ana"), cast.client("boba")
    reasons = ["She called again.", "She has found more pictures.", "The court has written to her."]
    for reason in reasons[:2]:
        assert ana.post(f"/cases/{code}/close", {**CLOSING, "text": ""}).status_code == 302
        typed = {"nonce": uuid4(), "text": reason}
        for _click in range(2):
            assert ana.post(f"/cases/{code}/reopen", typed).status_code == 302
    late = boba.post(f"/cases/{code}/reopen", {"nonce": uuid4(), "text": reasons[2]}, follow=True)  # a tab of before
    assert "The case is open already. Your reason stands in the timeline." in late.content.decode()
    assert boba.get(f"/cases/{code}/reopen").status_code == 302
    timeline = ana.get(f"/cases/{code}/timeline").content.decode()
    assert [timeline.count(reason) for reason in reasons] == [1, 1, 1]


def test_what_keeps_a_case_open_stands_above_the_form(cast, code, definer):
    definer.execute(
        "INSERT INTO cases_deadline (id, case_id, nonce, due_on, severity, state, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), now()::date, 'critical', 'running', now(), opened_by_id FROM cases_case"
    )
    client = cast.client("ana")
    assert b"cannot be closed yet" in client.get(f"/cases/{code}/close").content
    assert client.post(f"/cases/{code}/close", {**CLOSING, "text": "x"}).status_code == 422
    with cast.acting("ana") as ana, pytest.raises(WrongState):
        closing.close_case(case=get_case(ana, code).case, text="", by=ana, **CLOSING)


def test_a_second_person_answers_by_the_pages(cast, code):
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    cast.client("ana").post(f"/cases/{code}/close", {**CLOSING, "text": "All is done."})
    boba = cast.client("boba")
    desk = boba.get("/")
    assert b"A second person is asked for" in desk.content
    with cast.acting("boba"):
        ((pk,),) = run("SELECT id FROM cases_approval")
    page = boba.get(f"/cases/{code}/second/{pk}")
    for text in (b"All is done.", b"Successful", b"I agree: do it"):
        assert text in page.content
    assert boba.post(f"/cases/{code}/second/{pk}/answer", {"answer": "approve"}).status_code == 302
    with cast.acting("boba"):
        assert case_of(code).state == "closed"
        assert {"asked:close_case", "approved:close_case"} <= set(details(code))
