"""Reports as JSON lines, handed in through the same verb as the form: for other systems, and for trying things out.

One line is one report. A line that is refused says why and stops nothing. What it may hold is the list in
:data:`FIELDS`; ``words`` is the one thing a report cannot do without.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from stdnum.cn import ric

from crypto import receipts
from crypto.receipts import ReceiptCode
from portal.attachments.register import attach
from portal.attachments.store import site_store
from portal.attachments.upload import Room, Sink, Taken
from portal.directory.regions import regions
from portal.kernel.actors import REPORTER, SYSTEM
from portal.kernel.clock import now, today
from portal.kernel.errors import DomainError, Refused
from portal.kernel.shred import read_shred_key
from portal.kernel.site import site
from portal.kernel.transaction import transacted, transaction
from portal.kernel.values import Id
from portal.tips import drafts
from portal.tips.codes import check_codes
from portal.tips.intake import Received, Submission, receive_tip
from portal.tips.receipt_hash import submit_secrets
from portal.tips.sealing import file_key
from portal.tips.values import AnswerWay, Channel, Identity, IdKind, KnownAs, Month, Report, SubjectType, check_period

FIELDS = frozenset(
    {
        "region",
        "subject_type",
        "conduct",
        "target",
        "from",
        "to",
        "place",
        "words",
        "known_as",
        "identity",
        "wants_reward",
        "channel",
        "files",
        "against_office",
        "answer",
    }
)
MOST_LINE = 4 * 1024 * 1024
PIECE = 1 << 20


def submit_line(line: bytes) -> dict[str, object]:
    """The answer to one line: the receipt, or ``refused`` (a code) and ``reason`` (a sentence). Never raises."""
    try:
        return submit(parse_line(line))
    except DomainError as error:
        return {"refused": error.code, "reason": error.message}
    except (SQLAlchemyError, OSError):
        return {"refused": "unavailable", "reason": "现在不能接收，什么也没有存下。请稍后再试。"}


def parse_line(line: bytes) -> dict[str, Any]:
    """The object in a line. Raises Refused when it is none, or has a field that no report has."""
    if len(line) > MOST_LINE:
        raise Refused("line_too_long", "这一行太长，最多 4 MB。")
    try:
        given = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refused("not_json", "这一行不是 UTF-8 的 JSON。") from error
    if not isinstance(given, dict):
        raise Refused("not_json", "每一行要是一个 JSON 对象。")
    unknown = sorted(set(given) - FIELDS)
    if unknown:
        raise Refused("unknown_field", f"没有这一项：{'、'.join(repr(name)[:40] for name in unknown[:5])}。")
    return given


def submit(given: Mapping[str, Any]) -> dict[str, object]:
    """Hand in one report. Raises DomainError; then nothing of it is left behind."""
    report = report_from(given)
    channel = _one_of(Channel, given.get("channel"), Channel.WEB, "channel")
    known_as = _one_of(KnownAs, given.get("known_as"), KnownAs.NO_NAME, "known_as")
    who = identity_from(given.get("identity"))
    way = _one_of(AnswerWay, given.get("answer"), AnswerWay.CODE, "answer")
    if channel is Channel.WEB and way is not AnswerWay.CODE:
        raise Refused("web_needs_code", "网上举报凭回执码答复。")
    code = receipts.generate() if way is AnswerWay.CODE else None
    secrets = submit_secrets(code) if code is not None else None
    make = partial(
        Submission,
        report=report,
        known_as=known_as,
        channel=channel,
        answer_way=way,
        identity=who if known_as is KnownAs.NAMED else None,
        contact=who if way in (AnswerWay.CALLBACK, AnswerWay.LETTER) else None,
        secrets=secrets,
        first_use_only=channel is not Channel.WEB,
    )
    return answer_of(_stored(make, _paths(given.get("files"))), code)


def answer_of(received: Received, code: ReceiptCode | None) -> dict[str, object]:
    """The line that is written for a report received."""
    return {
        "number": received.number,
        "receipt_code": None if code is None else code.digits,
        "office": received.office,
        "board": received.board,
        "rule": received.rule,
        "due": received.due_on.isoformat(),
    }


def report_from(given: Mapping[str, Any]) -> Report:
    """The report in a line. Raises Refused."""
    start, end = (None if given.get(key) in (None, "") else Month.parse(given[key]) for key in ("from", "to"))
    check_period(start, end, today())
    return Report(
        words=given.get("words", ""),
        region=nearest_region(given.get("region")),
        subject_type=_one_of(SubjectType, given.get("subject_type"), SubjectType.UNKNOWN, "subject_type"),
        conduct=_text(given, "conduct"),
        target=_text(given, "target") or "",
        period_from=start,
        period_to=end,
        place=_text(given, "place") or "",
        wants_reward=given.get("wants_reward") or False,
        against_office=_text(given, "against_office"),
    )


def nearest_region(code: object) -> str | None:
    """The region of a code, or the nearest one above it that is known: a new district's report must not be lost."""
    if code is None or code == "":
        return None
    if not (isinstance(code, str) and len(code) == 6 and code.isascii() and code.isdigit()):
        raise Refused("unknown_region", "地区要写六位区划代码，不知道就不写。")
    return next((near for near in (code, code[:4] + "00", code[:2] + "0000") if near in regions()), None)


def identity_from(given: object) -> Identity | None:
    """The identity in a line, or None. Raises Refused."""
    if given is None:
        return None
    if not isinstance(given, Mapping) or not set(given) <= {"name", "id_number", "phone", "email", "address"}:
        raise Refused("bad_identity", "identity 只能有 name、id_number、phone、email、address。")
    parts: dict[str, Any] = {name: value or "" for name, value in given.items()}
    who = Identity(**parts)
    return None if who.empty else replace(who, id_kind=_kind_of_paper(who.id_number))


def _kind_of_paper(number: str) -> IdKind:
    """A line does not say what paper a number is of. Refused for a resident's number with a wrong check digit."""
    if not number:
        return IdKind.RESIDENT
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return IdKind.OTHER
    if ric.calc_check_digit(number) != number[-1]:
        raise Refused("bad_id_number", "身份证号码不对，请逐位核对；不知道可以不写。")
    return IdKind.RESIDENT


def _stored(make: Callable[[Id], Submission], paths: list[Path]) -> Received:
    """Through a draft, like the form: its files are sealed first, then everything is one transaction.

    What fails leaves nothing behind; what a crash leaves dies with the draft.
    """
    with transaction() as session:
        draft = drafts.start(session, now())
    shred_key = read_shred_key(draft.tip_id)
    taken: list[Taken] = []
    try:
        _seal_files(paths, Room(lambda key, file: file_key(key, shred_key, file)), taken)
        submission = replace(make(draft.tip_id), files=tuple(one.entry for one in taken))
        return transacted(lambda session: _received(session, draft, submission, taken))
    except BaseException:
        _take_back(draft, taken)
        raise


def _received(session: Session, draft: drafts.OpenDraft, submission: Submission, taken: list[Taken]) -> Received:
    drafts.open_draft(session, draft.key, now(), lock=True)
    for one in taken:
        attach(session, draft.tip_id, one, now())
    check_codes(session, submission.report)
    actor = REPORTER if submission.channel is Channel.WEB else SYSTEM
    received = receive_tip(session, submission, actor, now())
    drafts.finish(session, draft)
    return received


def _take_back(draft: drafts.OpenDraft, taken: list[Taken]) -> None:
    with transaction() as session:
        drafts.discard(session, draft)
    for one in taken:
        site_store().delete(one.entry.id)


def _seal_files(paths: list[Path], room: Room, done: list[Taken]) -> None:
    """Add each file to *done* as soon as it is durable, so that the caller can take back what there is."""
    for path in paths:
        before = sum(one.entry.size for one in done)
        sink = Sink(path.name, room, site().limits, site_store(), before)
        try:
            with path.open("rb") as source:
                while piece := source.read(PIECE):
                    sink.write(piece)
            sink.seek(0)
            done.append(sink.keep())
        except OSError as error:
            raise Refused("no_file", f"读不到文件：{path.name[:80]}") from error
        finally:
            sink.drop()


def _paths(given: object) -> list[Path]:
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(path, str) and "\0" not in path for path in given):
        raise Refused("bad_files", "files 要是文件路径的列表。")
    if len(given) > site().limits.files:
        raise Refused("file_count", "文件的个数超过上限。")
    return [Path(path) for path in given]


def _one_of(kind: Any, given: object, default: Any, name: str) -> Any:
    if given is None or given == "":
        return default
    try:
        return kind(given)
    except ValueError as error:
        raise Refused("unknown_choice", f"{name} 没有这个选项。") from error


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused("not_text", f"{name} 要写文字。")
    return value or None
