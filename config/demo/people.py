"""The people of the practice installation. All are invented; family names are left out so that none is anybody's."""

from dataclasses import dataclass

from accounts.choices import Role

PASSWORD = "topla luka mirno more"  # noqa: S105 - printed by demo_accounts; practice installations only


@dataclass(frozen=True)
class Account:
    """One of the demo people. `task` says to a newcomer what to try with this account."""

    login_name: str
    display_name: str
    roles: tuple[str, ...]
    language: str
    task: str

    @property
    def address(self) -> str:
        return f"{self.login_name}@example.org"


FIRST = Account("vera", "Vera M.", (Role.ADMINISTRATOR,), "en", "invites and deactivates people; sees no case at all")
COLLEAGUES = (
    Account("ana", "Ana K.", (Role.CASEWORKER,), "en", "new requests, restricted ones too; leads three cases"),
    Account("boba", "Boba S.", (Role.CASEWORKER,), "en", "the second of intake; leads a case, backup on another"),
    Account("ceca", "Ceca D.", (Role.CASEWORKER,), "en", "logs calls, and cannot read them back; works on one case"),
    Account("lana", "Lana P.", (Role.LAWYER,), "en", "reads two cases without a name in them; is asked onto a third"),
    Account(
        "ljilja", "Ljilja R.", (Role.LAWYER,), "en", "is asked onto a case, but nobody has vouched for her key yet"
    ),
    Account("koka", "Koka T.", (Role.COORDINATOR,), "en", "the work board: who holds what, what is late, no content"),
)
# Invited last of all: where she is, the demo is complete.
LAST = Account("mina", "Mina B.", (Role.CASEWORKER,), "en", "was invited and has not enrolled")
ACCOUNTS = (FIRST, *COLLEAGUES, LAST)
