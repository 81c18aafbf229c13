"""Every route of both sites: known by name, guarded, and deaf to forged requests."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, BaseConverter, FloatConverter, IntegerConverter, Rule, UUIDConverter

from admin.web.guard import ANYONE, SIGNED_IN, gate_of
from tests.architecture.tree import ROOT

FILE = ROOT / "tests" / "architecture" / "routes.txt"
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
NOT_WORTH_A_LINE = {"HEAD", "OPTIONS"}
OPEN_TO_ANYONE = ("signin.", "preferences.", "leaving.")
"""Blueprints of the staff site with pages that nobody needs to be signed in for."""

SAMPLES: dict[type[BaseConverter], object] = {UUIDConverter: uuid.UUID(int=7), IntegerConverter: 7, FloatConverter: 7.0}

# The map of addresses is the same on either database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def lines_of(site: str, app: Flask) -> list[str]:
    """One line a route: site, methods, address, endpoint; for staff also what it asks of a person."""
    made = []
    for rule in app.url_map.iter_rules():
        methods = ",".join(sorted((rule.methods or set()) - NOT_WORTH_A_LINE))
        gate = f"  [{gate_of(app.view_functions[rule.endpoint])}]" if site == "staff" else ""
        made.append(f"{site}  {methods}  {rule.rule}  {rule.endpoint}{gate}")
    return sorted(made)


def changing_rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Each route with each of its methods that change something."""
    for rule in app.url_map.iter_rules():
        for method in sorted(CHANGING & (rule.methods or set())):
            yield rule, method


def sample(converter: BaseConverter) -> object:
    """A value that *converter* takes."""
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return next((value for kind, value in SAMPLES.items() if isinstance(converter, kind)), "sample")


def address(app: Flask, rule: Rule) -> str:
    """An address that this rule answers, made of sample values."""
    values = {name: sample(converter) for name, converter in rule._converters.items()}
    return app.url_map.bind("localhost").build(rule.endpoint, {**(rule.defaults or {}), **values})


def client_of(app: Flask) -> FlaskClient:
    assert app.config.get("WTF_CSRF_ENABLED", True) is True
    return app.test_client()


def test_the_list_of_routes_is_a_file_in_the_tree(
    public_app: Flask, staff_app: Flask, pytestconfig: pytest.Config
) -> None:
    made = "\n".join([*lines_of("public", public_app), *lines_of("staff", staff_app)]) + "\n"
    if pytestconfig.getoption("--write-routes"):
        FILE.write_text(made, encoding="utf-8")
    told = "if this is meant: pytest tests/architecture/test_routes.py --write-routes"
    assert FILE.read_text(encoding="utf-8") == made, told


def test_every_staff_page_says_whom_it_is_for(staff_app: Flask) -> None:
    assert [name for name, view in staff_app.view_functions.items() if gate_of(view) is None] == []


def test_only_signing_in_and_the_frame_of_the_pages_are_open_to_anyone(staff_app: Flask) -> None:
    opened = [name for name, view in staff_app.view_functions.items() if gate_of(view) == ANYONE]
    assert opened
    assert [name for name in opened if not name.startswith(OPEN_TO_ANYONE)] == []


def test_a_stranger_gets_no_staff_page(staff_app: Flask) -> None:
    client = client_of(staff_app)
    asked = 0
    for rule in staff_app.url_map.iter_rules():
        if gate_of(staff_app.view_functions[rule.endpoint]) == ANYONE or "GET" not in (rule.methods or ()):
            continue
        asked += 1
        answer = client.get(address(staff_app, rule))
        assert answer.status_code in (302, 303, 403), f"{rule.rule} answers {answer.status_code} to a stranger"
        if answer.status_code != 403:
            assert "/sign-in/" in answer.headers["Location"]
    assert asked
    assert any(gate_of(view) == SIGNED_IN for view in staff_app.view_functions.values())


@pytest.mark.parametrize("side", ["public_app", "staff_app"])
def test_no_request_that_changes_something_is_taken_without_its_token(
    side: str, request: pytest.FixtureRequest, database: object
) -> None:
    app: Flask = request.getfixturevalue(side)
    walked = list(changing_rules(app))
    assert walked, f"{side} has no route that changes anything: the walk would prove nothing"
    for rule, method in walked:
        for data in ({}, {"csrf_token": "forged"}):
            answer = client_of(app).open(address(app, rule), method=method, data=data)
            assert answer.status_code == 400, f"{method} {rule.rule} answers {answer.status_code} without a token"
