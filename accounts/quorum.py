"""Every rule that needs two people, what it normally needs, and its one fallback for a small team.

This table is all there is: config/database/apply.py writes it into app.quorum_rule(), so that PostgreSQL judges by
it; docs/quorum.md is generated from it; the page "When two people are needed" shows it. A fallback is open only while
fewer people than `needs` are able: active, enrolled, not away, without a wall. It is a delay, a notice to everybody,
and a review by somebody else within seven days. A rule without a delay has no fallback.

A rule whose code is a kind of approval (cases.codes.ApprovalKind) needs its row here and nothing else. Another one also
needs its line in app.delayed_may() (who may do the act at all) and in app.delayed_do() (the act).
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DELAY, REVIEW_DAYS = 48, 7


@dataclass(frozen=True)
class Rule:
    """`needs` people with one of `roles` and none of `barred`, whoever asks among them."""

    code: str
    what: Promise
    normal: Promise
    needs: int
    roles: tuple[str, ...] = ("caseworker",)
    barred: tuple[str, ...] = ()
    delay_hours: int = 0
    review_days: int = REVIEW_DAYS
    instead: Promise | None = None  # where there is no fallback: what stands in its place


RULES: tuple[Rule, ...] = (
    # --- on a case
    Rule(
        "lower_risk", _("A lower risk level counts"), _("Lead, backup or supervisor of the case agrees"), 2,
        delay_hours=DELAY,
    ),
    Rule(
        "close_case", _("A case of high or unrated risk is closed"), _("Lead, backup or supervisor of the case agrees"), 2,
        delay_hours=DELAY,
    ),
    Rule(
        "clear_minor", _("It is taken back that somebody is under 18"), _("Lead, backup or supervisor of the case agrees"),
        2, delay_hours=DELAY,
    ),
    Rule(
        "open_identity", _("An identity is opened beyond the day’s number"),
        _("Lead, backup or supervisor of the case agrees"), 2, delay_hours=DELAY,
    ),
    Rule(
        "unprotect", _("A case is not protected any more"), _("Two named holders agree"), 2, delay_hours=DELAY,
    ),
    Rule(
        "grant_protected", _("An identity of a protected case is shown to somebody"), _("Two holders agree"), 2,
        instead=_(
            "None: ask a second holder onto the case as backup first. In a team of two your colleague becomes the backup"
            " herself: then she holds the identity and needs no grant. Nobody else is shown it until two can agree."
        ),
    ),
    Rule(
        "set_wall", _("A wall hits somebody who holds the case"), _("Two people agree, and there is a new holder first"), 2,
        instead=_("None: the notice would tell her. The lead can end a backup’s role, and keep her out afterwards."),
    ),
    Rule(
        "lift_wall", _("A wall is lifted"), _("Two people agree"), 2,
        instead=_("None: the notice would tell her that there was one. She stays kept out until two can agree."),
    ),
    Rule(
        "wall_request_lift", _("A wall on a request is lifted"), _("Two members of the request’s team agree"), 2,
        instead=_("None: the notice would tell her that there was one. Once the request is a case, two people on the case can lift it."),
    ),
    Rule("erase_case", _("A case is erased"), _("Lead, backup or supervisor of the case agrees"), 2, delay_hours=DELAY),
    Rule(
        "keep_case", _("A closed case is kept longer"), _("Lead, backup or supervisor of the case agrees"), 2,
        delay_hours=DELAY,
    ),
    Rule("lift_hold", _("A legal hold is lifted"), _("Lead, backup or supervisor of the case agrees"), 2, delay_hours=DELAY),
    Rule(
        "request_erase", _("A request that became no case is erased"),
        _("Two members of its team, each with her second factor"), 2,
        instead=_("None: it stays named until a second member of its team is there. Whoever is on the team can bring her onto it."),
    ),
    # --- trust among colleagues
    Rule(
        "vouch", _("A colleague’s key is vouched for"),
        _("A caseworker who did not invite her and administers nobody reads six words with her by voice"), 1,
        barred=("administrator",), delay_hours=DELAY,
    ),
    Rule(
        "intake", _("Requests become cases; intake reads those that are not for everybody"),
        _("Two members of intake, both vouched for"), 2, barred=("administrator",), delay_hours=DELAY,
    ),
    # --- key keepers
    Rule(
        "keepers", _("A lost key is opened again, or handed over"), _("Codes of two key keepers out of three"), 2, roles=(),
        instead=_("None: one code opens nothing. Without keepers lost means lost, and the organisation accepts that in writing."),
    ),
    Rule(
        "administrator", _("There is an administrator again after the last one lost everything"),
        _("Another administrator invites"), 1, roles=("administrator",), delay_hours=24,
    ),
)  # fmt: skip


def by_code(code: str) -> Rule | None:
    return next((rule for rule in RULES if rule.code == code), None)


def as_values() -> str:
    """The rules that have a fallback, as rows of VALUES for app.quorum_rule()."""
    return ",\n    ".join(
        f"('{rule.code}', {rule.needs}, {_array(rule.roles)}, {_array(rule.barred)},"
        f" interval '{rule.delay_hours} hours', interval '{rule.review_days} days')"
        for rule in RULES
        if rule.delay_hours
    )


def _array(codes: tuple[str, ...]) -> str:
    return f"'{{{','.join(codes)}}}'::text[]"
