"""The printed summary: what is on it, what never is, and who it says printed it."""

import html

import pytest
from django.utils import timezone

from accounts.templatetags.sidro import full_time
from cases.models import Note
from tests.cases.helpers import CONTACTS, assign, open_case
from tests.cases.test_search import note


@pytest.fixture
def case(cast) -> str:
    cast.intake()
    code = open_case(cast)
    note(cast, code, "The chosen note.")
    note(cast, code, "The other note.")
    return code


def test_the_paper_holds_what_was_chosen_and_no_identity(cast, case, definer):
    client = cast.client("ana")
    assert "The other note." in client.get(f"/cases/{case}/print").content.decode()
    assert definer.execute("SELECT 1 FROM cases_timelineentry WHERE detail = 'printed'").fetchone() is None
    with cast.acting("ana"):
        first = Note.objects.order_by("written_at").first().pk
    paper = html.unescape(client.post(f"/cases/{case}/print", {"note": [str(first), "nonsense"]}).content.decode())
    assert "The chosen note." in paper
    assert "The other note." not in paper
    assert f"{case}. Printed by Ana on {full_time(timezone.localdate())}, " in paper
    assert not any(value in paper for value in (*CONTACTS.values(), "Milica"))
    assert definer.execute("SELECT count(*) FROM cases_timelineentry WHERE detail = 'printed'").fetchone() == (1,)
    assert definer.execute("SELECT count(*) FROM accounts_auditevent WHERE action = 'case_printed'").fetchone() == (1,)


def test_without_the_content_key_nothing_is_printed(cast, case, definer):
    assign(cast, case, "lana")
    definer.execute("DELETE FROM vault_wrap WHERE user_id = %s", [cast.lana.pk])
    assert cast.client("lana").post(f"/cases/{case}/print").status_code == 403
