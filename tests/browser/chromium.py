"""A real browser for tests: started once, a fresh empty profile for each page, sites served on loopback."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
PHONE, SMALL_PHONE, DESKTOP = (390, 844), (320, 640), (1440, 900)


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium, headless."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


class Quiet(WSGIRequestHandler):
    """No line per request on the terminal."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address of *app*, served by threads on a free port of loopback until the block ends."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def page(browser: Browser, size: tuple[int, int] = PHONE, javascript: bool = True, **options: Any) -> Iterator[Page]:
    """A page in a new, empty profile. *options* go to Playwright's new_context (color_scheme, forced_colors, …)."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, java_script_enabled=javascript, locale="zh-CN", **options
    )
    try:
        yield context.new_page()
    finally:
        context.close()


def accessibility_faults(shown: Page) -> list[str]:
    """What axe-core finds on the page as it stands, one line a fault; an empty list is what is wanted."""
    found = Axe().run(shown).response["violations"]
    return [f"{v['id']}: {v['help']}: {node['html'][:120]}" for v in found for node in v["nodes"]]


def scrolls_sideways(shown: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(shown.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def picture(shown: Page, name: str) -> None:
    """Keep a picture of the whole page when MINGJING_PICTURES names a folder: for eyes, not for comparison."""
    folder = os.environ.get("MINGJING_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        shown.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for one test session."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            yield browser
        finally:
            browser.close()
