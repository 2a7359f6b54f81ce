"""How long an identity card takes to open, and an exact search over three thousand of them."""

from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import psycopg
from django.utils import timezone

from accounts import crypto, database
from accounts.keyring import Keyring
from cases.access import get_case
from cases.choices import CASE_PURPOSES, CaseRole
from cases.compartments import OpeningReason
from cases.models import Case
from cases.services import held, identity
from cases.services.sealed.keys import wrap_binding
from cases.services.sealed.rows import field_binding
from config.bench.house import ADMINISTRATOR, House, Unexpected
from config.bench.lines import Line, Lines, median, milliseconds
from config.bench.plan import Holder, Plan
from config.bench.scale import fill_plans, holder
from config.database.definer import definer
from config.demo.people import Account

KEEPER = Account("cardkeeper", "Card keeper", ("caseworker",), "en", "")
CARDS, OPEN_LIMIT = 3000, 5
FIRST_NUMBER = 2_000_000
RAW = "the same wraps and ciphertexts opened in memory, without the database"


def identity_cards(home: House, runs: int) -> Lines:
    """Opening one card without its page, then an exact search over all of hers; no card is found twice."""
    _fill(home)
    few = min(runs, 5)
    with definer() as database_of_all:
        opened = median(partial(_open, home, database_of_all), runs)
        found = median(partial(_search, home, database_of_all), few)
    yield Line("identity_open", opened, "ms", "no page around it", limit=OPEN_LIMIT)
    yield Line("identity_search_3000", found, "ms", RAW, median(partial(_raw, home), few))


def _fill(home: House) -> None:
    user_id, token = home.players.invite(KEEPER, by=ADMINISTRATOR.login_name)
    home.players.enrol(KEEPER, user_id=user_id, token=token)
    who = holder(KEEPER.login_name)
    fill_plans([_plan(number, who) for number in range(CARDS)])


def _plan(number: int, who: Holder) -> Plan:
    said = {"kind": "phone", "value": f"+381 60 1{number:06}", "certainty": "said", "note": ""}
    return Plan(
        number=FIRST_NUMBER + number,
        people=((who, CaseRole.LEAD),),
        opened_at=timezone.now() - timedelta(hours=number),
        due_on=None,
        is_closed=False,
        notes=(),
        keys={str(purpose): crypto.new_key() for purpose in CASE_PURPOSES},
        card=((uuid4(), said),),
    )


def _fresh(database_of_all: psycopg.Connection) -> None:
    """The budget of a day is not what is measured."""
    database_of_all.execute("DELETE FROM cases_identityopening")


def _open(home: House, database_of_all: psycopg.Connection) -> float:
    _fresh(database_of_all)
    with home.players.acting(KEEPER.login_name) as by:
        database.value("session_stepped_up")
        case = get_case(by, Case.objects.order_by("pk").values_list("code", flat=True)[0]).case

        def work() -> None:
            identity.open_card(case=case, reason=OpeningReason.CHECK, text="", by=by)
            card = identity.read_card(case=case, by=by)
            if not card.said:
                raise Unexpected("a card without what stands on it")

        return milliseconds(work)


def _search(home: House, database_of_all: psycopg.Connection) -> float:
    _fresh(database_of_all)
    with home.players.acting(KEEPER.login_name) as by:
        database.value("session_stepped_up")

        def work() -> None:
            if len(held.search(typed=f"060 1{CARDS - 1:06}", by=by)) != 1:
                raise Unexpected("a search that does not find its one card")

        return milliseconds(work)


def _raw(home: House) -> float:
    """Unwrap and open the same, read before the clock starts."""
    user = home.players.user(KEEPER.login_name)
    with definer() as connection:
        rows = connection.execute(
            "SELECT w.case_id, w.sealed, s.record_id, s.payload FROM vault_wrap w JOIN vault_sealed s"
            " ON s.case_id = w.case_id AND s.field = 'identity.entry'"
            " WHERE w.user_id = %s AND w.purpose = 'identity'",
            [user.pk],
        ).fetchall()
    with home.players.acting(KEEPER.login_name) as by:
        keyring: Keyring = by.keyring
        return milliseconds(lambda: [_opened(keyring, by.pk, *row) for row in rows])


def _opened(keyring: Keyring, person: UUID, case_id: UUID, wrap: bytes, record: UUID, payload: bytes) -> bytes:
    key = keyring.open(wrap, bound_to=wrap_binding(case_id, "identity", 1, person))
    bound_to = field_binding(case_id, record, "identity.entry", "identity", 1, 1)
    return crypto.open_with_key(key, payload, bound_to=bound_to)[0]
