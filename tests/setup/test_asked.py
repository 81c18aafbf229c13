"""``mingjing setup`` without a plan, at a terminal: what it asks, and what it does with a wrong answer."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import select as chosen

from admin.config import load_staff
from admin.staff.models import Staff
from crypto import recovery
from crypto.kdf import PASSPHRASE_COST
from portal.directory.models import CustodyBoard, Office
from portal.kernel.db import Database

ROOT = Path(__file__).parents[2]

DIALOGUE = [
    ("Code of the office", "CITY"),
    ("Name of the office", "演示市医保局"),
    ("Level", "village"),  # asked again
    ("Level", "city"),
    ("GB/T 2260", "999999"),  # asked again
    ("GB/T 2260", "320100"),
    ("Name of the system administrator", "甲"),
    ("Sign-in name of 甲", "A"),  # asked again
    ("Sign-in name of 甲", "admin"),
    ("Name of the head", "乙"),
    ("Sign-in name of 乙", "admin"),  # asked again
    ("Sign-in name of 乙", "Head.1"),
    ("Name of the handler", "丙"),
    ("Sign-in name of 丙", "handler"),
    ("Name of custodian 1 of 3", "丁"),
    ("Sign-in name of 丁", "keeper1"),
    ("Name of custodian 2 of 3", "戊"),
    ("Sign-in name of 戊", "keeper2"),
    ("Name of custodian 3 of 3", "己"),
    ("Sign-in name of 己", "keeper3"),
    ("Name of the ledger", "two words"),  # asked again
    ("Name of the ledger", "m.example/1"),
]


class Terminal:
    """A command at a pseudo-terminal; its standard output goes to a file, as when it is sent to a printer."""

    def __init__(self, *arguments: str, printed: Path) -> None:
        self.master, slave = pty.openpty()
        command = [sys.executable, "-c", "from admin.cli import main; main()", *arguments]
        with printed.open("wb") as output:
            self.process = subprocess.Popen(
                command, stdin=slave, stdout=output, stderr=slave, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
            )
        os.close(slave)
        self.said = ""
        self._heard = b""

    def hear(self, words: str, seconds: float = 60) -> None:
        """Read on until *words* were said after what was heard last."""
        until = time.monotonic() + seconds
        while words not in self.said:
            ready, _, _ = select.select([self.master], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"{words!r} was not asked; heard: {self.said!r}"
            try:
                self._heard += os.read(self.master, 4096)
            except OSError as error:  # Linux says so when the command has ended
                raise AssertionError(f"{words!r} was never said; heard: {self.said!r}") from error
            self.said = self._heard.decode(errors="ignore")
        self._heard = self._heard[self._heard.rindex(words.encode()) + len(words.encode()) :]
        self.said = self._heard.decode(errors="ignore")

    def type(self, answer: str) -> None:
        os.write(self.master, answer.encode() + b"\n")

    def ended(self) -> int:
        code = self.process.wait(60)
        os.close(self.master)
        return code


def test_a_first_run_by_question_and_answer(tmp_path: Path) -> None:
    folder, printed = tmp_path / "a place", tmp_path / "paper"
    terminal = Terminal("setup", "--folder", str(folder), printed=printed)
    for question, answer in DIALOGUE:
        terminal.hear(f"{question}")
        terminal.hear(": ")
        terminal.type(answer)
    terminal.hear("Secrets:")
    assert terminal.ended() == 0
    settings = load_staff(folder / "staff.toml")
    assert settings.passphrase_cost == PASSPHRASE_COST
    database = Database.open(settings.shared.database_url, settings.shared.shred_url, settings.shared.sessions_url)
    with database.reading() as session:
        office = session.scalars(chosen(Office)).one()
        assert (office.code, office.name, office.level, office.members) == ("CITY", "演示市医保局", "city", 2)
        people = set(session.scalars(chosen(Staff.sign_in)))
        assert people == {"admin", "head.1", "handler", "keeper1", "keeper2", "keeper3"}
        assert session.scalars(chosen(CustodyBoard.k)).all() == [2]
    database.dispose()
    paper = printed.read_text("utf-8")
    assert len([line for line in paper.splitlines() if len(line.split()) == recovery.WORDS]) == 6
    assert "Code of the office" not in paper  # questions are no part of what is printed


def test_giving_up_half_way_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "a place"
    terminal = Terminal("setup", "--folder", str(folder), printed=tmp_path / "paper")
    terminal.hear("Code of the office")
    os.write(terminal.master, b"\x04")  # Ctrl-D instead of the first answer
    terminal.hear("Aborted")
    assert terminal.ended() == 1
    assert not folder.exists()


def test_a_name_of_the_ledger_that_no_checkpoint_can_carry_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    folder, plan = tmp_path / "a place", tmp_path / "plan.toml"
    plan.write_text(PLAN_OF_ONE, "utf-8")
    terminal = Terminal(
        "setup", "--folder", str(folder), "--plan", str(plan), "--origin", "two words", printed=tmp_path / "paper"
    )
    terminal.hear("neither spaces nor plus signs")
    assert terminal.ended() == 2
    assert not folder.exists()


PLAN_OF_ONE = """
[[offices]]
code = "CITY"
name = "演示市医保局"
kind = "bureau"
level = "city"
region = "320100"
[[members]]
sign_in = "admin"
name = "甲"
office = "CITY"
roles = ["sysadmin"]
[[members]]
sign_in = "keeper1"
name = "乙"
office = "CITY"
roles = ["custodian"]
[[members]]
sign_in = "keeper2"
name = "丙"
office = "CITY"
roles = ["custodian"]
[[boards]]
name = "保管组"
k = 2
seats = ["keeper1", "keeper2"]
"""
