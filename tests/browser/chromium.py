"""Pages in a real browser: sizes to look at, a fresh empty profile each, what axe-core finds, pictures for eyes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakSet

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

PHONE, SMALL_PHONE, DESKTOP = (390, 844), (320, 640), (1440, 900)

_LOOKS = """() => {
  const states = ["aria-current", "aria-invalid", "aria-selected", "aria-disabled", "disabled", "open", "type"];
  const look = e => e && [e.tagName, e.getAttribute("class"), ...states.map(s => e.getAttribute(s))].join("|");
  const media = ["(prefers-color-scheme: dark)", "(forced-colors: active)", "(prefers-contrast: more)"];
  const page = [...document.documentElement.attributes].filter(a => a.name != "lang").map(a => a.name + "=" + a.value);
  const under = [...page, ...media.map(m => matchMedia(m).matches)].join();
  const chain = e => [e.parentElement?.parentElement, e.parentElement, e].map(look);
  return [...new Set([...document.body.querySelectorAll("*")].map(e => [under, ...chain(e)].join(">")))];
}"""
"""What colours depend on: element, classes and state, of what it stands in too, under the choices of the visitor."""
_measured: set[str] = set()
_brought: WeakSet[Page] = WeakSet()
"""Whose next documents have axe-core from the start, where scripts run."""


@cache
def _axe() -> str:
    return str(Axe().axe_script)


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
    """What axe-core finds on the page as it stands, one line a fault; an empty list is what is wanted.

    Contrast takes four fifths of its time. It is measured where something stands on something else in a way that this
    process has not measured before in the same colours: the first page with a fault of colour tells of it.
    """
    looked = _asked(shown, f"{{looks: ({_LOOKS})(), axe: 'axe' in window}}")
    looks = set(looked["looks"])
    options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": not looks <= _measured}}}
    if not looked["axe"]:
        shown.evaluate(_axe())
        if shown not in _brought:  # a page that is looked at once is looked at again, and 500 KB are not sent each time
            shown.add_init_script(_axe())
            _brought.add(shown)
    found = shown.evaluate("options => axe.run(options).then(found => found.violations)", options)
    _measured.update(looks if not found else ())
    return [f"{v['id']}: {v['help']}: {node['html'][:120]}" for v in found for node in v["nodes"]]


_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def scrolls_sideways(shown: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(_asked(shown, f"{{wide: {_WIDE}}}")["wide"])


def faults_of_shape(shown: Page) -> list[str]:
    """That it is wider than its window, has another number of first headings than one, or no title."""
    asked = f"{{wide: {_WIDE}, headings: document.querySelectorAll('h1').length, title: document.title}}"
    found = _asked(shown, asked)
    faults = ["scrolls sideways"] if found["wide"] else []
    faults += [f"{found['headings']} headings"] if found["headings"] != 1 else []
    return faults + ([] if found["title"].strip() else ["no title"])


def _asked(shown: Page, question: str) -> dict[str, Any]:
    """What an object of JavaScript holds on a page that has loaded and has a body: an upload puts a new document in its
    place. Asked without Playwright's own script, which takes as long to arrive as the page.
    """
    shown.wait_for_load_state()
    while (found := shown.evaluate(f"document.body && ({question})")) is None:
        shown.wait_for_function("document.body")
    return dict(found)


def picture(shown: Page, name: str) -> None:
    """Keep a picture of the whole page when MINGJING_PICTURES names a folder: for eyes, not for comparison."""
    folder = os.environ.get("MINGJING_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        shown.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
