"""The identity card: opened with a reason for five minutes, written by lead and backup, every version kept.

PostgreSQL shows the sealed card only while an opening lasts (app.identity_open judges second factor and budget).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action
from accounts.crypto import once
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState, refusal
from accounts.models import User
from cases import permissions
from cases.access.identity import budget_left, may_identify, one_more, open_until
from cases.choices import CaseState, Purpose
from cases.codes import ApprovalKind, ApprovalState, TimelineKind
from cases.compartments import OpeningKind, OpeningReason, TextState
from cases.models import Case, IdentityEntry, IdentityOpening, TextCheck
from cases.policies import allowed_actions, opening_reasons
from cases.services import matching, timeline
from cases.services.approvals import ask_approval
from cases.services.held import ENTRY
from cases.services.sealed import content

REASON, WORDS = "identity.reason", "case.words"
NOT_EVERYWHERE = (OpeningReason.CORRECT, OpeningReason.OTHER)  # only these ask for her permissions


class BudgetSpent(WrongState):
    """She has opened as many identities within a day as one person may alone."""


def closed() -> str:
    return _("The identity card is closed. Open it first.")


def budget_spent() -> str:
    """In the language that is active: a paper for her is made in another one than the page."""
    return _("You have opened ten identities within a day. For one more, ask a second person.")


def explain(refused: database.Refused) -> Exception:
    """What PostgreSQL's answer means for whoever asked."""
    if refused.reason == "budget":
        return BudgetSpent(budget_spent())
    return refusal(refused.reason, {})


def open_card(*, case: Case, reason: OpeningReason, text: str, by: User) -> None:
    """Open the card for five minutes; everybody on the case sees it. A second click finds it open.

    Raises StepUpNeeded, BudgetSpent, NotAllowed; WrongState: a reason that she cannot have here.
    """
    if reason in NOT_EVERYWHERE and reason not in _reasons(case, by):
        raise WrongState(_("The card is not opened for this reason here. Choose another."))
    opening = uuid4()
    with audit.unit() as entries:
        try:
            database.value("identity_open", case.pk, opening, str(reason))
        except database.Refused as refused:
            why = explain(refused)
            if isinstance(why, NotAllowed):
                entries.record(
                    Action.IDENTITY_OPENED, case.pk, detail=str(reason)
                )  # what is raised makes it an attempt
            raise why from None
        new = text and case.state == CaseState.OPEN and IdentityOpening.objects.filter(pk=opening).exists()
        if new:
            content.write(case_id=case.pk, record_id=opening, field=REASON, value=text, purpose=Purpose.CONTENT, by=by)


def _reasons(case: Case, by: User) -> list[OpeningReason]:
    return opening_reasons(allowed_actions(permissions.permissions_of(by, case), case.state), case.state)


def close_card(*, case: Case, by: User) -> None:
    """Close it before the time is over. A second click changes nothing."""
    with audit.unit() as entries:
        database.value("identity_close", case.pk)
        entries.record(Action.IDENTITY_CLOSED, case.pk)


def ask_for_more(*, case: Case, reason: str, by: User) -> None:
    """Ask a second person of the case for one more opening within the day; asked in the same words it is a second click.

    Raises WrongState, NotAllowed.
    """
    if not may_identify(by, case):
        raise NotAllowed
    if budget_left(OpeningKind.CARD):
        raise WrongState(_("You can still open this card by yourself."))
    waits = one_more(by, case)
    if waits is not None and waits.state == ApprovalState.ASKED:
        said = content.read(case_id=case.pk, record_ids=[waits.pk], purpose=Purpose.CONTENT, by=by)
        if said.get((waits.pk, "approval.reason")) == reason:
            return
        raise WrongState(
            _(
                "You have asked a second person already, in other words. What you typed is still here: withdraw the first."
            )
        )
    ask_approval(case=case, kind=ApprovalKind.OPEN_IDENTITY, reason=reason, by=by)


@dataclass(frozen=True)
class Card:
    """An open card: what its entries say, by their ids, and the survivor's original words. Empty while it is closed."""

    said: dict[UUID, dict[str, str]]
    words: str

    def of(self, entries: Iterable[IdentityEntry]) -> list[tuple[IdentityEntry, dict[str, str]]]:
        """These entries with what they say, in their order; without those that are not on this card."""
        return [(entry, self.said[entry.pk]) for entry in entries if entry.pk in self.said]


def read_card(*, case: Case, by: User) -> Card:
    """What the card says, while it is open to her. Raises NotHeld, crypto.CannotOpen."""
    texts = content.read_card(case_id=case.pk, by=by)
    said = {record_id: value for (record_id, field), value in texts.items() if field == ENTRY}
    return Card(said, texts.get((case.pk, WORDS), ""))


def add_entry(*, case: Case, nonce: UUID, values: dict[str, str], by: User) -> None:
    """Add an entry. The same form sent twice adds one. Needs no open card: writing shows nothing.

    Raises WrongState: while the card is open, what stands on it already is not put there twice. A locked card says
    nothing of what stands on it, so there it is added, and is marked once somebody opens the card.
    """
    permissions.require_action(by, "change_identity", case)
    entry = IdentityEntry(
        pk=uuid4(),
        case=case,
        nonce=once(nonce, *sorted(values.items())),
        added_at=timezone.now(),
        added_by=by,
    )
    with audit.unit() as entries:
        known = _standing(case, by)
        if insert_once(entry):
            _refuse_double(values, known)
            content.write(
                case_id=case.pk, record_id=entry.pk, field=ENTRY, value=values, purpose=Purpose.IDENTITY, by=by
            )
            _tell(case, entry, Action.IDENTITY_ADDED, entries, by)


def _standing(case: Case, by: User, *, besides: UUID | None = None) -> frozenset[matching.Said]:
    """What stands on the card, as it is compared; nothing while it is closed to her."""
    if open_until(case) is None:
        return frozenset()
    said = read_card(case=case, by=by).said
    live = IdentityEntry.objects.filter(case=case, removed_at__isnull=True).values_list("pk", flat=True)
    values = (matching.said(said[pk]) for pk in live if pk in said and pk != besides)
    return frozenset[matching.Said]().union(*values)


def _refuse_double(values: dict[str, str], known: frozenset[matching.Said]) -> None:
    if matching.said(values) & known:
        raise WrongState(_("This stands on the card already."))


def doubles(entries: Iterable[tuple[IdentityEntry, dict[str, str]]]) -> set[UUID]:
    """Which of the entries say what an earlier one says already."""
    found: set[UUID] = set()
    before: set[matching.Said] = set()
    for entry, values in sorted(entries, key=lambda row: (row[0].added_at, row[0].pk)):
        said = matching.said(values)
        if said & before:
            found.add(entry.pk)
        before |= said
    return found


def entry_versions(*, case: Case, entry: IdentityEntry, by: User) -> list[content.Version]:
    """Every version of an entry, newest first; empty while the card is closed to her."""
    return content.versions(case_id=case.pk, record_id=entry.pk, field=ENTRY, purpose=Purpose.IDENTITY, by=by)


def change_entry(*, case: Case, entry: IdentityEntry, values: dict[str, str], seen: int, by: User) -> None:
    """Write the next version of an entry; older ones stay.

    Raises WrongState: somebody was first, it was taken off, or another entry says it already; StepUpNeeded: the card has
    closed since she had it before her, and she has not just confirmed that it is she.
    """
    permissions.require_action(by, "change_identity", case)
    newest = entry_versions(case=case, entry=entry, by=by)[:1]
    if newest and (newest[0].value, newest[0].revision) == (values, seen + 1):
        return  # a second click
    with audit.unit() as entries:
        if not IdentityEntry.objects.filter(pk=entry.pk, removed_at__isnull=True).exists():
            raise WrongState(_("This was taken off the card meanwhile. What you typed is still here."))
        _refuse_double(values, _standing(case, by, besides=entry.pk))
        content.revise(
            case_id=case.pk, record_id=entry.pk, field=ENTRY, value=values, purpose=Purpose.IDENTITY, seen=seen, by=by
        )
        _tell(case, entry, Action.IDENTITY_CHANGED, entries, by)


def remove_entry(*, case: Case, entry: IdentityEntry, by: User) -> None:
    """Take an entry off the open card; it stays in the history. A second click changes nothing. Raises WrongState."""
    permissions.require_action(by, "change_identity", case)
    _set_removed(case, entry, False, {"removed_at": timezone.now(), "removed_by": by}, by)


def restore_entry(*, case: Case, entry: IdentityEntry, by: User) -> None:
    """Undo: it stands on the open card again. Raises WrongState: closed, or another entry says it meanwhile."""
    permissions.require_action(by, "change_identity", case)
    _refuse_double(read_card(case=case, by=by).said.get(entry.pk, {}), _standing(case, by, besides=entry.pk))
    _set_removed(case, entry, True, {"removed_at": None, "removed_by": None}, by)


def _set_removed(case: Case, entry: IdentityEntry, was: bool, values: dict[str, Any], by: User) -> None:
    if open_until(case) is None:
        raise WrongState(closed())
    with audit.unit() as entries:
        rows = IdentityEntry.objects.filter(pk=entry.pk, case=case, removed_at__isnull=not was)
        if rows.update(**values):
            if was:  # what stands on the card again is looked for in what was written meanwhile
                TextCheck.objects.filter(case=case).update(state=TextState.UNCHECKED, checked_at=None)
            _tell(case, entry, Action.IDENTITY_CHANGED if was else Action.IDENTITY_REMOVED, entries, by)


def _tell(case: Case, entry: IdentityEntry, action: Action, entries: audit.Entries, by: User) -> None:
    timeline.tell(case_id=case.pk, kind=TimelineKind.IDENTITY, record_id=entry.pk, detail="card", by=by)
    entries.record(action, case.pk)
