"""Identity cards that she may open, compared by the program: values stay in memory and are shown to nobody.

PostgreSQL opens them for ten seconds to one of three acts (config/database/functions/identity.sql): an exact search with
the second factor and a budget, the comparison of a request that she can open, the check of a text of one case.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.crypto import CannotOpen
from accounts.exceptions import NotAllowed, StepUpNeeded, WrongState
from accounts.models import User
from cases.choices import Purpose
from cases.models import Case, HelpRequest, IdentityEntry
from cases.services import matching
from cases.services.sealed import content

ENTRY = "identity.entry"


class SearchesSpent(WrongState):
    """She has searched as often within a day as one person may."""


def search(*, typed: str, by: User) -> frozenset[UUID]:
    """Ids of cases with exactly this number, e-mail, handle or full name on the card, or as a way to reach her.

    One entry in the log, without what was typed. Raises StepUpNeeded, SearchesSpent, NotAllowed.
    """
    contacts, name = matching.typed(typed)
    with audit.unit(), _reading("identity_read_begin", None):
        found = {
            case_id for case_id, one in _all_said(by) if one.exact in contacts or (one.words and one.exact == name)
        }
        return frozenset(found | _reached_by(contacts, by))


def same_as(*, request: HelpRequest, contacts: dict[str, object], by: User) -> frozenset[UUID] | None:
    """Ids of cases whose card has a value that stands among these contacts of a request; None: not compared any more today.

    Raises NotAllowed.
    """
    text = "\n".join(value for value in contacts.values() if isinstance(value, str))
    wanted, words = matching.contacts_in(text), frozenset(matching.words_in(text))
    try:
        with audit.unit(), _reading("identity_compare_begin", request.pk):
            return frozenset(
                case_id
                for case_id, one in _all_said(by)
                if one.exact in wanted or (" " in one.exact and words.issuperset(one.exact.split()))
            )
    except SearchesSpent:
        return None


def said_of_case(*, case_id: UUID, by: User) -> frozenset[matching.Said]:
    """What the card of one case is compared by; nothing where nothing stands on it. Raises NotAllowed."""
    entries = IdentityEntry.objects.filter(case_id=case_id, removed_at__isnull=True)
    ids = list(entries.values_list("pk", flat=True))
    if not ids:
        return frozenset()
    with _reading("identity_read_begin", case_id):
        texts = content.read(case_id=case_id, record_ids=ids, purpose=Purpose.IDENTITY, by=by)
    return frozenset(one for value in texts.values() for one in matching.said(value))


@contextmanager
def _reading(function: str, wanted: UUID | None) -> Iterator[None]:
    """Sealed cards are readable inside; where the database itself fails the transaction is gone, and the opening with it."""
    try:
        opening = database.value(function, wanted)
    except database.Refused as refused:
        if refused.reason == "step_up":
            raise StepUpNeeded from None
        if refused.reason == "budget":
            raise SearchesSpent(_("You have searched identities as often as one person may within a day.")) from None
        raise NotAllowed from None
    try:
        yield
    except (NotAllowed, CannotOpen):  # the transaction lives on
        database.value("identity_read_end", opening)
        raise
    database.value("identity_read_end", opening)


def _all_said(by: User) -> Iterator[tuple[UUID, matching.Said]]:
    cases = dict(IdentityEntry.objects.filter(removed_at__isnull=True).values_list("pk", "case_id"))
    for pk, value in content.read_fields(field=ENTRY, records=cases, purpose=Purpose.IDENTITY, by=by).items():
        for one in matching.said(value):
            yield cases[pk], one


def _reached_by(contacts: frozenset[str], by: User) -> set[UUID]:
    """Cases whose ways to reach her, of those that she holds, have one of these values."""
    if not contacts:
        return set()
    ids = {pk: pk for pk in Case.objects.visible_to(by).values_list("pk", flat=True)}
    opened = content.read_fields(field="case.reach", records=ids, purpose=Purpose.REACH, by=by)
    return {pk for pk, reach in opened.items() if contacts & matching.normalised(reach)}
