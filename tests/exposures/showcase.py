"""Cases before the public, written as rows. Everything in them is invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.exposures.content import CaseContent, Withheld
from portal.exposures.models import PublishedBatch, PublishedCase, PublishedConduct, PublishedTerm, PublishedVersion
from portal.exposures.terms import terms
from portal.exposures.values import (
    Amounts,
    ChangeReason,
    Decided,
    Manner,
    Month,
    Ownership,
    Points,
    Referral,
    Result,
    Size,
    Source,
    SubjectKind,
    VersionKind,
)
from portal.kernel.values import Fen, Id, new_id

PHARMACY = CaseContent(
    title="演示安康大药房串换药品骗取医保基金案",
    paragraphs=(
        "演示区医疗保障局根据群众举报，查实演示安康大药房在2026年1月至3月间把保健品串换成医保药品结算。",
        "依据《医疗保障基金使用监督管理条例》第三十八条，责令退回基金1,234.50元，并处二倍罚款。",
    ),
    office="演示区医疗保障局",
    region="320104",
    source=Source.REPORT,
    subject=SubjectKind.PHARMACY,
    ownership=Ownership.PRIVATE,
    size=Size.SMALL,
    manner=Manner.FRAUD,
    institution="演示安康大药房",
    conducts=("inst-38-2",),
    found_in=Month("2026-05"),
    began=Month("2026-01"),
    ended=Month("2026-03"),
    amounts=Amounts(
        involved_fen=Fen(123450), fine_base_fen=Fen(123450), fine_tenths=20, fine_fen=Fen(246900), recovered_fen=Fen(5)
    ),
    bases=("条例第三十八条",),
    results=(Decided(Result.RETURN), Decided(Result.SUSPEND_AGREEMENT, 3)),
    referrals=(Referral.POLICE,),
    points=(Points("药师", 1, 3),),
    withheld=(Withheld("name", 2),),
    invented=True,
)
HOSPITAL = replace(
    PHARMACY,
    title="演示晨光医院虚构诊疗项目案",
    paragraphs=("演示晨光医院虚构针灸治疗，收取费用。",),
    region="320106",
    subject=SubjectKind.HOSPITAL,
    institution="演示晨光医院",
    conducts=("inst-38-3",),
    invented=False,
)


def office(
    session: Session, name: str = "演示区医疗保障局", name_en: str = "Demo District Healthcare Security Bureau"
) -> Id:
    """A bureau that publishes."""
    made = Office(
        id=new_id(),
        code=f"o{new_id().hex[:8]}",
        name=name,
        name_en=name_en,
        kind="bureau",
        level="county",
        region="320104",
    )
    session.add(made)
    session.flush()
    return made.id


def issue(session: Session, office_id: Id, number: int = 1, day: date = date(2026, 9, 1)) -> Id:
    """An issue of that office."""
    made = PublishedBatch(
        office_id=office_id, year=day.year, issue=number, title="典型案例", preamble="以案示警。", published_on=day
    )
    session.add(made)
    session.flush()
    return made.id


def put_up(
    session: Session,
    office_id: Id,
    content: CaseContent = PHARMACY,
    *,
    code: str = "2026-0001",
    day: date = date(2026, 9, 1),
    state: str = "published",
    batch_id: Id | None = None,
) -> PublishedCase:
    """A case on show, or one that waits for its day."""
    case = PublishedCase(
        id=new_id(), code=code, office_id=office_id, batch_id=batch_id, position=1, state=state, version=1,
        title=content.title, region=content.region, subject=content.subject.value, year=day.year,
        published_on=day, changed_on=day, expires_on=None,
    )  # fmt: skip
    session.add(case)
    session.flush()
    _add_version(session, case, VersionKind.PUBLISH, content, day)
    session.add_all(PublishedConduct(case_id=case.id, conduct=one) for one in content.conducts)
    session.add_all(PublishedTerm(case_id=case.id, term=one) for one in terms(content.title))
    session.flush()
    return case


def correct(session: Session, case: PublishedCase, content: CaseContent, day: date, words: str = "数额更正。") -> None:
    """Another version follows."""
    case.version += 1
    case.changed_on = day
    case.title = content.title
    _add_version(session, case, VersionKind.CORRECT, content, day, ChangeReason.WRONG_FACT.value, words)
    session.flush()


def take_down(session: Session, case: PublishedCase, day: date, words: str = "处理决定已被撤销。") -> None:
    """A notice stands where the case was."""
    newest = session.query(PublishedVersion).filter_by(case_id=case.id, version=case.version).one()
    for one in session.query(PublishedVersion).filter_by(case_id=case.id):
        one.content = ""
    case.version += 1
    case.changed_on = day
    case.state = "withdrawn"
    session.add(
        PublishedVersion(
            case_id=case.id, version=case.version, kind=VersionKind.WITHDRAW.value, content="", sha256=newest.sha256,
            day=day, reason=ChangeReason.DECISION_REVOKED.value, words=words,
        )
    )  # fmt: skip
    session.query(PublishedConduct).filter_by(case_id=case.id).delete()
    session.query(PublishedTerm).filter_by(case_id=case.id).delete()
    session.flush()


def _add_version(
    session: Session, case: PublishedCase, kind: VersionKind, content: CaseContent, day: date, reason: str = "",
    words: str = "",
) -> None:  # fmt: skip
    session.add(
        PublishedVersion(
            case_id=case.id, version=case.version, kind=kind.value, content=content.to_json(), sha256=content.sha256,
            day=day, reason=reason, words=words,
        )
    )  # fmt: skip
