"""The trail of a case: everybody on it sees who looked; nobody else sees anything, and nobody learns of a wall or of a case she cannot see."""

from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from accounts import database
from accounts.choices import Action
from accounts.paging import PAGE_SIZE
from cases.access import get_case, trail
from cases.models import Case
from cases.services import links
from cases.services.casework import write_note
from tests.cases.helpers import assign, open_case
from tests.conftest import as_definer
from tests.security.attack import open_table, plant, run, switched_off

pytestmark = pytest.mark.django_db(transaction=True)

# Tables with a case_id whose ids the trail does not follow, each with its reason.
LEFT_OUT = {
    "cases_wall": "nobody learns of a wall from the trail",
    "cases_notice": "what one person was told, of no use to others",
    "cases_textcheck": "the database looks after texts; what holders answer is logged under the case",
    "cases_timelineentry": "the timeline itself; no act of the log names its lines",
    "vault_rotationdue": "that a new key is due; its making is logged under the case",
    "vault_keyversion": "keys are logged under the case",
    "vault_wrap": "keys are logged under the case",
    "vault_sealed": "texts are logged under their records",
    "vault_chunk": "files are logged under their records",
}


@pytest.fixture
def code(cast) -> str:
    cast.intake()
    found = open_case(cast)
    assign(cast, found, "lana")
    return found


def lines(cast, name: str, code: str, *, kind: str = "", person=None, page: int = 1) -> list[tuple]:
    with cast.acting(name) as user:
        found = trail.list_trail(get_case(user, code), person=person, kind=kind, page=page)
        return [(row.name, row.action, row.number) for row in found]


def ids(cast, code: str) -> Case:
    with cast.acting("ana") as ana:
        return get_case(ana, code).case


def write(definer, actor, action: str, object_id: object, detail: str = "", outcome: str = "done") -> None:
    """An entry as it would stand if somebody had done it."""
    entry = {"action": action, "object": str(object_id), "detail": detail, "outcome": outcome}
    definer.execute("SELECT app.audit_write(%s)", [Jsonb({"entries": [entry]})])
    definer.execute(
        "UPDATE accounts_auditevent SET actor = %s WHERE sequence = (SELECT max(sequence) FROM accounts_auditevent)",
        [str(actor.pk)],
    )


def test_every_table_of_a_case_is_followed_or_left_out_for_a_reason(transactional_db):
    with as_definer() as definer:
        tables = definer.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'case_id'"
        ).fetchall()
        source = definer.execute("SELECT prosrc FROM pg_proc WHERE proname = 'case_objects'").fetchone()[0]
    assert {name for (name,) in tables if f"FROM {name} r" not in source} == set(LEFT_OUT)


def test_a_look_and_an_act_stand_in_the_trail_of_everybody_on_the_case(cast, code):
    with cast.acting("lana") as lana:
        write_note(case=get_case(lana, code).case, nonce=uuid4(), type="legal_note", text="Sealed.", by=lana)
    for name in ("ana", "lana"):
        found = lines(cast, name, code)
        assert ("Lana", "note_written", 1) in found, name
        assert ("Ana", "case_opened", 1) in found, name
        assert any(row[:2] == ("Lana", "case_viewed") for row in found), name


def test_nobody_else_sees_a_line(cast, code):
    case = ids(cast, code)
    for name in ("boba", "koka", "vera"):
        with cast.acting(name):
            assert database.rows("case_trail", case.pk, None, [], "Europe/Belgrade", 0, 50) == []
            assert database.rows("case_trail_people", case.pk) == []
    assert database.rows("case_trail", case.pk, None, [], "Europe/Belgrade", 0, 50) == []


def test_whoever_writes_sql_reads_no_entry_but_by_the_function(cast, code):
    with cast.acting("ana"), pytest.raises(Exception, match="permission denied"):
        run("SELECT * FROM accounts_auditevent")
    with cast.acting("ana"), pytest.raises(Exception, match="permission denied"):
        run("SELECT * FROM app.case_entries(%s)", uuid4())
    opened = switched_off(open_table("accounts_auditevent"), "GRANT SELECT ON accounts_auditevent TO sidro_web")
    cast.person("koka")
    with opened, cast.acting("koka"):  # without both controls a coordinator reads everything
        assert run("SELECT count(*) FROM accounts_auditevent")[0][0] > 5


def test_filters_by_person_and_kind(cast, code):
    client = cast.client("ana")
    client.post(f"/cases/{code}/print", {})
    assert {row[0] for row in lines(cast, "ana", code, person=cast.lana.pk)} == {"Lana"}
    assert {row[1] for row in lines(cast, "ana", code, kind="opened")} <= {"case_viewed", "slip_opened"}
    changes = {row[1] for row in lines(cast, "ana", code, kind="changes")}
    assert "case_opened" in changes
    assert "case_viewed" not in changes
    assert len(lines(cast, "ana", code, kind="nonsense")) == len(lines(cast, "ana", code))
    page = client.get(f"/cases/{code}/looks?kind=opened&person=nobody").content.decode()
    assert "Looked at a case" in page
    assert "Opened a case" not in page


def test_every_act_is_of_one_kind():
    named = [code for kind in [*trail.KINDS, trail.CHANGES] for code in trail.acts(kind)]
    assert sorted(named) == sorted(Action.values)


def test_the_same_act_within_an_hour_is_one_line_and_long_trails_have_pages(cast, code, definer):
    case = ids(cast, code)
    for _look in range(3):
        write(definer, cast.lana, "case_printed", case.pk)
    assert ("Lana", "case_printed", 3) in lines(cast, "ana", code)
    for number in range(PAGE_SIZE + 5):
        write(definer, cast.lana, "case_text_revised", case.pk, f"t{number}")
    assert len(lines(cast, "ana", code, kind="changes")) == PAGE_SIZE
    assert len(lines(cast, "ana", code, kind="changes", page=2)) >= 5


def test_no_line_tells_of_a_wall(cast, code, definer):
    """Neither of setting one, nor of who it is, nor by a question to a second person."""
    case = ids(cast, code)
    cast.person("ceca")
    before = lines(cast, "ana", code, kind="changes")
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id) VALUES (gen_random_uuid(), %s, %s, now(), %s)",
        case.pk, cast.ceca.pk, cast.ana.pk,
    )  # fmt: skip
    wall = definer.execute("SELECT id FROM cases_wall").fetchone()[0]
    for action, object_id, detail in (
        ("wall_set", case.pk, ""),
        ("wall_set", wall, ""),
        ("wall_lifted", case.pk, ""),
        ("approval_asked", case.pk, "wall"),
    ):
        write(definer, cast.ana, action, object_id, detail)
    assert lines(cast, "ana", code, kind="changes") == before


def test_a_wall_closes_the_trail(cast, code):
    case = ids(cast, code)
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id) VALUES (gen_random_uuid(), %s, %s, now(), %s)",
        case.pk, cast.lana.pk, cast.ana.pk,
    )  # fmt: skip
    with cast.acting("lana"):
        assert database.rows("case_trail", case.pk, None, [], "Europe/Belgrade", 0, 50) == []
    assert cast.client("lana").get(f"/cases/{code}/looks").status_code == 404


def test_a_link_is_told_only_to_whoever_sees_both_cases(cast, code):
    other = open_case(cast)
    with cast.acting("ana") as ana:
        first, second = get_case(ana, code).case, get_case(ana, other).case
        links.link_cases(case=first, other=second, kind="same_group", by=ana)
    assert ("Ana", "case_linked", 1) in lines(cast, "ana", code)
    assert ("Ana", "case_linked", 1) in lines(cast, "ana", other)
    assert not [row for row in lines(cast, "lana", code) if row[1] == "case_linked"]


def test_a_refused_look_is_in_no_trail(cast, code):
    """It is kept under a keyed hash: nothing ties it to the case."""
    cast.client("boba").get(f"/cases/{code}")
    assert not [row for row in lines(cast, "ana", code) if row[0] == "Boba" and row[1] == "case_viewed"]
