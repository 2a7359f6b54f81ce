"""Who is told when the first keeper gave her code: constant texts, nothing of the request in them."""

from django.core import mail

from accounts import database
from accounts.services import keeper_mail
from tests.conftest import as_role
from tests.keepers import add_keeper, begin, give, make_copies, three_keepers


def test_she_the_administrators_and_the_keepers_are_told(cast, definer):
    cast.intake()
    codes = three_keepers(cast)
    add_keeper(cast, "Petra")  # has left no address
    make_copies(cast, "ana")
    definer.execute("DELETE FROM cases_mailout")
    give(codes[0], begin())
    told = definer.execute(
        "SELECT u.login_name, o.kind FROM cases_mailout o JOIN accounts_user u ON u.id = o.recipient_id ORDER BY 1"
    )
    assert told.fetchall() == [("ana", "now"), ("vera", "now")]
    with as_role("worker") as worker:
        rows = worker.execute("SELECT address FROM app.keeper_mail_claim(10, 60)").fetchall()
        assert {address for (address,) in rows} == {"mira@example.net", "nada@example.net", "olga@example.net"}
        assert worker.execute("SELECT * FROM app.keeper_mail_claim(10, 60)").fetchall() == []  # leased


def test_one_mail_each_and_a_failed_one_waits(cast, definer, monkeypatch):
    cast.intake()
    three_keepers(cast)
    definer.execute("SELECT app.keepers_told()")
    definer.execute("SELECT app.keepers_told()")
    worker = as_role("worker")

    def rows(function: str, *arguments):
        cursor = worker.execute(f"SELECT * FROM app.{function}(%s, %s)", arguments)
        names = [column.name for column in cursor.description]
        return [type("Row", (), dict(zip(names, row, strict=True))) for row in cursor.fetchall()]

    monkeypatch.setattr(database, "rows", rows)
    monkeypatch.setattr(database, "value", lambda function, *arguments: rows(function, *arguments) and None)
    monkeypatch.setattr(keeper_mail, "send", lambda **_mail: False)
    assert keeper_mail.drain() == 0
    definer.execute("UPDATE accounts_keykeeper SET mail_leased_until = NULL")
    monkeypatch.undo()
    monkeypatch.setattr(database, "rows", rows)
    monkeypatch.setattr(database, "value", lambda function, *arguments: rows(function, *arguments) and None)
    assert keeper_mail.drain() == 3
    assert len({(message.subject, message.body) for message in mail.outbox}) == 1
    assert definer.execute("SELECT count(*) FROM accounts_keykeeper WHERE mail_id IS NOT NULL").fetchone() == (0,)
    worker.close()
