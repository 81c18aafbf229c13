"""Accounts, roles and grants: who sees what, and from when on."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.staff import accounts, granting
from admin.staff.models import KeyGrant, Staff
from admin.staff.queries import actor_of
from admin.staff.roles import BELOW, KEYED, LABELS, PERMISSION_LABELS, ROLES, Permission, Role
from portal.directory.models import Office
from portal.kernel import clock as kernel_clock
from portal.kernel.actors import SYSTEM
from portal.kernel.errors import NotAllowed, NotFound, Refused
from portal.ledger.models import LedgerEntry
from tests.conftest import StandingClock
from tests.staff.deployment import Deployment, Person, sign_in_with, token

AT_WORK = ("admin", "handler")


def test_every_role_and_permission_has_a_name_and_is_used() -> None:
    assert set(ROLES) == set(LABELS) == set(Role)
    assert set().union(*ROLES.values()) == set(PERMISSION_LABELS) == set(Permission)


def test_whoever_reaches_other_offices_can_read_no_report() -> None:
    assert not BELOW & KEYED


def test_nobody_both_proposes_and_approves_by_one_role() -> None:
    assert not [role for role, held in ROLES.items() if {Permission.PROPOSE, Permission.APPROVE} <= held]


def _office(deployment: Deployment, session: Session, code: str) -> Office:
    return session.scalars(select(Office).where(Office.code == code)).one()


def _invite(browser: FlaskClient, session: Session, deployment: Deployment, office: str = "CITY") -> str:
    page = browser.get("/staff/invite").text
    fields = {"name": "庚新人", "sign_in": "newcomer", "office": str(_office(deployment, session, office).id)}
    session.rollback()  # lets go of SQLite's write lock
    answer = browser.post("/staff/invite", data={"csrf_token": token(page), "roles": "handler", **fields})
    found = re.search(r'class="phrase">([^<]+)<', answer.text)
    assert found, answer.text[:600]
    return found[1]


@pytest.fixture
def newcomer(deployment: Deployment, session: Session) -> tuple[FlaskClient, Person]:
    """A colleague who was invited and has enrolled, and waits for the key."""
    admin, _ = deployment.enrolled("admin")
    words = _invite(admin, session, deployment)
    found = deployment.enrolled("newcomer", words)
    deployment.sequence()
    return found


def test_a_pending_colleague_reads_nothing(newcomer: tuple[FlaskClient, Person]) -> None:
    browser, _ = newcomer
    assert browser.get("/").headers["Location"] == "/staff/me/"
    assert "等待同事授予单位密钥" in browser.get("/staff/me/").text


def test_a_pending_colleague_has_no_permission_at_all(newcomer: tuple[FlaskClient, Person], session: Session) -> None:
    staff = session.scalars(select(Staff).where(Staff.sign_in == "newcomer")).one()
    assert (staff.state, actor_of(session, staff).permissions) == ("pending", {})


def test_a_colleague_who_compared_the_fingerprint_lets_the_newcomer_in(
    deployment: Deployment, newcomer: tuple[FlaskClient, Person], session: Session
) -> None:
    holder, _ = deployment.enrolled("handler")
    page = holder.get("/staff/waiting/").text
    fingerprint = re.search(r"密钥指纹</dt>\s*<dd><span[^>]*>([\d ]+)<", newcomer[0].get("/staff/me/").text)
    assert fingerprint and fingerprint[1] in page
    fields = {name: re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("staff", "office", "fingerprint")}
    data = {name: found[1] for name, found in fields.items() if found}
    refused = holder.post("/staff/waiting/", data={"csrf_token": token(page), **data})
    assert "请先和本人通话核对指纹" in refused.text
    holder.post("/staff/waiting/", data={"csrf_token": token(page), "compared": "y", **data})
    assert newcomer[0].get("/").status_code == 200
    granted = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "grant-made")).all()
    assert any(data["staff"].encode() in entry.payload for entry in granted)


def test_another_fingerprint_is_refused(
    deployment: Deployment, newcomer: tuple[FlaskClient, Person], session: Session
) -> None:
    holder, _ = deployment.enrolled("handler")
    page = holder.get("/staff/waiting/").text
    office = _office(deployment, session, "CITY").id
    staff = session.scalars(select(Staff.id).where(Staff.sign_in == "newcomer")).one()
    session.rollback()  # lets go of SQLite's write lock
    data = {"staff": str(staff), "office": str(office), "fingerprint": "0000 " * 8, "compared": "y"}
    answer = holder.post("/staff/waiting/", data={"csrf_token": token(page), **data})
    assert answer.status_code == 422
    assert newcomer[0].get("/").status_code == 302


def test_a_swapped_key_is_not_granted_to(
    deployment: Deployment, newcomer: tuple[FlaskClient, Person], session: Session
) -> None:
    """Whoever can write the database puts another key in the newcomer's place: the ledger does not vouch for it."""
    from crypto.keys import Purpose, generate_inner
    from portal.directory.models import SealingKey

    deployment.enrolled("handler")
    holder = session.scalars(select(Staff).where(Staff.sign_in == "handler")).one()
    staff = session.scalars(select(Staff).where(Staff.sign_in == "newcomer")).one()
    with generate_inner(Purpose.STAFF) as swapped, generate_inner(Purpose.OFFICE) as office_key:
        row = session.get_one(SealingKey, staff.key_id)
        row.public = swapped.public.raw
        session.flush()
        office = _office(deployment, session, "CITY").id
        with pytest.raises(Refused) as refused:
            granting.grant_office_key(
                session,
                staff,
                office,
                office_key,
                swapped.public.fingerprint,
                deployment.settings.site.checkpoint_vkey,
                actor_of(session, holder),
                kernel_clock.now(),
            )
    assert refused.value.code == "key_not_proven"


def test_nobody_manages_accounts_of_an_office_above(deployment: Deployment, session: Session) -> None:
    county, city = (_office(deployment, session, code) for code in ("COUNTY", "CITY"))
    words = accounts.make_account(
        session, "county-admin", "区管理", county, [Role.SYSADMIN], b"x", SYSTEM, kernel_clock.now()
    )
    words.state, words.must_change = "active", False
    session.flush()
    actor = actor_of(session, words)
    assert actor.may(Permission.MANAGE_STAFF, county.id)
    with pytest.raises(NotAllowed):
        accounts.invite(session, "somebody", "某人", city, [Role.HANDLER], b"x", actor, kernel_clock.now())
    with pytest.raises(NotFound):
        accounts.find(session, deployment.handed.founders["handler"].staff.id, actor)


def test_a_sysadmin_reaches_the_offices_below(deployment: Deployment, session: Session) -> None:
    deployment.enrolled("admin")
    admin = session.scalars(select(Staff).where(Staff.sign_in == "admin")).one()
    assert actor_of(session, admin).may(Permission.MANAGE_STAFF, _office(deployment, session, "COUNTY").id)


def test_leaving_ends_sessions_and_takes_keys_back_at_once(deployment: Deployment, session: Session) -> None:
    browser, _ = deployment.enrolled("handler")
    admin, _ = deployment.enrolled("admin")
    gone = deployment.handed.founders["handler"].staff.id
    page = admin.get(f"/staff/{gone}/").text
    assert admin.post(f"/staff/{gone}/leave", data={"csrf_token": token(page)}).status_code == 303
    assert browser.get("/staff/me/").status_code == 302
    assert session.scalar(select(KeyGrant.id).where(KeyGrant.staff_id == gone)) is None
    assert session.get_one(Staff, gone).locked_seed is None


def test_a_reset_asks_for_everything_anew(deployment: Deployment, session: Session, clock: StandingClock) -> None:
    _, person = deployment.enrolled("handler")
    admin, _ = deployment.enrolled("admin")
    who = deployment.handed.founders["handler"].staff.id
    answer = admin.post(f"/staff/{who}/reset", data={"csrf_token": token(admin.get(f"/staff/{who}/").text)})
    found = re.search(r'class="phrase">([^<]+)<', answer.text)
    clock.advance(seconds=30)
    assert sign_in_with(deployment.browser(), "handler", person.passphrase, person.code()).status_code == 422
    assert found
    browser, _ = deployment.enrolled("handler", found[1])
    assert browser.get("/").headers["Location"] == "/staff/me/"


def test_with_the_last_reading_role_the_key_goes_too(deployment: Deployment, session: Session) -> None:
    deployment.enrolled("handler")
    deployment.enrolled("admin")
    staff = session.scalars(select(Staff).where(Staff.sign_in == "handler")).one()
    admin = actor_of(session, session.scalars(select(Staff).where(Staff.sign_in == "admin")).one())
    office = _office(deployment, session, "CITY")
    accounts.take_role(session, staff, office, Role.INTAKE, admin, kernel_clock.now())
    assert actor_of(session, staff).may(Permission.READ_TIP, office.id)
    accounts.take_role(session, staff, office, Role.HANDLER, admin, kernel_clock.now())
    assert session.scalar(select(KeyGrant.id).where(KeyGrant.staff_id == staff.id)) is None


def test_nobody_takes_the_own_sysadmin_role(deployment: Deployment, session: Session) -> None:
    deployment.enrolled("admin")
    admin = session.scalars(select(Staff).where(Staff.sign_in == "admin")).one()
    office = _office(deployment, session, "CITY")
    with pytest.raises(Refused):
        accounts.take_role(session, admin, office, Role.SYSADMIN, actor_of(session, admin), kernel_clock.now())


@pytest.mark.parametrize("name", ["ab", "UPPER CASE", "空", "a" * 41, "-start"])
def test_a_sign_in_name_of_another_form_is_refused(deployment: Deployment, session: Session, name: str) -> None:
    with pytest.raises(Refused):
        accounts.make_account(
            session,
            name,
            "某人",
            _office(deployment, session, "CITY"),
            [Role.HANDLER],
            b"x",
            SYSTEM,
            kernel_clock.now(),
        )


def test_a_stranger_gets_the_sign_in_page_and_a_colleague_without_permission_403(deployment: Deployment) -> None:
    assert deployment.browser().get("/staff/").headers["Location"].startswith("/sign-in/")
    auditor, _ = deployment.enrolled("auditor")
    assert auditor.get("/staff/").status_code == 403
    assert auditor.get("/directory/").status_code == 403


def test_every_endpoint_is_marked_and_an_unmarked_one_is_denied(deployment: Deployment) -> None:
    from admin.web.guard import gate_of

    views = deployment.app.view_functions
    assert [name for name, view in views.items() if gate_of(view) is None] == []
    deployment.app.view_functions["staff.index"] = lambda: "open to all"
    admin, _ = deployment.enrolled("admin")
    assert admin.get("/staff/").status_code == 403
