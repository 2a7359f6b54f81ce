"""The core questions of the risk screen, asked while it is still a request."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action
from accounts.exceptions import WrongState
from accounts.models import User
from cases.access import OPEN_REQUESTS
from cases.choices import MinorFlag, Risk
from cases.knowledge import risk_screen
from cases.knowledge.risk import Assessment, assess
from cases.knowledge.screen import YES
from cases.models import HelpRequest
from cases.services import opening_hours
from cases.services.sealed import inbox

URGENT = "urgent"  # a line of the request's history: from here it is urgent, and PostgreSQL alerts (app.urgency_begins)
_ORDER = (Risk.UNKNOWN, Risk.STANDARD, Risk.ELEVATED, Risk.HIGH, Risk.IMMEDIATE)


def assessed(request: HelpRequest, answers: Mapping[str, str]) -> Assessment:
    """The level that answers lead to, with its reasons."""
    return assess(answers, minor=request.concerns_minor)


def rate_risk(*, request: HelpRequest, answers: Mapping[str, str], by: User) -> Assessment:
    """Seal the answers to the team and note the level. A higher one shortens the clock at once; neither is eased here.

    A yes to "under 18" marks the request. Raises WrongState when somebody has dealt with the request meanwhile.
    """
    result = assessed(request, answers)
    with audit.unit() as entries:
        current = HelpRequest.objects.select_for_update().filter(pk=request.pk, state__in=OPEN_REQUESTS).first()
        if current is None:
            raise WrongState(_("Somebody has dealt with this request meanwhile. Look at it again."))
        level = max(Risk(current.risk), Risk(result.level.id), key=_ORDER.index)
        begins = level == Risk.IMMEDIATE and not (current.is_urgent or current.risk == level)
        sooner = opening_hours.respond_by(received_at=current.received_at, risk=level)
        current.risk, current.respond_by = level, min(current.respond_by, sooner)
        if _says_minor(answers) and not current.concerns_minor:
            current.minor = MinorFlag.NOW
        current.save(update_fields=["risk", "respond_by", "minor"])
        inbox.revise_request(request=request, field=inbox.RISK, value=dict(answers), by=by)
        if begins:
            inbox.revise_request(request=request, field=inbox.CHANGES, value=[URGENT], by=by)
        entries.record(Action.REQUEST_RISK_RATED, request.pk, detail=str(level))
    return result


def _says_minor(answers: Mapping[str, str]) -> bool:
    return any(answers.get(question.id) == YES for question in risk_screen().questions if question.flag == "minor")
