"""What staff are told of a file, and what they get to see of it: hostile files are contained, and said."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from admin.rendering import kept, looking, sandbox
from admin.rendering.protocol import MOST_SIDE, MOST_TEXT, Problem, Trouble
from admin.rendering.values import MOST_BYTES, OFFICE_LIMITS, Look, RenderingSettings, Walls
from crypto.sealing import new_key
from portal.attachments.values import FileEntry
from portal.kernel.values import new_id
from tests.conftest import StandingClock
from tests.rendering import samples

SETTINGS = RenderingSettings(office="")


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: StandingClock) -> Path:
    """A memory of this test alone for what is kept."""
    folder = tmp_path / "memory"
    folder.mkdir()
    monkeypatch.setattr(kept, "IN_MEMORY", folder)
    return folder


class File:
    """A file of a report, as the store gives it."""

    def __init__(self, name: str, content: bytes) -> None:
        self.content, self.opened = content, 0
        digest = hashlib.sha256(content).hexdigest()
        self.entry = FileEntry(new_id(), name, "", len(content), digest, new_key())
        self.key = looking.kept_key(self.entry, new_key())

    def pieces(self) -> Iterator[bytes]:
        self.opened += 1
        return (self.content[at : at + 60_000] for at in range(0, len(self.content), 60_000))


def look(file: File, settings: RenderingSettings, clock: StandingClock) -> Look:
    return looking.look(file.entry, file.pieces, settings, file.key, clock())


@pytest.fixture
def looked(clock: StandingClock) -> Callable[[str, bytes], Look]:
    """``looked(name, content)``: what is said of it."""
    return lambda name, content: look(File(name, content), SETTINGS, clock)


@pytest.fixture
def shown(clock: StandingClock) -> Callable[..., Image.Image]:
    """``shown(name, content, page)``: the page as it reaches the browser."""

    def show(name: str, content: bytes, page: int = 1) -> Image.Image:
        file = File(name, content)
        made = looking.page(file.entry, file.pieces, page, SETTINGS, file.key, clock())
        assert made.startswith(b"\xff\xd8")
        return Image.open(io.BytesIO(made))

    return show


Looked = Callable[[str, bytes], Look]
Shown = Callable[..., Image.Image]


def test_a_photograph_is_shown_without_what_was_beside_it(shown: Shown) -> None:
    picture = shown("现场.jpg", samples.photo((4000, 3000)))
    assert picture.size == (MOST_SIDE, MOST_SIDE * 3 // 4)
    assert dict(picture.getexif()) == {}
    assert {"comment", "exif", "icc_profile"}.isdisjoint(picture.info)


def test_every_kind_of_picture_that_is_taken_can_be_shown(shown: Shown, looked: Looked) -> None:
    for ending, kind, mode in (
        ("png", "PNG", "RGBA"),
        ("png", "PNG", "P"),
        ("png", "PNG", "I;16"),
        ("gif", "GIF", "P"),
        ("bmp", "BMP", "RGB"),
        ("webp", "WEBP", "RGB"),
        ("tif", "TIFF", "CMYK"),
        ("heic", "HEIF", "RGB"),
    ):
        content = samples.picture(kind, mode)
        assert looked(f"a.{ending}", content) == Look(pages=1), (kind, mode)
        assert shown(f"a.{ending}", content).size == (60, 40), (kind, mode)


def test_a_fax_of_several_pages_is_shown_page_by_page(shown: Shown, looked: Looked) -> None:
    sheets = [Image.new("1", (50, 70 + number)) for number in range(3)]
    out = io.BytesIO()
    sheets[0].save(out, "TIFF", save_all=True, append_images=sheets[1:])
    assert looked("传真.tif", out.getvalue()).pages == 3
    assert shown("传真.tif", out.getvalue(), 3).size == (50, 72)


def test_a_pdf_is_shown_page_by_page(shown: Shown, looked: Looked) -> None:
    content = samples.pdf(2)
    assert looked("结算单.pdf", content) == Look(pages=2)
    first, second = (shown("结算单.pdf", content, page).getpixel((5, 5)) for page in (1, 2))
    assert first != second


def test_a_page_that_is_not_there_is_an_answer(shown: Shown) -> None:
    for name, content in (("a.pdf", samples.pdf(1)), ("a.tif", samples.picture("TIFF"))):
        with pytest.raises(Trouble) as caught:
            shown(name, content, 7)
        assert caught.value.problem is Problem.BROKEN


def test_a_pdf_of_twenty_thousand_pages_is_counted_and_its_pages_drawn_one_by_one(looked: Looked, shown: Shown) -> None:
    content = samples.endless_pdf()
    assert looked("a.pdf", content) == Look(pages=20_000)
    assert shown("a.pdf", content, 20_000).size == (417, 417)


def test_what_a_pdf_would_start_is_not_started(looked: Looked, shown: Shown) -> None:
    assert looked("a.pdf", samples.scripted_pdf()) == Look(pages=1)
    assert shown("a.pdf", samples.scripted_pdf()).size == (417, 417)


def test_a_picture_that_claims_too_many_pixels_is_not_decoded(looked: Looked, shown: Shown) -> None:
    assert looked("a.png", samples.vast_png()) == Look(Problem.TOO_LARGE)
    with pytest.raises(Trouble) as caught:
        shown("a.png", samples.vast_png())
    assert caught.value.problem is Problem.TOO_LARGE


def test_a_bomb_is_named_and_never_unpacked(looked: Looked) -> None:
    content = samples.bomb_docx()
    assert len(content) < 1024 * 1024
    assert looked("证据.docx", content) == Look(Problem.BOMB)


def test_a_polyglot_is_named_and_shown_as_pixels_only(looked: Looked, shown: Shown) -> None:
    content = samples.jpeg_and_html()
    assert looked("a.jpg", content) == Look(pages=1, others=("HTML",))
    assert shown("a.jpg", content).size == (640, 480)
    assert looked("a.jpg", samples.jpeg_and_zip()).others == ("ZIP",)
    assert looked("a.jpg", samples.photo() + b"Rar!\x1a\x07\x01\x00").others == ("RAR",)
    assert looked("a.gif", samples.picture("GIF") + b"%PDF-1.4").others == ("PDF",)
    assert looked("a.pdf", samples.pdf(1) + b"<script>alert(1)</script>").others == ("HTML",)


def test_an_honest_file_is_no_polyglot(looked: Looked) -> None:
    for name, content in (("a.jpg", samples.photo()), ("a.pdf", samples.pdf(3)), ("a.docx", samples.docx())):
        assert looked(name, content).others == (), name


def test_what_a_browser_would_run_or_nothing_can_show_never_reaches_the_child(
    looked: Looked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "ask", lambda *_: pytest.fail("a child was started"))
    movie = b"\x00\x00\x00\x18ftypisom" + bytes(100)
    for content in (
        samples.SVG,
        b"<html><script>1</script>",
        b"MZ" + bytes(200),
        b"#!/bin/sh\nrm",
        movie,
        b"ID3" + bytes(99),
    ):
        assert looked("a.jpg", content) == Look(Problem.NO_VIEW)


def test_a_file_beyond_the_limit_is_not_opened(clock: StandingClock) -> None:
    file = File("a.jpg", b"")
    file.entry = replace(file.entry, size=MOST_BYTES + 1)
    assert look(file, SETTINGS, clock) == Look(Problem.TOO_LARGE)
    assert file.opened == 0


def test_broken_files_are_answers(looked: Looked) -> None:
    assert looked("a.pdf", b"%PDF-1.7 nothing") == Look(Problem.BROKEN)
    assert looked("a.docx", b"PK\x03\x04" + bytes(300)) == Look(Problem.BROKEN)
    assert looked("a.jpg", b"\xff\xd8\xff\xe0" + bytes(50)) == Look(Problem.BROKEN)


def test_a_locked_document_is_named(looked: Looked) -> None:
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert looked("a.docx", locked) == Look(Problem.PASSWORD)


def test_a_text_is_shown_as_text_whatever_it_says(looked: Looked) -> None:
    assert looked("a.txt", "举报 <b>内容</b>\r\n二".encode()).text == "举报 <b>内容</b>\n二"
    assert looked("a.txt", "举报内容，三月".encode("gb18030")).text == "举报内容，三月"
    assert looked("a.txt", "举报内容".encode("utf-16")).text == "举报内容"
    assert looked("a.csv", "金额\u202e001".encode()).text == "金额\ufffd001", "no text reads otherwise than it is"
    long = looked("a.txt", b"a" * (MOST_TEXT + 5))
    assert long.text_cut
    assert len(long.text or "") == MOST_TEXT


# --- office documents

FAKE = """#!/bin/sh
while [ "$1" != --outdir ]; do shift; done
{body}
"""


@pytest.fixture
def office() -> Iterator[Callable[[str], RenderingSettings]]:
    """``office(body)``: settings that name a program which does that instead of LibreOffice. Not below /dev/shm."""
    folder = Path(tempfile.mkdtemp(prefix="mj-office-", dir="/tmp"))

    def make(body: str) -> RenderingSettings:
        program = folder / "program" / "soffice"
        program.parent.mkdir(exist_ok=True)
        program.write_text(FAKE.format(body=body))
        program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        folder.chmod(0o755)
        (program.parent / "made.pdf").write_bytes(samples.pdf(3))
        return RenderingSettings(office=str(program))

    yield make
    shutil.rmtree(folder)


WORKS = 'cp "$(dirname "$0")/made.pdf" "$2/document.pdf"'


def test_an_office_document_is_shown_as_the_pages_that_were_made_of_it(
    office: Callable[[str], RenderingSettings], clock: StandingClock, memory: Path
) -> None:
    settings, file = office(WORKS), File("证据.docx", samples.docx())
    found = look(file, settings, clock)
    assert (found.problem, found.pages) == (None, 3)
    office("exit 1")  # from here on only what was kept
    made = looking.page(file.entry, file.pieces, 3, settings, file.key, clock())
    assert made.startswith(b"\xff\xd8")
    (sealed,) = [path for path in memory.rglob("*") if path.is_file()]
    assert b"%PDF" not in sealed.read_bytes()
    assert sealed.parent.stat().st_mode & 0o077 == 0


def test_what_was_kept_is_found_with_the_key_of_the_file_alone_and_for_ten_minutes(
    clock: StandingClock, memory: Path
) -> None:
    file, other = new_id(), new_id()
    key = new_key()
    kept.put(file, key, b"%PDF", clock())
    assert kept.get(file, key, clock()) == b"%PDF"
    assert kept.get(file, new_key(), clock()) is None
    assert kept.get(other, key, clock()) is None
    clock.advance(minutes=11)
    assert kept.get(file, key, clock()) is None
    assert [path for path in memory.rglob("*") if path.is_file()] == []


def test_a_folder_that_somebody_else_prepared_is_not_used(clock: StandingClock, memory: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (memory / f"mingjing-rendered-{os.geteuid()}").symlink_to(tmp_path / "elsewhere")
    kept.put(new_id(), new_key(), b"%PDF", clock())
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_an_office_program_that_fails_hangs_or_is_missing_is_said(
    office: Callable[[str], RenderingSettings], clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = File("a.docx", samples.docx())
    assert look(file, office("exit 1"), clock).problem is Problem.BROKEN
    assert look(file, RenderingSettings(office="/no/such/soffice"), clock).problem is Problem.NO_OFFICE
    assert look(file, RenderingSettings(office=""), clock).problem is Problem.NO_OFFICE
    monkeypatch.setattr(looking, "OFFICE_LIMITS", replace(OFFICE_LIMITS, wall_s=4.0))
    assert look(file, office("sleep 3600"), clock).problem is Problem.TIME


def test_macros_are_named(clock: StandingClock, office: Callable[[str], RenderingSettings]) -> None:
    file = File("a.docx", samples.docx(**{"word__vbaProject.bin": bytes(4)}))
    assert look(file, office(WORKS), clock).macros


def test_an_archive_that_is_no_document_has_no_view(
    clock: StandingClock, office: Callable[[str], RenderingSettings]
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.js", "1")
    assert look(File("a.docx", out.getvalue()), office(WORKS), clock).problem is Problem.NO_VIEW


@pytest.mark.slow
@pytest.mark.skipif(not Path("/usr/bin/soffice").exists(), reason="LibreOffice is optional and not installed")
@pytest.mark.parametrize("walls", list(Walls))
def test_the_real_libreoffice_works_behind_the_walls(clock: StandingClock, walls: Walls) -> None:
    settings, file = RenderingSettings(walls), File("证据.docx", samples.docx())
    found = look(file, settings, clock)
    assert (found.problem, found.pages) == (None, 1)
    assert looking.page(file.entry, file.pieces, 1, settings, file.key, clock()).startswith(b"\xff\xd8")


# --- a child that a file has taken over


@pytest.mark.parametrize("program", ["lie", "die", "talk", "echo"])
def test_a_child_that_was_taken_over_can_make_nothing_but_a_picture(
    program: str, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = sandbox.ask

    def taken_over(question: sandbox.Question, *rest: object) -> sandbox.Answer:
        name = f"tests.rendering.hostile:{program}"
        return asked(replace(question, program=name, more=(Path(__file__).parent,)), *rest)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr(sandbox, "ask", taken_over)
    file = File("a.jpg", samples.photo())
    assert look(file, SETTINGS, clock).problem in (Problem.CRASHED, Problem.OUTPUT, Problem.BROKEN)
    with pytest.raises(Trouble):
        looking.page(file.entry, file.pieces, 1, SETTINGS, file.key, clock())
