"""What the browser tests lean on: a colour that cannot be read is found wherever it is new, and told until mended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium as looking
from tests.browser.chromium import _Measured, accessibility_faults, page

PAGE = """<!doctype html><html lang="zh"><title>虚构</title>
<style>.pale {{ color: #bbb }} .dark {{ background: #111 }}</style><main><h1>虚构的页面</h1>{}</main>"""
GOOD, PALE = "<p class=ink>读得清楚的字</p>", "<p class=pale>读不清楚的字</p>"


@pytest.fixture(autouse=True)
def measured(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Measured]:
    """What these tests measure, no other test takes for measured."""
    made = _Measured()
    monkeypatch.setattr(looking, "measured", made)
    yield made


def test_a_pale_word_is_found_beside_what_was_good_before(chromium: Browser) -> None:
    with page(chromium) as shown:
        shown.set_content(PAGE.format(GOOD))
        assert accessibility_faults(shown) == []
        shown.set_content(PAGE.format(GOOD + PALE))
        for _ in range(2):
            (fault,) = accessibility_faults(shown)
            assert fault.startswith("color-contrast: ") and "pale" in fault


def test_what_was_good_is_measured_again_where_something_it_stands_in_is_another(chromium: Browser) -> None:
    with page(chromium) as shown:
        shown.set_content(PAGE.format(f"<div><div><div>{GOOD}</div></div></div>"))
        assert accessibility_faults(shown) == []
        shown.set_content(PAGE.format(f"<div class=dark><div><div>{GOOD}</div></div></div>"))
        assert [fault[:15] for fault in accessibility_faults(shown)] == ["color-contrast:"]


def test_only_what_is_new_is_measured(chromium: Browser, measured: _Measured) -> None:
    with page(chromium) as shown:
        shown.set_content(PAGE.format(PALE))
        assert len(accessibility_faults(shown)) == 1
        looks = looking._named(looking._asked(shown, f"{{chains: {looking._LOOKS}}}")["chains"])
        measured.add(looks)  # as if somebody had found it good
        shown.set_content(PAGE.format(PALE + GOOD))
        assert accessibility_faults(shown) == []


def test_the_processes_of_a_run_measure_together_and_a_line_half_written_is_waited_for(tmp_path: Path) -> None:
    one, other = _Measured(), _Measured()
    for each in (one, other):
        each.share(tmp_path / "measured")
    first, second = "a" * 32, "b" * 32
    one.add([first])
    assert other.lacks([second, first]) == [0]
    with (tmp_path / "measured").open("a") as file:
        file.write(second[:7])
        file.flush()
        assert other.lacks([second]) == [0]
        file.write(second[7:] + "\n")
    assert other.lacks([second]) == one.lacks([second]) == []
