"""A person who works here, and apart from her everything that proves who she is.

There is no superuser and no group: the fields do not exist. Password hash and second factor are in tables that no
login role may read; the functions of config/database/functions/accounts.sql are the only way to them.
"""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.crypto import salted_hmac
from django_otp.models import Device

from accounts.choices import ALLOWED_ROLES, Role


class UserManager(BaseUserManager["User"]):
    """Finds people by what they type; makes nobody: inviting is a function of its own."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(login_name=username)


class User(AbstractBaseUser):
    """A caseworker, lawyer, coordinator or administrator."""

    password = None  # type: ignore[assignment]  # lives in Credential, out of reach of the web role
    last_login = None

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    login_name = models.CharField(max_length=60, unique=True)
    display_name = models.CharField(max_length=80)
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), default=list)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=10, default="en")
    theme = models.CharField(max_length=10, default="auto")
    session_epoch = models.UUIDField(default=uuid.uuid4, editable=False)
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    enrolled_at = models.DateTimeField(null=True)
    deactivated_at = models.DateTimeField(null=True)
    deactivated_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    # Not stored: what the door, the middleware and a list of people add to a person.
    devices: "list[TotpDevice | Passkey]"
    otp_device: "TotpDevice | Passkey | None"
    is_verified: Callable[[], bool]
    keyring: Any

    objects = UserManager()
    USERNAME_FIELD = "login_name"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="user_roles_are_a_stated_combination",
                condition=models.Q(
                    *[
                        models.Q(roles__contains=sorted(roles), roles__contained_by=sorted(roles))
                        for roles in ALLOWED_ROLES
                    ],
                    _connector=models.Q.OR,
                ),
            ),
            models.CheckConstraint(
                name="user_deactivated_pair",
                condition=models.Q(deactivated_at__isnull=True, deactivated_by__isnull=True, is_active=True)
                | models.Q(deactivated_at__isnull=False, deactivated_by__isnull=False, is_active=False),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    def get_session_auth_hash(self) -> str:
        """Changes with the epoch: a new password or a reset second factor ends all sessions."""
        return salted_hmac("accounts.session", str(self.session_epoch), algorithm="sha256").hexdigest()

    def get_session_auth_fallback_hash(self):
        """No fallback: changing SECRET_KEY signs everybody out."""
        yield from ()

    def has(self, role: str) -> bool:
        return role in self.roles


class MailAddress(models.Model):
    """Where the two constant texts go. Apart from User, because colleagues need a name, not an address."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="mail")
    address = models.EmailField(max_length=200)
    second = models.EmailField(max_length=200, blank=True)  # such as a gateway to her phone: urgent texts go there too


class Credential(models.Model):
    """The password's hash. Closed: no login role reads it."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="+")
    password_hash = models.CharField(max_length=200)
    pepper_version = models.PositiveSmallIntegerField()
    changed_at = models.DateTimeField()


class TotpDevice(Device):
    """A second factor by time-based codes (RFC 6238); its secret is sealed under TOTP_KEY. Closed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sealed_secret = models.BinaryField()
    last_step: models.BigIntegerField = models.BigIntegerField(
        default=-1
    )  # a code counts once: only a later step is accepted
    created_at = models.DateTimeField(null=True)  # unknown of those set up before this was noted

    class Meta(Device.Meta):
        constraints = [models.UniqueConstraint(fields=["user"], name="one_totp_device_a_person")]


class Passkey(Device):
    """A passkey or security key (WebAuthn): public half and id, of no use without the device. Closed.

    `name` is what its owner calls it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    credential_id = models.BinaryField(max_length=1023, unique=True)
    public_key = models.BinaryField(max_length=1000)
    sign_count = models.BigIntegerField(default=0)  # 0 for ever where the device does not count
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)  # its counter went back: there may be a copy


class SpentChallenge(models.Model):
    """A challenge that a passkey has answered: it counts once. Kept for a day, longer than it is good for. Closed."""

    challenge_hash = models.BinaryField(primary_key=True, max_length=32)
    spent_at = models.DateTimeField()


class Invitation(models.Model):
    """A link that lets one person enrol once. Only the token's hash is kept. Closed."""

    token_hash = models.BinaryField(primary_key=True, max_length=32)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
