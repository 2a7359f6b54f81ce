"""Files of a case: who gets them, what is let in, and that pieces swapped, moved, cut or left out open nothing."""

import io
import struct
import tempfile
import zipfile
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import crypto
from accounts.carrying import mark_of
from accounts.exceptions import NotAllowed, WrongState
from cases.access import get_case
from cases.models import CaseFile
from cases.services import file_types
from cases.services.files import LARGEST, add_file, open_file, plain_name
from cases.services.sealed import files as sealed_files
from cases.services.sealed.keys import CaseKey
from tests.cases.helpers import assign, open_case, upload
from tests.conftest import as_definer
from tests.security.attack import open_table, plant, run, switched_off

PIECES = b"a" * sealed_files.PIECE + b"b" * sealed_files.PIECE + b"c" * 100
TEXT = "text/plain"


def _zip(**entries: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name.replace("__", "/"), text)
    return held.getvalue()


DOCX = _zip(**{"[Content_Types].xml": "<Types/>", "word__document.xml": "<w/>"})
ODT = _zip(**{"mimetype": file_types.TYPES["odt"], "content.xml": "<c/>"})
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 17 + b"\0\0\0\0IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xd9"
WEBP = b"RIFF" + struct.pack("<I", 16) + b"WEBPVP8 \4\0\0\0abcd"
LETTER = "Поштовани, ovo je pismo. Përshëndetje.\n".encode()
HTML = b"<html><script>alert(1)</script></html>"

FIT = [("a.pdf", PDF), ("a.docx", DOCX), ("a.odt", ODT), ("A.PNG", PNG), ("a.jpg", JPEG), ("a.jpeg", JPEG),
       ("a.webp", WEBP), ("a.txt", LETTER), ("pismo.2026.txt", "\ufeffZdravo".encode())]  # fmt: skip
UNFIT = [
    ("a.html", HTML), ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), ("a.exe", b"MZ" + b"\0" * 99),
    ("a.zip", _zip(x="y")), ("a.pdf.exe", PDF), ("a", PDF), ("a.", PDF), ("a.docm", DOCX), ("a.7z", b"7z\xbc\xaf'\x1c"),
    ("a.txt", HTML), ("a.txt", b"  \n<!DOCTYPE html>"), ("a.txt", b"#!/bin/sh\nrm"), ("a.txt", b"MZ\x90\0"),
    ("a.txt", b"hello <script>x</script>"), ("a.txt", PDF), ("a.txt", PNG), ("a.txt", b"\xff\xfeh\0"), ("a.txt", b"a\0b"),
    ("a.png", JPEG), ("a.jpg", PNG), ("a.png", PDF), ("a.pdf", HTML), ("a.pdf", b"MZ" + PDF), ("a.png", b""),
    ("a.png", PNG + _zip(x="y")), ("a.jpg", JPEG + HTML), ("a.webp", WEBP + HTML * 9), ("a.pdf", PDF + b"x" * 2000),
    ("a.docx", ODT), ("a.odt", DOCX), ("a.docx", _zip(x="y")), ("a.docx", b"MZ" + DOCX), ("a.docx", DOCX[:-30]),
    ("a.docx", _zip(**{"[Content_Types].xml": "", "word__document.xml": "", "word__vbaProject.bin": ""})),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data"), FIT)
def test_what_its_name_says_is_let_in(name, data):
    assert file_types.media_type(name, data) in file_types.TYPES.values()


@pytest.mark.parametrize(("name", "data"), UNFIT)
def test_what_is_something_else_than_its_name_says_is_refused(name, data):
    with pytest.raises(file_types.UnfitFile):
        file_types.media_type(name, data)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/x.txt", "x.txt"),
        ("C:\\a\\b.txt", "b.txt"),
        ('a"\r\nSet-Cookie: x=y.txt', 'a"Set-Cookie: x=y.txt'),
        ("", "file"),
        ("..", "file"),
        ("пис\u202emo.txt", "писmo.txt"),
        ("x" * 300 + ".txt", "x" * 146 + ".txt"),
    ],
)
def test_a_name_has_no_path_and_no_control_characters(typed, kept):
    assert plain_name(typed) == kept


@pytest.fixture
def case(cast) -> str:
    cast.intake()
    return open_case(cast)


def add(cast, code: str, by: str = "ana", **changes) -> CaseFile:
    with cast.acting(by) as person:
        before = set(CaseFile.objects.values_list("pk", flat=True))
        add_file(case=get_case(person, code).case, new=upload(**changes), by=person)
        return CaseFile.objects.exclude(pk__in=before).select_related("case").get()


def opened(cast, file: CaseFile, by: str = "ana") -> bytes:
    with cast.acting(by) as person:
        return open_file(file=CaseFile.objects.select_related("case").get(pk=file.pk), by=person).data


def test_a_file_is_sealed_in_pieces_and_comes_back_whole(cast, case, definer):
    file = add(cast, case, data=PIECES)
    chunks = definer.execute("SELECT index, last, payload FROM vault_chunk ORDER BY index").fetchall()
    assert [(index, last) for index, last, _payload in chunks] == [(0, False), (1, False), (2, True)]
    assert all(len(payload) <= 64 * 1024 and b"aaaa" not in payload for _index, _last, payload in chunks)
    assert opened(cast, file) == PIECES
    told = definer.execute("SELECT detail FROM cases_timelineentry WHERE kind = 'file' ORDER BY at").fetchall()
    assert told == [("added",), ("downloaded",)]
    logged = definer.execute(
        "SELECT count(*) FROM accounts_auditevent WHERE action = 'file_downloaded' AND object_id = %s", [str(file.pk)]
    )
    assert logged.fetchone() == (1,)


CHANGES = {
    "swapped places": "UPDATE vault_chunk c SET payload = o.payload FROM vault_chunk o"
    " WHERE o.file_id = c.file_id AND (c.index, o.index) IN ((0, 1), (1, 0))",
    "of another file": "UPDATE vault_chunk c SET payload = o.payload FROM vault_chunk o"
    " WHERE o.file_id <> c.file_id AND o.index = c.index",
    "the last one left out": "DELETE FROM vault_chunk WHERE index = 2",
    "the last two left out, and the end marked anew": "DELETE FROM vault_chunk WHERE index = 2;"
    " UPDATE vault_chunk SET last = true WHERE index = 1",
    "the first one left out": "DELETE FROM vault_chunk WHERE index = 0",
    "one in the middle left out and closed up": "DELETE FROM vault_chunk WHERE index = 1;"
    " UPDATE vault_chunk SET index = 1 WHERE index = 2",
    "all left out": "DELETE FROM vault_chunk",
    "a bit flipped": "UPDATE vault_chunk SET payload = set_byte(payload, 40, get_byte(payload, 40) # 1) WHERE index = 1",
    "another version said": "UPDATE vault_chunk SET key_version = 2 WHERE index = 0",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_was_changed_in_the_database_opens_nothing(cast, case, change):
    file = add(cast, case, data=PIECES)
    add(cast, case, data=PIECES[::-1], name="other.txt")
    for statement in CHANGES[change].split(";"):
        plant(statement)
    with pytest.raises(WrongState):
        opened(cast, file)
    response = cast.client("ana").post(f"/cases/{case}/files/{file.pk}/download")
    assert response.status_code == 409
    assert b"aaaa" not in response.content


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_piece_opens_in_its_own_place_only(data):
    places = st.tuples(
        st.sampled_from([uuid4(), uuid4()]), st.sampled_from([uuid4(), uuid4()]), st.integers(0, 3), st.booleans(),
        st.integers(1, 2),
    )  # fmt: skip
    here, there = data.draw(places), data.draw(places)
    key = crypto.new_key()
    sealed = crypto.seal_with_key(key, b"piece", bound_to=sealed_files.chunk_binding(*here))
    if here == there:
        assert crypto.open_with_key(key, sealed, bound_to=sealed_files.chunk_binding(*there))[0] == b"piece"
    else:
        with pytest.raises(crypto.CannotOpen):
            crypto.open_with_key(key, sealed, bound_to=sealed_files.chunk_binding(*there))


def test_without_the_binding_swapped_pieces_would_open(cast, case, monkeypatch):
    """The control switched off: the attack of `swapped places` succeeds."""
    monkeypatch.setattr(sealed_files, "chunk_binding", lambda *_place: b"")
    file = add(cast, case, data=PIECES)
    plant(CHANGES["swapped places"])
    with cast.acting("ana") as ana:
        assert sealed_files.read(case_id=file.case_id, file_id=file.pk, by=ana)[:1] == b"b"


RAW = (
    "INSERT INTO cases_casefile (id, case_id, nonce, kind, size, uploaded_at, uploaded_by_id, removal_reason)"
    " VALUES (gen_random_uuid(), %s, gen_random_uuid(), 'other', 1, now(), %s, '')"
)


@pytest.mark.parametrize("flag", ["unknown", "now", "material"])
def test_no_file_passes_the_stop_for_minors_also_not_by_raw_sql(cast, case, definer, flag):
    plant("UPDATE cases_case SET minor = %s", flag)
    with cast.acting("ana") as ana:
        found = get_case(ana, case).case
        with pytest.raises(WrongState):
            add_file(case=found, new=upload(), by=ana)
        with pytest.raises(DatabaseError), transaction.atomic():
            run(RAW, found.pk, ana.pk)
    with switched_off(open_table("cases_casefile")), cast.acting("ana") as ana:
        run(RAW, get_case(ana, case).case.pk, ana.pk)
    assert definer.execute("SELECT count(*) FROM cases_casefile").fetchone() == (1,)
    page = cast.client("ana").get(f"/cases/{case}/files").content.decode()
    assert 'type="file"' not in page


def test_somebody_off_the_case_gets_nothing(cast, case):
    file = add(cast, case)
    boba = cast.client("boba")
    assert boba.get(f"/cases/{case}/files").status_code == 404
    assert boba.post(f"/cases/{case}/files/{file.pk}/download").status_code == 404
    other = open_case(cast, lead="boba")
    assert boba.post(f"/cases/{other}/files/{file.pk}/download").status_code == 404
    with cast.acting("boba"):
        assert run("SELECT 1 FROM vault_chunk") == run("SELECT 1 FROM cases_casefile") == []
    with switched_off(open_table("vault_chunk")), cast.acting("boba") as by:
        (sealed, case_id) = run("SELECT payload, case_id FROM vault_chunk")[0]
        key = CaseKey(case_id, "content", 1, crypto.new_key())
        with pytest.raises(crypto.CannotOpen):
            crypto.open_with_key(key.key, sealed, bound_to=sealed_files.chunk_binding(case_id, file.pk, 0, True, 1))
        with pytest.raises(NotAllowed):
            sealed_files.read(case_id=case_id, file_id=file.pk, by=by)


def form(data: bytes = b"Dear employer", name: str = "letter.txt", **changes) -> dict:
    return {
        "nonce": str(uuid4()),
        "kind": "correspondence",
        "no_intimate_images": "on",
        "description": "Letter",
        "file": SimpleUploadedFile(name, data),
        **changes,
    }


def test_a_download_is_an_attachment_of_unknown_kind_whatever_its_name(cast, case):
    client = cast.client("ana")
    name = 'pismo "x; filename=evil.html" ć.txt'
    file = add(cast, case, name=name).pk
    answer = client.post(f"/cases/{case}/files/{file}/download")
    assert answer.content == b"Dear employer"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == (
        "attachment; filename=\"file\"; filename*=UTF-8''pismo%20%22x%3B%20filename%3Devil.html%22%20%C4%87.txt"
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"no_intimate_images": ""}, "no_intimate_images"),
        ({"name": "a.html", "data": HTML}, "file"),
        ({"name": "a.txt", "data": HTML}, "file"),
        ({"data": b""}, "file"),
        ({"data": b"x" * (LARGEST + 1)}, "file"),
        ({"file": ""}, "file"),
        ({"kind": "intimate"}, "kind"),
        ({"description": "x" * 301}, "description"),
        ({"nonce": "x"}, "nonce"),
    ],
)
def test_a_wrong_form_says_so_by_the_field_and_stores_nothing(cast, case, definer, changes, field):
    answer = cast.client("ana").post(f"/cases/{case}/files/add", form(**changes))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert definer.execute("SELECT count(*) FROM cases_casefile").fetchone() == (0,)


def test_the_same_form_twice_adds_one_file(cast, case, definer):
    client, nonce = cast.client("ana"), str(uuid4())
    for _time in range(2):
        assert client.post(f"/cases/{case}/files/add", form(nonce=nonce)).status_code == 302
    assert definer.execute("SELECT count(*) FROM cases_casefile").fetchone() == (1,)
    assert definer.execute("SELECT count(*) FROM vault_chunk").fetchone() == (1,)


def test_no_file_ever_touches_the_disk(cast, case, monkeypatch):
    """Any temporary file fails the test; and what is too large is refused before a byte of it is read."""

    def on_disk(*_args, **_kwargs):
        raise AssertionError("a temporary file")

    for name in ("NamedTemporaryFile", "TemporaryFile", "mkstemp", "SpooledTemporaryFile"):
        monkeypatch.setattr(tempfile, name, on_disk)
    client = cast.client("ana")
    assert client.post(f"/cases/{case}/files/add", form(b"x" * LARGEST)).status_code == 302
    assert client.post(f"/cases/{case}/files/add", form(b"x" * (LARGEST + 1024 * 1024))).status_code == 422
    answer = client.post(f"/cases/{case}/files/add", form(b"x" * (13 * 1024 * 1024)))
    assert answer.status_code == 413
    assert "5 MB" in answer.content.decode()


def test_a_file_of_a_form_that_was_too_old_is_asked_for_again(cast, case):
    """Wrong protection of the form, and a session that ended: words are kept, of the file it says that it is not."""
    client = Client(enforce_csrf_checks=True)
    client.cookies = cast.client("ana").cookies
    answer = client.post(f"/cases/{case}/files/add", form(), headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 403
    assert "choose it once more" in answer.content.decode()
    assert 'value="Letter"' in answer.content.decode()
    mine = form(typed_by=mark_of(cast.ana))
    answer = Client().post(f"/cases/{case}/files/add", mine)
    assert answer.status_code == 401
    assert "chosen files have to be given again" in answer.content.decode()


def test_taking_out_deletes_name_and_bytes_and_keeps_who_did_it(cast, case, definer):
    assign(cast, case, "lana")
    mine, hers = add(cast, case), add(cast, case, by="lana", name="draft.txt", data=b"draft")
    lana = cast.client("lana")
    assert lana.get(f"/cases/{case}/files/{mine.pk}/remove").status_code == 403
    assert lana.post(f"/cases/{case}/files/{mine.pk}/remove", {"reason": "not_here"}).status_code == 403
    assert lana.post(f"/cases/{case}/files/{hers.pk}/remove", {}).status_code == 422
    for _time in range(2):
        assert lana.post(f"/cases/{case}/files/{hers.pk}/remove", {"reason": "wrong_file"}).status_code == 302
    left = definer.execute("SELECT count(*) FROM vault_sealed WHERE field LIKE 'file.%%'").fetchone()
    assert left == (2,), "name and meta of the other file"
    assert definer.execute("SELECT count(*) FROM vault_chunk").fetchone() == (1,)
    assert lana.post(f"/cases/{case}/files/{hers.pk}/download").status_code == 409
    assert "It was the wrong file" in lana.get(f"/cases/{case}/files").content.decode()
    told = "SELECT count(*) FROM cases_timelineentry WHERE detail = 'taken_out'"
    assert definer.execute(told).fetchone() == (1,)


def test_the_list_asks_as_much_for_many_files_as_for_one(cast, case):
    from tests.cases.test_pages import queries

    client = cast.client("ana")
    add(cast, case)
    queries(client, f"/cases/{case}/files")
    one = queries(client, f"/cases/{case}/files")
    for number in range(20):
        add(cast, case, name=f"{number}.txt")
    assert queries(client, f"/cases/{case}/files") == one


def test_a_second_row_for_a_file_that_was_taken_out_is_refused(cast, case):
    """Bytes cannot come back into a shell."""
    file = add(cast, case)
    cast.client("ana").post(f"/cases/{case}/files/{file.pk}/remove", {"reason": "not_here"})
    with cast.acting("ana") as ana, pytest.raises(DatabaseError), transaction.atomic():
        sealed_files.write(case_id=file.case_id, file_id=file.pk, data=b"again", by=ana)
    with as_definer() as definer:
        assert definer.execute("SELECT count(*) FROM vault_chunk").fetchone() == (0,)
