"""How many people can open an office's reports, kept true by every verb; nobody left means the superior receives."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.staff import accounts, membership
from admin.staff.models import Staff
from admin.staff.queries import actor_of
from admin.staff.roles import Role
from portal.directory.keys import forget_proofs
from portal.directory.models import Office
from portal.kernel import clock as kernel_clock
from portal.kernel.clock import now
from portal.kernel.transaction import reading, transaction
from portal.routing import choose
from portal.routing.values import RouteQuery
from tests.staff.deployment import Deployment, token
from tests.staff.test_founding import add_office, invited, make_sheets

AT_WORK = ("admin",)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    forget_proofs()
    choose.forget()
    yield
    forget_proofs()


@pytest.fixture
def admin(deployment: Deployment) -> FlaskClient:
    return deployment.enrolled("admin")[0]


def members() -> dict[str, int | None]:
    with reading() as session:
        return {row.code: row.members for row in session.execute(select(Office.code, Office.members))}


def receiver(deployment: Deployment) -> str:
    """The office that a report from the county's district goes to now, as this process sees it."""
    query = RouteQuery(region="320104", subject_type="unknown")
    with reading() as session:
        routed = choose.choose(session, query, kernel_clock.now(), deployment.settings.site.checkpoint_vkey)
        return session.get_one(Office, routed.office_id).code


def press(admin: FlaskClient, deployment: Deployment, who: str, deed: str) -> None:
    staff = deployment.handed.founders[who].staff.id
    page = admin.get(f"/staff/{staff}/").text
    assert admin.post(f"/staff/{staff}/{deed}", data={"csrf_token": token(page)}).status_code in (200, 303)


def test_set_up_counts_the_first_people_and_their_first_sign_in_changes_nothing(deployment: Deployment) -> None:
    assert members() == {"CITY": 1, "COUNTY": 1}
    deployment.enrolled("handler")
    assert members() == {"CITY": 1, "COUNTY": 1}


@pytest.mark.parametrize("deed", ["leave", "reset"])
def test_an_office_without_its_last_member_is_passed_over_for_its_superior_at_once(
    deployment: Deployment, admin: FlaskClient, deed: str
) -> None:
    assert receiver(deployment) == "COUNTY"
    press(admin, deployment, "county", deed)
    assert members() == {"CITY": 1, "COUNTY": 0}
    assert receiver(deployment) == "CITY"  # without waiting for the kept reading to grow old


def test_who_loses_the_last_reading_role_no_longer_counts(
    deployment: Deployment, admin: FlaskClient, session: Session
) -> None:
    boss = session.scalars(select(Staff).where(Staff.sign_in == "admin")).one()
    staff = session.scalars(select(Staff).where(Staff.sign_in == "county")).one()
    office = session.scalars(select(Office).where(Office.code == "COUNTY")).one()
    accounts.take_role(session, staff, office, Role.INTAKE, actor_of(session, boss), now())
    assert office.members == 1
    accounts.take_role(session, staff, office, Role.HANDLER, actor_of(session, boss), now())
    assert office.members == 0


def test_founding_and_granting_count_up(deployment: Deployment, admin: FlaskClient) -> None:
    new = add_office(admin)
    assert members()["NEW"] == 0
    first, _ = invited(deployment, admin, "first")
    invited(deployment, admin, "second")
    assert members()["NEW"] == 0
    path = f"/staff/me/offices/{new}/key"
    first.post(path, data=make_sheets(first, path)[1])
    assert members()["NEW"] == 1
    deployment.sequence()
    page = first.get("/staff/waiting/").text
    fields = {"staff": "", "office": "", "fingerprint": ""}
    for name in fields:
        fields[name] = page.partition(f'name="{name}" value="')[2].partition('"')[0]
    done = first.post("/staff/waiting/", data={"csrf_token": token(page), "compared": "y", **fields})
    assert (done.status_code, members()["NEW"]) == (303, 2)


def test_a_count_that_went_wrong_is_right_again_after_the_next(deployment: Deployment, session: Session) -> None:
    office = session.scalars(select(Office).where(Office.code == "COUNTY")).one()
    office.members = None
    membership.count_members(session, [office.id])
    assert office.members == 1


def shared(code: str) -> dict[str, int]:
    """Of the people of an office: how many see no report about another one, by its code."""
    with reading() as session:
        names = {row.id.hex: row.code for row in session.execute(select(Office.id, Office.code))}
        counted = session.scalars(select(Office.shared).where(Office.code == code)).one() or {}
    return {names[about]: people for about, people in counted.items()}


def test_a_report_about_the_other_office_of_the_only_colleague_goes_on_to_the_superior(
    deployment: Deployment, admin: FlaskClient
) -> None:
    add_office(admin)  # NEW, beside the county's
    assert shared("COUNTY") == {"CITY": 1}  # its people are kept from what is above them
    query = RouteQuery(region="320104", subject_type="unknown", against_office="NEW")

    def taken_by() -> str:
        with reading() as session:
            routed = choose.choose(session, query, kernel_clock.now(), deployment.settings.site.checkpoint_vkey)
            return session.get_one(Office, routed.office_id).code

    def change(verb: Callable[..., None]) -> None:
        with transaction() as session:
            boss = session.scalars(select(Staff).where(Staff.sign_in == "admin")).one()
            staff = session.scalars(select(Staff).where(Staff.sign_in == "county")).one()
            new = session.scalars(select(Office).where(Office.code == "NEW")).one()
            verb(session, staff, new, Role.AUDITOR, actor_of(session, boss), now())
        choose.forget()

    assert taken_by() == "COUNTY"
    change(accounts.give_role)
    assert shared("COUNTY") == {"CITY": 1, "NEW": 1} and taken_by() == "CITY"
    change(accounts.take_role)
    assert shared("COUNTY") == {"CITY": 1} and taken_by() == "COUNTY"
