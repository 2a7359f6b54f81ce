"""Forms of files, letters and the print of a case."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm
from cases.codes import FileKind, FileRemoval
from cases.forms.fields import form_nonce
from cases.services import file_types
from cases.services.files import LARGEST


class FileForm(PlainForm):
    """One file."""

    nonce = form_nonce()
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,  # the check by content says what to do
        help_text=_("PDF, DOCX, ODT, TXT, PNG, JPEG or WEBP, at most 5 MB."),
        widget=forms.FileInput(attrs={"accept": file_types.ACCEPTED}),
        error_messages={"required": _("Choose the file. A file cannot be kept between two pages.")},
    )
    kind = forms.ChoiceField(label=_("Kind of file"), choices=FileKind.choices)
    description = forms.CharField(
        label=_("What it is"),
        required=False,
        max_length=300,
        help_text=_("No names, please. It is sealed like a note."),
    )
    no_intimate_images = forms.BooleanField(
        label=_("There are no intimate images in this file"),
        help_text=_(
            "I have looked. Intimate images are never kept here, also not cut or covered: only the link is noted."
        ),
    )

    def clean_file(self) -> Any:
        """Size and type, said beside the field; the service asks again."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("A file may be at most 5 MB. Choose a smaller one."))
        try:
            file_types.media_type(file.name, file.read())
        except file_types.UnfitFile as error:
            raise forms.ValidationError(error.message) from None
        file.seek(0)
        return file


class RemoveFileForm(PlainForm):
    """Why a file is taken out."""

    reason = forms.ChoiceField(label=_("Why"), choices=FileRemoval.choices, widget=forms.RadioSelect)
