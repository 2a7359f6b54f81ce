"""Files of a case somebody has opened."""

from uuid import UUID

from django.http import Http404

from accounts.models import User
from accounts.paging import Page, cut
from cases.access import OpenedCase
from cases.models import CaseFile


def list_files(opened: OpenedCase, *, page: int) -> Page:
    """Files, newest first; of those taken out the shell."""
    files = CaseFile.objects.filter(case=opened.case).select_related("uploaded_by", "removed_by")
    return cut(files.order_by("-uploaded_at", "pk"), page)


def get_file(opened: OpenedCase, file_id: UUID) -> CaseFile:
    """A file of this case. Raises Http404."""
    found = CaseFile.objects.filter(case=opened.case, pk=file_id).select_related("case", "uploaded_by").first()
    if found is None:
        raise Http404
    return found


def may_remove(opened: OpenedCase, file: CaseFile, user: User) -> bool:
    """Whether a page offers it: her own upload, or lead and backup. The database judges again."""
    if file.removed_at is not None or "remove_file" not in opened.actions:
        return False
    return file.uploaded_by_id == user.pk or "end_assignment" in opened.actions
