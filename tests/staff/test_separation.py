"""Nobody holds both halves of an act that takes two people."""

from __future__ import annotations

import html
import itertools
import uuid

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from admin.plan import MemberPlan, OfficePlan, Plan, read_plan
from admin.staff import accounts
from admin.staff.models import Staff, StaffRole
from admin.staff.queries import actor_of
from admin.staff.roles import ROLES, HeldRole, Permission, Role
from admin.staff.separation import TWO_PERSON_ACTS, TwoPersonAct, both_halves, new_conflict
from portal.directory.models import Office
from portal.kernel import clock as kernel_clock
from portal.kernel.actors import SYSTEM
from portal.kernel.errors import Refused
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id
from tests.architecture.tree import ROOT
from tests.staff.deployment import PLAN, Deployment, token

AT_WORK = ("admin",)

HERE, ABOVE = uuid.UUID(int=1), uuid.UUID(int=2)
_WITH_SYSADMIN = {Role.SYSADMIN, Role.AUDITOR, Role.SUPERVISOR_MANAGER}
BELOW = {ABOVE: {HERE}}
CONFLICTS = (
    (Role.HANDLER, Role.HEAD),
    (Role.HANDLER, Role.CUSTODIAN),
    (Role.HEAD, Role.CUSTODIAN),
    (Role.HEAD, Role.ARCHIVIST),
    (Role.HANDLER, Role.REWARD_REVIEWER),
    (Role.HEAD, Role.REWARD_REVIEWER),
    (Role.REWARD_REVIEWER, Role.FINANCE),
    (Role.FINANCE, Role.PAYMENT_KEEPER),
    (Role.REWARD_REVIEWER, Role.PAYMENT_KEEPER),
    *((role, Role.FINANCE) for role in (Role.INTAKE, Role.HANDLER, Role.HEAD, Role.EDITOR)),
    *((role, Role.PAYMENT_KEEPER) for role in (Role.INTAKE, Role.HANDLER, Role.HEAD, Role.EDITOR)),
    (Role.EDITOR, Role.PUBLISHER),
    (Role.FUND_ACCOUNTANT, Role.FUND_PUBLISHER),
    (Role.FUND_ACCOUNTANT, Role.HEAD),
    *((role, Role.AUDITOR) for role in (Role.INTAKE, Role.HANDLER, Role.HEAD, Role.REWARD_REVIEWER, Role.EDITOR)),
    *((Role.SYSADMIN, role) for role in Role if role not in _WITH_SYSADMIN),
)
"""Every two roles that nobody is given for one office."""


@pytest.mark.parametrize("role", Role)
def test_no_role_holds_both_halves(role: Role) -> None:
    assert both_halves([role]) is None


def test_whoever_audits_reads_no_report_and_whoever_makes_accounts_neither() -> None:
    for role in (Role.AUDITOR, Role.SYSADMIN):
        assert not ROLES[role] & {Permission.READ_TIP, Permission.READ_QUEUE, Permission.GRANT_KEY, Permission.SEAT}


def test_exactly_these_pairs_of_roles_are_both_halves() -> None:
    found = {pair for pair in itertools.combinations(Role, 2) if both_halves(pair)}
    assert {frozenset(pair) for pair in found} == {frozenset(pair) for pair in CONFLICTS}


@pytest.mark.parametrize("act", TWO_PERSON_ACTS, ids=lambda act: f"{act.first}+{act.second}")
def test_every_act_has_halves_that_some_two_roles_hold_and_no_one_role(act: TwoPersonAct) -> None:
    assert [role for role in Role if act.within(ROLES[role])] == []
    assert [pair for pair in CONFLICTS if act.within(ROLES[pair[0]] | ROLES[pair[1]])]


@pytest.mark.parametrize(
    "roles",
    [(Role.INTAKE, Role.HANDLER), (Role.INTAKE, Role.HEAD), (Role.EDITOR, Role.FUND_ACCOUNTANT, Role.HANDLER)],
)
def test_a_small_office_may_join_what_needs_no_second_person(roles: tuple[Role, ...]) -> None:
    assert both_halves(roles) is None


@given(st.sets(st.sampled_from(Role)))
def test_a_conflict_is_one_of_two_roles_whatever_else_is_held(roles: set[Role]) -> None:
    of_two = any(both_halves(pair) for pair in itertools.combinations(roles, 2))
    assert (both_halves(roles) is not None) == of_two


def test_another_office_is_another_matter() -> None:
    held, added = [HeldRole(HERE, Role.HANDLER)], [HeldRole(uuid.UUID(int=3), Role.HEAD)]
    assert new_conflict(held, added, BELOW) is None


def test_a_role_that_reaches_down_meets_the_roles_below() -> None:
    assert new_conflict([HeldRole(HERE, Role.HANDLER)], [HeldRole(ABOVE, Role.SYSADMIN)], BELOW) is not None
    assert new_conflict([HeldRole(ABOVE, Role.HANDLER)], [HeldRole(HERE, Role.SYSADMIN)], BELOW) is None


def test_what_was_held_before_the_rule_is_not_held_against_another_role() -> None:
    held = [HeldRole(HERE, Role.HANDLER), HeldRole(HERE, Role.HEAD)]
    assert new_conflict(held, [HeldRole(HERE, Role.INTAKE)], {}) is None
    assert new_conflict(held, [HeldRole(HERE, Role.CUSTODIAN)], {}) is not None


def test_every_act_is_said_in_words() -> None:
    for act in TWO_PERSON_ACTS:
        assert "两个人" in act.words and act.act in act.words


def test_the_plans_that_are_shipped_keep_the_rule() -> None:
    read_plan(ROOT / "admin" / "demo" / "data" / "plan.toml")
    assert all(both_halves(member.roles) is None for member in PLAN.members)


@pytest.mark.parametrize("pair", CONFLICTS, ids="+".join)
def test_a_plan_that_gives_one_person_both_halves_is_refused(pair: tuple[Role, Role]) -> None:
    office = OfficePlan("CITY", "演示市医保局", "bureau", "city", "320100")
    members = (MemberPlan("admin", "甲", "CITY", (Role.SYSADMIN,)), MemberPlan("both", "乙", "CITY", pair))
    act = both_halves(pair)
    assert act is not None
    with pytest.raises(Refused) as refused:
        Plan((office,), members, ())
    assert f"both: {act.first} and {act.second}" in refused.value.message


def _office(session: Session, code: str = "CITY") -> Office:
    return session.scalars(select(Office).where(Office.code == code)).one()


def test_an_account_with_both_halves_is_not_made(deployment: Deployment, session: Session) -> None:
    with pytest.raises(Refused) as refused:
        accounts.make_account(
            session, "both", "某人", _office(session), [Role.EDITOR, Role.PUBLISHER], b"x", SYSTEM, kernel_clock.now()
        )
    assert refused.value.code == "both_halves"
    assert session.scalar(select(Staff.id).where(Staff.sign_in == "both")) is None


def test_the_page_says_why_the_second_half_is_refused(deployment: Deployment, session: Session) -> None:
    admin, _ = deployment.enrolled("admin")
    page = admin.get("/staff/invite").text
    office = str(_office(session).id)
    session.rollback()  # lets go of SQLite's write lock
    fields = {"name": "某人", "sign_in": "both", "office": office, "roles": ["handler", "head"]}
    answer = admin.post("/staff/invite", data={"csrf_token": token(page), **fields})
    assert answer.status_code == 422
    assert "“提出立案、延期等建议”和“批准建议（不能批准自己提出的）”要由两个人办" in answer.text


def test_a_role_that_would_be_the_second_half_is_refused(deployment: Deployment, session: Session) -> None:
    deployment.enrolled("admin")
    staff = session.scalars(select(Staff).where(Staff.sign_in == "handler")).one()
    admin = actor_of(session, session.scalars(select(Staff).where(Staff.sign_in == "admin")).one())
    with pytest.raises(Refused) as refused:
        accounts.give_role(session, staff, _office(session), Role.HEAD, admin, kernel_clock.now())
    assert refused.value.code == "both_halves"
    held = session.scalars(select(StaffRole.role).where(StaffRole.staff_id == staff.id)).all()
    assert sorted(held) == ["handler", "intake"]


def test_whichever_half_comes_second_is_refused_on_the_page_with_the_reason(deployment: Deployment) -> None:
    admin, someone = deployment.enrolled("admin")[0], ""
    for one, other in [*CONFLICTS, *(pair[::-1] for pair in CONFLICTS)]:
        someone = _somebody(one)
        act = both_halves((one, other))
        assert act is not None
        refused = _press(admin, someone, other)
        assert refused.status_code == 422 and act.words in html.unescape(refused.text), f"{one}, then {other}"
        assert _roles_of(someone) == [one]
    assert _press(admin, someone, Role.SUPERVISOR_MANAGER).status_code == 303


def _somebody(role: Role) -> str:
    """A new account with this one role; its id."""
    name = f"one-{new_id().hex[:12]}"
    with transaction() as session:
        office = _office(session)
        return str(accounts.make_account(session, name, "某人", office, [role], b"x", SYSTEM, kernel_clock.now()).id)


def _roles_of(staff: str) -> list[Role]:
    with reading() as session:
        return [Role(one) for one in session.scalars(select(StaffRole.role).where(StaffRole.staff_id == Id(staff)))]


def _press(admin: FlaskClient, staff: str, role: Role) -> TestResponse:
    """Give the role on the person's page, with a second factor that is taken for right: there are only ten codes."""
    with reading() as session:
        office = str(_office(session).id)
    page = admin.get(f"/staff/{staff}/").text
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("admin.web.stepup.take_factor", lambda _typed: None)
        fields = {"csrf_token": token(page), "office": office, "role": role.value, "code": "123456"}
        return admin.post(f"/staff/{staff}/roles", data=fields)
