"""Tells the story of the practice installation through the real services, as role web."""

from accounts import crypto, database
from config.demo import cases, house, intake, reading
from config.demo.acting import Players
from config.demo.moments import Calendar, Played
from config.demo.people import COLLEAGUES, FIRST, LAST
from config.demo.scene import Scene

INTAKE = ("ana", "boba")  # both teams; those who follow are of the ordinary one only
INTAKE_TOO = ("sanja", "besa")
VOUCHED = ("ceca", "lana", "dara", "arta")  # by boba; nobody has read the words with ljilja yet


def tell(*, token: str) -> list[Played]:
    """Everything after the first invitation, whose token is given. The last step invites the last person.

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
    scene = Scene(players, Calendar(), frozenset(VOUCHED))
    house.before(scene)
    for told in reading.cases():
        cases.play(scene, told)
    for told in reading.requests():
        intake.play(scene, told)
    house.today(scene)
    players.invite(LAST, by=FIRST.login_name)
    players.leave()
    return scene.calendar.played
