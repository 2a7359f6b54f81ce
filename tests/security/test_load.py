"""Who carries what, what lands on whom, supervision: who may know it, and that it is counted rightly."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import Error
from django.http import Http404
from django.utils import timezone

from accounts import database
from accounts.exceptions import NotAllowed, WrongState
from cases.access import get_case, people_for_role, vouched_ids
from cases.access.people import held_back_ids, list_candidates, list_loads, own_load
from cases.access.supervision import get_exposure, list_owed_reviews, list_supervised
from cases.models import Case
from cases.services.absence import add_absence
from cases.services.casework import write_note
from cases.services.profiles import save_profile
from cases.services.reviews import write_review
from tests.cases.helpers import assign, open_case
from tests.security.attack import open_table, plant, run, switched_off
from tests.security.test_conflict_slip import as_function
from tests.security.test_moves import EVERYBODY_COORDINATES

CAN = {"accepting": True, "capacity": 4, "hours_per_week": 10, "languages": ["sr"]}
NEXT = timezone.localdate() + timedelta(days=30)


@pytest.fixture
def code(cast):
    cast.intake()
    return open_case(cast)


def profile(cast, name, by=None, **changes):
    person = getattr(cast, name)
    with cast.acting(by or name) as actor:
        save_profile(person=person, values={**CAN, **changes}, by=actor)


def candidates(opened, role):
    people = people_for_role(opened, role)
    return list_candidates(opened, role, people, vouched_ids([person.pk for person in people]))


def test_days_away_that_overlap_are_one_time_away(cast, code):
    """As on the options of every form."""
    cast.person("koka")
    today = timezone.localdate()
    with cast.acting("koka") as koka:
        for first, last in ((0, 2), (1, 4)):
            days = {"from_on": today + timedelta(days=first), "until_on": today + timedelta(days=last)}
            add_absence(person=cast.boba, **days, by=koka)
        assert {row.away_until for row in list_loads(koka) if row.name == "Boba"} == {today + timedelta(days=4)}
    with cast.acting("ana") as ana:
        found = {row.person.pk: row.load.away_until for row in candidates(get_case(ana, code), "backup")}
        assert found[cast.boba.pk] == today + timedelta(days=4)
        assert found[cast.ceca.pk] is None


def test_load_is_roles_on_open_cases_against_capacity(cast, code):
    assign(cast, code, "boba", role="backup", voucher="")
    assign(cast, code, "lana")
    profile(cast, "ana")
    profile(cast, "lana", capacity=2, countries=["RS"])
    profile(cast, "boba", capacity=1)
    with cast.acting("koka") as koka:
        shown = {row.name: row.percent for row in list_loads(koka)}
    assert shown == {"Ana": 25, "Lana": 50, "Boba": 25, "Ceca": 0}
    plant("UPDATE cases_case SET state = 'closed', closed_at = now(), closed_by_id = opened_by_id")
    with cast.acting("koka") as koka:
        assert {row.percent for row in list_loads(koka)} == {0}


def test_a_coordinator_cannot_count_who_leads_protected_cases(cast, code):
    """Her board leaves them out, so her numbers do; whose they are, her supervisor and colleagues of hers read them."""
    assign(cast, code, "boba", role="backup", voucher="")
    assign(cast, code, "lana")
    profile(cast, "ana")
    cast.person("koka")

    def read(name):
        with cast.acting(name) as person:
            found = {row.person: (row.leads, row.works, row.stands_by, row.percent) for row in list_loads(person)}
            return [found[each.pk] for each in (cast.ana, cast.lana, cast.boba)]

    true = [(1, 0, 0, 25), (0, 1, 0, 5), (0, 0, 1, 1)]
    assert read("koka") == true
    plant("UPDATE cases_case SET compartment = 'protected'")
    assert read("koka") == [(0, 0, 0, 0)] * 3
    assert read("ana") == true
    with cast.acting("lana") as lana:
        assert own_load(lana).works == 1
    profile(cast, "ana", supervisor=cast.boba)
    with switched_off(*as_function(EVERYBODY_COORDINATES)):  # Boba is a coordinator as well
        assert read("boba") == [true[0], (0, 0, 0, 0), true[2]]


def test_a_lawyer_reads_only_her_own_load(cast, code):
    with cast.acting("lana") as lana:
        with pytest.raises(NotAllowed):
            list_loads(lana)
        assert [row.name for row in database.rows("loads", None)] == ["Lana"]
        assert database.rows("loads", [cast.ana.pk]) == []
        assert own_load(lana).percent == 0
    with cast.acting("vera"):
        assert database.rows("loads", None) == []
    with switched_off(*as_function(EVERYBODY_COORDINATES)), cast.acting("lana"):
        assert len(database.rows("loads", None)) > 1


def test_whoever_carries_least_is_offered_first_and_a_walled_person_is_not(cast, code):
    for name in ("boba", "ceca"):
        cast.person(name)
    open_case(cast, lead="boba")
    profile(cast, "boba", languages=["sq"])
    profile(cast, "ceca", languages=["sr"], accepting=False)
    profile(cast, "lana", countries=["AL"])
    plant(
        "INSERT INTO cases_casejurisdiction (id, case_id, country, entity, reason, added_at, added_by_id)"
        " SELECT gen_random_uuid(), id, 'RS', '', 'lives', now(), opened_by_id FROM cases_case WHERE code = %s",
        code,
    )
    with cast.acting("ana") as ana:
        opened = get_case(ana, code)
        assert [(row.person, row.speaks) for row in candidates(opened, "caseworker")] == [
            (cast.ceca, True),
            (cast.boba, False),
        ]
        assert held_back_ids() == {cast.ceca.pk}
        assert [row.advice_only for row in candidates(opened, "lawyer")] == [True]
    client = cast.client("ana")
    typed = {"person": cast.ceca.pk, "reason": "workload"}
    refused = client.post(f"/cases/{code}/people/ask?role=caseworker", typed)
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"anyway"})
    assert client.post(f"/cases/{code}/people/ask?role=caseworker", {**typed, "anyway": "on"}).status_code == 302
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_case WHERE code = %s",
        cast.boba.pk,
        cast.ana.pk,
        code,
    )
    with cast.acting("ana") as ana:
        assert candidates(get_case(ana, code), "backup") == []


def test_a_profile_is_kept_by_herself_and_by_whoever_runs_the_house(cast, code):
    profile(cast, "ceca", by="koka", capacity=7)
    with cast.acting("ceca") as ceca:
        assert own_load(ceca).capacity == 7
    with pytest.raises(NotAllowed):
        profile(cast, "ceca", by="boba")
    profile(cast, "ceca", by="vera", supervisor=cast.boba)
    client = cast.client("ceca")
    assert client.post("/account/work", {"capacity": "0"}).context["form"].errors.keys() == {"capacity"}
    assert client.post("/account/work", {"capacity": "9", "languages": ["sr"]}).status_code == 302
    with cast.acting("ceca") as ceca:
        assert (own_load(ceca).capacity, own_load(ceca).accepting) == (9, False)


def test_what_landed_is_counted_and_shown_to_her_and_her_supervisor_only(cast, code):
    profile(cast, "ana", supervisor=cast.boba)
    plant(
        "INSERT INTO cases_incident (id, case_id, nonce, types, outcomes, contexts, platforms, relation, age_at_capture,"
        " consent_to_make, consent_to_share, nature, made_by_whom, written_at, written_by_id)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), '{image_shared}', '{death_or_attempt_linked}', '{}', '{}', '', '',"
        " '', '', '', '', now(), opened_by_id FROM cases_case"
    )
    plant("UPDATE cases_case SET risk = 'immediate', minor = 'now'")
    for name in ("ana", "boba"):
        with cast.acting(name) as person:
            row = get_exposure(person, cast.ana.pk)
            assert (row.new_cases, row.most_a_day, row.immediate, row.minors, row.deaths) == (1, 1, 1, 1, 1)
    with cast.acting("ceca") as ceca, pytest.raises(Http404):
        get_exposure(ceca, cast.ana.pk)
    for name in ("koka", "vera", "ceca"):
        with cast.acting(name):
            assert database.rows("exposure", cast.ana.pk, ["image_shared"], 14, "UTC") == []
    shows = as_function("app.exposure_shown(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT true $$")
    with switched_off(*shows), cast.acting("koka"):
        assert database.rows("exposure", cast.ana.pk, ["image_shared"], 14, "UTC")[0].new_cases == 1
    assert cast.client("boba").get(f"/supervision/exposure/{cast.ana.pk}").status_code == 200


def test_a_lawyer_names_a_supervisor_who_then_sees_what_landed_on_her(cast, code):
    assign(cast, code, "lana")
    client, values = cast.client("lana"), {"capacity": "5", "accepting": "on"}
    assert {str(cast.ana.pk)} == _offered(client)  # whom she knows from her cases, and nobody else
    assert cast.client("ana").get(f"/supervision/exposure/{cast.lana.pk}").status_code == 404
    assert client.post("/account/work", {**values, "supervisor": str(cast.ana.pk)}).status_code == 302
    assert cast.client("ana").get(f"/supervision/exposure/{cast.lana.pk}").status_code == 200
    assert "supervisor" not in cast.client("vera").get("/account/work").context["form"].fields


def test_whoever_the_coordinator_named_for_a_lawyer_stays_when_she_saves_her_page(cast):
    url = f"/people/{cast.lana.pk}/work"
    named = {"capacity": "5", "accepting": "on", "supervisor": str(cast.boba.pk)}
    assert cast.client("koka").post(url, named).status_code == 302
    client = cast.client("lana")
    assert _offered(client) == {str(cast.boba.pk)}
    assert "selected" in client.get("/account/work").content.decode().partition(f'value="{cast.boba.pk}"')[2][:20]
    assert cast.client("boba").get(f"/supervision/exposure/{cast.lana.pk}").status_code == 200


def _offered(client) -> set[str]:
    select = client.get("/account/work").content.decode().partition('name="supervisor"')[2].partition("</select>")[0]
    return set(re.findall(r'value="([^"]+)"', select))


def test_nobody_makes_herself_a_supervisor(cast, code):
    """Else a coordinator would name herself and read what landed on a colleague."""
    profile(cast, "ana")
    take = "UPDATE cases_workprofile SET supervisor_id = %s, changed_by_id = %s RETURNING user_id"
    with cast.acting("koka") as koka, pytest.raises(WrongState):
        save_profile(person=cast.ana, values={**CAN, "supervisor": koka}, by=koka)
    with pytest.raises(Error, match="own_supervision"), cast.acting("koka"):
        run(take, cast.koka.pk, cast.koka.pk)
    off = ("ALTER TABLE cases_workprofile DISABLE TRIGGER work_profile_changed",)
    with switched_off(*off), cast.acting("koka"):
        run(take, cast.koka.pk, cast.koka.pk)
        assert database.rows("exposure", cast.ana.pk, ["x"], 14, "UTC")


def test_reviews_are_owed_and_written_by_whoever_supervises(cast, code):
    assign(cast, code, "boba", role="supervisor", voucher="")
    assign(cast, code, "lana")
    plant("UPDATE cases_case SET opened_at = now() - interval '40 days'")
    with cast.acting("ana") as ana:
        assert list(list_owed_reviews(ana)) == []  # a supervisor is there
    nonce = uuid4()
    with cast.acting("boba") as boba:
        assert [case.code for case in list_owed_reviews(boba)] == [code]
        assert database.row("desk_hints", "UTC").reviews
        for _click in range(2):
            write_review(case=get_case(boba, code).case, nonce=nonce, text="Well done.", next_review_on=NEXT, by=boba)
        assert list(list_owed_reviews(boba)) == []
        assert not any(vars(database.row("desk_hints", "UTC")).values())
        (case,) = list_supervised(boba, page=1)
        assert (case.reviewed_on, case.next_review_on) == (timezone.localdate(), NEXT)
        assert case.notes.count() == 1
    with cast.acting("lana") as lana:
        case = get_case(lana, code).case
        with pytest.raises(NotAllowed):
            write_review(case=case, nonce=uuid4(), text="x", next_review_on=NEXT, by=lana)
        with pytest.raises(NotAllowed):
            write_note(case=case, nonce=uuid4(), type="review_note", text="x", by=lana)
    forged = (
        "INSERT INTO cases_note (id, case_id, nonce, type, written_at, written_by_id)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), 'review_note', now(), %s FROM cases_case"
    )
    with pytest.raises(Error, match="row-level security"), cast.acting("lana"):
        run(forged, cast.lana.pk)
    with switched_off(open_table("cases_note")), cast.acting("lana"):
        run(forged, cast.lana.pk)


def test_the_lawyers_desk_shows_cases_dates_and_hours(cast, code):
    assign(cast, code, "lana")
    profile(cast, "lana", countries=["RS"])
    plant(
        "INSERT INTO cases_serviceunit (id, case_id, nonce, kind, minutes, given_at, given_by_id)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), 'advice', 90, now(), %s FROM cases_case",
        cast.lana.pk,
    )
    plant("UPDATE cases_assignment SET advice_only = true WHERE user_id = %s", cast.lana.pk)
    client = cast.client("lana")
    desk = client.get("/").content.decode()
    for text in (code, "Group", "1.5 h given", "advice only"):
        assert text in desk, text
    assert "advice only" in client.get("/cases/").content.decode()
    with cast.acting("ana"):
        assert database.value("minutes_given", timezone.now() - timedelta(days=1)) == 0
        assert Case.objects.count() == 1
