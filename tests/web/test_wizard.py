"""One question a page: the order, what does not arise, the way back, the position in words."""

from __future__ import annotations

import pytest
from flask import Flask
from wtforms import Form

from portal.kernel.errors import NotFound
from portal.web.wizard import Journey, Step

JOURNEY = Journey((
    Step("who", Form),
    Step("office", Form, skip_if=lambda answers: answers.get("who") != "office"),
    Step("sum", Form),
    Step("words", Form),
))  # fmt: skip


def slug(step: Step | None) -> str | None:
    return None if step is None else step.slug


def test_an_answer_leads_to_the_next_question_and_the_last_to_the_check_page() -> None:
    assert slug(JOURNEY.after("who", {"who": "someone"})) == "sum"
    assert slug(JOURNEY.after("who", {"who": "office"})) == "office"
    assert JOURNEY.after("words", {}) is None


def test_the_way_back_passes_what_does_not_arise() -> None:
    assert slug(JOURNEY.before("sum", {"who": "someone"})) == "who"
    assert slug(JOURNEY.before("sum", {"who": "office"})) == "office"
    assert JOURNEY.before("who", {}) is None


def test_a_question_that_does_not_arise_cannot_be_opened(app: Flask) -> None:
    with app.test_request_context():
        for name in ("office", "unheard-of"):
            with pytest.raises(NotFound):
                JOURNEY.step(name, {"who": "someone"})
    assert slug(JOURNEY.step("office", {"who": "office"})) == "office"


def test_the_position_is_in_words_and_counts_what_will_be_asked(app: Flask) -> None:
    with app.test_request_context():
        assert JOURNEY.position("who", {}) == "第 1 题，约 3 题"
        assert JOURNEY.position("sum", {"who": "office"}) == "第 3 题，约 4 题"


def test_what_must_be_answered_first_is_found() -> None:
    assert slug(JOURNEY.unanswered({"who": "office", "sum": "3000"})) == "office"
    assert slug(JOURNEY.unanswered({"who": "someone", "sum": "", "words": None})) == "words"
    assert JOURNEY.unanswered({"who": "someone", "sum": "", "words": ""}) is None


def test_two_steps_with_one_name_are_a_mistake_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="one slug"):
        Journey((Step("a", Form), Step("a", Form)))
