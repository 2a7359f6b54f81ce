"""Requests of the stories: logged, and answered where they do not become a case."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.utils import timezone

from cases.choices import RequestState
from cases.services import answering
from cases.services.requests import NewRequest, log_request
from config.demo.reading import Story
from config.demo.scene import Play, Scene, Turn


def log(scene: Scene, story: Story) -> datetime:
    """Log it as whoever answered; returns when it came."""
    came = scene.calendar.moment(story.received.ago, story.received.hour)
    new = NewRequest(
        nonce=uuid4(),
        restricted=story.restricted,
        channel=story.received.channel,
        language=story.language,
        about=story.about,
        minor=story.minor,
        in_danger_now=story.danger,
        thinks_of_ending_life=story.ending,
        received_at=came,
        words=story.words,
        contacts=story.contacts,
        offence_learned_on=_day(scene, story.learned),
        suspect_learned_on=_day(scene, story.suspect),
        consent="yes" if story.lead and story.about == "self" and story.minor != "now" else "not_asked",
    )
    with scene.acting(story.received.by, came) as by:
        scene.requests[story.name] = log_request(new=new, by=by)
    return came


def _day(scene: Scene, ago: int | None) -> date | None:
    return None if ago is None else scene.calendar.day(ago)


def play(scene: Scene, story: Story) -> None:
    """A request that stays one."""
    before = log(scene, story)
    coming = Play(scene, story)
    for step in story.steps:
        before = scene.calendar.next(step.ago, before)
        coming.at(before, step.who, partial(do, STEPS[step.act], step.rest))
    coming.run()


def do(act: Callable[..., None], rest: tuple[Any, ...], turn: Turn) -> None:
    """One step, with what the story says beside its name."""
    act(turn, *rest)


def _acknowledge(turn: Turn) -> None:
    answering.acknowledge(request=turn.request, by=turn.by)


def _take(turn: Turn) -> None:
    answering.take(request=turn.request, seen="", by=turn.by)


def _ask_back(turn: Turn, values: dict[str, Any]) -> None:
    day = timezone.localdate(turn.moment) + timedelta(days=values["days"])
    answering.ask_back(request=turn.request, look_again_on=day, by=turn.by)


def _promise_date(turn: Turn, values: dict[str, Any]) -> None:
    day = timezone.localdate(turn.moment) + timedelta(days=values["days"])
    until = timezone.make_aware(datetime.combine(day, time(12)))
    answering.promise_date(request=turn.request, until=until, by=turn.by)


def _end(turn: Turn, values: dict[str, Any]) -> None:
    state = RequestState(values["state"])
    answering.end_request(request=turn.request, state=state, reason=values.get("reason", ""), told=True, by=turn.by)


def _refer_out(turn: Turn, values: dict[str, Any]) -> None:
    day = timezone.localdate(turn.moment) + timedelta(days=values["days"])
    reason, to_whom = values["reason"], values["to"]
    answering.refer_out(request=turn.request, reason=reason, to_whom=to_whom, refer_by=day, told=True, by=turn.by)


def _duplicate(turn: Turn, values: dict[str, Any]) -> None:
    case = turn.scene.case(values["of"], turn.by)
    answering.mark_duplicate(
        request=turn.request, other=None, case=case, nonce=uuid4(), note=values["note"], by=turn.by
    )


STEPS: dict[str, Callable[..., None]] = {
    "acknowledge": _acknowledge,
    "take": _take,
    "ask-back": _ask_back,
    "promise-date": _promise_date,
    "end": _end,
    "refer-out": _refer_out,
    "duplicate": _duplicate,
}
