"""Pages in a real browser: sizes to look at, a fresh empty profile each, what axe-core finds, pictures for eyes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakSet

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

PHONE, SMALL_PHONE, DESKTOP = (390, 844), (320, 640), (1440, 900)

_LOOKS = """(() => {
  const states = ["aria-current", "aria-invalid", "aria-selected", "aria-disabled", "disabled", "open", "type", "role",
                  "scope", "hidden", "data-row", "data-current"];
  const look = e => [e.tagName, e.getAttribute("class"), ...states.map(s => e.getAttribute(s))].join("|");
  const media = ["(prefers-color-scheme: dark)", "(forced-colors: active)", "(prefers-contrast: more)"];
  const page = [...document.documentElement.attributes].filter(a => a.name != "lang").map(a => a.name + "=" + a.value);
  const chains = [[-1, [page, ...media.map(m => matchMedia(m).matches)].join()]];
  const numbers = new Map(), chainOf = window.chainOf = new Map([[document.documentElement, 0]]);
  for (const e of document.querySelectorAll("body, body *")) {
    const chain = [chainOf.get(e.parentElement), look(e)], key = chain.join(">");
    if (!numbers.has(key)) numbers.set(key, chains.push(chain) - 1);
    chainOf.set(e, numbers.get(key));
  }
  return chains;
})()"""
"""What colours depend on: element, classes and state, of all that it stands in too, under the choices of the visitor.
Each with the number of what it stands in."""
_AXE_RUN = """([wanted, options]) => {
  const of = new Set(wanted), marked = [...chainOf.keys()].filter(e => of.has(chainOf.get(e)));
  marked.forEach(e => e.setAttribute("data-unmeasured", ""));
  return axe.run(options).then(found => {
    marked.forEach(e => e.removeAttribute("data-unmeasured"));
    return found.violations;
  });
}"""
_brought: WeakSet[Page] = WeakSet()
"""Whose next documents have axe-core from the start, where scripts run."""


class _Measured:
    """The looks whose contrast was measured and found good, by this process and by its neighbours of one run."""

    LINE = 33
    """Bytes of a digest and the end of its line."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._shared: Path | None = None
        self._read = 0

    def share(self, file: Path) -> None:
        """From now on with all that write into *file*."""
        self._shared = file
        file.touch()

    def lacks(self, looks: Sequence[str]) -> list[int]:
        """Where in *looks* one stands that nobody has measured."""
        if self._shared is not None:
            with self._shared.open("rb") as file:
                file.seek(self._read)
                found = file.read()
            whole = found[: len(found) - len(found) % self.LINE]  # a neighbour may be writing
            self._read += len(whole)
            self._known.update(whole.decode().split())
        return [place for place, look in enumerate(looks) if look not in self._known]

    def add(self, looks: Sequence[str]) -> None:
        """Nothing was wrong with them."""
        self._known.update(looks)
        if self._shared is not None and looks:
            with self._shared.open("ab", buffering=0) as file:
                file.write("".join(f"{look}\n" for look in looks).encode())


measured = _Measured()


@cache
def _axe() -> str:
    """axe-core, told to measure contrast only where it is asked to. In ASCII: a browser takes it as it comes."""
    script = str(Axe().axe_script)
    script += ';axe.configure({rules: [{id: "color-contrast", selector: "[data-unmeasured]"}]});'
    return "".join(sign if sign.isascii() else _escaped(sign) for sign in script)


def _escaped(sign: str) -> str:
    """As JavaScript writes it in strings and patterns."""
    units = sign.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


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

    Contrast takes four fifths of its time. It is measured of what stands on something else in a way that was not
    measured before in the same colours: the first page with a fault of colour tells of it.
    """
    looked = _asked(shown, f"{{chains: {_LOOKS}, axe: 'axe' in window}}")
    looks = _named(looked["chains"])
    wanted = measured.lacks(looks)
    options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": bool(wanted)}}}
    if not looked["axe"]:
        shown.evaluate(_axe())
        if shown not in _brought:  # a page that is looked at once is looked at again, and 500 KB are not sent each time
            shown.add_init_script(_axe())
            _brought.add(shown)
    found = shown.evaluate(_AXE_RUN, [wanted, options])
    measured.add([looks[at] for at in wanted] if not found else [])
    return [f"{v['id']}: {v['help']}: {node['html'][:120]}" for v in found for node in v["nodes"]]


def _named(chains: Sequence[tuple[int, str]]) -> list[str]:
    """A digest of each look with all that it stands in."""
    names: list[str] = []
    for under, look in chains:
        whole = f"{names[under] if under >= 0 else ''}>{look}"
        names.append(hashlib.sha256(whole.encode()).hexdigest()[: _Measured.LINE - 1])
    return names


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
