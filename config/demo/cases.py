"""Cases of the practice installation: who leads them, who is asked onto them, notes and dates."""

from dataclasses import dataclass, field

from cases.choices import CaseRole, NoteType, Severity
from config.demo import requests


@dataclass(frozen=True)
class Date:
    """Something due in so many days; nobody named means lead and backup."""

    days: int
    text: str
    severity: str = Severity.IMPORTANT
    assignee: str = ""


@dataclass(frozen=True)
class Work:
    """What was done on a case so far. `joins` have accepted, `asked` have not answered yet."""

    request: requests.Told
    lead: str
    title: str
    looked_through: str
    joins: dict[str, str] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    notes: tuple[tuple[str, str, str], ...] = ()
    dates: tuple[Date, ...] = ()


CASE, LEGAL = NoteType.CASE_NOTE, NoteType.LEGAL_NOTE

CASES = (
    Work(
        requests.GROUP,
        "ana",
        "Images traded in a large Telegram group",
        "A friend told her that private images of her are being traded in a large group. She had sent them to one"
        " person only. She wants them gone and wants to know what she can do.",
        joins={"boba": CaseRole.BACKUP, "lana": CaseRole.LAWYER, "ceca": CaseRole.CASEWORKER},
        notes=(
            (
                "ana",
                CASE,
                "First talk, forty minutes. She decides on every step; she does not want her family to know.",
            ),
            ("ceca", CASE, "Links and times noted, nothing downloaded. Hashes made on her own phone and handed in."),
            (
                "lana",
                LEGAL,
                "Two ways: criminal complaint and private action. Explained both; she wants to think it over.",
            ),
            ("ana", CASE, "The platform has answered for two of five links: removed. Look again on Friday."),
        ),
        dates=(
            Date(0, "Call her at the hour she named", Severity.IMPORTANT, "ana"),
            Date(4, "Look at the five links again", Severity.ROUTINE, "ceca"),
            Date(30, "Last safe day for the private action", Severity.CRITICAL, "lana"),
        ),
    ),
    Work(
        requests.DEEPFAKE,
        "boba",
        "Fabricated recordings sent to her workplace",
        "Fabricated recordings with her face were sent to colleagues. Her employer has asked her to a meeting. She"
        " wants a letter that explains what a fabricated recording is.",
        joins={"lana": CaseRole.LAWYER},
        notes=(
            ("boba", CASE, "She has kept the messages with dates. We agreed not to answer the sender."),
            ("lana", LEGAL, "Draft of the letter to the employer is ready for her to read first."),
        ),
        dates=(
            Date(2, "The letter has to be with her before the meeting", Severity.IMPORTANT, "lana"),
            Date(21, "Ask how she is and whether more was sent", Severity.ROUTINE),
        ),
    ),
    Work(
        requests.BLACKMAIL,
        "ana",
        "Blackmail after an online acquaintance",
        "Somebody she met online two months ago demands money and threatens to send images to her family. She has not"
        " paid. She works in Albanian; a lawyer who speaks it is wanted.",
        asked={"lana": CaseRole.LAWYER},
        notes=(
            (
                "ana",
                CASE,
                "Nothing was paid, and she does not want to. The account was kept open so that messages stay.",
            ),
            ("ana", CASE, "Two people she trusts know of it now: the threat has lost much of its weight, she says."),
        ),
        dates=(
            Date(0, "Promised: call back before three", Severity.IMPORTANT, "ana"),
            Date(6, "Decide together about the report to the police", Severity.IMPORTANT),
        ),
    ),
    Work(
        requests.JOURNALIST,
        "ana",
        "Number and street of a reporter published",
        "Phone number and street were published in a channel with many followers after a story. Hundreds of calls and"
        " messages since, some of them threats.",
        asked={"ljilja": CaseRole.LAWYER},
        notes=(
            ("ana", CASE, "The number is off. She stays with friends until the weekend. Her editor keeps the threats."),
        ),
        dates=(
            Date(3, "Ask the channel's platform again", Severity.IMPORTANT, "ana"),
            Date(28, "Look back: is the address still around?", Severity.ROUTINE),
        ),
    ),
)
