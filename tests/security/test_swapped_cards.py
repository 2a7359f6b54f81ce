"""Identity cards in the database moved about: whatever is exchanged opens nothing, is never shown elsewhere."""

import contextlib
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import crypto
from cases.access import get_case
from cases.models import IdentityEntry
from cases.services import held, identity
from cases.services.sealed import content, rows
from tests.cases.helpers import assign, looking, open_case
from tests.conftest import as_definer
from tests.security.attack import plant

NAMES = ("Milica Petrović", "Jelena Ilić", "Teuta Krasniqi", "Mirjana Kos")
DRAWN = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


def entry(name: str) -> dict[str, str]:
    return {"kind": "name", "value": name, "certainty": "said", "note": ""}


@pytest.fixture
def codes(cast):
    """Two cases of Ana's, two names on the card of each; one was corrected, so it has two versions."""
    cast.intake()
    codes = [open_case(cast), open_case(cast)]
    for place, name in enumerate(NAMES):
        with cast.acting("ana") as ana:
            case = get_case(ana, codes[place // 2]).case
            identity.add_entry(case=case, nonce=uuid4(), values=entry(name), by=ana)
    with cast.acting("ana") as ana:
        case = get_case(ana, codes[0]).case
        first = IdentityEntry.objects.filter(case=case).order_by("added_at")[0]
        identity.change_entry(case=case, entry=first, values=entry("Milica Corrected"), seen=1, by=ana)
        for code in codes:
            identity.open_card(case=get_case(ana, code).case, reason="check", text="", by=ana)
    plant("UPDATE cases_identityopening SET closes_at = now() + interval '1 day'")
    return codes


def readable(cast, codes) -> Iterator[tuple[tuple[str, UUID, int], str]]:
    """Every value that can be read, with its place; what cannot be opened is left out."""
    for code in codes:
        with cast.acting("ana") as ana:
            case = get_case(ana, code).case
            entries = list(IdentityEntry.objects.filter(case=case))
            for one in entries:
                try:
                    found = identity.entry_versions(case=case, entry=one, by=ana)
                except crypto.CannotOpen:
                    continue
                yield from (((code, one.pk, version.revision), version.value["value"]) for version in found)


def cards(cast, codes) -> Iterator[list[str] | None]:
    """What the page of each card would show; None where it cannot be opened."""
    for code in codes:
        with cast.acting("ana") as ana:
            case = get_case(ana, code).case
            try:
                card = identity.read_card(case=case, by=ana)
            except crypto.CannotOpen:
                yield None
            else:
                yield sorted(said["value"] for said in card.said.values())


def rows_of(query: str) -> list[tuple]:
    with as_definer() as definer:
        return definer.execute(query).fetchall()


def test_any_two_ciphertexts_exchanged_open_nothing(cast, codes):
    before = dict(readable(cast, codes))
    assert sorted(before.values()) == sorted([*NAMES, "Milica Corrected"])
    whole = list(cards(cast, codes))
    rows = rows_of("SELECT id, payload, current FROM vault_sealed WHERE purpose = 'identity' ORDER BY id")

    @DRAWN
    @given(st.permutations(range(len(rows))))
    def exchange(order):
        (one, payload, here), (other, payload2, there) = rows[order[0]], rows[order[1]]
        plant("UPDATE vault_sealed SET payload = %s WHERE id = %s", payload2, one)
        plant("UPDATE vault_sealed SET payload = %s WHERE id = %s", payload, other)
        try:
            assert dict(readable(cast, codes)).items() <= before.items()  # nothing stands where it did not
            for now, was in zip(cards(cast, codes), whole, strict=True):
                assert now in (was, None)
            assert not (here or there) or None in list(cards(cast, codes))
        finally:
            plant("UPDATE vault_sealed SET payload = %s WHERE id = %s", payload, one)
            plant("UPDATE vault_sealed SET payload = %s WHERE id = %s", payload2, other)

    exchange()
    assert dict(readable(cast, codes)) == before


@pytest.fixture
def unbound(monkeypatch):
    """Texts are sealed without their revision."""
    bound = rows.field_binding
    for module in (rows, content):
        if hasattr(module, "field_binding"):
            monkeypatch.setattr(module, "field_binding", lambda *place: bound(*place[:-1], 0))


def test_without_the_revision_in_the_binding_what_she_corrected_takes_its_place(cast, unbound, codes):
    before = exchange_versions(cast, codes)
    now = dict(readable(cast, codes))
    assert now != before
    assert sorted(now.values()) == sorted(before.values())


def exchange_versions(cast, codes):
    query = (
        "SELECT id, payload FROM vault_sealed WHERE record_id ="
        " (SELECT record_id FROM vault_sealed WHERE field = 'identity.entry' AND revision = 2) ORDER BY revision"
    )
    (first, said), (second, corrected) = rows_of(query)
    before = dict(readable(cast, codes))
    for row, payload in ((first, corrected), (second, said)):
        plant("UPDATE vault_sealed SET payload = %s WHERE id = %s", payload, row)
    return before


def test_two_versions_of_one_entry_exchanged_open_nothing(cast, codes):
    """What she corrected does not take the place of what she said, nor the other way round."""
    before = exchange_versions(cast, codes)
    now = dict(readable(cast, codes))
    assert now.items() < before.items()
    assert "Milica Corrected" not in now.values()


def test_a_changed_or_cut_ciphertext_opens_nothing(cast, codes):
    before = dict(readable(cast, codes))
    rows = rows_of("SELECT id, payload FROM vault_sealed WHERE field = 'identity.entry' ORDER BY id")

    @DRAWN
    @given(st.data())
    def damage(data):
        row, payload = rows[data.draw(st.integers(0, len(rows) - 1))]
        place = data.draw(st.integers(0, len(payload) - 1))
        broken = bytearray(payload)
        broken[place] ^= data.draw(st.integers(1, 255))
        broken = bytes(broken) if data.draw(st.booleans()) else payload[:place]
        plant("UPDATE vault_sealed SET payload = %s WHERE id = %s", broken, row)
        try:
            now = dict(readable(cast, codes))
            assert now.items() < before.items()
        finally:
            plant("UPDATE vault_sealed SET payload = %s WHERE id = %s", payload, row)

    damage()


def test_any_two_wraps_exchanged_open_nothing(cast, codes):
    assign(cast, codes[0], "boba", role="backup", voucher="")
    before = dict(readable(cast, codes))
    rows = rows_of("SELECT id, sealed FROM vault_wrap ORDER BY id")
    hers = {
        row[0] for row in rows_of(f"SELECT id FROM vault_wrap WHERE purpose = 'identity' AND user_id = '{cast.ana.pk}'")
    }

    @DRAWN
    @given(st.permutations(range(len(rows))))
    def exchange(order):
        (one, sealed), (other, sealed2) = rows[order[0]], rows[order[1]]
        plant("UPDATE vault_wrap SET sealed = %s WHERE id = %s", sealed2, one)
        plant("UPDATE vault_wrap SET sealed = %s WHERE id = %s", sealed, other)
        try:
            now = dict(readable(cast, codes))
            assert now.items() <= before.items()
            assert (now.items() < before.items()) == bool({one, other} & hers)
        finally:
            plant("UPDATE vault_wrap SET sealed = %s WHERE id = %s", sealed, one)
            plant("UPDATE vault_wrap SET sealed = %s WHERE id = %s", sealed2, other)

    exchange()


@pytest.mark.parametrize(
    "moved",
    [
        "UPDATE vault_sealed SET field = 'identity.other' WHERE field = 'identity.entry'",
        "UPDATE vault_sealed SET key_version = 2 WHERE field = 'identity.entry'",
        "UPDATE vault_sealed SET purpose = 'content' WHERE field = 'identity.entry'",
    ],
    ids=["field", "version", "purpose"],
)
def test_the_page_never_shows_what_was_moved(cast, codes, moved):
    browser = looking(cast, "ana", codes[0])
    browser.raise_request_exception = False
    page = f"/cases/{codes[0]}/identity"
    assert "Jelena Ilić" in browser.get(page).content.decode()
    plant(moved)
    assert "Jelena Ilić" not in browser.get(page).content.decode()
    with cast.acting("ana") as ana, contextlib.suppress(crypto.CannotOpen):
        assert held.search(typed="Jelena Ilić", by=ana) == frozenset()


def test_no_stored_secret_opens_a_card(cast, codes):
    """The dump of the database: every byte string in it, tried as the key of a card, opens none."""
    sealed = rows_of(
        "SELECT case_id, record_id, field, key_version, revision, payload FROM vault_sealed WHERE purpose = 'identity'"
    )
    columns = rows_of(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type = 'bytea'"
    )
    secrets = {
        bytes(row[0])
        for table, name in columns
        for row in rows_of(f"SELECT {name} FROM {table} WHERE {name} IS NOT NULL")
    }
    keys = {value[start : start + 32] for value in secrets for start in range(max(1, min(len(value), 200) - 31))}
    keys = {key for key in keys if len(key) == 32}
    assert len(keys) > 50
    for case_id, record, field, version, revision, payload in sealed:
        bound_to = content.field_binding(case_id, record, field, "identity", version, revision)
        for key in keys:
            with pytest.raises(crypto.CannotOpen):
                crypto.open_with_key(key, payload, bound_to=bound_to)
