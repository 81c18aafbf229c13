"""Writing down what came by another channel: nothing typed is lost, nobody else reads it, nothing stays behind."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from admin.staff.roles import Role
from admin.tips.models import RecordDraft
from admin.tips.reading import open_tip
from admin.upkeep import expired_record_drafts, orphan_blobs, orphan_shred_keys
from portal.attachments import arriving
from portal.attachments.models import Attachment
from portal.attachments.store import site_store
from portal.attachments.upload import Taken
from portal.kernel import shred
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.errors import NotFound
from portal.kernel.site import Site
from portal.kernel.transaction import bound, reading
from portal.kernel.values import Id
from portal.tips import intake
from portal.tips.models import Tip
from tests.admin_tips.originals import original
from tests.admin_tips.world import DISTRICT, World
from tests.conftest import StandingClock

SCAN = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
SECRET = "来电人说某诊所空刷医保卡，标记甲乙丙丁戊己庚辛。"


@dataclass
class Desk:
    """Somebody at the page of recording."""

    client: FlaskClient
    token: str = ""
    address: str = ""
    version: str = "0"
    typed: dict[str, str] = field(default_factory=dict)

    def open(self, address: str = "/record/") -> str:
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.status_code
        return self._read(answer.get_data(as_text=True))

    def _read(self, page: str) -> str:
        found = re.search(r'id="record" action="([^"]+)"', page)
        if found is not None:
            self.address = found[1]
            self.token = _found(r'name="csrf_token" value="([^"]+)"', page)
            self.version = _found(r'name="version" value="(\d+)"', page)
        return page

    @property
    def id(self) -> Id:
        return Id(self.address.split("/")[2])

    def autosave(self, **typed: str) -> tuple[int, dict[str, Any]]:
        data = {"csrf_token": self.token, "version": self.version, **self.typed, **typed}
        answer = self.client.post(self.address + "save/", data=data)
        said = answer.get_json(silent=True) or {}
        self.version = str(said.get("version", self.version))
        return answer.status_code, said

    def send(self, do: str = "record", *files: tuple[str, bytes], **typed: str) -> tuple[int, str]:
        """Press a button; follows to the page that comes of it."""
        data: dict[str, object] = {"csrf_token": self.token, "version": self.version, **self.typed, **typed, "do": do}
        data["file"] = [(io.BytesIO(content), name) for name, content in files]
        answer = self.client.post(self.address, data=data, content_type="multipart/form-data", follow_redirects=True)
        return answer.status_code, self._read(answer.get_data(as_text=True))


WHOLE = {
    "channel": "12393",
    "words": SECRET,
    "subject_type": "institution",
    "region": "320104",
    "known_as": "no_name",
    "answer_way": "code",
    "conduct": "",
    "relation": "public",
}


def _found(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    assert found is not None, pattern
    return found[1]


def _desk(world: World, app: Flask, actor: Actor) -> Desk:
    client = app.test_client()
    world.sign_in(client, actor)
    desk = Desk(client)
    desk.open()
    return desk


@pytest.fixture
def recorder(world: World) -> Actor:
    return world.person(DISTRICT, Role.HANDLER)


@pytest.fixture
def desk(world: World, staff_app: Flask, recorder: Actor) -> Desk:
    return _desk(world, staff_app, recorder)


def _drafts() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(RecordDraft)) or 0


def _blobs(site: Site) -> int:
    return sum(path.is_file() for path in site.blob_dir.rglob("*"))


def test_what_was_typed_is_found_again_in_another_session(
    world: World, staff_app: Flask, recorder: Actor, desk: Desk
) -> None:
    status, said = desk.autosave(channel="fax", words=SECRET, target="演示诊所", period_from="2026-1", wants_reward="y")
    assert status == 200
    assert said["version"] == 1
    assert "10:00" in said["said"]
    later = _desk(world, staff_app, recorder)
    page = later.open()
    assert f"传真 · 演示诊所 · {SECRET[:30]}" in page
    again = later.open(desk.address)
    assert SECRET in again
    assert 'value="2026-1"' in again
    assert re.search(r'value="fax" checked', again)
    assert re.search(r'name="wants_reward" value="y" checked', again)


def test_a_person_may_have_several_and_they_are_told_apart(desk: Desk) -> None:
    for words in ("第一份举报", "第二份举报"):
        desk.open()
        desk.autosave(words=words)
    page = desk.open()
    assert "共 2 份" in page
    assert page.index("第二份举报") > 0
    assert page.index("第一份举报") > 0


def test_the_database_holds_no_word_of_a_draft(world: World, desk: Desk) -> None:
    desk.autosave(words=SECRET, name="测试人标记壬癸", phone="13900001234")
    with reading() as session:
        rows = [bytes(part) for row in session.execute(select(RecordDraft.sealed, RecordDraft.wrapped)) for part in row]
    assert rows
    for word in (SECRET, "测试人标记壬癸", "13900001234"):
        for written in (word.encode(), word.encode("utf-16-le"), word.encode("ascii", "backslashreplace")):
            assert not any(written in one for one in rows)


def test_a_colleague_of_the_same_office_neither_sees_nor_opens_nor_discards_it(
    world: World, staff_app: Flask, desk: Desk
) -> None:
    desk.autosave(words=SECRET)
    other = _desk(world, staff_app, world.person(DISTRICT, Role.INTAKE))
    assert SECRET[:10] not in other.open()
    assert other.client.get(desk.address).status_code == 404
    other.client.post(desk.address + "discard/", data={"csrf_token": other.token})
    status, _said = Desk(other.client, other.token, desk.address).autosave(words="别人写的")
    assert status == 409
    assert SECRET in desk.open(desk.address)


def test_a_window_that_is_behind_overwrites_nothing_unless_told_to(desk: Desk) -> None:
    desk.autosave(words="第一个窗口写的")
    behind = Desk(desk.client, desk.token, desk.address, "1")
    desk.autosave(words="第一个窗口接着写的")
    status, said = behind.autosave(words="第二个窗口写的")
    assert status == 409
    assert "另一个窗口" in said["said"]
    assert "第一个窗口接着写的" in desk.open(desk.address)
    status, page = behind.send("save", words="以第二个窗口为准")
    assert status == 200
    assert "以第二个窗口为准" in page


def test_a_refused_submit_keeps_everything_also_when_the_browser_dies_then(
    world: World, staff_app: Flask, recorder: Actor, desk: Desk
) -> None:
    status, page = desk.send("record", **{**WHOLE, "known_as": "", "target": "演示诊所丙"})
    assert status == 422
    assert "error-summary" in page
    again = _desk(world, staff_app, recorder).client.get(desk.address).get_data(as_text=True)
    assert "演示诊所丙" in again
    assert SECRET in again


def test_nothing_typed_leaves_no_draft(desk: Desk) -> None:
    assert desk.autosave(subject_type="unknown", relation="public", conduct="")[0] == 200
    assert desk.send("record")[0] == 422
    assert _drafts() == 0


def test_without_a_token_nothing_is_kept(desk: Desk, site: Site) -> None:
    desk.token = "forged"
    assert desk.autosave(words=SECRET)[0] == 400
    assert desk.send("add", ("来信.png", SCAN), words=SECRET)[0] == 400
    assert (_drafts(), _blobs(site)) == (0, 0)


def test_a_file_sent_while_a_script_saves_the_same_new_page_opens_afterwards(
    world: World, staff_app: Flask, recorder: Actor, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script's save comes in between, after the file is sealed and before it is listed."""
    taken, script = arriving.kept_files, _desk(world, staff_app, recorder)
    script.address = desk.address
    answers: list[int] = []

    def meanwhile() -> tuple[list[Taken], list[str]]:
        found = taken()
        if found[0]:
            monkeypatch.undo()
            saving = Thread(target=lambda: answers.append(script.autosave(words="写到一半")[0]))
            saving.start()
            saving.join()
        return found

    monkeypatch.setattr(arriving, "kept_files", meanwhile)
    status, page = desk.send("add", ("来信.png", SCAN), **WHOLE)
    assert (status, answers) == (200, [200])
    _status, page = desk.send("record", **WHOLE)
    number = _found(r"(MJ-\w{4}-\w{4})", page)
    case = desk.client.get(f"/tips/{number}/").get_data(as_text=True)
    address = _found(rf'(/tips/{number}/files/[^"]+)"', case)
    assert original(desk.client, address).data == SCAN


def test_recording_ends_the_draft_and_its_key_is_destroyed_so_that_no_backup_opens_it(
    desk: Desk, clock: StandingClock
) -> None:
    desk.autosave(**WHOLE)
    with reading() as session:
        shred_id = session.scalars(select(RecordDraft.shred_id)).one()
    status, page = desk.send("record", **WHOLE)
    assert status == 200
    assert re.search(r"MJ-\w{4}-\w{4}", page)
    clock.advance(days=10)
    expired_record_drafts(now())
    assert _drafts() == 0
    orphan_shred_keys(now())
    with pytest.raises(NotFound):
        shred.read_shred_key(shred_id)
    assert len(shred.read_shred_key(desk.id)) == 32


def test_a_report_that_cannot_be_stored_leaves_the_draft(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(intake, "seal_person", broken)
    desk.client.application.testing = False
    desk.client.application.config["PROPAGATE_EXCEPTIONS"] = False
    named = {**WHOLE, "known_as": "named", "name": "测试人"}
    assert desk.send("record", **named)[0] == 500
    assert SECRET in desk.open(desk.address)
    monkeypatch.undo()
    assert desk.send("record", **named)[0] == 200


def test_files_are_added_removed_and_become_the_reports(world: World, desk: Desk, site: Site) -> None:
    status, page = desk.send("add", ("来信.png", SCAN), ("第二页.png", SCAN + b"2"), **WHOLE)
    assert status == 200
    assert page.index("来信.png") < page.index("第二页.png")
    assert _blobs(site) == 2
    gone = _found(r'name="remove" value="(\w+)" formnovalidate>(?:(?!</button>).)*第二页', page)
    desk.send("", remove=gone, **WHOLE)
    assert _blobs(site) == 1
    status, page = desk.send("record", ("电话录音.txt", "录音整理".encode()), **WHOLE)
    number = _found(r"(MJ-\w{4}-\w{4})", page)
    with reading() as session:
        tip = session.scalars(select(Tip).where(Tip.number == number)).one()
        files = open_tip(session, tip, world.keys_of(session, tip)).files
    assert {file.name for file in files} == {"来信.png", "电话录音.txt"}
    assert tip.attachments == 2
    handler = _desk(world, desk.client.application, world.person(DISTRICT, Role.INTAKE)).client
    scan = next(file for file in files if file.name == "来信.png")
    assert original(handler, f"/tips/{number}/files/{scan.id}/").data == SCAN


def test_no_clear_byte_of_a_file_is_on_disk(desk: Desk, site: Site) -> None:
    marker = b"MARKER-OF-A-FAX-0123456789"
    desk.send("add", ("传真.png", SCAN + marker), **WHOLE)
    stored = [path for path in site.blob_dir.parent.rglob("*") if path.is_file()]
    assert _blobs(site) == 1
    assert not any(marker in path.read_bytes() for path in stored)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("空.png", b"", "空的"), ("病毒.exe", b"MZ" + bytes(99), "不能接收"), ("假.png", b"GIF89a" + bytes(99), "不符")],
)
def test_a_file_that_is_not_taken_is_said_and_the_rest_is_kept(
    desk: Desk, site: Site, name: str, content: bytes, words: str
) -> None:
    status, page = desk.send("record", (name, content), ("来信.png", SCAN), **WHOLE)
    assert status == 422
    assert words in page
    assert SECRET in page
    assert "来信.png" in page
    assert _blobs(site) == 1
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Tip)) == 0


def test_discarding_destroys_the_draft_and_its_files_at_once(desk: Desk, site: Site) -> None:
    desk.send("add", ("来信.png", SCAN), **WHOLE)
    page = desk.client.post(desk.address + "discard/", data={"csrf_token": desk.token}, follow_redirects=True).get_data(
        as_text=True
    )
    assert "已经销毁" in page
    assert (_drafts(), _blobs(site)) == (0, 0)
    assert desk.client.get(desk.address).status_code == 404


def test_discarding_by_the_address_of_a_report_takes_no_file_from_it(desk: Desk, site: Site) -> None:
    desk.send("record", ("来信.png", SCAN), **WHOLE)
    desk.client.post(desk.address + "discard/", data={"csrf_token": desk.token})
    assert _blobs(site) == 1
    assert desk.autosave(words="又写了一遍")[0] == 409
    assert _drafts() == 0
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 1


def test_after_seven_days_draft_files_and_keys_are_gone_however_often_it_was_saved(
    desk: Desk, site: Site, clock: StandingClock
) -> None:
    desk.send("add", ("来信.png", SCAN), **WHOLE)
    clock.advance(days=6)
    desk.autosave(words=SECRET, version="2")
    assert expired_record_drafts(now()) == 0
    clock.advance(days=2)
    assert desk.client.get(desk.address).status_code in (302, 404)  # the session ended too
    assert expired_record_drafts(now()) == 2
    assert (_drafts(), _blobs(site)) == (0, 0)
    with bound().shred.connect() as connection:
        assert connection.execute(text("select count(*) from shred_key")).scalar() == 0


def test_the_sweeps_leave_a_living_draft_alone(desk: Desk, site: Site, clock: StandingClock) -> None:
    desk.send("add", ("来信.png", SCAN), **WHOLE)
    clock.advance(days=6)
    assert expired_record_drafts(now()) == 0
    assert orphan_blobs(now()) == 0
    assert orphan_shred_keys(now()) == 0
    assert len(list(site_store().older_than(now()))) == 1


def test_a_person_with_a_new_key_is_told_that_the_old_draft_does_not_open(desk: Desk, world: World) -> None:
    from crypto.keys import Purpose, generate_inner

    desk.autosave(words=SECRET)
    actor = world.person(DISTRICT, Role.HANDLER)
    assert actor.id is not None
    world.staff_keys[actor.id] = generate_inner(Purpose.STAFF)
    world.sign_in(desk.client, actor)
    page = desk.open()
    assert "这份草稿打不开" in page
    assert SECRET[:10] not in page


def test_a_text_far_too_long_comes_back_whole(desk: Desk) -> None:
    long = "长" * 400_001
    status, page = desk.send("record", **{**WHOLE, "words": long})
    assert status == 422
    assert long in page


def test_the_printed_slip_names_neither_site_nor_subject_and_says_first_use_only(desk: Desk) -> None:
    _status, page = desk.send("record", **WHOLE)
    title = _found(r"<title>([^<]*)</title>", page)
    assert title == "24 位数字"
    assert "data-print-bare" in page
    slip = _found(r'(?s)<section class="slip"(.*?)</section>', page)
    assert "只供第一次使用" in slip
    for word in ("明镜", "医保", "举报", "MJ-"):
        assert word not in slip
