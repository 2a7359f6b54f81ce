"""Forms over lines that others may change at the same time: each line carries what she saw of it."""

from typing import Any, Self

from django import forms
from django.utils.translation import gettext

from accounts.plain_forms import PlainForm
from accounts.templatetags.sidro import short_time


class SeenForm(PlainForm):
    """Only what she changed is written; where somebody else was faster with the same line, both are shown.

    `initial` is what stands there now.
    """

    def carry(self, *names: str) -> None:
        """These lines carry what she saw."""
        for name in names:
            self.fields[name].show_hidden_initial = True

    @property
    def carried(self) -> list[str]:
        return [name for name, field in self.fields.items() if field.show_hidden_initial]

    def changed_values(self) -> dict[str, Any]:
        """What she changed, not what somebody else changed while her page was open."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.carried}

    def overtaken(self) -> list[str]:
        """Lines that she changed and somebody else has changed meanwhile, to something else than she did."""
        now = self.initial
        return [name for name, wanted in self.changed_values().items() if self.seen(name) != now[name] != wanted]

    def seen(self, name: str) -> Any:
        """What stood in a line when her page was made; what stands there now where the page does not say it."""
        bound = self[name]
        try:
            return bound.field.to_python(self.data[bound.html_initial_name])
        except (KeyError, forms.ValidationError):
            return self.initial[name]

    def on_top(self, **more: Any) -> Self:
        """What she chose, on top of what stands there now (`initial` in `more`, or as before): sent anew, it counts."""
        options = {"initial": self.initial, **more}
        data = dict(self.data.items())
        for name in self.carried:
            now = "" if options["initial"][name] is None else str(options["initial"][name])
            data[self[name].html_initial_name] = now
            if name not in self.changed_data:
                data[name] = now
        return type(self)(data, **options)

    def shown(self, name: str) -> str:
        """What stands in a line now, in words."""
        now, field = self.initial[name], self.fields[name]
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices).get(now, now))  # type: ignore[arg-type]  # the stubs allow choices by a call
        if isinstance(field, forms.BooleanField):
            return gettext("Yes") if now else gettext("No")
        if isinstance(now, str):
            return now or gettext("nothing")
        return short_time(now) or gettext("nothing")
