"""What came of it that she was sent on to another service. Until somebody says so, the day comes back to the team."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action
from accounts.exceptions import WrongState
from accounts.models import User
from cases.choices import ReferralAnswer, RequestState
from cases.models import HelpRequest


def note_answer(*, request: HelpRequest, answer: str, seen: str, by: User) -> None:
    """They have answered, or never will. A second click changes nothing.

    Raises WrongState where it is not referred any more, or somebody has noted another answer than the one `seen`.
    """
    with audit.unit() as entries:
        current = HelpRequest.objects.select_for_update(of=("self",)).filter(pk=request.pk).first()
        if current is None or current.state != RequestState.REFERRED_OUT:
            raise WrongState(_("Somebody has dealt with this request meanwhile. Look at it again."))
        if current.referral_answer == answer:
            return
        if current.referral_answer != seen:
            raise WrongState(_("Somebody has noted another answer meanwhile. Look at it again."))
        current.referral_answer = ReferralAnswer(answer)
        current.referral_answered_at, current.referral_answered_by = timezone.now(), by
        current.save(update_fields=["referral_answer", "referral_answered_at", "referral_answered_by"])
        entries.record(Action.REFERRAL_ANSWERED, request.pk, detail=answer)
