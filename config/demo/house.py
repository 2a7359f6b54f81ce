"""The house itself: what people can carry, who is on call, who is away, what waits for somebody today."""

from datetime import datetime, time, timedelta
from itertools import cycle
from uuid import uuid4

from django.utils import timezone

from cases.access.handover import collect
from cases.choices import CaseRole, Channel, ContactLanguage
from cases.codes import Country, Duration, LogKind, MoveReason
from cases.models import ShiftHandover
from cases.services import handover
from cases.services.absence import add_absence
from cases.services.contact_log import count_contact
from cases.services.duty import Planned, add_shifts
from cases.services.moves import ask_move
from cases.services.profiles import save_profile
from config.demo.scene import Scene

# Cases that are a full load, hours a week, languages, countries where a lawyer is admitted.
PROFILES: dict[str, tuple[int, int | None, tuple[str, ...], tuple[str, ...]]] = {
    "ana": (12, 40, ("sr", "en", "sq"), ()),
    "boba": (14, 40, ("sr", "en"), ()),
    "ceca": (10, 24, ("sr", "rom"), ()),
    "sanja": (8, 40, ("sr", "en", "hr"), ()),
    "besa": (10, 36, ("sq", "sr", "en"), ()),
    "lana": (12, None, ("sr", "en"), ("RS",)),
    "ljilja": (5, None, ("sr",), ("RS", "ME")),
    "dara": (8, None, ("sr", "en"), ("RS", "BA")),
    "arta": (8, None, ("sq", "en"), ("XK", "AL")),
}
SUPERVISED = ("ana", "boba", "ceca", "besa")  # by sanja
AWAY = "besa"
WEEKDAY_SHIFTS = (("boba", "sanja"), ("ana", "boba"), ("sanja", "ana"))
HANDED_OVER = "Mirna noć. Jedna poruka oko dva, odgovoreno. Za jutros ostaju obećanja iz spiska, ništa drugo."
# Contacts that left no request, over the year: days ago, who, what, how, in which language, how long.
CONTACTS = (
    (2, "ceca", LogKind.INFORMATION, Channel.PHONE, "sr", Duration.FROM_5),
    (3, "ceca", LogKind.SILENT, Channel.PHONE, "sr", Duration.UNDER_5),
    (5, "sanja", LogKind.INFORMATION, Channel.MESSAGE, "sr", Duration.FROM_5),
    (9, "ceca", LogKind.ABUSIVE, Channel.PHONE, "sr", Duration.UNDER_5),
    (14, "besa", LogKind.INFORMATION, Channel.PHONE, "sq", Duration.FROM_15),
    (21, "ceca", LogKind.SILENT, Channel.PHONE, "sr", Duration.UNDER_5),
    (33, "boba", LogKind.INFORMATION, Channel.EMAIL, "en", Duration.FROM_5),
    (47, "ceca", LogKind.INFORMATION, Channel.PHONE, "sr", Duration.OVER_30),
    (61, "ceca", LogKind.SPAM, Channel.WEB, "en", Duration.UNDER_5),
    (92, "besa", LogKind.INFORMATION, Channel.PHONE, "sq", Duration.FROM_5),
    (120, "ceca", LogKind.SILENT, Channel.PHONE, "sr", Duration.UNDER_5),
    (155, "sanja", LogKind.INFORMATION, Channel.IN_PERSON, "sr", Duration.FROM_15),
    (201, "ceca", LogKind.ABUSIVE, Channel.MESSAGE, "sr", Duration.UNDER_5),
    (244, "boba", LogKind.INFORMATION, Channel.PHONE, "sr", Duration.FROM_5),
    (299, "ceca", LogKind.INFORMATION, Channel.PHONE, "sr", Duration.FROM_15),
)


def before(scene: Scene) -> None:
    """What is known of people before the first case."""
    year = scene.calendar.moment(360, "9:00")
    for name, (capacity, hours, languages, countries) in PROFILES.items():
        values = {
            "capacity": capacity,
            "hours_per_week": hours,
            "accepting": True,
            "languages": [ContactLanguage(code) for code in languages],
            "countries": [Country(code) for code in countries],
            "supervisor": scene.players.user("sanja") if name in SUPERVISED else None,
        }
        with scene.acting("koka", year) as by:
            save_profile(person=scene.players.user(name), values=values, by=by)
    for days, who, kind, channel, language, duration in CONTACTS:
        with scene.acting(who, scene.calendar.moment(days, "12:10")) as by:
            count_contact(nonce=uuid4(), kind=kind, channel=channel, language=language, duration=duration, by=by)


def today(scene: Scene) -> None:
    """What is alive now: the rota, somebody away, work that is to move."""
    now = scene.calendar.now
    with scene.acting("koka", now - timedelta(days=6)) as by:
        add_shifts(shifts=_rota(scene), by=by)
    with scene.acting(AWAY, now - timedelta(days=3)) as by:
        day = timezone.localdate()
        add_absence(person=by, from_on=day - timedelta(days=1), until_on=day + timedelta(days=4), by=by)
    _hand_over(scene)
    with scene.acting("koka", now - timedelta(hours=22)) as by:
        ask_move(
            code=scene.cases["relatives"],
            person=scene.players.user("sanja"),
            role=CaseRole.CASEWORKER,
            reason=MoveReason.AWAY,
            by=by,
        )


def _hand_over(scene: Scene) -> None:
    """The shift before this one was handed over, and taken."""
    given = scene.calendar.now - timedelta(hours=10)
    boba = scene.players.user("boba")
    with scene.acting("sanja", given) as by:
        handover.give(nonce=uuid4(), to=boba, words=HANDED_OVER, found=collect(by), by=by)
    with scene.acting("boba", given + timedelta(minutes=14)) as by:
        handover.take(handover=ShiftHandover.objects.get(to_user=by), by=by)


def _rota(scene: Scene) -> list[Planned]:
    """The shift of now, and two a day for the week that comes."""
    now = scene.calendar.now
    hours = (time(8), time(20))
    begins = [datetime.combine(scene.calendar.day(-day), hour) for day in range(-1, 8) for hour in hours]
    starts = [timezone.make_aware(begin) for begin in begins]
    people = cycle(WEEKDAY_SHIFTS)
    shifts = [
        Planned(start, start + timedelta(hours=12), scene.players.user(first), scene.players.user(second))
        for start, (first, second) in zip(starts, people, strict=False)
    ]
    return [shift for shift in shifts if shift.ends_at > now]
