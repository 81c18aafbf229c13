"""A small site for tests of the web layer: the real parts, and three stand-ins for pages that other features bring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, render_template, request
from flask_wtf import FlaskForm
from jinja2 import ChoiceLoader, FileSystemLoader
from sqlalchemy.exc import OperationalError
from wtforms import (
    BooleanField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from portal import web
from portal.kernel.errors import NotFound, Throttled, Unavailable
from portal.pages.views import blueprint as pages
from portal.web.fields import MonthField
from portal.web.limits import limiter
from portal.web.settings import Side, WebSettings

TEMPLATES = Path(__file__).resolve().parents[2] / "portal" / "templates"


class Sample(FlaskForm):
    """One field of every kind."""

    place = StringField("地点在哪里？", [InputRequired("请写下地点"), Length(max=20)], description="写街道或者门牌。")
    words = TextAreaField("您看到了什么？", [InputRequired("请写下您看到的情况")])
    known_as = RadioField(
        "您想怎样留名？",
        [InputRequired("请选择一项")],
        choices=[
            SelectChoice("no_name", "不留姓名"),
            SelectChoice("named", "留姓名"),
            SelectChoice("later", "以后再决定"),
        ],
    )
    how = SelectMultipleField("您怎么知道的？", choices=[SelectChoice("saw", "亲眼看到"), SelectChoice("told", "听说")])
    region = SelectField("在哪个区？", choices=[SelectChoice("", "请选择"), SelectChoice("320104", "秦淮区")])
    start = MonthField("从什么时候开始？")
    end = MonthField("到什么时候为止？")
    true = BooleanField("我说的都是实话", [InputRequired("请勾选")])
    files = MultipleFileField("添加文件")


FAILURES = {
    "missing": NotFound("tip", "没有这个文件。"),
    "often": Throttled("code", "请过几分钟再试。"),
    "key": Unavailable("no_sealing_key", ""),
    "disk": OSError(28, "No space left on /secret/path"),
    "database": OperationalError("SELECT secret", {"word": "a word of a report"}, Exception("gone")),
    "bug": KeyError("a word of a report"),
}


def settings(**changes: Any) -> WebSettings:
    """Settings of a public test site over plain http."""
    return WebSettings(
        **{"side": Side.PUBLIC, "secret_key": "only for tests", "https": False, "testing": True, **changes}
    )


def small_site(**changes: Any) -> Flask:
    """An app with the whole web layer, the speaking pages, a form at /report/ and pages that fail on purpose."""
    app = Flask("portal", static_folder=None)
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(TEMPLATES), FileSystemLoader(Path(__file__).parent / "templates")]
    )
    web.init_app(app, settings(**changes))
    app.register_blueprint(pages)
    app.view_functions["pages.home"] = lambda: render_template("pages/home.html")  # the real one reads the database
    report, followup, ledger, rewards, exposures, fund, figures = (
        Blueprint(name, name, url_prefix=f"/{name}")
        for name in ("report", "followup", "ledger", "rewards", "exposures", "fund", "figures")
    )

    @report.route("/", methods=["GET", "POST"], endpoint="start")
    def form_page() -> Any:
        form = Sample()
        if form.validate_on_submit():
            return "received"
        return render_template("sample.html", form=form), 400 if request.method == "POST" else 200

    followup.add_url_rule("/", "sign_in", lambda: "sign in")
    ledger.add_url_rule("/", "index", lambda: "ledger")
    exposures.add_url_rule("/", "index", lambda: "cases")
    exposures.add_url_rule("/issues/", "issues", lambda: "issues")
    exposures.add_url_rule("/withdrawn/", "withdrawn", lambda: "withdrawn")
    fund.add_url_rule("/", "index", lambda: "fund")
    figures.add_url_rule("/", "index", lambda: "figures")
    rewards.add_url_rule("/", "index", lambda: "rewards")
    rewards.add_url_rule("/calculator/", "calculator", lambda: "calculator")
    rewards.add_url_rule("/paid/", "paid", lambda: "paid")

    @followup.get("/fail/<kind>")
    def fail(kind: str) -> str:
        raise FAILURES[kind]

    @followup.get("/limited")
    @limiter.limit("2/minute")
    def limited() -> str:
        return "ok"

    for part in (report, followup, ledger, rewards, exposures, fund, figures):
        app.register_blueprint(part)
    return app
