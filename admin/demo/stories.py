"""Invented reports: handed in through the same verb as the form, then worked on by :mod:`admin.demo.casework`."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from admin.custody.ending import sweep_requests
from admin.demo import exposures
from admin.demo.casework import Cast, answer, next_moment, play
from crypto import receipts
from crypto.receipts import ReceiptCode, ReceiptSecrets
from portal.kernel.actors import REPORTER
from portal.kernel.clock import Utc, day_of
from portal.kernel.shred import create_shred_key
from portal.kernel.transaction import transaction
from portal.kernel.values import TipNumber, new_id
from portal.tips.intake import Submission, receive_tip
from portal.tips.receipt_hash import submit_secrets
from portal.tips.reporter import open_own
from portal.tips.values import AnswerWay, Channel, Identity, KnownAs, Report, SubjectType

CODES_FILE = "demo-codes.json"
NOTES_FILE = "demo-notes.json"
CASE = "案例："
"""What notes of closed cases begin with; the others tell of requests for a name."""


@dataclass(frozen=True, slots=True)
class Told:
    """A report that was handed in: its number, and its receipt code where there is one."""

    number: TipNumber
    code: ReceiptCode | None
    secrets: ReceiptSecrets | None = field(repr=False)


def tell_all(cast: Cast, folder: Path, now: Utc) -> int:
    """Hand in every story, oldest first, and keep some receipt codes beside the settings; returns how many."""
    stories = sorted(all_stories(), key=lambda story: -int(story["days"]))
    told = [_tell(story, cast, now) for story in stories]
    codes = {one.number: one.code.grouped for one in told if one.code is not None}
    (folder / CODES_FILE).write_text(json.dumps(codes, indent=1), "utf-8")
    notes = {story["note"]: one.number for story, one in zip(stories, told, strict=True) if "note" in story}
    (folder / NOTES_FILE).write_text(json.dumps(notes, indent=1, ensure_ascii=False), "utf-8")
    return len(told)


def kept_codes(folder: Path) -> dict[str, str]:
    """Numbers and receipt codes of the demonstration's reports."""
    path = folder / CODES_FILE
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def kept_notes(folder: Path) -> dict[str, str]:
    """What some of the demonstration's reports are there to show, and their numbers."""
    path = folder / NOTES_FILE
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def all_stories() -> list[dict[str, Any]]:
    """The stories as the data file has them."""
    text = (files("admin.demo") / "data" / "stories.toml").read_text("utf-8")
    return list(tomllib.loads(text)["stories"])


def _tell(story: Mapping[str, Any], cast: Cast, latest: Utc) -> Told:
    moment = latest - timedelta(days=int(story["days"]))
    told = _hand_in(story, moment)
    for step in story.get("steps", ()):
        moment = next_moment(moment, latest)
        if step == "answer":
            _answer(told, moment)
        elif step == "week":
            moment = _week(moment, latest)
        elif step in exposures.STEPS:
            exposures.play(told.number, step, story, cast, moment)
        else:
            play(told.number, step, cast, moment)
    return told


def _week(moment: Utc, latest: Utc) -> Utc:
    """A week goes by: requests that nobody answered expire, what was opened is closed."""
    after = min(moment + timedelta(days=7), latest)
    with transaction() as session:
        sweep_requests(session, after)
    return after


def _hand_in(story: Mapping[str, Any], moment: Utc) -> Told:
    code = receipts.generate() if story.get("code") else None
    secrets = submit_secrets(code) if code else None
    tip_id = new_id()
    create_shred_key(tip_id, day_of(moment))
    identity = Identity(name=story["name"], phone=story["phone"]) if "name" in story else None
    submission = Submission(
        tip_id=tip_id,
        report=Report(
            words=story["words"],
            region=story.get("region"),
            subject_type=SubjectType(story["subject_type"]),
            conduct=story.get("conduct"),
            target=story.get("target", ""),
            wants_reward=bool(story.get("wants_reward", False)),
            against_office=story.get("against_office"),
        ),
        known_as=KnownAs(story.get("known_as", "no_name")),
        channel=Channel(story.get("channel", "web")),
        answer_way=AnswerWay.CODE if code else AnswerWay.NONE,
        identity=identity,
        secrets=secrets,
    )
    with transaction() as session:
        received = receive_tip(session, submission, REPORTER, moment)
    return Told(received.number, code, secrets)


def _answer(told: Told, moment: Utc) -> None:
    if told.secrets is None:
        raise LookupError("this reporter has no mailbox")
    with transaction() as session:
        answer(session, open_own(session, told.secrets.tag, told.secrets.mailbox), moment)
