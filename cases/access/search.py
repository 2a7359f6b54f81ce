"""What a search may look at: her own open cases, and a code that she typed."""

from uuid import UUID

from django.db.models import OuterRef, Subquery

from accounts import audit
from accounts.choices import Action, Role
from accounts.models import User
from cases.access import CODE, require_role
from cases.choices import CaseState
from cases.models import Case, HelpRequest, TimelineEntry

LOOKED_THROUGH = 200


def cases_to_search(user: User) -> tuple[list[UUID], int]:
    """Ids of her open cases, most recently worked on first, at most 200; and how many more there are."""
    require_role(user, Role.CASEWORKER, Role.LAWYER)
    newest = TimelineEntry.objects.filter(case=OuterRef("pk")).order_by("-at").values("at")[:1]
    cases = Case.objects.visible_to(user).filter(state=CaseState.OPEN).annotate(newest=Subquery(newest))
    ids = list(cases.order_by("-newest", "pk").values_list("pk", flat=True))
    return ids[:LOOKED_THROUGH], max(0, len(ids) - LOOKED_THROUGH)


def still_visible(user: User, case_ids: list[UUID]) -> list[UUID]:
    """Those of them that she may still see, in the same order."""
    require_role(user, Role.CASEWORKER, Role.LAWYER)
    seen = set(Case.objects.visible_to(user).filter(pk__in=case_ids).values_list("pk", flat=True))
    return [case_id for case_id in case_ids if case_id in seen]


def codes_of(user: User, case_ids: list[UUID]) -> dict[UUID, str]:
    """Codes of cases that she may see."""
    return dict(Case.objects.visible_to(user).filter(pk__in=case_ids).values_list("pk", "code"))


def find_code(user: User, typed: str, *, surely: bool = True) -> tuple[str, str] | None:
    """URL name and code of the case or the request that she means; None for hidden and missing alike.

    What is perhaps a word, and not `surely` a code, is not logged as a code that was refused.
    """
    require_role(user, Role.CASEWORKER, Role.LAWYER)
    code = well_formed(typed)
    if code and Case.objects.visible_to(user).filter(code=code).exists():
        return "cases:case_detail", code
    if code and user.has(Role.CASEWORKER) and HelpRequest.objects.visible_to(user).filter(code=code).exists():
        return "cases:request_detail", code
    if code and surely:
        audit.refused(Action.CODE_SEARCHED, code)
    return None


def reads_as_code(typed: str) -> bool:
    """Whether it can only be meant as a code: a word of eight letters can be made of the same letters."""
    return bool(well_formed(typed)) and any(one.isdigit() or one == "-" for one in typed)


def well_formed(typed: str) -> str:
    """A code as it is written here, from one typed in small letters or without the dash; nothing for anything else."""
    plain = "".join(typed.upper().split()).replace("-", "")
    code = f"{plain[:4]}-{plain[4:]}"
    return code if CODE.match(code) else ""
