"""Files that are not what they say: answered in words, sealed or not stored at all, never unpacked, never a fault."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import pytest

from portal.kernel.site import Site
from tests.followup.conftest import Visitor, hand_in, inside, mine, visitor, world
from tests.journeys.conftest import app, keys, reporter
from tests.journeys.reporter import Reporter
from tests.journeys.test_files import PDF, at_files, blobs, opened

__all__ = ["app", "hand_in", "inside", "keys", "mine", "reporter", "visitor", "world"]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

MARKER = b"MARKER-CLEAR-Q7Z"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>/*' + MARKER + b"*/</script></svg>"
POLYGLOT = b"%PDF-1.7\n<html><script>/*" + MARKER + b"*/</script>\n" + bytes(range(256)) * 40 + b"</html>"
PNG_HTML = b"\x89PNG\r\n\x1a\n<html><script>/*" + MARKER + b"*/</script>" + bytes(300)


def _bomb() -> bytes:
    """200 MiB of nothing in less than 1 MiB, under the name of a letter."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", MARKER)
        with archive.open("word/document.xml", "w") as part:
            for _ in range(200):
                part.write(bytes(1 << 20))
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of this test, so that a clear copy left there is found."""
    made = tmp_path / "temporary"
    made.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    return made


def _nothing_in_clear(tmp_path: Path) -> bool:
    return not any(MARKER in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize("clean", ["", "?clean=1"])
@pytest.mark.parametrize(
    ("data", "name"),
    [
        (SVG, "图.png"),
        (SVG, "图.svg"),
        (SVG, "图.txt"),
        (b"\xef\xbb\xbf" + SVG, "图.txt"),
        (b"\n\t " + SVG, "图.txt"),
        (SVG.decode().encode("utf-16"), "图.txt"),
        (POLYGLOT, "页面.html"),
        (POLYGLOT, "照片.jpg"),
        (MARKER + POLYGLOT, "材料.pdf"),
        (b"", "空.docx"),
        (b"MZ" + MARKER, "."),
        (MARKER, "没有结尾" * 80),
        (SVG, "x" * 300 + ".svg"),
        (SVG, "图.png\x00.txt"),
    ],
)
def test_what_is_not_what_it_says_is_refused_in_words_and_not_stored(
    reporter: Reporter, site: Site, tmp_path: Path, data: bytes, name: str, clean: str
) -> None:
    at_files(reporter).attach((data, name), query=clean)
    assert reporter.page.status_code in (200, 400)
    assert any(says in reporter.words for says in ("不能接收这种文件", "这个文件是空的"))
    assert blobs(site) == [] and _nothing_in_clear(tmp_path)


@pytest.mark.parametrize("clean", ["", "?clean=1"])
@pytest.mark.parametrize("name", ["", '"', "filename"])
def test_a_part_without_a_name_is_no_file_and_no_fault(
    reporter: Reporter, site: Site, tmp_path: Path, name: str, clean: str
) -> None:
    at_files(reporter)
    token = reporter.form()["fields"]["csrf_token"][0]
    body = (
        f'--B\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
        '--B\r\nContent-Disposition: form-data; name="do"\r\n\r\nadd\r\n'
        f'--B\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    ).encode() + MARKER + b"\r\n--B--\r\n"  # fmt: skip
    answer = reporter.browser.post(
        "/report/files/" + clean, data=body, content_type="multipart/form-data; boundary=B", follow_redirects=True
    )
    assert answer.status_code in (200, 400)
    assert blobs(site) == [] and _nothing_in_clear(tmp_path)


@pytest.mark.parametrize(
    ("data", "name"),
    [(POLYGLOT, "材料.pdf"), (_bomb(), "来信.docx"), (PNG_HTML, "截图.png"), (PDF, "长" * 300 + ".pdf")],
)
def test_what_could_be_evidence_is_sealed_as_it_is_and_comes_back_as_a_download(
    reporter: Reporter, site: Site, tmp_path: Path, data: bytes, name: str
) -> None:
    assert len(data) < 2 << 20
    at_files(reporter).attach((data, name))
    assert len(blobs(site)) == 1 and _nothing_in_clear(tmp_path)
    reporter.press().press(known_as="no_name").send()
    shown, content = opened(reporter.code)
    assert content == data and len(shown) <= 120 and shown.endswith(name[-4:])


@pytest.mark.parametrize(
    "data", [PNG_HTML, SVG, b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0" + MARKER * 99, b"BM" + MARKER * 9]
)
def test_a_photo_that_cannot_be_cleaned_says_so_and_is_not_stored(
    reporter: Reporter, site: Site, tmp_path: Path, data: bytes
) -> None:
    ending = {b"\x89P": "png", b"\xff\xd8": "jpg", b"BM": "bmp"}.get(data[:2], "png")
    at_files(reporter).attach((data, f"照片.{ending}"), query="?clean=1")
    assert reporter.page.status_code in (200, 400)
    assert "照片读不出来" in reporter.words or "不能接收这种文件" in reporter.words
    assert blobs(site) == [] and _nothing_in_clear(tmp_path)


@pytest.mark.parametrize("name", ["图.png", "图.svg", "x" * 300 + ".html", "空.docx"])
def test_a_letter_with_such_a_file_waits_and_nothing_of_the_file_is_stored(
    inside: Visitor, site: Site, tmp_path: Path, name: str
) -> None:
    before = len(blobs(site))
    inside.get("/followup/messages/")
    data = b"" if name.startswith("空") else SVG
    answer = inside.post("/followup/messages/", {"text": "见附件", "seen": "1", "files": (io.BytesIO(data), name)})
    assert answer.status_code == 400
    assert "不能接收这种文件" in inside.text or "这个文件是空的" in inside.text
    assert len(blobs(site)) == before and _nothing_in_clear(tmp_path)
