"""Writing the draft of a published case: version upon version, sealed with the keys of the report, none ever changed.

``(session, exposure, …, actor, now, keys)``. Saving and submitting hold the text against the report, which the
editor may open; nothing of the report goes into the draft. Whoever approves has the record and the draft alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.exposures.moving import move, put
from admin.staff.queries import is_own
from admin.staff.roles import Permission
from admin.tips.casework import number_of
from portal.directory.models import Office
from portal.exposures.content import CaseContent
from portal.exposures.drafts import Answer, Draft, Question, text_of
from portal.exposures.generating import propose
from portal.exposures.models import Exposure, ExposureDraft, ExposureStep
from portal.exposures.naming import CHECKED, HIT
from portal.exposures.readiness import Pieces, facts_of, hindrances, may_keep, pieces_of, questions_about, questions_of
from portal.exposures.record import CaseRecord
from portal.exposures.records_kept import KeptRecord, versions_of
from portal.exposures.safety import Safety, check_safety
from portal.exposures.states import ExposureAction, ExposureState
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import IllegalMove, Refused
from portal.kernel.site import site
from portal.kernel.values import new_id
from portal.ledger.book import append
from portal.ledger.events import RecordWritten
from portal.tips.catalogue import get
from portal.tips.models import Tip, TipBody
from portal.tips.sealing import ReportKeys, open_body, open_words, seal_words
from portal.tips.values import Report, clean_text

DRAFT = "exposure-draft"
"""The kind under which the book keeps the hash of a version."""
SAVE = "save"
"""The line of an exposure's history that a version leaves."""
OPEN_STATES = frozenset({ExposureState.DRAFTING, ExposureState.CORRECTING})
"""States in which a draft is written."""
TITLE_LIMIT, TEXT_LIMIT, WORDS_LIMIT = 120, 20_000, 500
"""Characters of the title, of all paragraphs together, and of the reason of an answer."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a draft is held against, opened for one session and kept nowhere."""

    record: CaseRecord
    recorded: KeptRecord
    generated: CaseContent
    report: str = field(repr=False)
    received: date
    pieces: Pieces = field(repr=False)


def material_of(session: Session, exposure: Exposure, keys: ReportKeys) -> Material:
    """The case record and the report, opened. The page records that the report is opened before it calls this.

    Refused ("no_record") without a record; crypto errors when a byte was changed.
    """
    tip = session.get_one(Tip, exposure.tip_id)
    kept = versions_of(session, tip, keys)
    if not kept:
        raise Refused("no_record", "这个案件还没有登记案件记录，请承办人员先登记。")
    record, office = kept[0].version.record, session.get_one(Office, exposure.office_id)
    generated = propose(record, office.name, site().is_demo)
    report = words_of(open_body(session.get_one(TipBody, tip.id), keys)[0])
    return Material(record, kept[0], generated, report, tip.received_on, pieces_of(report, text_of(generated)))


def words_of(report: Report) -> str:
    """Everything that a reporter typed, a line each; what names the reported institution is public."""
    typed = (report.words, report.place, report.target_address, report.persons, report.how_known)
    return "\n".join(one for one in (*typed, report.earlier_reports) if one)


def draft_of(session: Session, exposure: Exposure, keys: ReportKeys) -> Draft | None:
    """The newest version, opened; None before the first. Crypto errors when a byte was changed."""
    row = row_of(session, exposure)
    return Draft.from_json(open_words(row.sealed, keys, row.id)) if row else None


def row_of(session: Session, exposure: Exposure, version: int | None = None) -> ExposureDraft | None:
    """The sealed row of a version, the newest when none is named; None when there is none."""
    wanted = select(ExposureDraft).where(
        ExposureDraft.exposure_id == exposure.id,
        ExposureDraft.version == (exposure.version if version is None else version),
    )
    return session.scalar(wanted)


def digest_of(row: ExposureDraft) -> str:
    """SHA-256 in hex of a sealed version: what the book keeps of it, and what an approval stands on."""
    return hashlib.sha256(row.sealed).hexdigest()


def safety_of(content: CaseContent, material: Material, today: date) -> Safety:
    """The draft held against the report. What is generated from the record, and the law's words, tell nothing."""
    usual = (*material.generated.paragraphs, material.generated.title, *(get(one).legal for one in content.conducts))
    return check_safety(content, material.record, material.report, material.received, today, usual)


def judged(draft: Draft, material: Material, today: date) -> Draft:
    """*draft* with the facts of the record, the questions that its text raises today, and the answers that still fit.

    An answer that keeps what cannot be kept is dropped with the rest.
    """
    content = facts_of(material.record, replace(draft.content, office=material.generated.office))
    content = replace(content, invented=material.generated.invented)
    asked = (
        *questions_about(content, material.record, material.pieces),
        *questions_of(safety_of(content, material, today)),
    )
    return replace(draft, content=content, questions=asked, answers=_fitting(draft.answers, asked, material.record))


def _fitting(answers: tuple[Answer, ...], asked: tuple[Question, ...], record: CaseRecord) -> tuple[Answer, ...]:
    """The last answer to each question that is asked and may be kept."""
    last = {one.question: one for one in answers if one.words}
    return tuple(last[one] for one in asked if one in last and may_keep(one, record))


def clean(draft: Draft) -> Draft:
    """*draft* as it may be kept. Refused: "title_missing", "text_missing", "too_long", "bad_text"."""
    title = clean_text(draft.content.title, TITLE_LIMIT, "标题", lines=False)
    body = clean_text("\n".join(draft.content.paragraphs), TEXT_LIMIT, "正文")
    paragraphs = tuple(line.strip() for line in body.split("\n") if line.strip())
    if not title:
        raise Refused("title_missing", "请写标题。")
    if not paragraphs:
        raise Refused("text_missing", "请写正文。")
    answers = tuple(
        replace(one, words=clean_text(one.words, WORDS_LIMIT, "保留的理由", lines=False)) for one in draft.answers
    )
    content = replace(draft.content, title=title, paragraphs=paragraphs)
    return replace(draft, content=content, answers=answers, words=clean_text(draft.words, WORDS_LIMIT, "更正的说明"))


def save(
    session: Session, exposure: Exposure, draft: Draft, seen_version: int, actor: Actor, now: Utc, keys: ReportKeys
) -> ExposureDraft:
    """Append a version. Of *draft* count title, paragraphs, answers, reason and words; the facts are the record's.

    ``exposure`` is locked (:func:`admin.exposures.moving.locked_way`). Refused: "changed" when somebody saved after
    *seen_version*, "own_record", "no_record", "title_missing", "text_missing", "too_long"; IllegalMove when it is not
    being written.
    """
    _may_write(exposure, seen_version, actor)
    material = material_of(session, exposure, keys)
    _not_own(session, material, actor)
    return keep(session, exposure, judged(clean(draft), material, day_of(now)), actor, now, keys)


def keep(session: Session, exposure: Exposure, draft: Draft, actor: Actor, now: Utc, keys: ReportKeys) -> ExposureDraft:
    """Seal *draft* as the next version, as it is, and bind it on the ledger by the hash of what was sealed."""
    exposure.version += 1
    row_id = new_id()
    row = ExposureDraft(
        id=row_id,
        exposure_id=exposure.id,
        version=exposure.version,
        sealed=seal_words(draft.to_json(), keys, row_id),
        made_by=actor.id,
        made_on=day_of(now),
    )
    session.add(row)
    number = number_of(session.get_one(Tip, exposure.tip_id))
    append(session, RecordWritten(number, DRAFT, digest_of(row)), actor, now)
    put(session, exposure, SAVE, ExposureState(exposure.state), actor, now)
    return row


def submit(session: Session, exposure: Exposure, seen_version: int, actor: Actor, now: Utc, keys: ReportKeys) -> None:
    """Bring the newest version before a second person. Everything is checked once more, with the report open.

    Refused as :func:`save` is, and: "names_reporter",
    "no_draft", "not_ready" (with how many things are in the way), "no_reason" (a
    correction that does not say why).
    """
    _may_write(exposure, seen_version, actor)
    draft = draft_of(session, exposure, keys)
    if draft is None:
        raise Refused("no_draft", "还没有保存过草稿。请先保存一版，再送审。")
    must_name_nobody(session, exposure)
    material = material_of(session, exposure, keys)
    _not_own(session, material, actor)
    if exposure.state == ExposureState.CORRECTING and not (draft.reason and draft.words):
        raise Refused("no_reason", "更正要写明理由，公众会看到。")
    standing = judged(draft, material, day_of(now))
    found = hindrances(replace(standing, content=draft.content), material.record, material.pieces)
    if found:
        raise Refused("not_ready", f"还有 {len(found)} 处没有处理，不能送审。{found[0].words}")
    move(session, exposure, ExposureAction.SUBMIT, actor, now)


def must_name_nobody(session: Session, exposure: Exposure) -> None:
    """Refused ("names_reporter") when the last answer of a custody board about the newest version was a hit."""
    about = (ExposureStep.exposure_id == exposure.id, ExposureStep.version == exposure.version)
    wanted = select(ExposureStep.code).where(*about, ExposureStep.action == CHECKED)
    if session.scalar(wanted.order_by(ExposureStep.position.desc()).limit(1)) == HIT:
        raise Refused("names_reporter", "与封存的身份核对过：这一版里有举报人的信息。请改写，保存以后再核对一次。")


def _may_write(exposure: Exposure, seen_version: int, actor: Actor) -> None:
    actor.must(Permission.EDIT_EXPOSURE, exposure.office_id)
    actor.must(Permission.READ_TIP, exposure.office_id)
    if ExposureState(exposure.state) not in OPEN_STATES or actor.id is None:
        raise IllegalMove("illegal_move", "这个案例现在不在起草。请刷新页面，看看现在可以办什么。")
    if exposure.version != seen_version:
        raise Refused("changed", "您改的时候，有人保存了新的一版。您写的还在下面；请对照新的一版以后再保存。")


def _not_own(session: Session, material: Material, actor: Actor) -> None:
    if is_own(session, material.recorded.by, actor):
        raise Refused("own_record", "案件记录是您自己登记的，请由另一位编辑起草。")
