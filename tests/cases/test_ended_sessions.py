"""A session that ended while she was writing: what she typed comes back after signing in, and is saved once."""

import re
from html import unescape
from uuid import uuid4

import pytest

from accounts.carrying import mark_of
from tests.accounts.helpers import fresh_codes, kept_in, sign_in
from tests.cases.helpers import log, open_case

FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
SECRET = "Written before the session ended."
REACH = {"seen": 1, "phone": SECRET}
ACCEPTED = {"title": "Group", "looked_through": SECRET}
COUNT_SEALED = "SELECT count(*) FROM vault_sealed WHERE field = %s AND revision = %s"


def letter() -> dict[str, object]:
    return {"nonce": uuid4(), "text": SECRET, "to": "note"}


@pytest.mark.parametrize(
    ("address", "typed", "saved"),
    [
        ("/cases/{case}/texts/summary", {"seen": 1, "text": SECRET}, (COUNT_SEALED, "case.summary", 2)),
        ("/cases/{case}/reach", REACH, (COUNT_SEALED, "case.reach", 2)),
        ("/cases/{case}/letter/use", letter(), (COUNT_SEALED, "note.text", 1)),
        ("/requests/{request}/accept", ACCEPTED, ("SELECT count(*) - 1 FROM cases_case",)),
    ],
    ids=["text", "reach", "letter", "acceptance"],
)
def test_it_survives_signing_in_again_and_is_saved_once(cast, definer, address, typed, saved):
    cast.intake()
    address = address.format(case=open_case(cast), request=log(cast))
    client = cast.client("ana")
    definer.execute("DELETE FROM accounts_session")
    ended = client.post(address, {**typed, "typed_by": mark_of(cast.ana)})
    assert ended.status_code == 401
    assert SECRET not in ended.content.decode()
    fresh_codes(definer)
    offered = sign_in(client, cast.person("ana"), carried=kept_in(ended)).content.decode()
    form = offered[offered.index('class="resubmit"') :]
    assert f'action="{address}"' in offered
    again = {name: unescape(value) for name, value in FIELD.findall(form) if name != "csrfmiddlewaretoken"}
    assert SECRET in again.values()
    for _click in range(2):
        assert client.post(address, again).status_code == 302
    query, *values = saved
    assert definer.execute(query, values).fetchone() == (1,)
