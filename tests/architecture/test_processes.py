"""What a process has loaded, asked of a fresh interpreter each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.architecture.tree import ROOT, files

OPENERS = ("crypto.opening", "crypto.signing", "crypto.custody")
LIST = "import json, sys; print(json.dumps(sorted(sys.modules)))"


def loaded_after(statement: str) -> set[str]:
    """The names of all modules that a fresh interpreter has loaded after *statement*."""
    process = subprocess.run(
        [sys.executable, "-c", f"{statement}\n{LIST}"],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("MINGJING_")},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(process.stdout.splitlines()[-1]))


def within(modules: set[str], *packages: str) -> set[str]:
    """Those of *modules* that are, or lie in, one of *packages*."""
    return {name for name in modules if any(name == package or name.startswith(f"{package}.") for package in packages)}


def test_nothing_that_the_public_process_can_import_opens_what_it_seals() -> None:
    names = [
        ".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in files("*.py", within=("portal",))
    ]
    importable = [name for name in names if name != "portal.wsgi"]  # importing that one starts the site
    beside = "import sys, portal.ledger.check_proof as script; sys.modules['verify'] = script"  # as it is downloaded
    loaded = loaded_after(f"{beside}\nimport importlib\nfor name in {importable!r}: importlib.import_module(name)")
    assert within(loaded, "portal") >= set(importable)
    assert within(loaded, "admin", *OPENERS) == set()


def test_the_search_for_openers_finds_them() -> None:
    assert within(loaded_after("import crypto.opening"), *OPENERS) == {"crypto.opening"}


def test_a_worker_of_the_staff_site_has_not_loaded_what_few_pages_need() -> None:
    """Each worker keeps what it has loaded: readers of hostile files never, the others when a page asks for them."""
    loaded = loaded_after("import admin.app")
    assert "admin.custody.views" in loaded
    assert within(loaded, "webauthn", "OpenSSL", "pyasn1", "cbor2", "python_calamine", "openpyxl") == set()
    assert within(loaded, "pypdfium2", "pillow_heif", "admin.rendering.inside", "alembic", "tests") == set()


def test_a_command_that_only_computes_waits_for_no_framework() -> None:
    loaded = loaded_after("from admin.cli import main\ntry: main(['deadline', '--help'])\nexcept SystemExit: pass")
    assert "portal.cli" in loaded
    assert within(loaded, "flask", "werkzeug", "sqlalchemy", "wtforms", "alembic") == set()
