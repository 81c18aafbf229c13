"""What a decision found, in the words of staff pages. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from admin.tips import wording
from portal.tips.amounts import amount_words
from portal.tips.findings import AMOUNTS, SUBJECTS, Findings, Grade, Match, Nature, ReporterRelation

SUBJECT_WORDS: Mapping[str, str] = {one.value: wording.SUBJECTS[one] for one in SUBJECTS}
NATURES: Mapping[str, str] = {
    Nature.GENERAL: "一般违法违规",
    Nature.FRAUD: "欺诈骗保",
}
GRADES: Mapping[str, str] = {
    Grade.ONE: "一级",
    Grade.TWO: "二级",
    Grade.THREE: "三级",
    Grade.NONE: "不定等级",
}
RELATIONS: Mapping[str, str] = {
    ReporterRelation.OUTSIDER: "与被举报方没有工作关系",
    ReporterRelation.INSIDER: "被举报方的内部人员（包括以前的）",
    ReporterRelation.COMPETITOR: "同行竞争者",
    ReporterRelation.SUPERVISOR: "社会监督员",
    ReporterRelation.STAFF: "医保部门或者受托监管单位的人员",
    ReporterRelation.UNKNOWN: "不清楚",
}
MATCHES: Mapping[str, str] = {
    Match.COMPLETE: "完全相符",
    Match.MAIN: "主要事实相符",
    Match.PARTLY: "部分相符",
    Match.NONE: "不是同一件事",
}
Rows = list[tuple[str, str]]


def rows_of(found: Findings) -> Rows:
    """Every fact with its label: first the sums, then what they were judged by."""
    sums = [(label, f"{amount_words(getattr(found, name), grouped=True)} 元") for name, label in AMOUNTS.items()]
    return [
        *sums,
        ("被查实的是谁", SUBJECT_WORDS[found.subject_type]),
        ("违法行为的性质", NATURES[found.nature]),
        ("证据等级", GRADES[found.grade]),
        ("定这个等级的理由", found.grade_reason),
        ("举报人与被举报方的关系", RELATIONS[found.relation]),
        ("查实的与举报的", MATCHES[found.match]),
    ]


def changes(before: Findings | None, after: Findings) -> Rows:
    """The facts of *after* that are not those of *before*, each with what stood there until now."""
    if before is None:
        return [(label, words) for label, words in rows_of(after) if words]
    pairs = zip(rows_of(before), rows_of(after), strict=True)
    return [
        (label, f"{words or '没有填写'}（原来：{was or '没有填写'}）")
        for (_, was), (label, words) in pairs
        if was != words
    ]
