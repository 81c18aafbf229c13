"""Which files are taken: by ending and leading bytes together."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.attachments import rules
from portal.kernel.errors import Refused
from portal.kernel.site import Limits

LIMITS = Limits(file_bytes=1000, total_bytes=2500, files=3)


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


def iso(brand: bytes, box: bytes = b"ftyp") -> bytes:
    return b"\x00\x00\x00\x18" + box + brand + b"\x00\x00\x00\x00" + brand + b"isom" + bytes(64)


HEADS = {
    "照片.jpg": b"\xff\xd8\xff\xe1\x00\x18Exif\x00\x00" + bytes(64),
    "截图.PNG": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "苹果照片.heic": iso(b"heic"),
    "材料.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "清单.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
    "清单.xlsx": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "发票.ofd": zipped("OFD.xml"),
    "录音.m4a": iso(b"M4A "),
    "录音.amr": b"#!AMR\n" + bytes(32),
    "录音.mp3": b"ID3\x04\x00" + bytes(64),
    "录音.wav": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(32),
    "录像.mov": iso(b"qt  "),
    "老录像.mov": iso(b"", b"moov"),
    "录像.mp4": iso(b"mp42"),
    "录像.3gp": iso(b"3gp4"),
    "说明.txt": "我在医院看到的情况。".encode(),
    "说明-国标.txt": "我在医院看到的情况。".encode("gb18030"),
}


@pytest.mark.parametrize("name", HEADS)
def test_evidence_of_the_usual_kinds_is_taken(name: str) -> None:
    rules.check_head(rules.kind_of_name(name), HEADS[name])


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("照片.jpg", b"MZ\x90\x00" + bytes(64)),  # a program with a photo's name
        ("照片.jpg", b"\x89PNG\r\n\x1a\n" + bytes(64)),
        ("说明.txt", b"<html><script>alert(1)</script>"),
        ("说明.txt", b"#!/bin/sh\nrm -rf /"),
        ("说明.txt", b"\x7fELF\x02\x01\x01" + bytes(64)),
        ("材料.pdf", b"PK\x03\x04" + bytes(64)),
        ("录像.mp4", b"\x00" * 64),
        ("录音.m4a", b""),
    ],
)
def test_a_name_that_its_bytes_do_not_bear_out_is_refused(name: str, head: bytes) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_head(rules.kind_of_name(name), head)
    assert refused.value.code == "file_kind"


@pytest.mark.parametrize(
    "name", ["病毒.exe", "页面.html", "图.svg", "包.zip", "脚本.js", "没有结尾", "", ".", "a.b.c.SCR"]
)
def test_a_kind_that_could_not_be_evidence_is_refused_by_name(name: str) -> None:
    with pytest.raises(Refused):
        rules.kind_of_name(name)


@given(st.binary(max_size=200), st.sampled_from(sorted(rules.KINDS)))
def test_hostile_bytes_are_taken_or_refused_and_nothing_else(head: bytes, ending: str) -> None:
    try:
        rules.check_head(rules.KINDS[ending], head)
    except Refused as error:
        assert error.code == "file_kind"


@given(st.text(max_size=400))
def test_a_shown_name_is_short_and_holds_nothing_invisible(name: str) -> None:
    shown = rules.display_name(name)
    assert len(shown) <= rules.NAME_LIMIT
    assert "/" not in shown and "\x00" not in shown and "\u202e" not in shown
    shown.encode()  # no lone surrogate is left


def test_a_long_name_keeps_its_ending() -> None:
    assert rules.display_name("很" * 300 + ".jpeg").endswith("….jpeg")


def test_folders_in_a_name_are_cut_off() -> None:
    assert rules.display_name("..\\..\\windows\\证据.pdf") == "证据.pdf"
    assert rules.display_name("../../etc/证据.pdf") == "证据.pdf"


@pytest.mark.parametrize(
    ("size", "before", "code"), [(0, 0, "file_empty"), (1001, 0, "file_too_big"), (600, 2000, "file_total")]
)
def test_empty_too_big_and_too_much_are_told_apart(size: int, before: int, code: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_size(size, before, LIMITS)
    assert refused.value.code == code


def test_sizes_at_the_limit_are_taken() -> None:
    rules.check_size(1000, 1500, LIMITS)
    rules.check_count(2, LIMITS)
    with pytest.raises(Refused):
        rules.check_count(3, LIMITS)
