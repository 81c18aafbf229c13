"""The lists under ``data/``, read once. Each file says where it comes from. Reads only files of the package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def words(name: str) -> frozenset[str]:
    """The words of ``data/<name>.txt``; lines that begin with # are remarks."""
    text = files(__package__).joinpath("data", f"{name}.txt").read_text("utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@cache
def surnames() -> frozenset[str]:
    """Surnames of one character."""
    return frozenset("".join(words("surnames")))
