"""Error pages: plain words, the way on, and nothing of what was sent or what broke."""

from __future__ import annotations

import logging

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

CASES = [
    ("missing", 404, "没有这个文件。", "There is no such file"),
    ("often", 429, "操作太频繁", "Too many requests"),
    ("key", 503, "现在不能在网上举报", "Online reporting is closed right now"),
    ("disk", 503, "暂时不能使用", "Not available right now"),
    ("database", 503, "暂时不能使用", "Not available right now"),
    ("bug", 500, "网站出了问题", "Something went wrong on our side"),
]


@pytest.mark.parametrize(("kind", "status", "chinese", "english"), CASES)
def test_an_error_is_said_in_plain_words_with_another_way_to_report(
    visitor: FlaskClient, kind: str, status: int, chinese: str, english: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = visitor.get(f"/followup/fail/{kind}")
    assert answer.status_code == status
    assert chinese in answer.text and "12393" in answer.text and "110" in answer.text
    assert "quick-exit" in answer.text
    for secret in ("word of a report", "/secret/path", "SELECT secret", "Traceback"):
        assert secret not in answer.text and secret not in caplog.text
    if kind != "missing":
        assert english in visitor.get(f"/en/followup/fail/{kind}").text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/x<script>", 404), ("DELETE", "/safe/", 405)])
def test_what_was_asked_for_is_never_repeated(visitor: FlaskClient, method: str, path: str, status: int) -> None:
    answer = visitor.open(path, method=method, headers={"X-Word": "marker-of-mine"})
    assert answer.status_code == status
    assert "<script>" not in answer.text and "marker-of-mine" not in answer.text


def test_an_error_outside_a_report_shows_no_quick_exit_and_sets_no_cookie(visitor: FlaskClient) -> None:
    answer = visitor.get("/nowhere")
    assert "quick-exit" not in answer.text and not answer.headers.getlist("Set-Cookie")


MARK = "marker-of-mine-4711"


def _fails_while_it_fails(app: Flask) -> None:
    """Every page, the error page too, asks something that breaks and repeats what was sent."""

    @app.context_processor
    def frame() -> dict[str, object]:
        raise KeyError(MARK)


@pytest.mark.parametrize(("kind", "status"), [("bug", 500), ("database", 503), ("missing", 404)])
def test_an_error_page_that_fails_itself_is_still_a_page(
    app: Flask, kind: str, status: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    _fails_while_it_fails(app)
    answer = app.test_client().get(f"/followup/fail/{kind}")
    assert answer.status_code == status and "<h1>" in answer.text
    assert answer.headers["Content-Security-Policy"] and answer.headers["Cache-Control"] == "no-store"
    assert MARK not in answer.text + caplog.text + capfd.readouterr().err
    assert "Traceback" not in caplog.text and "error page failed class=KeyError" in caplog.text


def test_an_answer_that_cannot_be_finished_leaves_no_word_in_the_log(
    app: Flask, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    app.testing = False

    @app.after_request
    def break_off(response: Response) -> Response:
        raise ValueError(MARK)

    answer = app.test_client().get(f"/followup/{MARK}?{MARK}", headers={"User-Agent": MARK})
    assert answer.status_code == 500
    assert MARK not in caplog.text + capfd.readouterr().err and "Traceback" not in caplog.text
    assert "ValueError" in caplog.text


def test_a_library_that_logs_a_traceback_gives_class_and_place_alone(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise KeyError(MARK)
    except KeyError:
        app.logger.exception("it failed with %s", MARK)
    assert MARK not in caplog.text and "KeyError at test_errors.py" in caplog.text


@pytest.mark.parametrize("path", ["/safe", "//evil.example/safe", "/en/safe"])
def test_a_redirect_to_the_final_slash_stays_on_this_site(visitor: FlaskClient, path: str) -> None:
    answer = visitor.get(path, headers={"Host": "evil.example"})
    location = answer.headers.get("Location", "/")
    assert location.startswith("/") and not location.startswith("//")
    assert "://" not in location
