"""``mingjing tip submit``: one line, one report, one answer; a bad line stops nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from portal import config
from portal.attachments.models import Attachment
from portal.cli import commands
from portal.config import Settings
from portal.kernel.site import Site
from portal.kernel.transaction import bind
from portal.mailbox.models import Mailbox
from portal.tips.batch import submit_line
from portal.tips.models import Draft, IdentityRecord
from tests.journeys.conftest import Keys
from tests.journeys.test_reporting import how_many, mine, tips

FULL = {
    "region": "320106",
    "subject_type": "institution",
    "target": "健康大药房（演示）",
    "from": "2024-06",
    "to": "2025-02",
    "place": "收银台",
    "words": "用医保卡卖大米。",
    "known_as": "named",
    "identity": {"name": "演示甲", "id_number": "11010519491231002X", "phone": "13800000000"},
    "wants_reward": True,
    "channel": "web",
}


def answer(**line: object) -> dict[str, object]:
    return submit_line(json.dumps(line, ensure_ascii=False).encode())


@pytest.mark.usefixtures("keys")
def test_a_line_with_words_alone_is_a_report(session: Session) -> None:
    got = answer(words="看到有人冒名开药。")
    assert set(got) == {"number", "receipt_code", "office", "board", "rule", "due"}
    assert got["office"] == "江苏省医疗保障局（演示）" and got["due"] == "2026-10-23"
    assert mine(str(got["receipt_code"])).report.words == "看到有人冒名开药。"
    assert how_many(session, Draft) == 0


@pytest.mark.usefixtures("keys")
def test_a_full_line_is_routed_sealed_and_named(session: Session, tmp_path: Path) -> None:
    evidence = tmp_path / "病历.pdf"
    evidence.write_bytes(b"%PDF-1.7 evidence")
    got = answer(**FULL, files=[str(evidence)])
    assert got["office"] == "南京市鼓楼区医疗保障局（演示）"
    view = mine(str(got["receipt_code"]))
    assert view.report.target == "健康大药房（演示）" and str(view.report.period_to) == "2025-02"
    assert [file.name for file in view.files] == ["病历.pdf"]
    assert how_many(session, IdentityRecord) == 1 and how_many(session, Attachment) == 1
    assert tips(session)[0].named


@pytest.mark.usefixtures("keys")
def test_other_channels_get_a_code_for_first_use_only_or_none_at_all(session: Session) -> None:
    assert answer(words="电话里说的。", channel="12393")["receipt_code"]
    assert answer(words="来信。", channel="post", answer="none")["receipt_code"] is None
    got = answer(words="请回电。", channel="visit", answer="callback", identity={"phone": "13800000000"})
    assert got["receipt_code"] is None
    assert sorted(tip.answer_way for tip in tips(session)) == ["callback", "code", "none"]
    with_code = session.query(Mailbox).one()
    assert with_code.first_use_only
    session.rollback()


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"not json", "not_json"),
        (b"[]", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'{"words": ""}', "words_missing"),
        (b'{"words": 7}', "not_text"),
        (b'{"words": "\\ud800"}', "bad_text"),
        (b'{"words": "x", "colour": "red"}', "unknown_field"),
        (
            b'{"words": "x", "identity": {"id_number": "110105194912310021"}}',
            "bad_id_number",
        ),
        (b'{"words": "x", "subject_type": "emperor"}', "unknown_choice"),
        (b'{"words": "x", "from": "2024-13"}', "bad_month"),
        (b'{"words": "x", "from": "2099-01"}', "period_future"),
        (b'{"words": "x", "from": "2025-02", "to": "2024-06"}', "period_reversed"),
        (b'{"words": "x", "conduct": "nonsense"}', "unknown_conduct"),
        (b'{"words": "x", "region": "Nanjing"}', "unknown_region"),
        (b'{"words": "x", "known_as": "named"}', "identity_missing"),
        (b'{"words": "x", "identity": "me"}', "bad_identity"),
        (b'{"words": "x", "wants_reward": "perhaps"}', "not_yes_or_no"),
        (b'{"words": "x", "files": "a"}', "bad_files"),
        (b'{"words": "x", "files": ["/no/such/file.pdf"]}', "no_file"),
        (b'{"words": "x", "against_office": "nowhere"}', "unknown_office"),
        (b'{"words": "x", "channel": "web", "answer": "none"}', "web_needs_code"),
        (b'{"words": "' + b"x" * 30_000 + b'"}', "too_long"),
    ],
)
def test_a_bad_line_is_refused_in_words_and_leaves_nothing(
    session: Session, site: Site, line: bytes, code: str
) -> None:
    got = submit_line(line)
    assert got["refused"] == code and got["reason"], got
    assert tips(session) == [] and how_many(session, Draft) == 0
    assert not [path for path in site.blob_dir.rglob("*") if path.is_file()]


@pytest.mark.usefixtures("keys")
def test_a_district_that_is_newer_than_the_table_is_received_one_level_up() -> None:
    assert answer(words="新设的区。", region="320199")["office"] == "南京市医疗保障局（演示）"
    assert answer(words="没有的省。", region="990000")["office"] == "江苏省医疗保障局（演示）"


def test_the_command_answers_every_line_and_nothing_else(
    sqlite_database: object, public_settings: Settings, keys: Keys, monkeypatch: pytest.MonkeyPatch, session: Session
) -> None:
    monkeypatch.setattr(config, "load", lambda _path: public_settings)
    lines = b'{"words": "\xe7\xac\xac\xe4\xb8\x80"}\n\nbroken\n{"words": "\xe7\xac\xac\xe4\xba\x8c"}'
    ran = CliRunner().invoke(commands, ["tip", "submit"], input=lines)
    answers = [json.loads(line) for line in ran.stdout_bytes.decode().splitlines()]
    assert ran.exit_code == 0 and [("number" in one, "refused" in one) for one in answers] == [
        (True, False),
        (False, True),
        (True, False),
    ]
    bind(None)


def test_without_a_deployment_the_command_says_so_and_exits_with_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MINGJING_SETTINGS", raising=False)
    ran = CliRunner().invoke(commands, ["tip", "submit"], input=b'{"words": "x"}')
    assert ran.exit_code == 2 and ran.stdout == ""
