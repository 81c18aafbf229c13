from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from admin.staff.roles import Role
from admin.tips.conversation import ask, mark_read, write
from admin.tips.triage import record_reading
from crypto import receipts
from portal.attachments.models import Attachment
from portal.followup import visit
from portal.followup.visit import COOKIE
from portal.kernel.clock import now
from portal.kernel.errors import Unavailable
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.mailbox.models import Letter
from portal.tips.models import TipBody
from tests.admin_tips.world import DISTRICT, World
from tests.conftest import StandingClock
from tests.followup.conftest import Handed, Visitor, one_database

MESSAGES = "/followup/messages/"


def letters() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Letter).where(Letter.direction == "in")) or 0


def attachments() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Attachment)) or 0


def blobs(site: Site) -> int:
    return sum(1 for path in site.blob_dir.rglob("*") if path.is_file())


def a_file(name: str = "录音.txt", content: bytes = b"spoken words") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


@pytest.fixture
def writing(inside: Visitor) -> Visitor:
    """The reporter on the page of messages."""
    inside.get(MESSAGES)
    return inside


def test_a_message_reaches_the_office(mine: Handed, writing: Visitor, world: World) -> None:
    writing.post(MESSAGES, {"text": "是本部院区，三号楼。", "seen": "1"})
    assert "已经送达办理单位" in writing.text
    assert "办理单位还没有看" in writing.text
    assert letters() == 1
    by = world.person(DISTRICT, Role.HANDLER)
    with world.at(mine.number, by) as (session, tip, _keys):
        mark_read(session, tip)
    writing.get(MESSAGES)
    assert "办理单位已经看过" in writing.text


def test_an_answer_to_a_question_moves_the_report_on(mine: Handed, visitor: Visitor, world: World) -> None:
    by = world.person(DISTRICT, Role.INTAKE)
    with world.at(mine.number, by) as (session, tip, keys):
        record_reading(session, tip, by, now())
        ask(session, tip, "哪个院区？", by, now(), keys)
    visitor.sign_in(mine.code)
    visitor.get(MESSAGES)
    visitor.post(MESSAGES, {"text": "本部", "seen": "2"})
    assert world.tip(mine.number).state == "screening"
    assert "您回复了提问" in visitor.get("/followup/overview/").text


def test_a_letter_of_the_office_is_read(mine: Handed, writing: Visitor, world: World) -> None:
    by = world.person(DISTRICT, Role.HANDLER)
    with world.at(mine.number, by) as (session, tip, keys):
        write(session, tip, "材料收到了，谢谢。", by, now(), keys)
    writing.get(MESSAGES)
    assert "材料收到了，谢谢。" in writing.text
    assert "演示甲区医疗保障局" in writing.text


@one_database
@pytest.mark.parametrize("typed", ["grouped", "plain", "full width"])
def test_a_message_that_holds_a_receipt_code_is_refused_with_the_reason(typed: str, writing: Visitor) -> None:
    code = receipts.generate()
    text = {"grouped": code.grouped, "plain": code.digits}.get(
        typed, code.grouped.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    )
    page = writing.post(MESSAGES, {"text": f"我的码是 {text} 请查", "seen": "1"})
    assert page.status_code == 400
    assert "请删去后再发" in writing.text
    assert "我的码是" in writing.text, "what was typed stays"
    assert letters() == 0


@one_database
def test_an_empty_message_is_refused(writing: Visitor) -> None:
    assert writing.post(MESSAGES, {"text": " \n ", "seen": "1"}).status_code == 400
    assert "请写几句话，或者添加文件" in writing.text
    assert letters() == 0


@one_database
def test_a_message_that_is_too_long_comes_back_whole(writing: Visitor) -> None:
    page = writing.post(MESSAGES, {"text": "长" * 5001, "seen": "1"})
    assert page.status_code == 400
    assert "最多 5000 个字，现在有 5001 个字" in writing.text
    assert "长" * 5001 in page.text
    assert writing.post(MESSAGES, {"text": "长" * 5000, "seen": "1"}).status_code == 200
    assert letters() == 1


@one_database
@pytest.mark.parametrize("text", ["a\x00b", "\u202eoverride", "１２３", "🙂" * 40, "\r\n\r\n行"])
def test_odd_text_is_taken_or_refused_in_words(text: str, writing: Visitor) -> None:
    assert writing.post(MESSAGES, {"text": text, "seen": "1"}).status_code in (200, 400)


def test_the_button_pressed_twice_sends_one_letter(writing: Visitor) -> None:
    assert writing.page is not None
    first = writing.page
    for _ in range(2):
        writing.page = first
        writing.post(MESSAGES, {"text": "只说一次。", "seen": "1"})
    assert letters() == 1
    writing.post(MESSAGES, {"text": "只说一次。", "seen": "2"})
    assert letters() == 2, "said again on a page that showed the first, it is a second letter"


def test_letters_from_two_windows_at_once_are_all_kept_and_none_twice(mine: Handed, public_app: Flask) -> None:
    windows = [Visitor(public_app) for _ in range(4)]
    for window in windows:
        window.sign_in(mine.code)
        window.get(MESSAGES)
    texts = ["第一封", "第一封", "第二封", "第三封"]

    def press(window: Visitor, text: str) -> int:
        return window.post(MESSAGES, {"text": text, "seen": "1"}, follow=False).status_code

    with ThreadPoolExecutor(len(windows)) as pool:
        assert list(pool.map(press, windows, texts)) == [303] * 4
    assert letters() == 3


def test_files_go_with_the_letter_and_come_back_as_they_were(mine: Handed, writing: Visitor, site: Site) -> None:
    content = b"\x00evidence marker zebra\xff" * 5000
    writing.post(MESSAGES, {"text": "见附件", "seen": "1", "files": a_file("清单 二.txt", "价目\n".encode() * 9000)})
    assert "清单 二.txt" in writing.text
    assert attachments() == 2
    stored = b"".join(path.read_bytes() for path in site.blob_dir.rglob("*") if path.is_file())
    assert "价目".encode() not in stored
    assert content not in stored
    link = next(part for part in writing.source.split('href="') if part.startswith("/followup/files/"))
    answer = writing.client.get(link.partition('"')[0])
    assert answer.data == "价目\n".encode() * 9000
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_length == len(answer.data)


@one_database
def test_a_file_alone_is_a_letter(writing: Visitor) -> None:
    writing.post(MESSAGES, {"text": "", "seen": "1", "files": a_file()})
    assert letters() == 1


def test_files_survive_an_error_and_can_be_taken_out(writing: Visitor, site: Site) -> None:
    before = blobs(site)
    page = writing.post(MESSAGES, {"text": "长" * 5001, "seen": "1", "files": a_file("留着.txt")})
    assert page.status_code == 400
    assert "留着.txt" in writing.text
    assert attachments() == 1, "no row before the letter goes: an abandoned blob is swept"
    writing.post(MESSAGES, {"text": "短", "seen": "1"})
    assert "留着.txt" in writing.text
    assert attachments() == 2
    writing.post(MESSAGES, {"text": "长" * 5001, "seen": "2", "files": a_file("不要.txt")})
    assert blobs(site) == before + 2
    button = writing.source.partition('name="remove" value="')[2].partition('"')[0]
    writing.post(MESSAGES, {"remove": button})
    assert "不要.txt" not in writing.text
    assert blobs(site) == before + 1


def beside(app: Flask, writing: Visitor) -> Visitor:
    """Another window of the same browser, on the page of messages."""
    window, cookie = Visitor(app), writing.client.get_cookie(COOKIE)
    assert cookie is not None
    window.client.set_cookie(COOKIE, cookie.value)
    window.get(MESSAGES)
    return window


def once_before(monkeypatch: pytest.MonkeyPatch, name: str, meanwhile: Callable[[], object]) -> None:
    """*meanwhile* happens right before the first call of a function of ``visit``, in a request of its own."""
    real, waiting = getattr(visit, name), [meanwhile]

    def called(*given: object) -> object:
        if waiting:
            with ThreadPoolExecutor(1) as beside_it:
                beside_it.submit(waiting.pop()).result()
        return real(*given)

    monkeypatch.setattr(visit, name, called)


def waiting_file(writing: Visitor) -> str:
    """Leave one file waiting, its letter being too long; the value of the button that removes it."""
    writing.post(MESSAGES, {"text": "长" * 5001, "seen": "1", "files": a_file("附件.txt")})
    return writing.source.partition('name="remove" value="')[2].partition('"')[0]


def test_a_file_removed_the_moment_its_letter_was_sent_stays_with_the_letter(
    writing: Visitor, site: Site, public_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    button, before = waiting_file(writing), blobs(site)
    other = beside(public_app, writing)
    once_before(monkeypatch, "keep", lambda: other.post(MESSAGES, {"text": "看附件", "seen": "1"}))
    writing.post(MESSAGES, {"remove": button})
    assert letters() == 1 and attachments() == 2 and blobs(site) == before
    link = writing.source.partition('href="/followup/files/')[2].partition('"')[0]
    assert writing.client.get(f"/followup/files/{link}").data == b"spoken words"


def test_a_letter_whose_file_another_window_removed_or_sent_is_not_sent_without_a_word(
    writing: Visitor, site: Site, public_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    button, before = waiting_file(writing), blobs(site)
    other = beside(public_app, writing)
    with monkeypatch.context() as patched:
        once_before(patched, "locked", lambda: other.post(MESSAGES, {"remove": button}))
        writing.post(MESSAGES, {"text": "看附件", "seen": "1"})
    assert "另一个窗口已经发出或者删除" in writing.text and "看附件" in writing.source
    assert letters() == 0 and attachments() == 1 and blobs(site) == before - 1
    waiting_file(writing)
    with monkeypatch.context() as patched:
        once_before(patched, "locked", lambda: other.post(MESSAGES, {"text": "先发的", "seen": "1"}))
        writing.post(MESSAGES, {"text": "后发的", "seen": "1"})
    assert "另一个窗口已经发出或者删除" in writing.text and letters() == 1 and attachments() == 2


@one_database
def test_a_file_of_a_refused_kind_is_named_and_nothing_is_sent(writing: Visitor, site: Site) -> None:
    before = blobs(site)
    page = writing.post(MESSAGES, {"text": "看程序", "seen": "1", "files": a_file("x.exe", b"MZ" * 5000)})
    assert page.status_code == 400
    assert "“x.exe”：不能接收这种文件" in writing.text
    assert letters() == 0
    assert blobs(site) == before


def test_the_file_of_another_report_is_not_given_out(
    mine: Handed, hand_in: Callable[..., Handed], inside: Visitor, public_app: Flask
) -> None:
    other = hand_in(files={"别人.txt": b"not yours"})
    theirs = Visitor(public_app)
    theirs.sign_in(other.code)
    page = theirs.get("/followup/sent/")
    link = page.text.partition('href="/followup/files/')[2].partition('"')[0]
    assert theirs.client.get(f"/followup/files/{link}").data == b"not yours"
    assert inside.client.get(f"/followup/files/{link}").status_code == 404


@one_database
def test_a_file_that_was_altered_is_not_handed_out(mine: Handed, inside: Visitor, site: Site) -> None:
    link = inside.get("/followup/sent/").text.partition('href="/followup/files/')[2].partition('"')[0]
    blob = next(path for path in site.blob_dir.rglob("*") if path.is_file())
    content = bytearray(blob.read_bytes())
    content[-20] ^= 1
    blob.write_bytes(content)
    assert inside.get(f"/followup/files/{link}").status_code == 409
    blob.unlink()
    assert inside.get(f"/followup/files/{link}").status_code == 404


def test_what_was_read_can_be_taken_away_after_asking(mine: Handed, writing: Visitor, world: World) -> None:
    page = writing.get(f"{MESSAGES}1/remove/")
    assert "举报已经收到" in page.text
    with reading() as session:
        assert session.scalars(select(Letter.removed_by_reporter)).one() is False
    writing.post(f"{MESSAGES}1/remove/", {})
    assert "已经删除" in writing.text
    assert "举报已经收到" not in writing.text
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Letter)) == 1, "the office's copy stays"
    assert writing.get(f"{MESSAGES}1/remove/").status_code == 404
    assert writing.get(f"{MESSAGES}99/remove/").status_code == 404


def test_words_typed_into_an_ended_session_come_back_after_the_code(
    mine: Handed, writing: Visitor, clock: StandingClock
) -> None:
    clock.advance(minutes=20)
    page = writing.post(MESSAGES, {"text": "写了很久的一封信", "seen": "1"})
    assert page.status_code == 410
    assert "刚才写的内容没有发出" in writing.text
    assert "写了很久的一封信" in page.text
    assert letters() == 0
    writing.post("/followup/", {"code": mine.code.grouped, "words": "写了很久的一封信"})
    assert "写了很久的一封信" in writing.get(MESSAGES).text
    writing.post(MESSAGES, {"text": "写了很久的一封信", "seen": "1"})
    assert letters() == 1
    form = writing.source.partition("<textarea")[2].partition("</textarea>")[0]
    assert "写了很久的一封信" not in form


@one_database
def test_a_missing_token_gives_the_words_back(writing: Visitor) -> None:
    page = writing.client.post(MESSAGES, data={"text": "还在吗", "seen": "1"})
    assert page.status_code == 400
    assert "还在吗" in page.text
    assert "页面已经到期" in page.text
    assert letters() == 0


@one_database
@pytest.mark.parametrize("error", [Unavailable("store_unavailable", ""), OperationalError("x", {}, Exception())])
def test_when_nothing_can_be_stored_the_words_come_back(
    error: Exception, writing: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise error

    monkeypatch.setattr("portal.followup.letterviews.send", fail)
    page = writing.post(MESSAGES, {"text": "请收好", "seen": "1"})
    assert page.status_code == 503
    assert "请收好" in page.text
    assert "没有送达" in writing.text


@one_database
@pytest.mark.parametrize("path", ["overview", "messages", "sent"])
def test_a_tampered_row_is_answered_in_words(path: str, inside: Visitor) -> None:
    with transaction() as session:
        if path == "messages":
            row = session.scalars(select(Letter)).one()
            session.execute(update(Letter).values(sealed=row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])))
        else:
            body = session.scalars(select(TipBody)).one()
            session.execute(update(TipBody).values(report=body.report[:-1] + bytes([body.report[-1] ^ 1])))
    page = inside.get(f"/followup/{path}/")
    assert page.status_code == 409
    assert "这份记录打不开" in inside.text
