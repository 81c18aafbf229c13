"""Docs that a reader can follow: links lead somewhere, files that are named exist, decisions are numbered in a row."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r'\]\(([^)#\s]+)\)|src="([^"]+)"')
NAMED = re.compile(r"`((?:crypto|portal|admin|tests|deploy|docs)/[\w./-]+)[`:]")


def leading_nowhere(page: Path) -> list[str]:
    """Links of *page*, and files that it names, that are not there."""
    text = page.read_text("utf-8")
    links = [page.parent / (a or b) for a, b in LINK.findall(text) if "://" not in (a or b)]
    named = [ROOT / name for name in NAMED.findall(text)]
    return [str(path) for path in links + named if not path.exists()]


def test_links_lead_to_files_and_named_files_exist() -> None:
    assert len(PAGES) > 40
    assert {page: missing for page in PAGES if (missing := leading_nowhere(page))} == {}


def test_the_search_for_links_that_lead_nowhere_finds_them(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[there](page.md) [gone](gone.md) `portal/gone.py` `portal/app.py`", "utf-8")
    assert leading_nowhere(page) == [str(tmp_path / "gone.md"), str(ROOT / "portal/gone.py")]


def test_the_tour_names_files_and_pictures_are_small() -> None:
    assert len(NAMED.findall((ROOT / "docs/tour.md").read_text("utf-8"))) > 60
    pictures = list((ROOT / "docs/images").glob("*.png"))
    assert pictures and all(path.stat().st_size <= 200_000 for path in pictures)


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "docs/decisions").glob("*.md"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
