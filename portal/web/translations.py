"""Messages and their English: ``python -m portal.web.translations check|compile|update|missing|fill FILE``.

Chinese sentences are the message ids. ``update`` gathers them from code and templates into ``messages.po`` and keeps
what is translated; ``missing`` prints those without English as JSON; ``fill`` takes such JSON back with the English in;
``compile`` writes ``messages.mo``; ``check`` fails when a sentence of the public site cannot be read in English.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "translations" / "en" / "LC_MESSAGES"
PO, MO = FOLDER / "messages.po", FOLDER / "messages.mo"

HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff01-\uff5e]")
WORD = re.compile(r"(?!\u4e2d\u6587$)[\u3400-\u9fff]{2}")
"""Two Han in a row; a single one stands in date patterns, and a language is named in its own words."""
_HEADER = (
    "# English of the public site. Made by `python -m portal.web.translations`; the Chinese message is the source."
)
_SAID = {"_", "_l", "N_", "sentence", "gettext", "lazy_gettext", "ngettext", "lazy_ngettext", "pgettext"}
_ERRORS = {"DomainError", "IllegalMove", "NotAllowed", "NotFound", "Refused", "Throttled", "Unavailable"}
_KEYWORDS = {
    **DEFAULT_KEYWORDS,
    **dict.fromkeys(("_l", "N_", "lazy_gettext", "in_language", "sentence"), None),
    "lazy_ngettext": (1, 2),
}
_KEYWORDS |= dict.fromkeys(_ERRORS, (2,))
_METHODS = [
    ("**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("templates/**.xml", "jinja2"),
    ("templates/**.txt", "jinja2"),
]
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", re.DOTALL)
_SPOKEN = re.compile(r"(views|forms|journey|errors|fields|wizard|notices)\w*\.py")
"""Modules whose strings reach a reader; elsewhere Han stands in data, with its English beside it."""


def extracted() -> Catalog:
    """Every message id in portal/, without line numbers: they would change the file with every edit."""
    catalogue = Catalog(locale="en", project="mingjing", charset="utf-8", fuzzy=False, header_comment=_HEADER)
    found = extract_from_dir(str(ROOT), _METHODS, keywords=_KEYWORDS, options_map={"**.html": {"silent": "false"}})
    for name, _line, message, comments, context in found:
        if _has_han(message):
            catalogue.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return catalogue


def _has_han(message: str | tuple[str, ...]) -> bool:
    return bool(HAN.search(message if isinstance(message, str) else "".join(message)))


def known() -> Catalog:
    """What ``messages.po`` holds."""
    if not PO.exists():
        return Catalog(locale="en")
    return read_po(BytesIO(PO.read_bytes()), locale="en")


def merged() -> Catalog:
    """The ids that stand in the tree now, with the English known for them; no guessing from similar sentences."""
    catalogue, before = extracted(), known()
    for message in catalogue:
        old = before.get(message.id, message.context) if message.id else None
        if old is not None and old.string:
            message.string = old.string
    return catalogue


def untranslated(catalogue: Catalog) -> list[str]:
    """Ids without English."""
    return [str(_first(m.id)) for m in catalogue if m.id and not _complete(m.string)]


def _complete(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(string) if isinstance(string, str) or string is None else all(string)


def _first(message_id: str | tuple[str, ...] | list[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def compiled(catalogue: Catalog) -> bytes:
    """The .mo file's bytes: the same whenever it is made, so that they can be compared."""
    catalogue.creation_date = _NO_DATE
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def save(catalogue: Catalog) -> None:
    """Write both files; the .po sorted by id, without dates, so that two people's changes merge."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    out = BytesIO()
    write_po(out, catalogue, width=0, omit_header=False, sort_output=True, include_lineno=False)
    text = re.sub(
        rb'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team)[^\n]*\n',
        b"",
        out.getvalue(),
    )
    PO.write_bytes(text)
    MO.write_bytes(compiled(known()))


def unspoken_in_templates() -> Iterator[str]:
    """Han in a public template that is not passed through gettext."""
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for number, line in enumerate(_blank(path.read_text("utf-8")).splitlines(), 1):
            if HAN.search(line):
                yield f"{path.relative_to(ROOT.parent)}:{number}: {line.strip()[:40]}"


def _blank(text: str) -> str:
    """The text with what Jinja reads taken out, line numbers kept."""
    return _JINJA.sub(lambda found: "\n" * found[0].count("\n"), text)


def unspoken_in_code() -> Iterator[str]:
    """A Han string in a module that speaks to readers, outside gettext, a domain error and docstrings."""
    for path in sorted(ROOT.rglob("*.py")):
        if _SPOKEN.fullmatch(path.name) or path.parent.name == "web":
            tree = ast.parse(path.read_text("utf-8"))
            said = set(_nodes_said(tree))
            for node in ast.walk(tree):
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and WORD.search(node.value)
                    and node not in said
                ):
                    yield f"{path.relative_to(ROOT.parent)}:{node.lineno}: {node.value[:40]}"


def _nodes_said(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in _SAID | _ERRORS:
                yield from node.args


def faults() -> list[str]:
    """Everything that keeps a reader of English from reading a page, in words."""
    catalogue, here = merged(), known()
    found = [f"no English: {message}" for message in untranslated(catalogue)]
    found += [f"outside gettext: {place}" for place in (*unspoken_in_templates(), *unspoken_in_code())]
    found += [
        f"placeholders differ: {_first(m.id)}"
        for m in catalogue
        if m.id and m.string and _holes(m.id) != _holes(m.string)
    ]
    if not MO.exists() or MO.read_bytes() != compiled(here):
        found.append("messages.mo is not what messages.po says: run `make assets`")
    return found


def _holes(text: str | tuple[str, ...] | list[str]) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text if isinstance(text, str) else "".join(text)))


def main(arguments: list[str]) -> int:
    """Run one of the commands; 1 when something is missing, 2 for wrong usage."""
    match arguments:
        case ["check"]:
            found = faults()
            sys.stderr.write("".join(f"{line}\n" for line in found))
            return 1 if found else 0
        case ["compile"]:
            MO.write_bytes(compiled(known()))
        case ["update"]:
            save(merged())
        case ["missing"]:
            sys.stdout.write(json.dumps(dict.fromkeys(untranslated(merged()), ""), ensure_ascii=False, indent=0) + "\n")
        case ["fill", path]:
            english = json.loads(Path(path).read_text("utf-8"))
            catalogue = merged()
            for message in catalogue:
                if message.id and _first(message.id) in english:
                    given = english[_first(message.id)]
                    message.string = given if isinstance(message.id, str) else tuple(given)
            save(catalogue)
        case _:
            sys.stderr.write((__doc__ or "") + "\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
