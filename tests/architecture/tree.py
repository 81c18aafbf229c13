"""The files of the project, as the tests of its architecture read them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("crypto", "portal", "admin")


def files(*patterns: str, within: tuple[str, ...] = PACKAGES) -> Iterator[Path]:
    """Files of *within* that match one of *patterns*, as paths relative to the root, in a fixed order."""
    found = {path for folder in within for pattern in patterns for path in (ROOT / folder).rglob(pattern)}
    for path in sorted(found):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT)


def text_of(path: Path) -> str:
    """What stands in the file at *path*, relative to the root."""
    return (ROOT / path).read_text(encoding="utf-8")


def lines_with(needle: str, paths: Iterator[Path]) -> list[str]:
    """``path:line: text`` of every line that holds *needle*."""
    return [
        f"{path}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if needle in line
    ]
