"""Reading a settings file strictly: a key that nobody reads, or of another type, is an error and not ignored."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


class BadSettings(Exception):
    """The settings cannot be used. ``reasons`` says everything that is wrong, in sentences for the operator."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("\n".join(f"- {reason}" for reason in reasons))
        self.reasons = reasons


class Section:
    """One table of the file. Each value is taken once; :meth:`finish` complains about what is left."""

    def __init__(self, name: str, values: dict[str, Any], problems: list[str]) -> None:
        self._name = name
        self._values = dict(values)
        self._problems = problems

    def text(self, key: str, default: str | None = None) -> str:
        """A string; without a default it must be there."""
        return str(self._take(key, str, default) or "")

    def number(self, key: str, default: int) -> int:
        """A whole number."""
        value = self._take(key, int, default)
        return int(value) if value is not None else default

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        return bool(self._take(key, bool, default))

    def numbers(self, key: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """A list of whole numbers."""
        return tuple(self._take(key, list, list(default)) or ())

    def words(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """A list of strings."""
        return tuple(str(one) for one in self._take(key, list, list(default)) or ())

    def section(self, key: str) -> Section:
        """A table inside this one; empty when it is not there."""
        return Section(f"{self._name}{key}.", self._take(key, dict, {}) or {}, self._problems)

    def sections(self, key: str) -> list[Section]:
        """A list of tables."""
        rows = self._take(key, list, []) or []
        return [Section(f"{self._name}{key}[{n}].", row, self._problems) for n, row in enumerate(rows)]

    def finish(self) -> None:
        """Report the keys that nobody asked for."""
        self._problems += [f"{self._name}{key}: no such setting" for key in self._values]

    def _take(self, key: str, kind: type, default: Any) -> Any:
        if key not in self._values:
            if default is None:
                self._problems.append(f"{self._name}{key}: is missing")
            return default
        value = self._values.pop(key)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self._problems.append(f"{self._name}{key}: must be of the type {kind.__name__}")
            return default
        return value


def read(path: Path, problems: list[str]) -> Section:
    """The whole file as one section. Raises BadSettings when it is missing or no TOML."""
    try:
        return Section("", tomllib.loads(path.read_text("utf-8")), problems)
    except OSError as error:
        raise BadSettings([f"{path}: cannot be read ({error.strerror}); `mingjing setup` makes it"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings([f"{path}: is not valid TOML ({error})"]) from None


def database_url(url: str, folder: Path) -> str:
    """SQLite paths are relative to the folder of the settings file, whatever the working directory."""
    head, slashes, tail = url.partition("sqlite:///")
    if slashes and not head and tail != ":memory:" and not Path(tail).is_absolute():
        return f"sqlite:///{(folder / tail).resolve()}"
    return url
