"""Key keepers for tests: three people with codes on paper, and the steps of a ceremony, by the real services."""

from contextlib import contextmanager
from uuid import UUID

from accounts import crypto, database, totp
from accounts.models import User
from accounts.services import ceremonies, keepers, people
from tests.cast import PASSWORD, Cast

NAMES = ("Mira", "Nada", "Olga")
NEW = "sasvim nova recenica ovde"
ADDRESS = "192.0.2.1"


def add_keeper(cast: Cast, name: str, *, address: str = "", confirm: bool = True) -> str:
    """Named by Vera, code made on her own screen, confirmed by Ana by voice; returns the code on her paper."""
    with cast.acting("vera") as vera:
        token = keepers.invite(name=name, address=address, language="en", by=vera)
    code = crypto.new_recovery_code()
    keepers.make_key(token=token, code=code)
    if confirm:
        confirm_keeper(cast, name, code)
    return code


def confirm_keeper(cast: Cast, name: str, code: str, by: str = "ana") -> None:
    words = " ".join(crypto.fingerprint_words(crypto.fingerprint(crypto.keeper_pair(code).public)))
    with cast.acting(by) as person:
        found = next(row for row in database.rows("keepers_list") if row.name == name)
        keepers.confirm_by_words(keeper=found, words=words, by=person)


def three_keepers(cast: Cast) -> list[str]:
    """Codes of three confirmed keepers. Intake must be there."""
    return [add_keeper(cast, name, address=f"{name.lower()}@example.net") for name in NAMES]


def make_copies(cast: Cast, *names: str) -> None:
    """What each person's next sign-in does."""
    for name in names:
        with cast.acting(name) as person:
            keepers.make_copies(private_key=person.keyring.private_key, by=person)


def begin(name: str = "ana", password: str = NEW) -> str:
    """A recovery; returns the words that she reads to the keepers."""
    words = ceremonies.begin(login_name=name, password=password, address=ADDRESS)
    assert isinstance(words, list)
    return " ".join(words)


def give(code: str, words: str) -> None:
    """A keeper gives her code for the request with these words; AssertionError where she is refused at the door."""
    shown = ceremonies.show(code=code, words=words, address=ADDRESS)
    assert not isinstance(shown, ceremonies.Refusal)
    ceremonies.give_code(shown=shown)


def stop_as_keeper(code: str) -> None:
    """A keeper stops the one that runs, with her code."""
    proof = keepers.keeper_proof(crypto.keeper_pair(code).private)
    (running,) = database.rows("ceremonies_running", proof)
    ceremonies.stop(request_id=running.id, proof=proof)


def pass_delay(definer, seconds: float = 0) -> None:
    """As if the two days were over since so many seconds; negative: that many are missing."""
    definer.execute(
        "UPDATE accounts_ceremony SET ready_at = clock_timestamp() - make_interval(secs => %s) WHERE state = 'peeled'",
        [seconds],
    )


def opened(name: str = "ana", password: str = NEW) -> bytes | None:
    """The key that the password opens, or None."""
    found = ceremonies.open_result(login_name=name, password=password, address=ADDRESS)
    return None if isinstance(found, ceremonies.Refusal) else found.private_key


def key_id(cast: Cast, definer, name: str) -> UUID:
    user = cast.person(name).user
    return definer.execute("SELECT id FROM accounts_publickey WHERE user_id = %s", [user.pk]).fetchone()[0]


@contextmanager
def nothing_counted(definer):
    """Wrong answers are forgotten: the test is not about the throttle."""
    yield
    definer.execute("DELETE FROM accounts_throttle")


def keepers_for(cast: Cast) -> dict[str, object]:
    """What pages are looked at with: two confirmed keepers and one who is not, copies that miss, a request that runs,
    somebody who has left with what only she could open."""
    codes = [add_keeper(cast, name) for name in NAMES[:2]]
    add_keeper(cast, NAMES[2], confirm=False)
    make_copies(cast, "boba")
    give(codes[0], begin("boba"))
    with cast.acting("vera") as vera:
        invited = {"login_name": "jela", "display_name": "Jela", "roles": ["caseworker"], "language": "en"}
        departed, token = people.invite(**invited, address="jela@example.org", by=vera)
    people.enrol(token=token, user_id=departed, password=PASSWORD, totp_secret=totp.new_secret(), totp_step=-1)
    with cast.acting("vera") as vera:
        people.deactivate(person=User.objects.get(pk=departed), by=vera)
        waiting = next(row.id for row in database.rows("keepers_list") if row.confirmed_at is None)
    return {"keeper": waiting, "departed": departed}
