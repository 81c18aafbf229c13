"""Reporting with nothing but the rights of the public process on PostgreSQL: row security hides what is not shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.attachments.models import Attachment
from portal.kernel.site import Site
from portal.tips.batch import submit_line
from portal.tips.models import Draft, IdentityRecord, IdentityShare, Tip, TipKey
from tests.journeys.reporter import Reporter

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
PDF = b"%PDF-1.7 evidence"


def how_many(owner: Session, *tables: type) -> list[int]:
    counted = [owner.scalar(select(func.count()).select_from(table)) or 0 for table in tables]
    owner.rollback()
    return counted


def blobs(site: Site) -> list[Path]:
    return [path for path in site.blob_dir.rglob("*") if path.is_file()]


def with_file(reporter: Reporter) -> Reporter:
    """A draft with one file in it, on the page for files."""
    return reporter.to_words().press(words="有单据。").press(more=["files"]).attach((PDF, "单据.pdf"))


def test_a_report_with_files_is_sent_and_its_draft_is_gone_once_the_code_is_saved(
    reporter: Reporter, owner: Session, site: Site
) -> None:
    with_file(reporter).press().press(known_as="no_name").send()
    assert len(reporter.code) == 24
    assert how_many(owner, Draft, Tip, TipKey, Attachment) == [1, 1, 1, 1]
    reporter.press("", action="/report/saved/")
    assert reporter.path == "/report/done/"
    assert how_many(owner, Draft, Tip, Attachment) == [0, 1, 1] and len(blobs(site)) == 1


def test_a_draft_is_thrown_away_with_its_files(reporter: Reporter, owner: Session, site: Site) -> None:
    with_file(reporter).press("later").press("", action="/report/discard/")
    assert reporter.path == "/" and reporter.page.status_code == 200
    assert how_many(owner, Draft, Attachment) == [0, 0] and blobs(site) == []


def test_quick_exit_destroys_a_draft_that_nobody_could_open_again(
    reporter: Reporter, owner: Session, site: Site
) -> None:
    with_file(reporter)
    reporter.browser.post("/leave", data={"csrf_token": reporter.form()["fields"]["csrf_token"][0]})
    assert how_many(owner, Draft, Attachment) == [0, 0] and blobs(site) == []


def test_a_file_is_removed_and_a_return_code_brings_the_rest_back(
    reporter: Reporter, restricted: Flask, owner: Session, site: Site
) -> None:
    with_file(reporter)
    found = owner.scalars(select(Attachment.id)).one()
    owner.rollback()
    reporter.press("", remove=found.hex)
    assert how_many(owner, Attachment) == [0] and blobs(site) == []
    reporter.press("later")
    other = Reporter(restricted).open("/report/return/").press("", code=reporter.code)
    assert "有单据。" in other.open("/report/words/").page.text


def answer(**line: Any) -> dict[str, object]:
    return submit_line(json.dumps(line, ensure_ascii=False).encode())


def test_json_lines_are_received_named_and_with_files(
    restricted: Flask, owner: Session, site: Site, tmp_path: Path
) -> None:
    evidence = tmp_path / "病历.pdf"
    evidence.write_bytes(PDF)
    who = {"name": "演示甲", "phone": "13800000000"}
    got = answer(region="320106", words="冒名。", known_as="named", identity=who, files=[str(evidence)])
    assert len(str(got["receipt_code"])) == 24
    assert answer(words="来信。", channel="post", answer="none")["receipt_code"] is None
    assert "number" in answer(words="请回电。", channel="visit", answer="callback", identity={"phone": "13800000000"})
    assert how_many(owner, Tip, IdentityRecord, IdentityShare, Attachment, Draft) == [3, 2, 6, 1, 0]
    assert len(blobs(site)) == 1


def test_a_line_refused_late_says_why_and_leaves_nothing(
    restricted: Flask, owner: Session, site: Site, tmp_path: Path
) -> None:
    evidence = tmp_path / "病历.pdf"
    evidence.write_bytes(PDF)
    for line, code in (
        ({"words": "冒名。", "known_as": "named"}, "identity_missing"),
        ({"words": "冒名。", "against_office": "nowhere"}, "unknown_office"),
        ({"words": "冒名。", "files": ["/no/such.pdf"]}, "no_file"),
    ):
        files = [str(evidence), *line.pop("files", [])]
        assert answer(**line, files=files)["refused"] == code
    assert how_many(owner, Tip, Draft, Attachment) == [0, 0, 0] and blobs(site) == []
