"""Walls as a filter. The wall rows themselves are closed; the database names to the actor the ids to leave out."""

from django.db.models import BooleanField, F, Func


def not_walled(column: str = "pk") -> Func:
    """True for rows that the person who acts may see as far as walls go; `column` holds a case's or a request's id."""
    template = "NOT (%(expressions)s = ANY ((SELECT app.walled())::uuid[]))"
    return Func(F(column), template=template, output_field=BooleanField())
