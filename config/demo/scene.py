"""The stage on which stories are played: people, the calendar, and what is still to happen, in the order of time."""

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import count

from accounts import database
from accounts.models import User
from cases.access import get_case, get_request
from cases.models import Case, HelpRequest
from config.demo.acting import Players
from config.demo.moments import Calendar
from config.demo.reading import Story


@dataclass
class Scene:
    """Everybody and everything of the demo, by the names that stories use."""

    players: Players
    calendar: Calendar
    vouched: frozenset[str] = frozenset()  # lawyers and others whose keys somebody has read with them
    requests: dict[str, str] = field(default_factory=dict)  # name of a story to the code of its request
    cases: dict[str, str] = field(default_factory=dict)  # and to the code of its case

    @contextmanager
    def acting(self, who: str, moment: datetime) -> Iterator[User]:
        """She acts; what she writes belongs to that moment."""
        with self.calendar.at_moment(moment), self.players.acting(who) as by:
            yield by

    def case(self, name: str, by: User) -> Case:
        return get_case(by, self.cases[name]).case

    def request(self, name: str, by: User) -> HelpRequest:
        return get_request(by, self.requests[name])


@dataclass
class Turn:
    """One step of a story while it is done: who does it, when, on which case."""

    play: "Play"
    moment: datetime
    who: str
    by: User

    @property
    def scene(self) -> Scene:
        return self.play.scene

    @property
    def story(self) -> Story:
        return self.play.story

    @cached_property
    def case(self) -> Case:
        """Looked up once a step, as a page does."""
        return self.scene.case(self.story.name, self.by)

    @property
    def request(self) -> HelpRequest:
        return self.scene.request(self.story.name, self.by)

    def person(self, name: str) -> User:
        return self.scene.players.user(name)


Act = Callable[[Turn], None]


@dataclass
class Play:
    """A story while it is played: what is to happen next comes first, however late it was thought of."""

    scene: Scene
    story: Story
    coming: list[tuple[datetime, int, str, Act]] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=count)

    def at(self, moment: datetime, who: str, act: Act) -> None:
        """She does this at that moment."""
        heapq.heappush(self.coming, (moment, next(self._number), who, act))

    def run(self) -> None:
        """Do what has come by now, in the order of time."""
        while self.coming:
            moment, _number, who, act = heapq.heappop(self.coming)
            if moment <= self.scene.calendar.now:
                with self.scene.acting(who, moment) as by:
                    database.value("session_stepped_up")  # what needs it asks for the second factor, and she shows it
                    act(Turn(self, moment, who, by))
