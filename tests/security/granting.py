"""What the tests of grants share: asking, approving, ending, looking, and controls that are switched off."""

from contextlib import contextmanager
from uuid import uuid4

from cases.access import get_case, grants
from cases.choices import CaseRole, Purpose
from cases.compartments import GrantState
from cases.models import Consent
from cases.services import grants as service
from cases.services import identity
from cases.vault.models import Sealed
from tests.cases.helpers import agree, assign, open_case
from tests.security.attack import open_table
from tests.security.test_identity import NAME, instead

WALL = (
    "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
    " SELECT gen_random_uuid(), c.id, %s, now(), c.opened_by_id FROM cases_case c"
)
PROTECT = "UPDATE cases_case SET compartment = 'protected'"
ANYBODY = instead("may_answer_grant(wanted uuid)", "boolean", "true")
ANYTHING = instead("consent_covers(wanted uuid, consent uuid)", "boolean", "true")
# Without the policies and functions that ask for a grant; a key is still needed.
OPEN_TO_ALL = (open_table("vault_wrap"), *instead("may_identify(wanted uuid)", "boolean", "true"))


@contextmanager
def on_the_case(cast, name, code):
    with cast.acting(name) as person:
        yield person, get_case(person, code)


def ask(cast, code, name="lana", kind="grant", reason="document"):
    with on_the_case(cast, name, code) as (person, opened):
        return service.ask_grant(case=opened.case, kind=kind, reason=reason, text="For the court.", by=person)


def consent_of(cast, code, purpose="representation"):
    with on_the_case(cast, "ana", code) as (_ana, opened):
        return Consent.objects.filter(case=opened.case, purpose=purpose).latest("noted_at")


def approve(cast, code, grant, name="ana", hours=24, consent=None):
    consent = consent or consent_of(cast, code)
    with on_the_case(cast, name, code) as (person, opened):
        row = grants.get_grant(opened, grant)
        return service.approve_grant(grant=row, consent=consent, hours=hours, by=person)


def act(cast, code, grant, what, name):
    with on_the_case(cast, name, code) as (person, opened):
        what(grant=grants.get_grant(opened, grant), by=person)


def granted(cast, code, **more):
    grant = ask(cast, code, **more)
    assert approve(cast, code, grant) == GrantState.ACTIVE
    return grant


def look(cast, code, name="lana"):
    with on_the_case(cast, name, code) as (person, opened):
        identity.open_card(case=opened.case, reason="document", text="", by=person)


def names(cast, code, name="lana"):
    """The values that she reads on the card."""
    with on_the_case(cast, name, code) as (person, opened):
        card = identity.read_card(case=opened.case, by=person)
        return [said["value"] for said in card.said.values()]


def shown(cast, name="lana") -> int:
    with cast.acting(name):
        return Sealed.objects.filter(purpose=Purpose.IDENTITY).count()


def wraps(definer, cast, name="lana") -> int:
    row = definer.execute(
        "SELECT count(*) FROM vault_wrap WHERE user_id = %s AND purpose = 'identity'", [getattr(cast, name).pk]
    )
    return row.fetchone()[0]


def state(definer, grant):
    return definer.execute("SELECT state, end_reason FROM cases_identitygrant WHERE id = %s", [grant]).fetchone()


def case_with_a_card(cast) -> str:
    """Ana leads, Boba is the backup, Lana the lawyer; a name is on the card; she gave Lana power of attorney."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    assign(cast, code, "lana")
    with on_the_case(cast, "ana", code) as (ana, opened):
        identity.add_entry(case=opened.case, nonce=uuid4(), values=NAME, by=ana)
        agree(opened.case, "representation", how="written", recipient="Lana", by=ana)
    return code
