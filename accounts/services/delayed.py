"""Acts that need two people, done by one after a delay because nobody else is able. PostgreSQL judges each step."""

from uuid import UUID

from accounts import audit, crypto, database, hooks
from accounts.exceptions import WrongState
from accounts.models import PublicKey, User
from accounts.services.keepers import said
from accounts.services.people import REASONS, explain


def announce(*, rule: str, record_id: UUID, by: User) -> None:
    """Announce such an act to everybody; it can be done after the rule's delay. Raises WrongState, NotAllowed."""
    try:
        with audit.unit():
            database.value("delayed_ask", rule, record_id)
    except database.Refused as refused:
        raise explain(refused) from None


def cancel(*, act_id: UUID, by: User) -> None:
    """Stop an announced act. Raises WrongState."""
    try:
        with audit.unit():
            database.value("delayed_cancel", act_id)
    except database.Refused as refused:
        raise explain(refused) from None


def do(*, act_id: UUID, words: str = "", by: User) -> None:
    """Do what was announced, once it is due and while nobody else is able. Raises WrongState, NotAllowed, StepUpNeeded.

    Of a vouching, `words` are what she whose key it is read out.
    """
    act = next((row for row in database.rows("delayed_list", 200) if row.id == act_id and row.mine), None)
    if act is None:
        raise WrongState(REASONS["wrong_state"]())
    proof = _read_out(act.record_id, words) if act.rule == "vouch" else b""
    try:
        with audit.unit():
            database.value("delayed_do", act_id, proof)
            for finish in hooks.delayed_done:
                finish(act.rule, act.record_id, by)
    except database.Refused as refused:
        raise explain(refused) from None


def _read_out(user_id: UUID, words: str) -> bytes:
    key = PublicKey.objects.filter(user_id=user_id, retired_at__isnull=True).first()
    print_ = crypto.fingerprint(key.public_key) if key is not None else b""
    if not print_ or said(words) != crypto.fingerprint_words(print_):
        raise WrongState(REASONS["fingerprint_differs"]())
    return print_


def review(*, act_id: UUID, by: User) -> None:
    """Say that an act done by one person was looked through by another. Raises NotAllowed."""
    try:
        with audit.unit():
            database.value("delayed_review", act_id)
    except database.Refused as refused:
        raise explain(refused) from None
