"""Tells the story of the practice installation through the real services, as role web."""

from collections.abc import Callable

from accounts import crypto, database
from config.demo import cases, house, intake, keepers, reading
from config.demo.acting import Players
from config.demo.moments import Calendar, Played
from config.demo.people import COLLEAGUES, FIRST, LAST
from config.demo.scene import Scene

INTAKE = ("ana", "boba")  # both teams; those who follow are of the ordinary one only
INTAKE_TOO = ("sanja", "besa")
VOUCHED = ("ceca", "lana", "dara", "arta")  # by boba; nobody has read the words with ljilja yet


EVERY = 10  # stories between two lines of progress


def tell(*, token: str, say: Callable[[str], object]) -> list[Played]:
    """Everything after the first invitation, whose token is given. The last step invites the last person.

    `say` gets a line of progress now and then: numbers, nobody's name.

    Returns what has to be moved into the past afterwards (config/demo/past.py).
    """
    invitation = database.row("invitation_read", crypto.token_hash(token))
    if invitation is None:
        raise ValueError("the first invitation is not there, or was used")
    players = Players()
    players.enrol(FIRST, user_id=invitation.user_id, token=token)
    for account in COLLEAGUES:
        user_id, link = players.invite(account, by=FIRST.login_name)
        players.enrol(account, user_id=user_id, token=link)
    players.set_up_intake(*INTAKE, more=INTAKE_TOO)
    for name in VOUCHED:
        players.vouch(name, by="boba")
    keepers.set_up(players)
    keepers.make_copies(players)
    scene = Scene(players, Calendar(), frozenset(VOUCHED))
    house.before(scene)
    for word, stories, play in (("cases", reading.cases(), cases.play), ("requests", reading.requests(), intake.play)):
        for number, told in enumerate(stories, start=1):
            play(scene, told)
            if number % EVERY == 0 or number == len(stories):
                say(f"  {number} of {len(stories)} {word}")
    house.today(scene)
    players.invite(LAST, by=FIRST.login_name)
    players.leave()
    return scene.calendar.played
