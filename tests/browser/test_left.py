"""A browser that is left: what its page sent last is answered before the tables are emptied for the next test."""

from threading import Timer

import pytest

from tests.browser.conftest import leave
from tests.cases.helpers import open_case
from tests.conftest import as_definer

pytestmark = pytest.mark.browser
ENTRIES = "SELECT count(*) FROM accounts_auditevent"


def test_what_was_sent_last_is_logged_when_she_has_left(cast, signed_in, definer, site):
    cast.intake()
    code = open_case(cast)
    lana = signed_in("lana")
    before = definer.execute(ENTRIES).fetchone()
    with as_definer() as holder:
        holder.execute("BEGIN")
        holder.execute("SELECT 1 FROM accounts_audithead FOR UPDATE")  # whoever logs something waits
        with lana.expect_request("**/cases/*"):
            lana.evaluate("code => { fetch('/cases/' + code, {keepalive: true}) }", code)
        Timer(0.5, holder.execute, ["ROLLBACK"]).start()
        leave(site, lana.context)
        assert definer.execute(ENTRIES).fetchone() > before
