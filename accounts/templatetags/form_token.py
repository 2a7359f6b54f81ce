"""`{% csrf_token %}` of every page: the field of `csrf_field`, which also says for whom the page was made."""

from django import template

from accounts.templatetags.sidro import csrf_field

register = template.Library()
register.simple_tag(csrf_field, takes_context=True, name="csrf_token")
