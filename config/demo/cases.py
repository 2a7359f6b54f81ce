"""A story that becomes a case: accepted, people asked, worked on, and in the end perhaps closed."""

from datetime import datetime, timedelta
from functools import partial

from cases.choices import CaseState, Stage
from cases.codes import ClosureReason, LegalOutcome
from cases.models import Approval
from cases.services.accept import Card, accept_request
from cases.services.answering import acknowledge
from cases.services.approvals import answer_approval
from cases.services.closing import close_case, reopen_case
from config.demo import acts, facts, intake, joining, rating, wording
from config.demo.names import name_for
from config.demo.reading import Story
from config.demo.scene import Play, Scene, Turn

MINUTE = timedelta(minutes=1)


def play(scene: Scene, story: Story) -> None:
    """From the first call to the last entry."""
    came = intake.log(scene, story)
    coming = Play(scene, story)
    coming.at(came + 9 * MINUTE, story.lead, lambda turn: acknowledge(request=turn.request, by=turn.by))
    coming.at(came + 20 * MINUTE, story.lead, _accept)
    for number, (name, role) in enumerate(story.people.items()):
        coming.at(came + (24 + number) * MINUTE, story.lead, partial(joining.ask, name=name, role=role))
    coming.at(came + 40 * MINUTE, story.lead, facts.first)
    last = _log(coming, came + 50 * MINUTE)
    goes_on = came
    if story.close:
        last, goes_on = _close(coming, last, came)
    _stages(coming, goes_on, last)
    rating.keep_asking(coming, came)
    coming.run()


def _accept(turn: Turn) -> None:
    story = turn.story
    hers = story.about == "self"
    card = Card(name=name_for(story.language, len(turn.scene.cases)) if hers else "", contacts=hers)
    case = accept_request(request=turn.request, title=story.title, looked_through=story.summary, card=card, by=turn.by)
    turn.scene.cases[story.name] = case.code


def _log(coming: Play, before: datetime) -> datetime:
    """What is told in the story's log; returns when the last of it was."""
    for step in coming.story.log:
        before = coming.scene.calendar.next(step.ago, before)
        coming.at(before, step.who, partial(intake.do, acts.ACTS[step.act], step.rest))
    return before


def _stages(coming: Play, came: datetime, last: datetime) -> None:
    """The stages are passed one after the other, between the first day, or the day it was opened again, and the last."""
    order = list(Stage)
    passed = order[1 : order.index(Stage(coming.story.stage)) + 1]
    for number, stage in enumerate(passed, start=1):
        moment = came + 55 * MINUTE + (last - came - 60 * MINUTE) * number / (len(passed) + 1)
        morning = coming.scene.calendar.at(moment.date(), timedelta(hours=10, minutes=40))
        if came + 55 * MINUTE < morning < last:
            moment = morning
        coming.at(moment, coming.story.lead, partial(facts.stage, stage=stage))


def _close(coming: Play, before: datetime, came: datetime) -> tuple[datetime, datetime]:
    """Closed as the story says; what is still open by then is settled before. Returns its last day, and from when it went on."""
    story, closing = coming.story, coming.story.close
    if closing is None:
        return before, came
    after = coming.scene.calendar.next(closing.day, _last_before(coming, closing.day) or before)
    coming.at(after, story.lead, _do_close)
    if closing.reopened is not None:
        opened = coming.scene.calendar.next(closing.reopened, after) - 30 * MINUTE
        coming.at(opened, story.lead, _reopen)
        return before, opened
    return after, came


def _last_before(coming: Play, day: int) -> datetime | None:
    """Of a story that was opened again: its last entry before it was closed."""
    limit = coming.scene.calendar.day(day)
    told = [moment for moment, _number, _who, _act in coming.coming if moment.date() <= limit]
    return max(told, default=None)


def _do_close(turn: Turn) -> None:
    closing = turn.story.close
    if closing is None:
        return
    acts.settle_all(turn)
    asked = close_case(
        case=turn.case,
        state=CaseState(closing.how),
        reason=ClosureReason(closing.reason),
        outcome=LegalOutcome(closing.outcome),
        text=closing.text,
        by=turn.by,
    )
    if asked is not None and closing.second:
        turn.play.at(turn.moment + 3 * acts.HOUR, closing.second, partial(_agree, approval=asked))


def _agree(turn: Turn, approval: Approval) -> None:
    answer_approval(approval=approval, approves=True, by=turn.by)


def _reopen(turn: Turn) -> None:
    reopen_case(case=turn.case, text=wording.say(wording.AGAIN, turn.story), by=turn.by)
