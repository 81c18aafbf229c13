"""One question a page: the order, skipping, changing an answer, saving for later."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, redirect
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired

from portal.kernel.errors import NotFound
from portal.web.wizard import Journey, Question, Step, Walk


class Word(FlaskForm):
    word = StringField("一个词", [InputRequired("请写一个词")])


class Free(FlaskForm):
    word = StringField("一个词")


JOURNEY = Journey((
    Step("who", Word),
    Step("office", Word, skip_if=lambda a: (a.get("who") or {}).get("word") != "office"),
    Step("sum", Free, group="more", optional=True),
    Step("people", Free, group="more", optional=True),
    Step("words", Word),
))  # fmt: skip


class Reader:
    """Somebody who goes through the journey; answers are in a dictionary of the test."""

    def __init__(self, app: Flask, **answers: Any) -> None:
        self.app, self.answers = app, dict(answers)

    def _keep(self, answers: dict[str, Any]) -> None:
        self.answers = answers

    def at(self, slug: str, query: str = "", **sent: str) -> Question | Response:
        self.app.config["WTF_CSRF_ENABLED"] = False
        walk = Walk(
            JOURNEY,
            load=lambda: self.answers,
            save=self._keep,
            url=lambda step: f"/{step}",
            check=lambda: "/check",
            start=lambda: "/start",
            later=lambda: redirect("/kept"),
        )
        method = "POST" if sent else "GET"
        with self.app.test_request_context(f"/{slug}{query}", method=method, data=sent or None):
            return walk.handle(slug)

    def sends(self, slug: str, query: str = "", **sent: str) -> str:
        answer = self.at(slug, query, **sent)
        assert isinstance(answer, Response), "the question came back"
        return str(answer.location)

    def sees(self, slug: str, query: str = "", **sent: str) -> Question:
        answer = self.at(slug, query, **sent)
        assert isinstance(answer, Question)
        return answer


def test_an_answer_leads_to_the_next_question_and_the_last_to_the_check_page(app: Flask) -> None:
    reader = Reader(app)
    assert reader.sends("who", word="someone") == "/sum"
    assert reader.sends("sum", word="3000") == "/people"
    assert reader.sends("people", word="") == "/words"
    assert reader.sends("words", word="told") == "/check"
    assert reader.answers["who"] == {"word": "someone"}


def test_a_question_that_does_not_arise_is_not_asked_and_cannot_be_opened(app: Flask) -> None:
    reader = Reader(app, who={"word": "someone"})
    with pytest.raises(NotFound):
        reader.at("office")
    assert Reader(app).sends("who", word="office") == "/office"


def test_an_optional_group_is_left_out_in_one_press(app: Flask) -> None:
    reader = Reader(app, who={"word": "someone"})
    assert reader.sends("sum", do="skip") == "/words"
    assert reader.answers["sum"] is None and reader.answers["people"] is None


def test_a_required_question_cannot_be_skipped(app: Flask) -> None:
    question = Reader(app).sees("who", do="skip")
    assert question.status == 400 and "who" not in Reader(app).answers


def test_leaving_out_the_rest_keeps_what_was_already_answered(app: Flask) -> None:
    reader = Reader(app, who={"word": "someone"}, people={"word": "张某"})
    reader.sends("sum", do="skip")
    assert reader.answers["people"] == {"word": "张某"}


def test_changing_an_answer_returns_to_the_check_page_unless_a_new_question_arises(app: Flask) -> None:
    full = {"who": {"word": "someone"}, "sum": None, "people": None, "words": {"word": "told"}}
    assert Reader(app, **full).sends("who", "?return=check", word="another") == "/check"
    assert Reader(app, **full).sends("who", "?return=check", word="office") == "/office"


def test_a_wrong_answer_comes_back_as_typed_with_the_way_back(app: Flask) -> None:
    question = Reader(app, who={"word": "someone"}).sees("words", word="")
    assert question.form.errors == {"word": ["请写一个词"]} and question.back == "/people"
    assert Reader(app).sees("who").back == "/start"
    assert Reader(app, who={"word": "x"}).sees("words", "?return=check").back == "/check"


def test_saving_for_later_keeps_a_whole_answer_and_leaves_a_half_one_out(app: Flask) -> None:
    reader = Reader(app)
    assert reader.sends("who", word="someone", do="later") == "/kept"
    assert reader.answers == {"who": {"word": "someone"}}
    assert reader.sends("words", word="", do="later") == "/kept"
    assert "words" not in reader.answers


def test_the_position_is_in_words_and_counts_what_will_be_asked(app: Flask) -> None:
    assert Reader(app).sees("who").progress == "第 1 题，约 4 题"
    assert Reader(app, who={"word": "office"}).sees("office").progress == "第 2 题，约 5 题"
    skipped = Reader(app, who={"word": "x"}, sum=None, people=None)
    assert skipped.sees("words").progress == "第 2 题，约 2 题"


def test_what_must_be_answered_first_is_found() -> None:
    found = JOURNEY.unanswered({"who": {"word": "x"}})
    assert found is not None and found.slug == "words"
    assert JOURNEY.unanswered({"who": {"word": "x"}, "words": {"word": "y"}}) is None


def test_two_steps_with_one_name_are_a_mistake_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="one slug"):
        Journey((Step("a", Word), Step("a", Word)))
