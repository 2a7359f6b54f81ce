"""What the functions of the database refuse whoever calls them past the site: each guard is met, and taken out."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from cases.access import get_case, get_request
from cases.compartments import WallReason
from tests.cases.helpers import agree, log
from tests.conftest import as_definer
from tests.security import test_quorum as quorum
from tests.security.attack import plant, run
from tests.security.granting import PROTECT, approve, ask
from tests.security.guarding import Call, a_case, met_and_taken_out

NAMED = {"reason": WallReason.NAMED, "text": "He is her brother."}


def two_requests(cast):
    cast.intake()
    cast.person("lana")
    codes = [log(cast), log(cast)]
    with cast.acting("ana") as ana:
        return [get_request(ana, code).pk for code in codes]


def who_is_kept_out(cast) -> Call:
    """A lawyer asks which walls two requests have."""
    one, other = two_requests(cast)
    guard = "NOT app.may_get_request(app.uid(), of_request) OR NOT app.may_be_the_same(other)"
    return Call("lana", "walls_meet", (one, other), "not_allowed", guard)


def wall_on_a_request_that_is_there(cast) -> Call:
    """A caseworker who may not open the request keeps somebody out of it as if she were logging it."""
    one, _other = two_requests(cast)
    with cast.acting("ana") as ana:
        team = get_request(ana, run("SELECT code FROM cases_helprequest WHERE id = %s", one)[0][0]).team_id
    guard = (
        "NOT app.has_role('caseworker') OR EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.id = wanted)\n"
        "     OR cardinality(ids) <> cardinality(people)\n"
        "     OR EXISTS (SELECT 1 FROM unnest(people) p WHERE NOT app.wall_is_plain(p, why))"
    )
    return Call("ceca", "walls_first", (one, team, [uuid4()], [cast.boba.pk], "named"), "not_allowed", guard)


def wall_by_somebody_without_all_keys(cast) -> Call:
    _code, case = a_case(cast)
    guard = "NOT app.holds(wanted, 'share_case') OR NOT app.case_allows(wanted, 'set_wall') OR NOT app.wall_is_plain(person, why)"
    return Call("ceca", "wall_case_set", (uuid4(), case, cast.lana.pk, "named"), "not_allowed", guard)


def closed(cast):
    code, case = a_case(cast)
    plant("UPDATE cases_case SET state = 'closed', closed_at = now(), closed_by_id = %s", cast.ana.pk)
    return code, case


def reopened_by_somebody_without_all_keys(cast) -> Call:
    _code, case = closed(cast)
    return Call("ceca", "case_reopen", (case,), "not_allowed", "NOT FOUND")


def paused_by_somebody_without_all_keys(cast) -> Call:
    """Whoever is on call could not reach her any more."""
    _code, case = a_case(cast)
    return Call("ceca", "case_pause", (case, True), "not_allowed", "NOT FOUND")


def closed_as_something_else(cast) -> Call:
    """A case that is shut as if it were erased."""
    _code, case = a_case(cast)
    plant("UPDATE cases_case SET risk = 'standard'")
    guard = "new_state NOT IN ('closed', 'transferred', 'duplicate') OR reason !~ '^[a-z_]+$' OR outcome !~ '^[a-z_]+$'"
    return Call("ana", "case_close", (case, "erased", "needs_met", "none"), "not_allowed", guard, within="case_shut")


def asked(cast):
    code, _case = a_case(cast)
    with cast.acting("ana") as ana:
        agree(get_case(ana, code).case, "representation", by=ana, how="written", recipient="Lana")
    return code, ask(cast, code, kind="representation")


def approved_without_a_key(cast) -> Call:
    _code, grant = asked(cast)
    with cast.acting("ana"):
        consent = run("SELECT id FROM cases_consent WHERE purpose = 'representation'")[0][0]
    guard = (
        "EXISTS (SELECT 1 FROM vault_wrap o\n"
        "              WHERE o.case_id = hit.case_id AND o.user_id = me AND o.purpose = 'identity' AND o.state = 'live'\n"
        "                AND NOT EXISTS (SELECT 1 FROM vault_wrap w\n"
        "                                 WHERE w.case_id = o.case_id AND w.user_id = hit.person_id AND w.purpose = o.purpose\n"
        "                                   AND w.version = o.version AND w.state = 'offered' AND w.made_by_id = me))"
    )
    return Call("ana", "grant_approve", (grant, consent, 24), "keys_missing", guard)


def declined_by_somebody_who_holds_nothing(cast) -> Call:
    _code, grant = asked(cast)
    return Call("ceca", "grant_decline", (grant,), "not_allowed", "NOT FOUND")


def declined_after_it_was_given(cast) -> Call:
    code, grant = asked(cast)
    approve(cast, code, grant)
    return Call("boba", "grant_decline", (grant,), "answered", "hit.state <> 'asked'")


def approved_after_it_was_declined(cast) -> Call:
    _code, grant = asked(cast)
    plant("UPDATE cases_identitygrant SET state = 'declined', ended_at = now()")
    with cast.acting("ana"):
        consent = run("SELECT id FROM cases_consent WHERE purpose = 'representation'")[0][0]
    plant(
        "DELETE FROM vault_wrap w USING cases_identitygrant g WHERE w.user_id = g.person_id AND w.purpose = 'identity'"
    )
    plant(
        "INSERT INTO vault_wrap (id, case_id, purpose, version, user_id, sealed, state, made_at, made_by_id)"
        " SELECT gen_random_uuid(), w.case_id, w.purpose, w.version, %s, w.sealed, 'offered', now(), w.user_id"
        " FROM vault_wrap w WHERE w.user_id = %s AND w.purpose = 'identity'",
        cast.lana.pk,
        cast.ana.pk,
    )
    return Call("ana", "grant_approve", (grant, consent, 24), "answered", "hit.state <> 'asked'")


def the_same_holder_confirms_twice(cast) -> Call:
    code, grant = asked(cast)
    approve(cast, code, grant)
    plant(PROTECT)
    plant("UPDATE cases_identitygrant SET second_by_id = %s, second_at = now()", cast.boba.pk)
    guard = (
        "two AND app.may_answer_grant(wanted)\n"
        "     AND EXISTS (SELECT 1 FROM cases_identitygrant g WHERE g.id = wanted AND g.state = 'active'"
        " AND g.second_by_id IS NOT DISTINCT FROM app.uid())"
    )
    return Call("boba", "grant_confirm", (grant,), "another_holder", guard)


def compared_without_the_identity(cast) -> Call:
    _code, case = a_case(cast)
    guard = "app.uid() IS NULL OR (wanted IS NOT NULL AND NOT app.may_identify(wanted))"
    return Call("lana", "identity_read_begin", (case,), "not_allowed", guard)


def protected_by_somebody_without_all_keys(cast) -> Call:
    """With the control off the next one still asks for the sealed facts: those are planted."""
    _code, case = a_case(cast)
    file_facts(case)
    return Call("ceca", "case_protect", (case,), "not_allowed", "NOT FOUND")


def protected_before_the_facts_are_filed(cast) -> Call:
    _code, case = a_case(cast)
    guard = (
        "NOT EXISTS (SELECT 1 FROM vault_sealed s WHERE s.case_id = wanted AND s.record_id = wanted"
        " AND s.field = 'case.protected' AND s.current)"
    )
    return Call("ana", "case_protect", (case,), "not_filed", guard)


def file_facts(case) -> None:
    plant(
        "INSERT INTO vault_sealed (id, record_id, field, case_id, purpose, key_version, payload, revision, current, written_at,"
        " written_by_id) SELECT gen_random_uuid(), s.case_id, 'case.protected', s.case_id, s.purpose, s.key_version, s.payload,"
        " 1, true, now(), s.written_by_id FROM vault_sealed s WHERE s.case_id = %s AND s.field = 'case.title'",
        case,
    )


def another_question_under_the_name_of_an_ending(cast) -> Call:
    _code, case = a_case(cast)
    guard = "what NOT IN ('erase_case', 'keep_case', 'lift_hold')"
    return Call(
        "ana", "ending_ask", (case, uuid4(), "set_wall", uuid4(), f"{cast.boba.pk}:named"), "not_allowed", guard
    )


def an_announced_act_after_she_left_the_case(cast) -> Call:
    """Boba is away, so Ana announced it; when it is due the case is hers no more."""
    cast.intake()
    code = quorum.accepted(cast, log(cast, by="boba", minor="now"))
    approval = quorum.asked(cast, code)
    with as_definer() as definer:
        quorum.away(definer, "boba")
        act = quorum.announce(cast, approval.pk).id
        quorum.pass_delay(definer)
    plant("DELETE FROM cases_caseuserpermission WHERE user_id = %s", cast.ana.pk)
    return Call("ana", "delayed_do", (act, b""), "not_allowed", "NOT app.delayed_may(hit.rule, hit.record_id)")


GUARDS: tuple[Callable, ...] = (
    who_is_kept_out, wall_on_a_request_that_is_there, wall_by_somebody_without_all_keys,
    reopened_by_somebody_without_all_keys, paused_by_somebody_without_all_keys, closed_as_something_else,
    approved_without_a_key, declined_by_somebody_who_holds_nothing, declined_after_it_was_given, approved_after_it_was_declined,
    the_same_holder_confirms_twice, compared_without_the_identity, protected_by_somebody_without_all_keys,
    protected_before_the_facts_are_filed, another_question_under_the_name_of_an_ending,
    an_announced_act_after_she_left_the_case,
)  # fmt: skip


@pytest.mark.parametrize("arrange", GUARDS, ids=lambda made: made.__name__)
def test_what_a_function_refuses(cast, arrange):
    met_and_taken_out(cast, arrange(cast))
