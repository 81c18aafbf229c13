"""The order of the questions, and what the answers mean as a report.

The shortest honest report asks for region, subject, conduct, target, time, words, "anything more?" and how to be known:
eleven or twelve pages from the safety page to the receipt. What is optional stands behind one page of ticks; none
ticked, all skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.kernel.errors import Refused
from portal.tips import forms, whoforms
from portal.tips.regionform import RegionForm
from portal.tips.values import Identity, IdKind, KnownAs, Month, Relation, Report, SubjectType
from portal.web.wizard import Journey, Step

Kept = Mapping[str, Any]
BEGIN = "begin"
_ABOUT_US = (SubjectType.AGENCY, SubjectType.OFFICIAL)


def said(answers: Kept, slug: str, key: str, default: Any = None) -> Any:
    """One answer, or *default* while it is open."""
    held = answers.get(slug)
    return held.get(key, default) if isinstance(held, dict) else default


def subject_of(answers: Kept) -> SubjectType:
    """Whom the report is about, as far as it is said."""
    return SubjectType(said(answers, "subject", "subject_type", SubjectType.UNKNOWN))


def is_named(answers: Kept) -> bool:
    return bool(said(answers, "known", "known_as") == KnownAs.NAMED)


def wants(answers: Kept, more: str) -> bool:
    """Whether an optional question was ticked."""
    return more in said(answers, "more", "more", [])


def _unless_ticked(more: str) -> Any:
    return lambda answers: not wants(answers, more)


def _not_about_us(answers: Kept) -> bool:
    return subject_of(answers) not in _ABOUT_US


def _not_named(answers: Kept) -> bool:
    return not is_named(answers)


def _needs_no_number(answers: Kept) -> bool:
    return not (is_named(answers) and said(answers, "reward", "wants_reward", False))


JOURNEY = Journey(
    (
        Step("where", RegionForm, template="report/where.html"),
        Step("subject", forms.SubjectForm),
        Step("office", forms.OfficeForm, skip_if=_not_about_us),
        Step(
            "conduct",
            forms.ConductForm,
            skip_if=lambda answers: subject_of(answers) is SubjectType.UNKNOWN,
            template="report/conduct.html",
        ),
        Step("target", forms.TargetForm),
        Step("period", forms.PeriodForm, template="report/period.html"),
        Step("words", forms.WordsForm, template="report/words.html"),
        Step("more", forms.MoreForm),
        Step("files", forms.Question, skip_if=_unless_ticked("files"), template="report/files.html"),
        Step("place", forms.PlaceForm, skip_if=_unless_ticked("place")),
        Step("persons", forms.PersonsForm, skip_if=_unless_ticked("persons")),
        Step("amount", forms.AmountForm, skip_if=_unless_ticked("amount")),
        Step("source", forms.HowKnownForm, skip_if=_unless_ticked("how_known")),
        Step("earlier", forms.EarlierForm, skip_if=_unless_ticked("earlier")),
        Step(
            "involved",
            forms.OfficeForm,
            skip_if=lambda answers: not wants(answers, "office") or not _not_about_us(answers),
        ),
        Step("known", whoforms.KnownAsForm, template="report/known.html"),
        Step("name", whoforms.WhoForm, skip_if=_not_named, template="report/name.html"),
        Step("relation", whoforms.RelationForm, skip_if=_not_named),
        Step("reward", whoforms.RewardForm, skip_if=_not_named, template="report/reward.html"),
        Step("number", whoforms.IdNumberForm, skip_if=_needs_no_number, template="report/number.html"),
        Step("fellows", whoforms.FellowsForm, skip_if=_not_named),
    )
)


def report_of(answers: Kept) -> Report:
    """The report that the answers make. What belongs to questions that no longer arise is left out."""
    live = _live(answers)
    months = [said(live, "period", key) or None for key in ("from", "to")]
    start, end = (Month.parse(month) if month else None for month in months)
    if start is None and end is not None:
        start = end
    return Report(
        words=said(live, "words", "words", ""),
        region=said(live, "where", "region") or None,
        subject_type=subject_of(live),
        conduct=said(live, "conduct", "conduct") or None,
        target=said(live, "target", "target", ""),
        target_address=said(live, "target", "target_address", ""),
        period_from=start,
        period_to=end,
        place=said(live, "place", "place", ""),
        persons=said(live, "persons", "persons", ""),
        amount_estimate_fen=said(live, "amount", "amount_fen"),
        how_known=said(live, "source", "how_known", ""),
        earlier_reports=said(live, "earlier", "earlier_reports", ""),
        wants_reward=bool(said(live, "reward", "wants_reward", False)),
        under_14=said(live, BEGIN, "who") == "guardian",
        against_office=(said(live, "office", "against_office") or said(live, "involved", "against_office") or None),
    )


def known_as_of(answers: Kept) -> KnownAs:
    """How the reporter wishes to be known. Raises Refused while it is not said."""
    chosen = said(answers, "known", "known_as")
    if chosen is None:
        raise Refused("known_as_missing", "请先选择要不要留下姓名。")
    return KnownAs(chosen)


def identity_of(answers: Kept) -> Identity | None:
    """Who the reporter is, when a name was to be left; whatever was typed before another choice was made is dropped."""
    if not is_named(answers):
        return None
    live = _live(answers)
    return Identity(
        name=said(live, "name", "name", ""),
        id_kind=IdKind(said(live, "number", "id_kind", IdKind.RESIDENT)),
        id_number=said(live, "number", "id_number", ""),
        phone=said(live, "name", "phone", ""),
        email=said(live, "name", "email", ""),
        address=said(live, "name", "address", ""),
        relation=Relation(said(live, "relation", "relation", Relation.PUBLIC)),
        fellow_reporters=tuple(said(live, "fellows", "fellows", ())),
    )


def keeps_files(answers: Kept) -> bool:
    """Whether files belong to the report: un-ticking them takes them out again."""
    return wants(answers, "files")


def _live(answers: Kept) -> Kept:
    slugs = {step.slug for step in JOURNEY.arising(answers)} | {BEGIN}
    return {slug: held for slug, held in answers.items() if slug in slugs}
