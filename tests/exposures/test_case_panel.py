"""The page of a report says what has become of its case: record, gate, exposure, circulars."""

from __future__ import annotations

import pytest
from flask import Flask

from admin.exposures import gating
from portal.exposures.values import Treatment
from portal.mailbox.reasons import Closing
from tests.admin_tips.world import OTHER
from tests.exposures.conftest import Docket
from tests.exposures.records import record
from tests.exposures.test_circulars import LIGHT, sent
from tests.exposures.test_record_pages import _client

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""The verbs behind the pages are tested on both databases."""

TITLE = "公开和通报"


def test_the_page_follows_a_case_from_its_record_to_the_circular(docket: Docket, staff_app: Flask) -> None:
    number, client = docket.closed(), _client(docket, staff_app, docket.handler)
    page = client.get(f"/tips/{number}/").text
    assert TITLE in page
    assert "先要有案件记录" in page
    assert f'href="/exposures/{number}/record/"' in page
    docket.recorded(record(), number=number)
    assert "等审批人决定" in client.get(f"/tips/{number}/").text
    docket.judge(number, gating.decide, *LIGHT)
    circular = sent(docket, OTHER, number=number)
    page = client.get(f"/tips/{number}/").text
    assert f'href="/circulars/{circular}/"' in page
    assert client.get(f"/circulars/{circular}/").status_code == 200
    assert f"/exposures/{number}/gate/" not in page, "which a handler may not open"


def test_the_page_says_how_far_an_exposure_has_come(docket: Docket, staff_app: Flask) -> None:
    number, client = docket.recorded(record(repeated=True)), _client(docket, staff_app, docket.handler)
    docket.judge(number, gating.decide, Treatment.PUBLISH, "gate-repeated", "再次违规（虚构）。")
    assert "正在起草" in client.get(f"/tips/{number}/").text
    way = f'href="/exposures/{number}/"'
    assert way not in client.get(f"/tips/{number}/").text, "which a handler may not open"
    assert way in _client(docket, staff_app, docket.editor).get(f"/tips/{number}/").text
    docket.judge(number, gating.decide, *LIGHT)
    assert "不再公开" in client.get(f"/tips/{number}/").text


def test_a_report_that_is_open_or_found_nothing_has_no_such_panel(docket: Docket, staff_app: Flask) -> None:
    client = _client(docket, staff_app, docket.handler)
    for number in (docket.decided(), docket.closed(Closing.NO_ACTION)):
        page = client.get(f"/tips/{number}/")
        assert page.status_code == 200
        assert TITLE not in page.text
