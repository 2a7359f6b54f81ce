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


_CASEWORKER, _LAWYER = (Role.CASEWORKER,), (Role.LAWYER,)
FIRST = Account("vera", "Vera M.", (Role.ADMINISTRATOR,), "en", "invites and deactivates people; sees no case at all")
COLLEAGUES = (
    Account("ana", "Ana K.", _CASEWORKER, "en", "new requests, restricted ones too; leads many cases"),
    Account("boba", "Boba S.", _CASEWORKER, "en", "the second of intake; leads many cases, backup on others"),
    Account("ceca", "Ceca D.", _CASEWORKER, "en", "logs calls, and cannot read them back; works on cases of others"),
    Account("sanja", "Sanja L.", _CASEWORKER, "sr-latn", "the senior: leads cases, looks after her colleagues"),
    Account("besa", "Besa G.", _CASEWORKER, "sq", "leads the cases in Albanian; is away this week"),
    Account("lana", "Lana P.", _LAWYER, "en", "reads her cases without a name in them; is asked onto another"),
    Account("ljilja", "Ljilja R.", _LAWYER, "en", "is asked onto two cases, but nobody has vouched for her key yet"),
    Account("dara", "Dara V.", _LAWYER, "sr", "a lawyer on cases of three caseworkers"),
    Account("arta", "Arta H.", _LAWYER, "sq", "the lawyer for Kosovo and Albania"),
    Account("koka", "Koka T.", (Role.COORDINATOR,), "en", "the work board: who holds what, what is late, no content"),
)
# Invited last of all: where she is, the demo is complete.
LAST = Account("mina", "Mina B.", _CASEWORKER, "en", "was invited and has not enrolled")
ACCOUNTS = (FIRST, *COLLEAGUES, LAST)


@dataclass(frozen=True)
class Keeper:
    """A key keeper: no account, only a code on paper (accounts/demo.py), printed by demo_accounts."""

    name: str
    language: str

    @property
    def address(self) -> str:
        return f"{self.name.lower()}@example.net"


KEEPERS = (Keeper("Mira", "sr-latn"), Keeper("Nada", "en"), Keeper("Olga", "en"))
