"""An age under 18 is the hard stop wherever it is chosen: steps first, then the mark, which two people take back."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from accounts.exceptions import WrongState
from cases.choices import CaseRole, MinorFlag
from cases.services import facts, protection
from cases.services.files import add_file
from tests.cases.helpers import assign, case_of, open_case, upload
from tests.security.attack import run, switched_off


@pytest.fixture
def code(cast):
    """Ana leads, Boba is the backup; nobody under 18 is known."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    with cast.acting("ana") as ana:
        facts.set_minor(case=case_of(code), flag=MinorFlag.NO, reason="", by=ana)
    return code


def marked(definer) -> str:
    return definer.execute("SELECT minor FROM cases_case").fetchone()[0]


def choose(client, code, **typed):
    page = client.get(f"/cases/{code}/facts")
    form = page.context["facts_form"]
    data = {name: value for name, value in form.initial.items() if name in form.fields and value not in (None, False)}
    return client.post(f"/cases/{code}/facts", {**data, **{f"initial-{k}": v for k, v in data.items()}, **typed})


@pytest.mark.parametrize("protected", [False, True])
@pytest.mark.parametrize("age", ["under_14", "from_14"])
def test_such_an_age_asks_for_the_steps_and_marks_the_case(cast, code, definer, age, protected):
    ana = cast.client("ana")
    if protected:
        with cast.acting("ana") as by:
            protection.protect_case(case=case_of(code), by=by)
    page = choose(ana, code, age_band=age)
    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {"minor_steps_read"}
    assert marked(definer) == "no"
    assert choose(ana, code, age_band=age, minor_steps_read="on").status_code == 302
    assert marked(definer) == "now"
    with cast.acting("ana") as by, pytest.raises(WrongState):
        add_file(case=case_of(code), new=upload(), by=by)
    assert choose(ana, code, age_band="from_25").status_code == 302
    assert marked(definer) == "now", "another age does not take it back"
    assert choose(ana, code, age_band=age).status_code == 302, "the steps were read already"


def test_other_ages_ask_nothing(cast, code, definer):
    assert choose(cast.client("ana"), code, age_band="from_18").status_code == 302
    assert marked(definer) == "no"


def test_an_age_that_is_chosen_while_an_incident_is_corrected_stops_there_too(cast, code, definer):
    ana = cast.client("ana")
    typed = {"step": "details", "types": ["image_shared"], "nonce": uuid4()}
    assert ana.post(f"/cases/{code}/incidents/new", typed).status_code == 302
    pk = definer.execute("SELECT id FROM cases_incident").fetchone()[0]
    address = f"/cases/{code}/incidents/{pk}"
    change = {"types": ["image_shared"], "age_at_capture": "under_18", "seen_text": 0, "seen_names": 0}
    page = ana.post(address, change)
    assert page.status_code == 422
    assert page.context["protocol"]
    assert marked(definer) == "no"
    assert ana.post(address, {**change, "minor_steps_read": "on"}).status_code == 302
    assert marked(definer) == "material"


INCIDENT = (
    "INSERT INTO cases_incident (id, case_id, nonce, written_at, written_by_id, types, contexts, platforms, outcomes,"
    " relation, age_at_capture, consent_to_make, consent_to_share, nature, made_by_whom)"
    " SELECT gen_random_uuid(), id, gen_random_uuid(), now(), app.uid(), '{image_shared}', '{}', '{}', '{}', '',"
    " 'under_18', '', '', '', '' FROM cases_case"
)
AGE = "UPDATE cases_case SET age_band = 'from_14'"


@pytest.mark.parametrize(("statement", "flag"), [(AGE, "now"), (INCIDENT, "material")])
def test_postgresql_marks_it_whoever_writes_and_not_with_the_control_off(cast, code, definer, statement, flag):
    with switched_off(
        "ALTER TABLE cases_case DISABLE TRIGGER minor_by_age",
        "ALTER TABLE cases_incident DISABLE TRIGGER minor_by_incident",
    ):
        with cast.acting("ana"), transaction.atomic():
            run(statement)
        assert marked(definer) == "no"
        with cast.acting("ana"), transaction.atomic():
            run("UPDATE cases_case SET age_band = 'from_25'")
    with cast.acting("ana"), transaction.atomic():
        run(statement)
    assert marked(definer) == flag
    with cast.acting("ana"), pytest.raises(DatabaseError), transaction.atomic():
        run("UPDATE cases_case SET minor = 'no'")
    assert marked(definer) == flag
