"""The walls around the child: what it cannot reach, what it cannot use up, and that it ends."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from admin.rendering import sandbox
from admin.rendering.inside.enclosure import WORK
from admin.rendering.protocol import MIB, Problem, Task, Trouble
from admin.rendering.values import PAGE_LIMITS, Limits, Walls
from tests.architecture.tree import ROOT

QUICK = replace(PAGE_LIMITS, wall_s=6.0, cpu_s=2)
BOTH = pytest.mark.parametrize("walls", list(Walls))


def ask(program: str, data: bytes = b"", limits: Limits = QUICK, walls: Walls = Walls.NAMESPACES) -> sandbox.Answer:
    """Have a hostile program run in place of ours."""
    name = f"tests.rendering.hostile:{program}"
    question = sandbox.Question(Task.LOOK, "pdf", program=name, more=(ROOT / "tests" / "rendering",))
    pieces = [data[start : start + 5000] for start in range(0, len(data), 5000)]
    return sandbox.ask(question, pieces, limits, walls)


def problem_of(program: str, limits: Limits = QUICK, walls: Walls = Walls.NAMESPACES) -> Problem:
    with pytest.raises(Trouble) as caught:
        ask(program, limits=limits, walls=walls)
    return caught.value.problem


@pytest.fixture
def listening() -> Iterator[tuple[str, int]]:
    """A server of this machine that anybody may connect to."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


def children() -> set[str]:
    """The processes whose parent is this one."""
    return {one.name for one in Path("/proc").iterdir() if one.name.isdigit() and _parent_of(one) == os.getpid()}


def _parent_of(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


@BOTH
def test_bytes_go_in_and_come_out_whole(walls: Walls) -> None:
    data = os.urandom(3 * MIB + 17)
    assert ask("echo", data, walls=walls).body == data


def test_it_reaches_no_network_and_no_socket_of_the_machine(listening: tuple[str, int], tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        targets = json.dumps({"inet": listening, "unix": path}).encode()
        assert ask("reach_out", targets).words["worked"] == []
        assert ask("reach_out", targets).words["interfaces"] == ["lo"]
        weaker = ask("reach_out", targets, walls=Walls.LIMITS).words["worked"]
    assert weaker == ["inet", "unix"], "limits alone keep nobody from the network: docs/operations.md says so"


def test_it_sees_no_file_of_the_machine_and_writes_to_none(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("geheim")
    paths = ["/etc/passwd", "/etc/shadow", "/proc", "/sys", "/root", "/home", "/run", "/var", str(tmp_path)]
    paths += [str(ROOT / "pyproject.toml"), str(ROOT / "portal"), str(ROOT / "var"), f"/proc/{os.getpid()}/mem"]
    hidden = [path for path in paths if path.lstrip("/") not in _above()]
    settings = (ROOT / "pyproject.toml").read_bytes()
    found = ask("look_around", json.dumps(hidden).encode()).words
    assert found["seen"] == []
    # A tree that lies below /tmp: there the child has a room of its own, which ends with it.
    assert [path for path in found["written"] if not path.startswith(f"{WORK}/")] == []
    assert (ROOT / "pyproject.toml").read_bytes() == settings
    assert set(found["root"]) <= {"bin", "dev", "etc", "lib", "lib32", "lib64", "sbin", "tmp", "usr", *_above()}
    assert found["environment"] in ([], ["LC_CTYPE"])
    assert found["pid"] == 1


def _above() -> set[str]:
    """First parts of the paths of this tree and its interpreter."""
    import sys

    return {Path(path).parts[1] for path in (str(ROOT), sys.prefix, sys.base_prefix)}


def test_what_it_sees_it_cannot_change() -> None:
    paths = ["/usr", "/usr/bin/env", "/etc/fonts", str(ROOT / "admin" / "rendering"), str(ROOT / ".venv")]
    found = ask("look_around", json.dumps(paths).encode()).words
    assert found["written"] == []
    assert not (ROOT / "admin" / "rendering" / "planted").exists()


def test_it_gains_no_powers() -> None:
    assert ask("gain_powers", str(os.getppid()).encode()).words["worked"] == []


@BOTH
def test_one_that_hangs_is_ended(walls: Walls) -> None:
    before, started = children(), time.monotonic()
    assert problem_of("hang", replace(QUICK, wall_s=2.0), walls) is Problem.TIME
    assert time.monotonic() - started < 5
    assert children() == before


@BOTH
def test_one_that_computes_without_end_is_ended(walls: Walls) -> None:
    assert problem_of("spin", replace(QUICK, wall_s=20.0, cpu_s=1), walls) is Problem.TIME


@BOTH
def test_one_that_eats_memory_is_stopped(walls: Walls) -> None:
    assert problem_of("eat_memory", replace(QUICK, memory_bytes=600 * MIB), walls) is Problem.MEMORY


@BOTH
def test_one_that_talks_without_end_is_cut_off(walls: Walls) -> None:
    assert problem_of("talk", replace(QUICK, output_bytes=MIB), walls) is Problem.OUTPUT


@BOTH
def test_one_that_dies_of_a_fault_is_an_answer(walls: Walls) -> None:
    assert problem_of("die", walls=walls) is Problem.CRASHED


def test_its_files_are_few_and_gone_with_it() -> None:
    written = ask("fill_disk", limits=replace(QUICK, room_bytes=40 * MIB)).words["written"]
    assert 0 < written <= 40 * MIB


def test_where_only_limits_hold_its_folder_is_in_memory_and_removed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sandbox, "IN_MEMORY", str(tmp_path))
    ask("echo", walls=Walls.LIMITS)
    with pytest.raises(Trouble):
        ask("hang", limits=replace(QUICK, wall_s=1.5), walls=Walls.LIMITS)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(sandbox, "IN_MEMORY", str(tmp_path / "no such memory"))
    assert problem_of("echo", walls=Walls.LIMITS) is Problem.NOT_ISOLATED


def test_what_it_starts_ends_with_it() -> None:
    """Limits alone could not hold a process that leaves its session: docs/operations.md says so."""
    before = len(_sleepers())
    ask("leave_behind")
    deadline = time.monotonic() + 3
    while len(_sleepers()) > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(_sleepers()) == before


def _sleepers() -> list[str]:
    """Processes of hostile programs, wherever they hang in the tree."""
    found = []
    for one in Path("/proc").iterdir():
        try:
            if one.name.isdigit() and b"hostile:leave_behind" in (one / "cmdline").read_bytes():
                found.append(one.name)
        except OSError:
            continue
    return found


def test_where_the_kernel_gives_no_namespaces_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    apart = list(sandbox._APART)
    monkeypatch.setattr(sandbox, "_APART", [*apart[:2], "/bin/false"])
    assert problem_of("echo") is Problem.NOT_ISOLATED
    monkeypatch.setattr(sandbox, "_APART", ["/no/such/unshare"])
    assert problem_of("echo") is Problem.NOT_ISOLATED
    without_mounts = [word for word in apart if word not in ("--mount", "--user", "--map-root-user")]
    monkeypatch.setattr(sandbox, "_APART", [*without_mounts[:2], "--inh-caps=-all", "--bounding-set=-all", "--"])
    assert problem_of("echo") is Problem.NOT_ISOLATED, "a child that cannot build its walls reads nothing"


def test_a_file_that_breaks_off_ends_the_child_and_says_why() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise OSError("the store is gone")

    before = children()
    question = sandbox.Question(Task.LOOK, "pdf")
    with pytest.raises(OSError, match="the store is gone"):
        sandbox.ask(question, pieces(), QUICK, Walls.NAMESPACES)
    assert children() == before


def test_who_finds_no_place_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "WAIT_S", 0.05)
    for _ in range(sandbox.PLACES):
        sandbox._places.acquire()
    try:
        assert problem_of("echo") is Problem.BUSY
    finally:
        for _ in range(sandbox.PLACES):
            sandbox._places.release()
    assert ask("echo", b"again").body == b"again"
