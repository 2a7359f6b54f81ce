"""Access holds by itself: with row security off in PostgreSQL its own filters still keep people out."""

import pytest
from django.http import Http404

from cases import access
from cases.choices import CaseRole
from cases.compartments import WallReason
from cases.models import Case, HelpRequest
from cases.services import walls
from tests.cases.helpers import assign, log, open_case
from tests.security.attack import open_table, plant, switched_off

OPEN = tuple(open_table(name) for name in ("cases_case", "cases_caseuserpermission", "cases_helprequest"))
NAMED = {"reason": WallReason.NAMED, "text": "He is her brother."}


def reached(look, person, code):
    try:
        return look(person, code) is not None
    except Http404:
        return False


def test_a_case_that_is_not_hers(cast):
    cast.intake()
    code = open_case(cast)
    cast.person("boba")
    with switched_off(*OPEN), cast.acting("boba") as boba:
        assert Case.objects.filter(code=code).exists()  # PostgreSQL shows it
        assert not reached(access.get_case, boba, code)
        assert not Case.objects.visible_to(boba).exists()


@pytest.mark.parametrize("control", [True, False])
def test_a_case_that_she_must_not_see(cast, shared_code, control):
    """Her permission row came back, by whatever mistake: the wall alone keeps her out."""
    with cast.acting("ana") as ana:
        case = access.get_case(ana, shared_code).case
        walls.keep_out(case=case, person=cast.ceca, second=False, by=ana, **NAMED)
    cast.again("ceca")
    plant(
        "INSERT INTO cases_caseuserpermission (content_object_id, permission_id, user_id)"
        " VALUES (%s, app.permission_id('view_case'), %s)",
        case.pk,
        cast.ceca.pk,
    )
    if not control:
        plant("DELETE FROM cases_wall")
    with switched_off(*OPEN), cast.acting("ceca") as ceca:
        assert reached(access.get_case, ceca, shared_code) is not control
        assert Case.objects.visible_to(ceca).exists() is not control


@pytest.mark.parametrize("control", [True, False])
def test_a_request_that_she_must_not_see(cast, control):
    cast.intake()
    code = log(cast)
    with cast.acting("ana") as ana:
        walls.keep_out_of_request(request=access.get_request(ana, code), person=cast.boba, by=ana, **NAMED)
    cast.again("boba")
    if not control:
        plant("DELETE FROM cases_wall")
    with switched_off(*OPEN), cast.acting("boba") as boba:
        assert reached(access.get_request, boba, code) is not control
        assert HelpRequest.objects.visible_to(boba).exists() is not control


def test_a_request_of_a_team_that_is_not_hers(cast):
    cast.intake()
    code = log(cast)
    cast.person("ceca")
    with switched_off(*OPEN), cast.acting("ceca") as ceca:
        assert HelpRequest.objects.filter(code=code).exists()
        assert not reached(access.get_request, ceca, code)
        assert not HelpRequest.objects.visible_to(ceca).exists()


@pytest.fixture
def shared_code(cast):
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "ceca", CaseRole.CASEWORKER)
    return code
