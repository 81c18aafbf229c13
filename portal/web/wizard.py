"""One question a page, in an order that depends on the answers. Knows nothing of tips, drafts or storage.

A feature writes its ``Journey`` as data and gives ``Walk`` two functions that load and save the answers. Answers are a
dictionary from a step's slug to what its form holds; a step that was skipped in one press holds None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.kernel.errors import NotFound

Answers = dict[str, Any]
RETURN = "return"
"""``?return=check``: the reader came from the check page and goes back there."""


def _never(answers: Mapping[str, Any]) -> bool:
    return False


@dataclass(frozen=True)
class Step:
    """A page with one question.

    ``form_class`` is a FlaskForm of one field or one small group. Steps of one ``group`` that are ``optional`` are
    skipped together in one press. ``skip_if`` gets the answers so far and says that the question does not arise.
    ``template`` draws it; without one ``question.html`` of the feature does.
    """

    slug: str
    form_class: type[Any]
    group: str = ""
    optional: bool = False
    skip_if: Callable[[Mapping[str, Any]], bool] = _never
    template: str | None = None


class Journey:
    """The steps in order. All methods are pure: answers in, slug or words out."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.steps = steps
        self._by_slug = {step.slug: step for step in steps}
        if len(self._by_slug) != len(steps):
            raise ValueError("two steps have one slug")

    def step(self, slug: str, answers: Mapping[str, Any]) -> Step:
        """The step, if it arises with these answers. NotFound otherwise."""
        found = self._by_slug.get(slug)
        if found is None or found.skip_if(answers):
            raise NotFound("step", _("没有这个问题。"))
        return found

    def arising(self, answers: Mapping[str, Any]) -> list[Step]:
        """The steps that arise with these answers, in order."""
        return [step for step in self.steps if not step.skip_if(answers)]

    def after(self, slug: str, answers: Mapping[str, Any], past_group: bool = False) -> Step | None:
        """The next step that arises; with *past_group*, the first outside this step's group. None: the check page."""
        here = next(i for i, step in enumerate(self.steps) if step.slug == slug)
        group = self.steps[here].group
        for step in self.steps[here + 1 :]:
            if not step.skip_if(answers) and not (past_group and group and step.group == group):
                return step
        return None

    def before(self, slug: str, answers: Mapping[str, Any]) -> Step | None:
        """The step before this one that arises, or None when it is the first."""
        earlier: Step | None = None
        for step in self.steps:
            if step.slug == slug:
                return earlier
            if not step.skip_if(answers):
                earlier = step
        return None

    def unanswered(self, answers: Mapping[str, Any]) -> Step | None:
        """The first step that must be answered and is not: nothing is sent before it is."""
        return next((s for s in self.arising(answers) if not s.optional and answers.get(s.slug) is None), None)

    def position(self, slug: str, answers: Mapping[str, Any]) -> str:
        """第 3 题，约 8 题. Skipped optional questions do not count; "about", because answers still open and close some."""
        counted = [s for s in self.arising(answers) if s.slug == slug or not _was_skipped(s, answers)]
        number = next(i for i, step in enumerate(counted, 1) if step.slug == slug)
        words = _("第 %(number)s 题，约 %(total)s 题", number=number, total=len(counted))
        return str(words)


def _was_skipped(step: Step, answers: Mapping[str, Any]) -> bool:
    return step.optional and step.slug in answers and answers[step.slug] is None


def held(form: Any) -> dict[str, Any]:
    """What a form holds, without the token: plain values that can be kept as JSON."""
    return {field.name: field.data for field in form if field.name != "csrf_token" and field.type != "SubmitField"}


@dataclass(frozen=True)
class Question:
    """What a template needs for one step: ``form``, where ``back`` leads, ``progress`` in words."""

    step: Step
    form: Any
    back: str
    progress: str
    returning: bool
    answers: Answers

    @property
    def status(self) -> int:
        """400 when the page comes back with errors, so that no program takes it for success."""
        return 400 if self.form.errors else 200

    @property
    def can_skip(self) -> bool:
        """Whether the page offers to leave out this and the rest of its optional group."""
        return self.step.optional


@dataclass(frozen=True)
class Walk:
    """A reader's way through a journey.

    ``load`` and ``save`` keep the answers, ``url`` is the address of a step, ``check`` of the check page, ``start`` of
    the page before the first question. ``later`` says what happens on "save for later" once the answers are kept.
    """

    journey: Journey
    load: Callable[[], Answers]
    save: Callable[[Answers], None]
    url: Callable[[str], str]
    check: Callable[[], str]
    start: Callable[[], str]
    later: Callable[[], Response] | None = None

    def handle(self, slug: str) -> Question | Response:
        """Ask, or take the answer: 303 to the next step. NotFound for a step that does not arise."""
        answers = self.load()
        step = self.journey.step(slug, answers)
        returning = request.args.get(RETURN) == "check"
        if request.method == "POST" and request.form.get("do") == "skip" and step.optional:
            return self._skip(step, answers)
        form = step.form_class(data=answers.get(slug) or {})
        later = request.method == "POST" and request.form.get("do") == "later" and self.later is not None
        if request.method == "POST" and (form.validate() or (later and not form.errors.get("csrf_token"))):
            return self._take(step, answers, held(form), later, returning, whole=not form.errors)
        return self.question(step, form, answers, returning)

    def question(self, step: Step, form: Any, answers: Answers, returning: bool) -> Question:
        """The page of a step with a form that may carry errors."""
        earlier = self.journey.before(step.slug, answers)
        back = self.check() if returning else self.url(earlier.slug) if earlier else self.start()
        return Question(step, form, back, self.journey.position(step.slug, answers), returning, answers)

    def _take(self, step: Step, answers: Answers, held_now: Any, later: bool, returning: bool, whole: bool) -> Response:
        # A half-written answer saved for later is kept only if it is valid: what is kept can always be sent.
        kept = {**answers, step.slug: held_now} if whole else answers
        self.save(kept)
        if later and self.later is not None:
            return self.later()
        following = self.journey.after(step.slug, kept)
        unanswered = self.journey.unanswered(kept)
        if returning and unanswered is None:
            return redirect(self.check(), 303)
        if returning and unanswered is not None:
            return redirect(self.url(unanswered.slug), 303)
        return redirect(self.url(following.slug) if following else self.check(), 303)

    def _skip(self, step: Step, answers: Answers) -> Response:
        rest = [s.slug for s in self.journey.steps if s.optional and s.slug not in answers and _same_group(s, step)]
        kept = {**answers, **dict.fromkeys(rest), step.slug: None}
        self.save(kept)
        following = self.journey.after(step.slug, kept, past_group=True)
        return redirect(self.url(following.slug) if following else self.check(), 303)


def _same_group(one: Step, other: Step) -> bool:
    return bool(other.group) and one.group == other.group
