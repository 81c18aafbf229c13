"""The scripts that the site serves, as somebody runs them who trusts nothing: copied out, in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from portal.ledger.views import SCRIPTS


def run_script(folder: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``verify`` or ``growth`` in *folder*: neither this tree nor the environment can be seen from there."""
    for name, path in SCRIPTS.items():
        (folder / f"{name}.py").write_text(path.read_text("utf-8"), "utf-8")
    alone = ["-I"] if script == "verify" else ["-E", "-s"]  # growth.py has to find verify.py beside it
    return subprocess.run(
        [sys.executable, *alone, str(folder / f"{script}.py"), *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=60,
        check=False,
    )
