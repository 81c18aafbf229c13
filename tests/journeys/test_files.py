"""Files in a report: sealed while they arrive, refused in words, removable, never an orphan."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy.orm import Session

from crypto import own, receipts
from portal.attachments.models import Attachment
from portal.attachments.register import sweep_orphans
from portal.attachments.store import LocalStore, site_store
from portal.kernel.errors import Unavailable
from portal.kernel.site import MIB, Site
from portal.kernel.transaction import transaction
from portal.kernel.values import new_id
from tests.conftest import StandingClock
from tests.journeys.reporter import Reporter
from tests.journeys.test_reporting import how_many, mine

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40


def blobs(site: Site) -> list[Path]:
    return [path for path in site.blob_dir.rglob("*") if path.is_file()]


def at_files(reporter: Reporter) -> Reporter:
    return reporter.to_words().press(words="有照片为证。").press(more=["files"])


def photo(mark: bytes = b"MARKER-phone-model-x") -> bytes:
    exif, buffer = Image.Exif(), io.BytesIO()
    exif[0x0110] = mark.decode()
    Image.new("RGB", (30, 20), (10, 200, 30)).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def opened(code: str, number: int = 0) -> tuple[str, bytes]:
    """Name and bytes of a file as the reporter gets it back."""
    from portal.tips.receipt_hash import candidate_secrets
    from portal.tips.reporter import open_own, view

    secrets = next(candidate_secrets(receipts.parse(code)))
    with transaction() as session:
        own_tip = open_own(session, secrets.tag, secrets.mailbox)
        entry = view(session, own_tip).files[number]
    with site_store().open(entry.id) as source:
        pieces = own.open_stream(source, own_tip.keys.file(entry), "file", entry.id.bytes, entry.size)
        return entry.name, b"".join(pieces)


def test_files_survive_to_the_report_and_open_with_the_code_alone(reporter: Reporter, site: Site) -> None:
    at_files(reporter).attach((PDF, "病历.pdf"), (photo(), "现场.jpg"))
    assert reporter.path == "/report/files/" and "病历.pdf" in reporter.words and "现场.jpg" in reporter.words
    reporter.press().press(known_as="no_name")
    assert "病历.pdf · 11 KB" in reporter.words
    reporter.send()
    assert opened(reporter.code) == ("病历.pdf", PDF)
    assert opened(reporter.code, 1) == ("现场.jpg", photo())
    everything = b"".join(path.read_bytes() for path in blobs(site))
    assert b"PDF-1.7" not in everything and b"MARKER" not in everything


def test_hidden_data_is_removed_on_request_and_documents_stay_as_they_are(reporter: Reporter) -> None:
    at_files(reporter).attach((photo(), "现场.jpg"), (PDF, "病历.pdf"), query="?clean=1")
    reporter.press().press(known_as="no_name").send()
    name, data = opened(reporter.code)
    assert name == "现场.jpg" and b"MARKER" not in data
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (30, 20)
    assert opened(reporter.code, 1)[1] == PDF


def test_continue_with_files_chosen_does_not_drop_them(reporter: Reporter) -> None:
    at_files(reporter).attach((PDF, "病历.pdf"), button="continue")
    assert reporter.path == "/report/known/"
    assert "病历.pdf" in reporter.open("/report/files/").words


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "空的.pdf", "这个文件是空的"),
        (b"MZ" + bytes(200), "程序.exe", "不能接收这种文件"),
        (b"MZ" + bytes(200), "照片.jpg", "不能接收这种文件"),
        (b"%PDF-1.7" + bytes(3 * MIB), "太大.pdf", "这个文件太大，每个最多 2 MB"),
        (b"", "", "请先选择文件"),
    ],
)
def test_a_refused_file_gets_a_sentence_and_keeps_the_others(
    reporter: Reporter, site: Site, monkeypatch: pytest.MonkeyPatch, data: bytes, name: str, says: str
) -> None:
    object.__setattr__(site, "limits", type(site.limits)(file_bytes=2 * MIB, total_bytes=5 * MIB))
    at_files(reporter).attach((PDF, "病历.pdf"))
    reporter.attach((data, name))
    assert reporter.page.status_code == 400 and says in reporter.words and "病历.pdf" in reporter.words
    assert "<title>错误：" in reporter.page.text
    assert len(blobs(site)) == 1


def test_of_several_files_the_good_ones_are_kept(reporter: Reporter, site: Site) -> None:
    at_files(reporter).attach((PDF, "病历.pdf"), (b"MZ", "程序.exe"), (photo(), "现场.jpg"))
    assert reporter.page.status_code == 400 and "程序.exe" in reporter.words
    assert len(blobs(site)) == 2


def test_more_than_all_may_be_together_is_refused_before_it_is_read(reporter: Reporter, site: Site) -> None:
    object.__setattr__(site, "limits", type(site.limits)(file_bytes=2 * MIB, total_bytes=3 * MIB))
    at_files(reporter).attach((b"%PDF-1.7" + bytes(MIB * 2 - 10), "一.pdf"))
    reporter.attach((b"%PDF-1.7" + bytes(MIB * 2 - 10), "二.pdf"))
    assert reporter.page.status_code == 400 and "合起来最多 3 MB" in reporter.words
    reporter.attach(*((b"%PDF-1.7" + bytes(MIB * 2 - 10), f"{n}.pdf") for n in range(3)))
    assert reporter.page.status_code == 413 and "一.pdf" in reporter.words
    assert len(blobs(site)) == 1


def test_each_file_can_be_removed_and_is_destroyed(reporter: Reporter, site: Site, session: Session) -> None:
    at_files(reporter).attach((PDF, "病历.pdf"), (photo(), "现场.jpg"))
    wanted = reporter.page.text.split('name="remove" value="')[1][:32]
    reporter.press("", remove=wanted)
    assert "病历.pdf" not in reporter.words and "现场.jpg" in reporter.words
    assert len(blobs(site)) == 1 and how_many(session, Attachment) == 1
    reporter.press("", remove=wanted)  # pressed again in an old tab
    assert reporter.page.status_code == 200


def test_an_upload_that_breaks_off_keeps_every_answer_and_no_blob(reporter: Reporter, site: Site) -> None:
    at_files(reporter).attach((PDF, "病历.pdf"))
    token = reporter.form()["fields"]["csrf_token"][0]
    head = f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n--b\r\n'
    part = 'Content-Disposition: form-data; name="files"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    body = (head + part).encode() + PDF * 20
    kind = "multipart/form-data; boundary=b"
    page = reporter.browser.post("/report/files/", data=body, content_type=kind)
    assert page.status_code == 400 and "上传中断了" in page.text and "病历.pdf" in page.text
    short = reporter.browser.post(
        "/report/files/", data=body, content_type=kind, headers={"Content-Length": str(len(body) * 2)}
    )
    assert short.status_code == 400
    assert len(blobs(site)) == 1


def test_without_a_token_or_a_draft_nothing_is_written(reporter: Reporter, site: Site, app: Flask) -> None:
    at_files(reporter)
    for browser, path in ((reporter.browser, "files"), (reporter.browser, "words"), (app.test_client(), "files")):
        forged = {"files": (io.BytesIO(PDF), "a.pdf"), "do": "add"}
        page = browser.post(f"/report/{path}/", data=forged, content_type="multipart/form-data")
        assert page.status_code in (400, 410)
    assert blobs(site) == []


def test_a_full_disk_is_503_with_nothing_half_stored(
    reporter: Reporter, site: Site, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_files(reporter).attach((PDF, "病历.pdf"))

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        reporter.attach((photo(), "现场.jpg"))
    assert reporter.page.status_code == 503 and "12393" in reporter.words
    assert len(blobs(site)) == 1 and how_many(session, Attachment) == 1
    assert "病历.pdf" in reporter.open("/report/files/").words


def test_a_database_that_fails_after_the_upload_leaves_no_blob(
    reporter: Reporter, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.tips import drafts

    at_files(reporter)

    def fails(*_: object, **__: object) -> None:
        raise Unavailable("unavailable", "暂时不能使用。")

    with monkeypatch.context() as patched:
        patched.setattr(drafts, "save", fails)
        reporter.attach((PDF, "病历.pdf"))
    assert reporter.page.status_code == 503 and blobs(site) == []


def test_the_sweep_takes_orphans_and_nothing_else(
    reporter: Reporter, site: Site, session: Session, clock: StandingClock
) -> None:
    at_files(reporter).attach((PDF, "病历.pdf"))

    LocalStore(site.blob_dir).create(new_id(), clock()).keep()
    with transaction() as writing:
        assert sweep_orphans(writing, site_store(), clock() + timedelta(hours=1)) == 0
        assert sweep_orphans(writing, site_store(), clock() + timedelta(days=3)) == 1
    assert len(blobs(site)) == 1 and "病历.pdf" in reporter.open("/report/files/").words


def test_no_clear_byte_of_a_large_file_touches_the_temporary_folder(
    reporter: Reporter, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file was opened")

    at_files(reporter)
    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", refused)
    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", refused)
    page = reporter.attach((b"%PDF-1.7" + os.urandom(3 * MIB), "大.pdf"))
    assert page.page.status_code == 200 and len(blobs(site)) == 1


def test_files_unticked_at_the_end_are_not_sent(reporter: Reporter) -> None:
    at_files(reporter).attach((PDF, "病历.pdf")).press().press(known_as="no_name")
    reporter.open("/report/more/?return=check").press(more=None)
    reporter.send()
    assert mine(reporter.code).files == ()
