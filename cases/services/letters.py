"""Letters and phrases: those that are shipped, the organisation's own, and one filled in on a case.

What is filled in is shown and gone: it is stored only where she saves it as a note or a file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action, Role
from accounts.crypto import once
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases import knowledge, permissions
from cases.codes import FileKind, TemplateKind, TimelineKind
from cases.knowledge import label
from cases.models import Case, LetterTemplate
from cases.services import files, timeline

_PLACE = re.compile(r"\[[^\[\]]{1,300}\]")
EDITORS = frozenset({Role.CASEWORKER, Role.LAWYER, Role.COORDINATOR})


@dataclass(frozen=True)
class Template:
    """A text to fill in, whoever wrote it. `own` is the id of one of the organisation's."""

    code: str
    kind: str
    title: str
    body: str
    own: UUID | None = None
    is_draft: bool = False


def shipped(*, kind: str, language: str) -> Iterator[Template]:
    """Those that come with the programme, in one language."""
    file = knowledge.letters()
    for one in file.letters:
        if one.kind == kind:
            yield Template(
                one.id, one.kind, label(one, language), label(one.body, language), is_draft=not file.review.reviewed
            )


def language_for(*, case: Case, screen: str) -> str:
    """The language that a letter begins in: hers, in the script of the screen; that of the screen where we have none."""
    if screen.partition("-")[0] == case.language:
        return screen
    return case.language if case.language in dict(settings.LANGUAGES) else screen


def as_template(row: LetterTemplate) -> Template:
    return Template(str(row.pk), row.kind, row.title, row.body, own=row.pk)


def fill(*, template: Template, case: Case, language: str, by: User) -> str:
    """The text with what the page knows; square brackets stay for whoever writes."""
    with translation.override(language):
        day = date_format(timezone.localdate(), "DATE_FORMAT")
    known = {
        "{code}": case.code,
        "{date}": day,
        "{helpline}": settings.HELPLINE_NAME,
        "{person_who_writes}": by.display_name,
    }
    text = template.body
    for placeholder, value in known.items():
        text = text.replace(placeholder, value)
    return text


def places(text: str) -> list[str]:
    """What still waits to be filled in: the words in square brackets, each once."""
    return list(dict.fromkeys(" ".join(found.split()) for found in _PLACE.findall(text)))


def tell_written(*, case: Case, by: User) -> None:
    """A letter was made ready to be copied or printed: a line of the timeline, and nothing of its text."""
    permissions.require_action(by, "write_letter", case)
    with audit.unit() as entries:
        timeline.tell(case_id=case.pk, kind=TimelineKind.LETTER, detail="written", by=by)
        entries.record(Action.LETTER_WRITTEN, case.pk)


def keep_as_file(*, case: Case, nonce: UUID, text: str, by: User) -> None:
    """Keep the letter as a file of the case: plain text, as it was written. The same form sent twice keeps one.

    Raises what add_file raises.
    """
    called = _("letter")
    files.add_file(
        case=case,
        new=files.Upload(
            nonce=nonce,
            kind=FileKind.CORRESPONDENCE,
            name=f"{called}-{timezone.localdate().isoformat()}.txt",
            data=text.encode(),
            description=_("A letter written here"),
        ),
        by=by,
    )


# --- The organisation's own --------------------------------------------------------------------
def add_template(*, nonce: UUID, kind: TemplateKind, language: str, title: str, body: str, by: User) -> None:
    """Add a letter or phrase of the organisation. The same form sent twice adds one. Raises NotAllowed."""
    _require_editor(by)
    row = LetterTemplate(
        pk=uuid4(),
        nonce=once(nonce, kind, language, title, body),
        kind=kind,
        language=language,
        title=title,
        body=body,
        changed_at=timezone.now(),
        changed_by=by,
    )
    with audit.unit() as entries:
        if insert_once(row):
            entries.record(Action.TEMPLATE_ADDED, row.pk)


def change_template(*, template: LetterTemplate, title: str, body: str, seen: datetime, by: User) -> None:
    """Write title and body anew. `seen` is when the text before her was written. Raises NotAllowed, WrongState."""
    _require_editor(by)
    with audit.unit() as entries:
        rows = LetterTemplate.objects.filter(pk=template.pk, changed_at=seen, retired_at__isnull=True)
        if not rows.update(title=title, body=body, changed_at=timezone.now(), changed_by=by):
            raise WrongState(_("Somebody has changed this meanwhile. Look at it again; what you typed is still here."))
        entries.record(Action.TEMPLATE_CHANGED, template.pk)


def retire_template(*, template: LetterTemplate, by: User) -> None:
    """Take it off the list. Raises NotAllowed."""
    _require_editor(by)
    with audit.unit() as entries:
        rows = LetterTemplate.objects.filter(pk=template.pk, retired_at__isnull=True)
        if rows.update(retired_at=timezone.now(), changed_by=by):
            entries.record(Action.TEMPLATE_RETIRED, template.pk)


def _require_editor(by: User) -> None:
    if not any(by.has(role) for role in EDITORS):
        raise NotAllowed
