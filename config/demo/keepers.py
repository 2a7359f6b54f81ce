"""The key keepers of the practice installation: three invented people whose codes can be made again from their names."""

from accounts import crypto
from accounts.demo import demo_keeper_code
from accounts.keeper_access import list_keepers
from accounts.services import keepers
from config.demo.acting import Players
from config.demo.people import FIRST, KEEPERS

CONFIRMS = "ana"
STILL_TO_SIGN_IN = "besa"  # she is away, so the page shows whose copies miss


def set_up(players: Players) -> None:
    """Named by the administrator, the codes made, each confirmed by voice by a member of intake."""
    for keeper in KEEPERS:
        with players.acting(FIRST.login_name) as by:
            token = keepers.invite(name=keeper.name, address=keeper.address, language=keeper.language, by=by)
        code = demo_keeper_code(keeper.name)
        keepers.make_key(token=token, code=code)
        words = crypto.fingerprint_words(crypto.fingerprint(crypto.keeper_pair(code).public))
        with players.acting(CONFIRMS) as by:
            found = next(seen.row for seen in list_keepers() if seen.row.name == keeper.name)
            keepers.confirm_by_words(keeper=found, words=" ".join(words), by=by)


def make_copies(players: Players) -> None:
    """What each sign-in does, of everybody who has enrolled but one."""
    for name in players.names():
        if name != STILL_TO_SIGN_IN:
            with players.acting(name) as by:
                keepers.make_copies(private_key=by.keyring.private_key, by=by)
