"""What several pages need."""

from django.db.models import TextChoices
from django.http import HttpRequest, QueryDict


def page_number(request: HttpRequest) -> int:
    """The page asked for; anything that is no number is the first page."""
    asked = request.GET.get("page", "1")
    return max(1, min(int(asked), 10_000)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to; also when a POST came with nothing in it."""
    return request.POST if request.method == "POST" else None


def labels(choices: type[TextChoices]) -> dict[str, str]:
    """Words by code in the reader's language, looked up once for a whole list."""
    return {code: str(label) for code, label in choices.choices}
