"""Inviting, enrolling, deactivating, vouching."""

import re
import secrets
from datetime import timedelta
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, crypto, database
from accounts.choices import ALLOWED_ROLES, Action
from accounts.crypto import token_hash
from accounts.exceptions import WrongState, refusal
from accounts.models import PublicKey, User
from accounts.services import proofs

INVITATION_AGE = timedelta(days=7)

CYRILLIC = str.maketrans("бдфгхјклмнпрствзаиоу", "bdfghjklmnprstvzaiou")  # words typed with the other script

REASONS = {
    "login_name_taken": lambda: _("This sign-in name is taken. Choose another one."),
    "wrong_state": lambda: _("This is not possible any more. Look at the page again."),
    "last_administrator": lambda: _("She is the last administrator. Make somebody else administrator first."),
    "invitation_used": lambda: _("This invitation was used or has ended. Ask for a new one."),
    "fingerprint_differs": lambda: _(
        "These are not the words of this key. Let her read them out again, slowly. If they still differ, do not go on:"
        " somebody may have put another key in the place of hers. Tell the people who look after the system."
    ),
    "team_exists": lambda: _("This team has been set up already."),
    "team_full": lambda: _("Restricted intake has three people at the most."),
    "not_vouched": lambda: _("Nobody has vouched for her key yet. Read the words with her first."),
    "last_device": lambda: _("This is your only device for signing in. Add another one first."),
    "passkey_known": lambda: _("This passkey is in use already. Take another device."),
    "too_many_devices": lambda: _("You have ten passkeys, and that is the most. Remove one first."),
    "role_does_not_fit": lambda: _("Her roles do not allow it."),
    "keeper_works_here": lambda: _("A key keeper is somebody who does not work here. Name another person."),
    "keepers_enough": lambda: _("There are four keepers, three and one who takes over. Retire one first."),
    "keepers_too_few": lambda: _("Two keepers have to stay, or nobody can open a key. Add a new one first."),
    "too_early": lambda: _("It is too early. The page says from when on it goes."),
    "same_keeper": lambda: _("You gave your code already. The second code has to come from another keeper."),
    "no_copy": lambda: _("There is no copy of this key that your code opens. Ask another keeper to begin."),
    "does_not_open": lambda: _(
        "This does not open. Somebody may have changed what is stored. Stop, and tell the people who look after the"
        " system."
    ),
    "opened_already": lambda: _(
        "The second keeper has given her code already: what was opened cannot be recalled. If this was not meant to be,"
        " let an administrator deactivate the account at once."
    ),
    "people_able": lambda: _("There are colleagues who can do this with you now. Ask one of them."),
    "answered": lambda: _("This has been answered or withdrawn meanwhile."),
    "overtaken": lambda: _("Something newer stands against it. Withdraw the question."),
    "blocked": lambda: _("Something keeps this case open again. Look at what it is first."),
}


def explain(refused: database.Refused) -> Exception:
    """The database's short code as an exception with words."""
    return refusal(refused.reason, REASONS)


def invite(
    *, login_name: str, display_name: str, roles: list[str], language: str, address: str, by: User | None
) -> tuple[UUID, str]:
    """Invite a person; returns her id and the token of her link, shown once and kept as a hash.

    The inviter never vouches for her: an administrator cannot invite herself into a case.
    Raises WrongState (name taken, roles not a stated combination), NotAllowed.
    """
    if frozenset(roles) not in ALLOWED_ROLES:
        raise WrongState(_("These roles cannot be held together."))
    person, token = uuid4(), secrets.token_urlsafe(32)
    try:
        with audit.unit() as entries:
            database.value(
                "person_invite",
                person,
                login_name,
                display_name,
                sorted(roles),
                language,
                address,
                token_hash(token),
                timezone.now() + INVITATION_AGE,
            )
            entries.record(Action.PERSON_INVITED, person)
    except database.Refused as refused:
        raise explain(refused) from None
    return person, token


def renew_invitation(*, person: User, by: User | None) -> str:
    """A new link for somebody who has not enrolled yet; the old one ends. Returns the token."""
    token = secrets.token_urlsafe(32)
    try:
        with audit.unit() as entries:
            database.value("invitation_renew", person.pk, token_hash(token), timezone.now() + INVITATION_AGE)
            entries.record(Action.PERSON_INVITED, person.pk)
    except database.Refused as refused:
        raise explain(refused) from None
    return token


def enrol(*, token: str, user_id: UUID, password: str, totp_secret: bytes, totp_step: int) -> str:
    """Make her pair, seal it, use up the invitation. Returns the recovery code, to be shown once.

    Takes time: call it with no transaction open. Raises WrongState when the link was used meanwhile.
    """
    pair = crypto.new_pair()
    proof = proofs.make_proof(
        user_id=user_id,
        password=password,
        private_key=pair.private,
        totp_secret=totp_secret,
        totp_step=totp_step,
        device_id=uuid4(),
    )
    columns = {
        **proof.columns,
        "public_key_id": str(uuid4()),
        "public_key": pair.public.hex(),
        "fingerprint": crypto.fingerprint(pair.public).hex(),
    }
    try:
        with audit.unit():
            database.value("invitation_use", token_hash(token), columns)
    except database.Refused as refused:
        raise explain(refused) from None
    return proof.recovery_code


def deactivate(*, person: User, by: User) -> int:
    """End her access at once, in one transaction: sessions, keys, permission rows, wraps.

    Returns how many dates of erased cases nobody holds now: a coordinator gives them to somebody.

    Nobody deactivates herself: the log would not say who did it, and a slip could not be undone.
    """
    if person.pk == by.pk:
        raise WrongState(_("You cannot deactivate yourself. Ask another administrator."))
    try:
        with audit.unit() as entries:
            unheld: int = database.value("person_deactivate", person.pk)
            entries.record(Action.PERSON_DEACTIVATED, person.pk)
    except database.Refused as refused:
        raise explain(refused) from None
    return unheld


def vouch(*, key: PublicKey, fingerprint: bytes, by: User) -> None:
    """Say that this key's words were read with the person by voice. The database checks who may."""
    try:
        with audit.unit():
            database.value("key_vouch", key.pk, fingerprint)
    except database.Refused as refused:
        raise explain(refused) from None


def vouch_by_words(*, key: PublicKey, words: str, by: User) -> None:
    """Vouch with the six words the person read out. They are compared with the key itself, not with a stored print.

    Wrong words are noted as an attempt: they are a slip, or a key that somebody put in the place of hers.
    """
    fingerprint = crypto.fingerprint(key.public_key)
    said = re.findall(r"[a-z]+", words.casefold().translate(CYRILLIC))
    if said != crypto.fingerprint_words(fingerprint):
        with audit.unit() as entries:
            entries.record(Action.KEY_VOUCHED, key.user_id, detail="words_differ")
            raise WrongState(REASONS["fingerprint_differs"]())
    vouch(key=key, fingerprint=fingerprint, by=by)


def choose(*, language: str = "", theme: str = "", by: User) -> None:
    """Keep the language and the colours a person chose."""
    chosen = {name: value for name, value in (("language", language), ("theme", theme)) if value}
    User.objects.filter(pk=by.pk).update(**chosen)


def set_second_address(*, address: str, by: User) -> None:
    """Where urgent texts go as well, such as a gateway to her phone; empty takes it away. Raises NotAllowed."""
    try:
        with audit.unit() as entries:
            database.value("second_address_set", address)
            entries.record(Action.SECOND_ADDRESS_SET, by.pk, detail="set" if address else "taken_away")
    except database.Refused as refused:
        raise explain(refused) from None
