"""Ratings of risk in the stories: answers that lead to a level, and the second person where it lowers."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from cases.choices import Risk
from cases.codes import ApprovalKind, ApprovalState
from cases.models import Approval
from cases.services.approvals import answer_approval
from cases.services.ratings import rate
from config.demo import wording
from config.demo.scene import Play, Turn

_CORE = {"sc1": "yes", "ag1": "no", "su2": "no", "ph2": "no", "ph3": "no"}
ANSWERS: dict[str, dict[str, str]] = {
    Risk.STANDARD: _CORE,
    Risk.ELEVATED: {**_CORE, "ph6": "yes", "co2": "yes"},
    Risk.HIGH: {**_CORE, "ph2": "yes", "di1": "yes"},
    Risk.IMMEDIATE: {**_CORE, "ph2": "yes", "ph3": "yes"},
}
_ENDING = {**_CORE, "su1": "yes", "su2": "yes", "su8": "yes"}
# Where she thinks of ending her life the level has another ground.
ENDING: dict[str, dict[str, str]] = {
    Risk.ELEVATED: _ENDING,
    Risk.HIGH: {**_ENDING, "su3": "yes", "su4": "no", "su5": "no"},
    Risk.IMMEDIATE: {**_ENDING, "su3": "yes", "su5": "yes"},
}
_MINOR = {**_CORE, "ag1": "yes", "di1": "no"}
MINOR: dict[str, dict[str, str]] = {Risk.ELEVATED: _MINOR, Risk.HIGH: {**_MINOR, "di3": "yes"}}
# When she was asked last, by day: less long ago than the level allows.
AGAIN: dict[str, tuple[int | str, str]] = {
    Risk.IMMEDIATE: ("7h", ""),
    Risk.HIGH: (1, "16:10"),
    Risk.ELEVATED: (3, "15:25"),
}
OVERDUE = ("tiktok", "relatives", "podcast")


def rate_as(turn: Turn, level: str) -> None:
    """Answers that lead to this level. Where it is lower than before, a second person is asked, and answers next day."""
    case = turn.case
    special = MINOR if case.concerns_minor else ENDING if turn.story.ending else {}
    answers = special.get(level) or ANSWERS[level]
    rate(case=case, nonce=uuid4(), answers=answers, raised="", reason=_reason(turn, level), by=turn.by)
    asked = Approval.objects.filter(case=case, kind=ApprovalKind.LOWER_RISK, state=ApprovalState.ASKED).first()
    second = turn.story.approvals.get("lower_risk", "")
    if asked is not None and second:
        turn.play.at(turn.moment + timedelta(hours=21), second, partial(_agree, pk=asked.pk))


def _reason(turn: Turn, level: str) -> str:
    """Why she is rated so."""
    levels, before = list(ANSWERS), turn.case.risk
    if before not in levels:
        return wording.say(wording.FIRST, turn.story)
    change = levels.index(level) - levels.index(before)
    words = wording.RAISED if change > 0 else wording.LOWERED if change < 0 else wording.STAYS
    return wording.say(words, turn.story)


def keep_asking(play: Play, came: datetime) -> None:
    """On a case that is open she is asked anew as often as its level wants it: the last time lies a little back."""
    story = play.story
    open_now = story.close is None or story.close.reopened is not None
    if not open_now or story.risk not in AGAIN or story.name in OVERDUE:
        return
    last = play.scene.calendar.moment(*AGAIN[story.risk])
    if last > came + timedelta(days=1):
        play.at(last, story.lead, _ask_again)


def _ask_again(turn: Turn) -> None:
    """The level stays what it is."""
    asked = Approval.objects.filter(case=turn.case, state=ApprovalState.ASKED)
    if turn.case.risk in AGAIN and not asked.exists():
        rate_as(turn, turn.case.risk)


def _agree(turn: Turn, pk: UUID) -> None:
    answer_approval(approval=Approval.objects.get(pk=pk), approves=True, by=turn.by)
