"""The directory as those who manage it see and change it."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.directory.models import Institution, Office, RuleSetting
from portal.kernel.clock import now
from portal.kernel.site import site
from portal.ledger.models import LedgerEntry
from portal.routing.choose import directory
from portal.workdays.calendar import Calendar
from portal.workdays.models import WorkdayOverride
from tests.staff.deployment import Deployment, said, token

AT_WORK = ("admin",)


@pytest.fixture
def admin(deployment: Deployment) -> FlaskClient:
    return deployment.enrolled("admin")[0]


def _fields(browser: FlaskClient, path: str) -> dict[str, str]:
    return {"csrf_token": token(browser.get(path).text)}


@pytest.mark.parametrize("path", ["", "offices/new", "institutions/", "settings/", "workdays/"])
def test_every_page_opens(admin: FlaskClient, path: str) -> None:
    assert admin.get(f"/directory/{path}").status_code == 200


def test_a_new_office_stands_in_the_directory_and_on_the_ledger(admin: FlaskClient, session: Session) -> None:
    fields = {
        "code": "NEW",
        "name": "新区医保局",
        "kind": "bureau",
        "level": "county",
        "region": "320106",
        "superior": "",
    }
    answer = admin.post("/directory/offices/new", data={**_fields(admin, "/directory/offices/new"), **fields})
    assert answer.status_code == 303
    assert session.scalars(select(Office.name).where(Office.code == "NEW")).one() == "新区医保局"
    recorded = session.scalars(select(LedgerEntry.payload).where(LedgerEntry.kind == "setting-changed")).all()
    assert [payload for payload in recorded if b'"name":"NEW"' in payload]


def test_an_office_cannot_come_under_itself(admin: FlaskClient, session: Session) -> None:
    city, county = (session.scalars(select(Office).where(Office.code == code)).one() for code in ("CITY", "COUNTY"))
    path, below = f"/directory/offices/{city.id}/", str(county.id)
    session.rollback()
    fields = {"code": "CITY", "name": "市局", "kind": "bureau", "level": "city", "region": "320100", "superior": below}
    answer = admin.post(path, data={**_fields(admin, path), **fields})
    assert (answer.status_code, "上级单位不能是" in said(answer)) == (422, True)


def _import(admin: FlaskClient, text: str, **more: str) -> str:
    path = "/directory/institutions/"
    data = {**_fields(admin, path), "file": (BytesIO(text.encode()), "名册.csv"), **more}
    return admin.post(path, data=data, content_type="multipart/form-data").text


GOOD = "医保编码,名称,类型,地区\nH32010400001,演示一号医院,医院,320104\nP32010400002,演示药店,药店,320104\n"


def test_a_register_is_taken_over_whole(admin: FlaskClient, session: Session) -> None:
    assert "名册已经导入" in _import(admin, GOOD)
    assert session.scalar(select(func.count()).select_from(Institution)) == 2


def test_with_one_wrong_row_nothing_is_taken_and_the_row_is_named(admin: FlaskClient, session: Session) -> None:
    page = _import(admin, GOOD + "P32010400003,演示三号,酒楼,999999\n")
    assert "一行也没有写入" in page
    assert '<td class="numeric">4</td>' in page
    assert session.scalar(select(func.count()).select_from(Institution)) == 0


def test_a_whole_register_ends_what_it_does_not_name(admin: FlaskClient, session: Session) -> None:
    _import(admin, GOOD)
    _import(admin, "\n".join(GOOD.splitlines()[:2]), whole="y")
    active = session.execute(select(Institution.code, Institution.active).order_by(Institution.code)).all()
    assert [tuple(row) for row in active] == [("H32010400001", True), ("P32010400002", False)]


def test_a_setting_needs_its_basis_and_never_touches_a_number_of_law(admin: FlaskClient, session: Session) -> None:
    path = "/directory/settings/"
    setting = {"rule": "HR-12.4", "region": "320100", "amount": "3", "unit": "WD", "since": "2026-10-01"}
    missing = admin.post(path, data={**_fields(admin, path), **setting, "basis": ""})
    fixed = admin.post(path, data={**_fields(admin, path), **setting, "rule": "HR-12.1", "basis": "市局文件"})
    assert "请填写依据" in missing.text
    assert fixed.status_code == 200  # the list does not offer it, so the form comes back
    assert admin.post(path, data={**_fields(admin, path), **setting, "basis": "市局文件"}).status_code == 303
    assert session.scalars(select(RuleSetting.rule)).all() == ["HR-12.4"]


def test_a_day_can_be_set_apart_and_counts_for_the_next_report(admin: FlaskClient, session: Session) -> None:
    path, friday = "/directory/workdays/", date(2027, 3, 5)
    assert _calendar(session).is_workday(friday)[0]
    day = {"day": "2027-03-05", "working": "no", "basis": "国办发明电〔2026〕X号"}
    assert admin.post(path, data={**_fields(admin, path), **day}).status_code == 303
    assert [row.working for row in session.scalars(select(WorkdayOverride))] == [False]
    session.rollback()
    assert not _calendar(session).is_workday(friday)[0]


def _calendar(session: Session) -> Calendar:
    """The one that a report is counted with which comes in now."""
    read = directory(session, now(), site().checkpoint_vkey).calendar
    session.rollback()
    return read


def test_a_handler_changes_nothing_here(deployment: Deployment) -> None:
    handler, _ = deployment.enrolled("handler")
    page = token(handler.get("/staff/me/").text)
    for path in ("offices/new", "institutions/", "settings/", "workdays/"):
        assert handler.post(f"/directory/{path}", data={"csrf_token": page}).status_code == 403
