"""Every permission crossed with every route of the staff site, by real requests for things that are there.

``every_permission.txt`` is what came out, one request a line; whoever reviews a change of it sees who is let in where.
``pytest tests/staff/test_every_permission.py --write-routes`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from admin.staff.models import StaffRole
from admin.staff.roles import ROLES, Permission, Role
from admin.tips.models import RecordDraft, SavedView
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import reading
from portal.ledger.models import LedgerEntry
from portal.retention.models import RetentionHold
from portal.tips.models import Tip, TipEvent
from portal.web import errors
from tests.admin_tips.world import DISTRICT, OTHER, make_world
from tests.architecture.tree import ROOT
from tests.conftest import StandingClock
from tests.staff.crossing import HELD, WORDS, Asked, Browser, Crossing, Needs, hold

FILE = ROOT / "tests" / "staff" / "every_permission.txt"
KEPT_OUT = {403, 404}
EVERY = frozenset(Permission)
ANSWERS_ALIKE = {"record.page", "record.save", "record.discard", "queue.remove_view", "retention.lift"}
"""Answer whoever asks as if there were nothing, or ask for the second factor first: looked at by what is left."""
SAYS_A_RULE = {"schedules.one", "schedules.version", "schedules.try_out", "schedules.new"}
"""Rules of a place, in no office's keeping: whoever may read one may read them all. Who changes which is the verb's."""
OPENS_A_REPORT = {Permission.READ_TIP, Permission.PRINT}

# Which permission opens which door is the same on either database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def crossing(
    database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock, staff_app: Flask
) -> Iterator[Crossing]:
    before = ROLES[HELD]
    made = Crossing(make_world(database, checkpoint_key[0]), staff_app)
    hold(EVERY)
    made.write_draft(made.browser())
    yield made
    hold(before)


@pytest.fixture
def plain_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand refusals of which only the status is asked: the page that tells of them, a third of the time of
    each, is not drawn. It is drawn for the other tests here."""
    monkeypatch.setattr(errors, "_answer", lambda page, _message=None: (errors._plain(page), page.status))


def let_in(browser: Browser, asked: Asked, held: frozenset[Permission], path: str = "") -> bool:
    """Whether somebody who holds exactly these permissions gets further than the door."""
    hold(held)
    status, leads_to = browser.knock(asked.method, path or asked.path)
    assert status < 500, f"{asked.line}: {status}"
    assert "/sign-in" not in leads_to, asked.line
    return status not in KEPT_OUT


def needs_of(browser: Browser, asked: Asked, path: str = "") -> Needs:
    """What a request needs: found out by asking with one permission, then with that of the door and one more."""
    gate = frozenset({asked.gate})
    if let_in(browser, asked, gate, path):
        return gate, frozenset()
    return gate, frozenset(one for one in Permission if one not in gate and let_in(browser, asked, gate | {one}, path))


def line_of(asked: Asked, needs: Needs) -> str:
    both = [*sorted(needs[0]), " | ".join(sorted(needs[1]))]
    return f"{asked.line}  {' + '.join(one for one in both if one)}"


def read_table() -> dict[str, Needs]:
    """The table as it is written down."""
    table = {}
    for line in FILE.read_text("utf-8").splitlines():
        request, _, needs = line.partition("  ")
        every, _, one_of = needs.partition(" + ")
        more = frozenset(Permission(one) for one in one_of.split(" | ") if one)
        table[request] = frozenset({Permission(every)}), more
    return table


def path_of(crossing: Crossing, asked: Asked) -> str:
    return f"{asked.path}?reading={crossing.reading}" if asked.endpoint == "files.page_image" else asked.path


@pytest.mark.usefixtures("plain_refusals")
def test_the_table_says_what_opens_each_address(crossing: Crossing, pytestconfig: pytest.Config) -> None:
    browser = crossing.browser()
    found = [line_of(one, needs_of(browser, one, path_of(crossing, one))) for one in crossing.requests()]
    made = "\n".join(found) + "\n"
    if pytestconfig.getoption("--write-routes"):
        FILE.write_text(made, encoding="utf-8")
    assert FILE.read_text("utf-8") == made, (
        "if this is meant: pytest tests/staff/test_every_permission.py --write-routes"
    )


@pytest.mark.usefixtures("plain_refusals")
def test_no_permission_opens_an_address_that_does_not_name_it(crossing: Crossing) -> None:
    browser, table, wrong = crossing.browser(), read_table(), []
    before = _written()
    for asked in crossing.requests(every_deed=False):
        every, more = table[asked.line]
        for one in Permission:
            if every == {one} and not more:
                continue
            if let_in(browser, asked, frozenset({one})):
                wrong.append(f"{one}: {asked.line}")
    assert wrong == []
    assert _written() == before, "somebody who was refused changed something"


def test_everything_but_the_one_permission_is_not_enough(crossing: Crossing) -> None:
    browser, table, wrong = crossing.browser(), read_table(), []
    before = _written()
    for asked in crossing.requests():
        for lacking in filter(None, table[asked.line]):
            if let_in(browser, asked, EVERY - lacking):
                wrong.append(f"{asked.line} without {', '.join(lacking)}")
    assert wrong == []
    assert _written() == before, "somebody who was refused changed something"


def test_a_stranger_is_led_to_the_sign_in_from_every_address(crossing: Crossing) -> None:
    before = _written()
    for asked in crossing.requests():
        answer = crossing.app.test_client().open(asked.path, method=asked.method)
        assert answer.status_code == 302, asked.line
        assert answer.headers["Location"].startswith("/sign-in/"), asked.line
    assert _written() == before


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SYSADMIN])
def test_whoever_watches_and_whoever_makes_accounts_never_see_a_report(crossing: Crossing, role: Role) -> None:
    """Not the words, not by any address, not with the office's key in their hands."""
    browser, table, opened = crossing.browser(crossing.world.person(DISTRICT, role)), read_table(), []
    for asked in crossing.requests():
        answer = browser.ask(asked.method, path_of(crossing, asked))
        assert WORDS not in answer.text, asked.line
        wanted = frozenset().union(*table[asked.line])
        if wanted & OPENS_A_REPORT:
            assert answer.status_code in KEPT_OUT, asked.line
        elif answer.status_code == 200:
            opened.append(asked.line)
    assert "GET /ledger/" in opened, "nothing was open to them: the walk would prove nothing"


def test_only_reading_and_printing_show_the_words_of_a_report(crossing: Crossing) -> None:
    browser, seen = crossing.browser(), []
    for asked in crossing.requests(every_deed=False):
        if asked.method == "GET":
            hold(EVERY)
            if WORDS.encode() in browser.ask("GET", asked.path).data:
                seen.append(asked.line)
            hold(EVERY - OPENS_A_REPORT)
            assert WORDS.encode() not in browser.ask("GET", asked.path).data, asked.line
    assert seen == ["GET /tips/<number>/", "GET /tips/<number>/print/"]


def test_every_permission_of_another_office_opens_nothing_of_this_one(crossing: Crossing) -> None:
    """What is there and what is not look alike: 404, and 403 where the permission itself is for another office."""
    hold(EVERY)
    stranger = crossing.world.person(OTHER, HELD)
    browser, before, walked, got = crossing.browser(stranger), _written(), 0, []
    for asked in crossing.requests():
        if not asked.has_object:
            continue
        walked += 1
        answer = browser.ask(asked.method, path_of(crossing, asked), **fields_of(crossing, asked))
        if answer.status_code not in KEPT_OUT and asked.endpoint not in ANSWERS_ALIKE | SAYS_A_RULE:
            got.append(f"{asked.line}: {answer.status_code}")
        assert WORDS not in answer.text
    assert walked > 60
    assert got == []
    assert _written() == before


def fields_of(crossing: Crossing, asked: Asked) -> dict[str, str]:
    """What a form must say before it is looked whose account it is about."""
    role = {"office": str(crossing.ids["office_id"]), "role": Role.INTAKE.value}
    return role if asked.endpoint == "staff.change_role" else {}


def _written() -> list[int | None]:
    """How much the book, the histories and a person's own things hold, and where every report stands."""
    tables = LedgerEntry, TipEvent, RecordDraft, SavedView, StaffRole
    held = select(RetentionHold.id).where(RetentionHold.lifted_on.is_(None)).subquery()
    with reading() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (*tables, held)]
        states = session.execute(select(Tip.number, Tip.state, Tip.office_id, Tip.assignee_id)).all()
        return [*counts, hash(tuple(map(tuple, states)))]
