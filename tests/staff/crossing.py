"""An office in which there is something behind every address of the staff site, and one person whose permissions are
whatever a test says: everything that person could own (a draft, a seat, a request, a view) is theirs all along."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from flask import Flask
from flask.testing import EnvironBuilder, FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse, run_wsgi_app

from admin.staff.models import Staff
from admin.staff.roles import ROLES, Permission, Role
from admin.tips import proposals, triage
from admin.tips.deeds import DEEDS
from admin.tips.models import SavedView
from admin.web.guard import ANYONE, ENROLLING, SIGNED_IN, gate_of
from portal.attachments.models import Attachment
from portal.custody.models import IdentityRequest
from portal.directory.models import BoardSeat, CustodyBoard, SealingKey
from portal.disclosures.models import Disclosure
from portal.exposures.models import Circular, CircularCopy, Exposure, PublishedBatch
from portal.exposures.teaching_states import TeachingState
from portal.kernel.actors import Actor
from portal.kernel.clock import now, today
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id
from portal.payments.batch_models import PaymentBatch
from portal.retention.models import RetentionHold, ShredBatch
from portal.rewards.claim_models import RewardCase
from portal.rewards.states import RewardState
from portal.tips.states import Action
from tests.admin_tips.world import DISTRICT, World
from tests.custody.scene import Scene
from tests.evaluation.told import waiting
from tests.exposures.teaching_rows import teaching_row
from tests.payments.vault import bare_releases
from tests.rewards.schedule_rows import waiting_schedule
from tests.staff.deployment import token
from tests.statistics.bulletin_rows import bulletin_row

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

HELD = Role.ARCHIVIST
"""The role whose permissions a test sets: it needs no key, and reaches no office below."""
WORDS = "夜班药房把大米当药品卖（虚构的原话）。"
ENDS_WHAT_IT_NEEDS = {"record.discard", "queue.remove_view"}
"""Asked last: afterwards there is nothing left to refuse."""
Needs = tuple[frozenset[Permission], frozenset[Permission]]
"""All of the first, and, where the second is not empty, one of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the method, the endpoint with its address as a reviewer reads it, and the real address."""

    method: str
    endpoint: str
    shown: str
    path: str
    gate: Permission
    has_object: bool

    @property
    def line(self) -> str:
        return f"{self.method} {self.shown}"


@dataclass
class Crossing:
    """The office at work, and *me*, who is asked in with one set of permissions after another."""

    world: World
    app: Flask
    ids: dict[str, object] = field(default_factory=dict)
    special: dict[str, dict[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.me = self.world.person(DISTRICT, HELD)
        self.scene = Scene(self.world, self.me)
        office = self.world.offices[DISTRICT].id
        self.number = self.world.report(words=WORDS, named=True, files=[("清单.png", b"\x89PNG\r\n\x1a\n" + bytes(64))])
        releases = bare_releases(office, self.me, self.me, "granted")
        self.ids = {
            "number": self.number,
            "office_id": office,
            "staff_id": self.scene.asker.id,
            "request_id": self.scene.ask(self.number),
            "seat_id": self.scene.seats[0],
            "board_id": _board(office, self.me),
            "batch_id": _batch(office),
            "payment_batch_id": _payments(office),
            "year": 2026,
            "reward": _reward(self.world.tip(self.number).id),
            "release_id": releases.asked,
            "hold_id": _hold(self.world.tip(self.number).id),
            "view": _view(self.me),
            "proposal": self._proposal(),
            "answer": "approve",
            "draft": new_id(),
            "page": 1,
            "circular": _circular(office, self.world.tip(self.number).id),
            "disclosure_id": _disclosure(office),
            "bulletin_id": bulletin_row(office),
            "issue_id": _exposure(office, self.world.tip(self.number).id),
            "name": "drop",
        }
        told = waiting(self.world)
        self.ids.update(waiting_schedule("district-2026", 2, new_id()))
        self.ids.update(teaching_row(office, TeachingState.IN_REVIEW))
        mine = self._own_request()
        with reading() as session:
            self.ids["file"] = session.scalars(select(Attachment.id)).one()
            empty = session.scalars(select(BoardSeat.id).where(BoardSeat.board_id == self.ids["board_id"])).one()
        self.special = {
            "evaluation_circulars.page": {"circular": told},
            "evaluation_circulars.send": {"circular": told},
            "evaluation_circulars.send_back": {"circular": told},
            "evaluation_circulars.drop": {"circular": told},
            "rewards.review": {"answer": "uphold"},
            "schedules.withdraw": waiting_schedule("mine-2026", 1, self.me.id),
            "releases.of_batch": {"payment_batch_id": releases.own_batch},
            "releases.drop": {"payment_batch_id": releases.own_batch},
            "custody.opened": mine,
            "custody.drop": mine,
            "seats.from_paper": {"seat_id": self.scene.seats[2]},
            "seats.found_key": {"seat_id": empty},
        }

    def _proposal(self) -> Id:
        handler = self.scene.asker
        with self.world.at(self.number, handler) as (session, tip, _):
            triage.record_reading(session, tip, handler, now())
        intake = self.world.person(DISTRICT, Role.INTAKE)
        self.world.do(self.number, triage.accept, by=intake)
        made = self.world.do(self.number, proposals.propose, Action.FILE, "", "够了（虚构）。", by=handler)
        return cast(Id, made.id)

    def _own_request(self) -> dict[str, object]:
        number = self.world.report(named=True)
        request = self.scene.ask(number)
        assert self.me.id is not None
        with transaction() as session:
            session.get_one(IdentityRequest, request).asked_by = self.me.id
        return {"number": number, "request_id": request}

    # --- asking

    def browser(self, person: Actor | None = None) -> Browser:
        """A browser in which *person* (else *me*) is signed in."""
        client = self.app.test_client()
        self.world.sign_in(client, person or self.me)
        return Browser(client)

    def write_draft(self, browser: Browser) -> None:
        """What is being written down, and the token of an opened file, exist once their owner has made them."""
        browser.ask("POST", f"/record/{self.ids['draft']}/", words="来电（虚构）", do="save")
        shown = browser.ask("GET", f"/tips/{self.number}/files/{self.ids['file']}/").text
        found = re.search(r"/original/|reading=([^\"&#]+)", shown)
        self.reading = found[1] or "" if found else ""

    def path_to(self, endpoint: str) -> str:
        """The address of something that is there."""
        rule = next(one for one in self.app.url_map.iter_rules() if one.endpoint == endpoint)
        values = {**(rule.defaults or {}), **self.ids, **self.special.get(endpoint, {})}
        return self.app.url_map.bind("").build(endpoint, {name: values[name] for name in rule.arguments})

    def requests(self, *, every_deed: bool = True) -> Iterator[Asked]:
        """Every request that asks for a permission: pages first, then what changes something."""
        made = [one for rule in self.app.url_map.iter_rules() for one in self._of_rule(rule, every_deed)]
        yield from sorted(made, key=lambda one: (one.method, one.endpoint in ENDS_WHAT_IT_NEEDS, one.shown))

    def _of_rule(self, rule: Rule, every_deed: bool) -> Iterator[Asked]:
        gate = gate_of(self.app.view_functions[rule.endpoint])
        if gate in (None, ANYONE, SIGNED_IN, ENROLLING):
            return
        slugs = [*DEEDS] if every_deed else ["note"]
        for slug in slugs if "slug" in rule.arguments else [""]:
            values = {**(rule.defaults or {}), **self.ids, **self.special.get(rule.endpoint, {}), "slug": slug}
            given = {name: values[name] for name in rule.arguments}
            path = self.app.url_map.bind("").build(rule.endpoint, given)
            shown = rule.rule.replace("<slug>", slug).replace("uuid:", "").replace("int:", "")
            has_object = bool(rule.arguments - {*(rule.defaults or {})})
            for method in sorted({"GET", "POST"} & (rule.methods or set())):
                yield Asked(method, rule.endpoint, shown, path, Permission(gate), has_object)


@dataclass
class Browser:
    """A client with the token of its session."""

    client: FlaskClient
    csrf: str = ""
    _environs: dict[tuple[str, str], tuple[WSGIEnvironment, bytes]] = field(default_factory=dict)

    def ask(self, method: str, path: str, **fields: Any) -> TestResponse:
        if method == "GET":
            return self.client.get(path)
        return self.client.post(path, data={"csrf_token": self._token(), **fields})

    def knock(self, method: str, path: str) -> tuple[int, str]:
        """The status of what :meth:`ask` would be answered, and where it leads to. For thousands of questions: each is
        put into words once, and nothing of the answer is kept."""
        if (method, path) not in self._environs:
            data = {"csrf_token": self._token()} if method == "POST" else None
            environ = EnvironBuilder(self.client.application, path, method=method, data=data).get_environ()
            self.client._add_cookies_to_wsgi(environ)
            self._environs[method, path] = environ, environ["wsgi.input"].read()
        environ, body = self._environs[method, path]
        environ = {**environ, "wsgi.input": BytesIO(body)}
        _, status, headers = run_wsgi_app(self.client.application, environ, buffered=True)
        return int(status.split()[0]), headers.get("Location", "")

    def _token(self) -> str:
        if not self.csrf:
            self.csrf = token(self.client.get("/staff/me/").text)
        return self.csrf


def hold(permissions: Collection[Permission]) -> None:
    """From now on :data:`HELD` is these permissions and no others. The fixture of the tests puts back what was."""
    cast("dict[Role, frozenset[Permission]]", ROLES)[HELD] = frozenset(permissions)


def _board(office: Id, me: Actor) -> Id:
    """A board of this office with one seat, to which *me* is appointed and which has no key."""
    board = new_id()
    with transaction() as session:
        session.add(CustodyBoard(id=board, name="演示甲区保管组", office_id=office, k=2))
        session.flush()
        session.add(BoardSeat(id=new_id(), board_id=board, position=1, next_holder_id=me.id))
    return board


def _batch(office: Id) -> Id:
    batch = new_id()
    with transaction() as session:
        session.add(
            ShredBatch(
                id=batch, office_id=office, schedule="2026", digest="ab" * 32, size=0, proposed_by=new_id(),
                proposed_on=today(), expires_on=today() + timedelta(days=30),
            )
        )  # fmt: skip
    return batch


def _payments(office: Id) -> Id:
    """A batch of payments whose file has been made."""
    batch = new_id()
    with transaction() as session:
        board = session.scalars(select(CustodyBoard.id).limit(1)).one()
        session.add(
            PaymentBatch(
                id=batch, number="PB-2222-3333", office_id=office, board_id=board, year=2026, state="released",
                total_fen=0, size=0, made_by=new_id(), made_on=today(), released_on=today(),
            )
        )  # fmt: skip
    return batch


def _circular(office: Id, tip: Id) -> str:
    """A circular with a copy for this office, for which nobody has signed."""
    circular = new_id()
    with transaction() as session:
        key = session.scalars(select(SealingKey.id).where(SealingKey.owner_id == office)).one()
        row = Circular(id=circular, number="TB-2222-3333", kind="case", state="sent", tip_id=tip, office_id=office)
        row.sealed, row.made_by, row.made_on, row.sent_on = b"told", new_id(), today(), today()
        session.add(row)
        session.flush()
        session.add(CircularCopy(circular_id=circular, office_id=office, key_id=key, wrapped=b"key"))
    return row.number


def _exposure(office: Id, tip: Id) -> Id:
    """A case that waits for a publisher, and an issue that is being put together; the issue."""
    issue = new_id()
    with transaction() as session:
        session.add(PublishedBatch(id=issue, office_id=office, year=2026, issue=1, title="曝光台（虚构）", preamble=""))
        session.add(
            Exposure(tip_id=tip, office_id=office, state="in-review", version=1, opened_by=new_id(), opened_on=today())
        )
    return issue


def _disclosure(office: Id) -> Id:
    """Figures of the fund that wait for a second person; none of them is there."""
    made = new_id()
    with transaction() as session:
        session.add(
            Disclosure(
                id=made, office_id=office, kind="publication", state="checked", title="收支（虚构）", code=None,
                file_name="演示.csv", file_sha256="ab" * 32, sha256="cd" * 32, rows=0, made_by=new_id(),
                made_on=today(),
            )
        )  # fmt: skip
    return made


def _reward(tip: Id) -> Id:
    """The reward of the report, under review."""
    with transaction() as session:
        session.add(RewardCase(tip_id=tip, state=RewardState.REVIEW.value, opened_on=today()))
    return tip


def _hold(tip: Id) -> Id:
    held = new_id()
    with transaction() as session:
        session.add(RetentionHold(id=held, tip_id=tip, reason="court", set_by=new_id(), set_on=today()))
    return held


def _view(me: Actor) -> Id:
    view = new_id()
    with transaction() as session:
        session.add(SavedView(id=view, staff_id=session.get_one(Staff, me.id).id, name="我的", query=""))
    return view
