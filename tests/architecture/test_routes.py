"""Every route of both sites: known by name, guarded, and deaf to forged requests."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, BaseConverter, FloatConverter, IntegerConverter, Rule, UUIDConverter

from admin.staff.models import StaffRole
from admin.staff.roles import Role
from admin.staff.unlocking import enrolling_payload, full_payload
from admin.web import cookies
from admin.web.guard import ANYONE, ENROLLING, SIGNED_IN, gate_of
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import session_transaction, transaction
from portal.signin.sessions import SessionKind, open_session
from tests.admin_tips.world import DISTRICT, make_world
from tests.architecture.tree import ROOT
from tests.conftest import StandingClock

FILE = ROOT / "tests" / "architecture" / "routes.txt"
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
NOT_WORTH_A_LINE = {"HEAD", "OPTIONS"}
OPEN_TO_ANYONE = ("signin.", "preferences.", "leaving.")
"""Blueprints of the staff site with pages that nobody needs to be signed in for."""

SAMPLES: dict[type[BaseConverter], object] = {UUIDConverter: uuid.UUID(int=7), IntegerConverter: 7, FloatConverter: 7.0}

TAKEN_WITHOUT_TOKEN = {"leaving.leave": 303}
"""Leaving quickly only ends the session of whoever asks, and must work from a page whose token is gone."""

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


@pytest.fixture
def everyone(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> Actor:
    """Somebody with every role there is, so that no gate stands before the token."""
    world = make_world(database, checkpoint_key[0])
    person = world.person(DISTRICT, Role.INTAKE)
    with transaction() as session:
        for role in set(Role) - {Role.INTAKE}:
            session.add(StaffRole(staff_id=person.id, office_id=world.offices[DISTRICT].id, role=role.value))
    return person


def signed_in(app: Flask, person: Actor, gate: object) -> FlaskClient:
    """A browser of *person*; where the page is for somebody who signs in for the first time, such a one."""
    payload = enrolling_payload(bytes(32)) if gate == ENROLLING else full_payload(bytes(32))
    with session_transaction() as store:
        cookie = open_session(store, SessionKind.STAFF, payload, now(), owner=person.id)
    client = client_of(app)
    client.set_cookie(cookies.SESSION, cookie)
    return client


def refused(client: FlaskClient, app: Flask, rule: Rule, method: str) -> None:
    """No token, or a forged one, and the request is refused before anything is looked up."""
    for data in ({}, {"csrf_token": "forged"}):
        answer = client.open(address(app, rule), method=method, data=data)
        wanted = TAKEN_WITHOUT_TOKEN.get(rule.endpoint, 400)
        assert answer.status_code == wanted, f"{method} {rule.rule} answers {answer.status_code} without a token"


def test_no_request_that_changes_something_is_taken_without_its_token(public_app: Flask, database: Database) -> None:
    walked = list(changing_rules(public_app))
    assert walked, "the public site has no route that changes anything: the walk would prove nothing"
    for rule, method in walked:
        refused(client_of(public_app), public_app, rule, method)


def test_no_request_of_somebody_signed_in_is_taken_without_its_token(staff_app: Flask, everyone: Actor) -> None:
    walked = list(changing_rules(staff_app))
    assert walked, "the staff site has no route that changes anything: the walk would prove nothing"
    for rule, method in walked:
        client = signed_in(staff_app, everyone, gate_of(staff_app.view_functions[rule.endpoint]))
        refused(client, staff_app, rule, method)
