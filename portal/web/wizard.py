"""One question a page, in an order that depends on the answers. Knows nothing of tips, drafts or storage.

A feature writes its ``Journey`` as data and asks it for the way. Answers are a dictionary from a step's slug to what
its form holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.kernel.errors import NotFound
from portal.web.locale import gettext as _


def _never(answers: Mapping[str, Any]) -> bool:
    return False


@dataclass(frozen=True)
class Step:
    """A page with one question.

    ``form_class`` is a form of one field or one small group. ``skip_if`` gets the answers so far and says that the
    question does not arise. ``template`` draws it; without one ``question.html`` of the feature does.
    """

    slug: str
    form_class: type[Any]
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

    def after(self, slug: str, answers: Mapping[str, Any]) -> Step | None:
        """The next step that arises. None: the check page."""
        here = self.steps.index(self._by_slug[slug])
        return next((step for step in self.steps[here + 1 :] if not step.skip_if(answers)), None)

    def before(self, slug: str, answers: Mapping[str, Any]) -> Step | None:
        """The step before this one that arises, or None when it is the first."""
        here = self.steps.index(self._by_slug[slug])
        return next((step for step in reversed(self.steps[:here]) if not step.skip_if(answers)), None)

    def unanswered(self, answers: Mapping[str, Any]) -> Step | None:
        """The first step that arises and is not answered: nothing is sent before it is."""
        return next((step for step in self.arising(answers) if answers.get(step.slug) is None), None)

    def position(self, slug: str, answers: Mapping[str, Any]) -> str:
        """第 3 题，约 8 题. "About", because answers still open and close questions."""
        slugs = [step.slug for step in self.arising(answers)]
        return str(_("第 %(number)s 题，约 %(total)s 题", number=slugs.index(slug) + 1, total=len(slugs)))
