"""Office documents to PDF, by LibreOffice inside the walls: its memory, its time and its files are the child's."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from admin.rendering.protocol import MIB, Problem, Trouble

MOST_PDF = 48 * MIB
NO_MACROS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution"
oor:op="fuse"><value>true</value></prop><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""


STARTS = 2
START_AGAIN = 81
"""What LibreOffice returns after making its profile: it wants to be started anew, which ``oosplash`` would do."""


def to_pdf(data: bytes, ending: str, program: str, work: Path, seconds: float) -> bytes:
    """The document as a PDF. *work*: the child's own folder in memory. Raises Trouble: TIME, BROKEN, OUTPUT."""
    profile, out, source = work / "profile", work / "out", work / f"document.{ending}"
    (profile / "user").mkdir(parents=True)
    out.mkdir()
    (profile / "user" / "registrymodifications.xcu").write_text(NO_MACROS, "utf-8")
    source.write_bytes(data)
    made = out / "document.pdf"
    until = time.monotonic() + seconds
    for _ in range(STARTS):
        if _run(_command(program, profile, out, source), work, until - time.monotonic()) != START_AGAIN:
            break
    if not made.is_file():
        raise Trouble(Problem.BROKEN)
    if made.stat().st_size > MOST_PDF:
        raise Trouble(Problem.OUTPUT)
    return made.read_bytes()


def _command(program: str, profile: Path, out: Path, source: Path) -> list[str]:
    """The binary itself: the scripts around it ask for /proc, which the child does not have."""
    binary = Path(os.path.realpath(program))
    beside = binary.with_name("soffice.bin")
    switches = ["--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo"]
    own = f"-env:UserInstallation={profile.as_uri()}"
    return [
        str(beside if beside.exists() else binary),
        *switches,
        own,
        "--convert-to",
        "pdf",
        "--outdir",
        str(out),
        str(source),
    ]


def _run(command: list[str], work: Path, seconds: float) -> int:
    surroundings = {
        "HOME": str(work),
        "TMPDIR": str(work),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "LD_LIBRARY_PATH": str(Path(command[0]).parent),  # the loader, too, would ask /proc where the program lies
    }
    try:
        return subprocess.run(
            command,
            env=surroundings,
            cwd=work,
            timeout=max(seconds, 0.1),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ).returncode
    except subprocess.TimeoutExpired as error:
        raise Trouble(Problem.TIME) from error
