"""A new office: its first member makes its key, and from the next checkpoint on its reports come to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import LargeBinary, Text, cast, select
from sqlalchemy.orm import Session

from admin.staff import founding
from admin.staff.founding import Holder
from admin.staff.models import KeyGrant, Staff
from admin.staff.queries import actor_of
from crypto import recovery
from crypto.keys import PublicKey, Purpose, generate_inner, inner_from_seed
from crypto.opening import open_grant
from portal.app import create_app
from portal.directory.keys import forget_proofs
from portal.directory.models import Office, SealingKey
from portal.kernel import clock as kernel_clock
from portal.kernel.db import Base, Database, SessionBase
from portal.kernel.errors import NotFound, Refused
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.ledger.models import LedgerEntry
from portal.routing import choose
from portal.tips.models import Tip
from portal.web.limits import limiter
from tests.conftest import StandingClock
from tests.journeys.reporter import Reporter
from tests.staff.deployment import Deployment, Person, said, token

WORDS = "看到有人拿别人的卡开药，标记〇二七。"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No limits on one visitor, and nothing proven in another test."""
    monkeypatch.setattr(limiter, "enabled", False)
    forget_proofs()
    choose.forget()
    yield
    forget_proofs()


def office_of(code: str) -> Id:
    with reading() as session:
        return session.scalars(select(Office.id).where(Office.code == code)).one()


def add_office(admin: FlaskClient) -> Id:
    """A district that nobody has answered for yet, under the city."""
    page = admin.get("/directory/offices/new").text
    fields = {
        "code": "NEW",
        "name": "新区医保局",
        "kind": "bureau",
        "level": "county",
        "region": "320106",
        "active": "y",
    }
    data = {"csrf_token": token(page), "superior": str(office_of("CITY")), **fields}
    assert admin.post("/directory/offices/new", data=data).status_code == 303
    return office_of("NEW")


def invited(deployment: Deployment, admin: FlaskClient, sign_in: str) -> tuple[FlaskClient, Person]:
    """Somebody invited to the new office, after the first sign-in."""
    page = admin.get("/staff/invite").text
    data = {"csrf_token": token(page), "name": f"新人{sign_in}", "sign_in": sign_in, "office": str(office_of("NEW"))}
    answer = admin.post("/staff/invite", data={**data, "roles": ["handler", "intake"]})
    found = re.search(r'class="phrase">([^<]+)<', answer.text)
    assert found, said(answer)
    return deployment.enrolled(sign_in, found[1])


def make_sheets(founder: FlaskClient, path: str) -> tuple[list[str], dict[str, str]]:
    """The words as they are shown, and the form below them."""
    page = founder.post(path, data={"csrf_token": token(founder.get(path).text), "do": "make"}).text
    sheets = [" ".join(re.findall(r"<li>([a-z]+)</li>", part)) for part in page.split('class="sheet__words"')[1:]]
    paper = re.search(r'name="paper"[^>]* value="([^"]+)"', page)
    assert paper
    return sheets, {"csrf_token": token(page), "do": "found", "paper": paper[1], "kept": "y"}


def report(deployment: Deployment, database: Database) -> Tip:
    """Somebody in the new district writes; the report as it was stored."""
    reporter = Reporter(create_app(deployment.settings.shared, database))
    reporter.begin().where("320000", "320100", "320106").press(subject_type="unknown")
    reporter.press(target="").press().press(words=WORDS)
    reporter.press().press(known_as="no_name")
    known = {tip.number for tip in tips()}
    reporter.send()
    (made,) = [tip for tip in tips() if tip.number not in known]
    return made


def tips() -> list[Tip]:
    with reading() as session:
        return list(session.scalars(select(Tip)))


def stored(database: Database) -> bytes:
    """Every text and every byte string of the main database and the session store."""
    found = b""
    for base, engine in ((Base, database.engine), (SessionBase, database.sessions)):
        with engine.connect() as connection:
            for table in base.metadata.sorted_tables:
                kept = [c if isinstance(c.type, LargeBinary) else cast(c, Text) for c in table.columns]
                for row in connection.execute(select(*kept)):
                    found += b"\0".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
    return found


@pytest.fixture
def admin(deployment: Deployment) -> FlaskClient:
    return deployment.enrolled("admin")[0]


def test_from_the_invitation_to_the_first_report_read_in_a_new_office(
    deployment: Deployment, database: Database, admin: FlaskClient, clock: StandingClock
) -> None:
    new = add_office(admin)
    assert report(deployment, database).office_id == office_of("CITY")
    founder, _ = invited(deployment, admin, "first")
    path = f"/staff/me/offices/{new}/key"
    assert path in founder.get("/", follow_redirects=True).text

    sheets, form = make_sheets(founder, path)
    assert [len(sheet.split()) for sheet in sheets] == [recovery.WORDS] * 3
    with reading() as session:
        assert session.scalar(select(SealingKey.id).where(SealingKey.owner_id == new)) is None
    done = founder.post(path, data=form)
    assert (done.status_code, said(done)) == (303, "")
    assert "等待记录簿的下一个检查点" in founder.get(path).text
    clock.advance(seconds=10)
    assert report(deployment, database).office_id == office_of("CITY")

    deployment.sequence()
    clock.advance(seconds=10)
    assert "已经可以接收举报" in founder.get(path).text
    mine = report(deployment, database)
    assert (mine.office_id, mine.state) == (new, "received")
    assert mine.number in founder.get("/").text
    assert WORDS in founder.get(f"/tips/{mine.number}/").text
    held = stored(database)
    assert not [word for sheet in sheets for word in (sheet, sheet[:60], sheet[-60:]) if word.encode() in held]


def test_the_sheets_open_the_new_key_and_the_ledger_names_it(
    deployment: Deployment, admin: FlaskClient, session: Session
) -> None:
    new = add_office(admin)
    founder, _ = invited(deployment, admin, "first")
    sheets, form = make_sheets(founder, f"/staff/me/offices/{new}/key")
    founder.post(f"/staff/me/offices/{new}/key", data=form)
    keys = {key.purpose: key for key in session.scalars(select(SealingKey).where(SealingKey.owner_id == new))}
    assert set(keys) == {"office", "office-recovery"}
    with inner_from_seed(Purpose.OFFICE_RECOVERY, recovery.from_words([sheets[2], sheets[0]])) as paper:
        grant = session.scalars(select(KeyGrant).where(KeyGrant.holder_key_id == paper.public.key_id)).one()
        with open_grant(grant.sealed, paper, PublicKey(Purpose.OFFICE, keys["office"].public), new.bytes) as opened:
            assert opened.public.raw == keys["office"].public
    subjects = {entry.payload for entry in session.scalars(select(LedgerEntry))}
    for key in keys.values():
        published = [
            payload for payload in subjects if b'"key-published"' in payload and key.id.hex().encode() in payload
        ]
        assert len(published) == 1
    founder_id = session.scalars(select(Staff.id).where(Staff.sign_in == "first")).one()
    assert session.get_one(LedgerEntry, keys["office"].entry_id).payload.count(str(founder_id).encode()) == 1


def test_nothing_holds_before_the_sheets_are_said_to_be_kept(
    deployment: Deployment, admin: FlaskClient, session: Session
) -> None:
    new = add_office(admin)
    founder, _ = invited(deployment, admin, "first")
    path = f"/staff/me/offices/{new}/key"
    sheets, form = make_sheets(founder, path)
    answer = founder.post(path, data={name: value for name, value in form.items() if name != "kept"})
    assert (answer.status_code, sheets[0].split()[0] in re.findall(r"<li>([a-z]+)</li>", answer.text)) == (200, False)
    assert "请先把三张恢复词打印或抄好" in answer.text
    forged = founder.post(path, data={**form, "paper": form["paper"][:-2]})
    assert (forged.status_code, "请重新制作恢复词" in said(forged)) == (422, True)
    assert session.scalar(select(SealingKey.id).where(SealingKey.owner_id == new)) is None


def test_the_second_member_waits_for_the_first_instead_of_making_another_key(
    deployment: Deployment, admin: FlaskClient
) -> None:
    new = add_office(admin)
    first, _ = invited(deployment, admin, "first")
    second, _ = invited(deployment, admin, "second")
    path = f"/staff/me/offices/{new}/key"
    _, mine = make_sheets(first, path)
    _, theirs = make_sheets(second, path)
    borrowed = second.post(path, data={**theirs, "paper": mine["paper"]})
    assert "不是为您" in said(borrowed)
    first.post(path, data=mine)
    late = second.post(path, data=theirs)
    assert late.status_code == 404
    assert "等待同事授予单位密钥" in second.get("/staff/me/").text
    assert "新人second" in first.get("/staff/waiting/").text


def test_of_two_who_found_at_once_the_later_is_refused(
    deployment: Deployment, admin: FlaskClient, session: Session
) -> None:
    new = add_office(admin)
    for name in ("first", "second"):
        invited(deployment, admin, name)
    people = session.scalars(select(Staff.id).where(Staff.sign_in.in_(["first", "second"]))).all()
    session.rollback()  # lets go of SQLite's write lock
    papers = [founding.new_paper("新区医保局", Purpose.OFFICE_RECOVERY).public for _ in people]
    moment = kernel_clock.now()

    def found(person: Id, paper: PublicKey) -> None:
        with transaction() as opened:
            staff = opened.get_one(Staff, person)
            row = opened.get_one(SealingKey, staff.key_id)
            holder = Holder(staff, PublicKey(Purpose.STAFF, row.public))
            founding.found_own_office_key(opened, new, holder, paper, actor_of(opened, staff), moment)

    found(people[0], papers[0])
    with pytest.raises(Refused, match="key_there"):
        found(people[1], papers[1])


def test_nobody_founds_for_another_office_or_with_a_role_that_reads_nothing(
    deployment: Deployment, admin: FlaskClient, session: Session
) -> None:
    new = add_office(admin)
    handler, _ = deployment.enrolled("handler")
    path = f"/staff/me/offices/{new}/key"
    assert handler.get(path).status_code == 404
    assert admin.get(path).status_code == 404  # manages the new office's accounts, and may still not found its key
    staff = session.scalars(select(Staff).where(Staff.sign_in == "admin")).one()
    row = session.get_one(SealingKey, staff.key_id)
    with generate_inner(Purpose.OFFICE_RECOVERY) as paper, pytest.raises(NotFound):
        founding.found_own_office_key(
            session,
            new,
            Holder(staff, PublicKey(Purpose.STAFF, row.public)),
            paper.public,
            actor_of(session, staff),
            kernel_clock.now(),
        )


def test_an_office_with_a_key_on_paper_only_is_not_founded_again(deployment: Deployment, admin: FlaskClient) -> None:
    """All members gone: the reports there need the old key, which the sheets bring back; a second key would hide it."""
    new = add_office(admin)
    first, _ = invited(deployment, admin, "first")
    path = f"/staff/me/offices/{new}/key"
    first.post(path, data=make_sheets(first, path)[1])
    with reading() as session:
        gone = session.scalars(select(Staff.id).where(Staff.sign_in == "first")).one()
    admin.post(f"/staff/{gone}/leave", data={"csrf_token": token(admin.get(f"/staff/{gone}/").text)})
    second, _ = invited(deployment, admin, "second")
    assert second.get(path).status_code == 404
