"""Nothing that was written stands readable anywhere: not in database, store, logs or temporary folders."""

from __future__ import annotations

import base64
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select

from admin.staff.recovering import ceremony
from portal.directory.models import CustodyBoard, Office
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now
from portal.kernel.transaction import transaction
from tests.benches.deployment import COUNTY, Deployment
from tests.benches.journey import Story, send, to_check
from tests.benches.keepers import covered
from tests.benches.served import ALONE, PUBLIC, STAFF, Served, serving
from tests.benches.staff_rows import signed_in
from tests.benches.visitor import Visitor
from tests.faults.markers import Markers, files_below, forms
from tests.faults.opening import open_name
from tests.faults.test_many_at_once import number_on
from tests.postgresql_cluster import Cluster, find_programs


def story(say: Markers) -> Story:
    """A report with something in every field there is."""
    pdf = b"%PDF-1.4\n" + say.letters("inside of a file").encode() + bytes(70_000) + say.han("end of a file").encode()
    return Story(
        say.han("words"),
        target=say.han("target"),
        target_address=say.letters("address of the target"),
        region=("320000", "320100", "320106"),
        files=((f"{say.letters('name of a file')}.pdf", pdf), (f"{say.han('Chinese name of a file')}.pdf", pdf)),
        more={
            "place": say.han("place"),
            "persons": say.letters("persons"),
            "amount": say.digits("amount")[:12],
            "source": say.han("how it is known"),
            "earlier": say.letters("earlier reports"),
        },
        who={
            "name": say.han("name"),
            "phone": say.digits("phone"),
            "email": f"{say.letters('e-mail')}@example.cn",
            "address": say.letters("address"),
        },
        id_kind="passport",
        id_number=say.letters("identity document"),
        fellows=f"{say.han('first fellow')}\n{say.letters('second fellow')}",
    )


def write_and_answer(public: Served, staff: Served, deployment: Deployment, say: Markers) -> str:
    """A report, one that stays a draft, letters both ways, a note, the name opened; returns the receipt code."""
    reporter = send(to_check(Visitor(public.port), story(say)))
    code, number = reporter.code, number_on(reporter)
    to_check(Visitor(public.port), story(say))  # never sent
    handler = signed_in(staff, deployment.people[COUNTY])
    for act, text in (("accept", None), ("note", say.han("note")), ("letter", say.letters("letter of the office"))):
        handler.get(f"/tips/{number}/{act}/")
        handler.post(f"/tips/{number}/{act}/", {} if text is None else {"text": text})
        assert handler.status == 200, f"{act} answered {handler.status}"
    follower = Visitor(public.port).get("/followup/")
    follower.post("/followup/", code=code)
    follower.get("/followup/messages/").post(
        text=say.han("letter of the reporter"), files=((f"{say.letters('name of a later file')}.pdf", b"%PDF-1.4\n"),)
    )
    assert follower.status == 200
    follower.get("/followup/pressure/").post(text=say.letters("pressure"))
    handler.get(f"/tips/{number}/")
    for name in ("words", "persons", "name of a file", "note", "letter of the reporter", "pressure"):
        assert say.texts[name] in handler.words, f"the office does not read: {name}"
    opened = open_name(staff, deployment, number, say.han("reason of a request"), handler)
    assert all(say.texts[name] in opened.asker.words for name in ("name", "phone", "first fellow"))
    opened.sign_out()
    Visitor(public.port).get(f"/nowhere/?q={say.letters('a wrong address')}")
    return code


def print_sheets(deployment: Deployment, say: Markers) -> None:
    """New recovery sheets of an office and of a board: what is printed stands on paper alone."""
    covered(deployment)
    with transaction() as session:
        for owner in (session.scalars(select(Office)).first(), session.scalars(select(CustodyBoard)).first()):
            assert owner is not None
            for number, sheet in enumerate(ceremony(session, owner, SYSTEM, now()).sheets.words):
                words = sheet.split()
                say.add(f"recovery sheet {number} of {owner.name}", sheet)
                say.add(f"six words of sheet {number} of {owner.name}", " ".join(words[9:15]))
                say.add(f"the same without blanks, {number} of {owner.name}", "".join(words[9:15]))


def test_no_word_name_or_code_stands_readable_anywhere(
    deployment: Deployment, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    say = Markers()
    folders = [deployment.folder / "stores", deployment.folder / "blobs", temporary, tmp_path / "logs"]
    folders[-1].mkdir()
    with deployment.opened():
        print_sheets(deployment, say)
    with ExitStack() as stack:
        environment = deployment.environment()
        public, staff = (
            stack.enter_context(serving(name, environment, folders[-1] / f"{name[:6]}.log", options=ALONE))
            for name in (PUBLIC, STAFF)
        )
        say.add("receipt code", write_and_answer(public, staff, deployment, say))
        if deployment.owner_urls is not None:  # everything the server wrote: tables, write-ahead log, its own log
            cluster: Cluster = request.getfixturevalue("cluster")
            (tmp_path / "logs" / "dump.sql").write_bytes(dump(cluster, deployment.owner_urls[0]))
            folders.append(cluster.folder)
        assert len(say.texts) > 20
        assert say.found_in(files_below(*folders)) == []  # while the sites run, write-ahead log and all
    assert say.found_in(files_below(*folders)) == []
    assert any(path.stat().st_size > 100_000 for path in files_below(*folders)), "nothing was searched"


def dump(cluster: Cluster, url: str) -> bytes:
    """What ``pg_dump`` writes of the main database."""
    name = url.rpartition("/")[2].partition("?")[0]
    command = [f"{find_programs()}/pg_dump", "-h", str(cluster.folder), "-U", "postgres", name]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.mark.parametrize("kind", ["letters", "han", "digits"])
def test_the_search_finds_a_marker_however_it_was_written_down(kind: str, tmp_path: Path) -> None:
    say = Markers()
    text = getattr(say, kind)("planted")
    raw = text.encode()
    for written in (raw, raw.hex().encode(), text.encode("utf-16-le"), base64.b64encode(b"ab" + raw + b"c")):
        (tmp_path / "file").write_bytes(b"before " + written + b" after")
        assert say.found_in(files_below(tmp_path)), "a planted marker was not found"
    (tmp_path / "file").write_bytes(getattr(Markers(), kind)("another").encode())
    assert say.found_in(files_below(tmp_path)) == []
    assert all(len(form) >= 8 for form in forms(text))
