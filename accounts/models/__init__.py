"""People, their keys, their sessions, and the log of what was done."""

from accounts.models.audit import AnchorMail, AuditAnchor, AuditEvent, AuditHead
from accounts.models.delayed import DelayedAct
from accounts.models.health import Acceptance, BackupKey, Heartbeat
from accounts.models.keepers import Ceremony, CeremonyCase, CeremonyPart, KeeperCopy, KeyKeeper
from accounts.models.keys import KeyBox, PublicKey, Team, TeamMember, Vouch
from accounts.models.session import Session, Throttle, UnlockedKey
from accounts.models.user import (
    Credential,
    Invitation,
    MailAddress,
    Passkey,
    SpentChallenge,
    TotpDevice,
    User,
)

__all__ = [
    "Acceptance",
    "AnchorMail",
    "AuditAnchor",
    "AuditEvent",
    "AuditHead",
    "BackupKey",
    "Ceremony",
    "CeremonyCase",
    "CeremonyPart",
    "Credential",
    "DelayedAct",
    "Heartbeat",
    "Invitation",
    "KeeperCopy",
    "KeyBox",
    "KeyKeeper",
    "MailAddress",
    "Passkey",
    "PublicKey",
    "Session",
    "SpentChallenge",
    "Team",
    "TeamMember",
    "Throttle",
    "TotpDevice",
    "UnlockedKey",
    "User",
    "Vouch",
]
