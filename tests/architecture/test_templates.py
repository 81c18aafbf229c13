"""Nothing is loaded from anywhere else, and nothing stands inline that a strict content security policy forbids."""

from __future__ import annotations

import re

import pytest

from tests.architecture.tree import files, text_of

NAMESPACE = re.compile(r"http://www\.w3\.org/[\w/.#-]+")
COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->|/\*.*?\*/", re.DOTALL)
REFUSED = {
    "an absolute address": re.compile(r"""https?://|["'(]//\w""", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "an inline style sheet": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"""\sstyle\s*=""", re.IGNORECASE),
    "an event handler": re.compile(r"""<[^>]*\son[a-z]+\s*=""", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
}
TEMPLATES = list(files("templates/**/*.html", "templates/**/*.xml", "templates/**/*.svg"))
STATIC = list(files("static/**/*.css", "static/**/*.js", "static/**/*.svg", "static/**/*.webmanifest"))


def refused_in(text: str) -> list[str]:
    """What of :data:`REFUSED` stands in the template *text*, comments and XML namespaces aside."""
    bare = NAMESPACE.sub("", COMMENT.sub("", text))
    return [what for what, pattern in REFUSED.items() if pattern.search(bare)]


def test_no_template_needs_an_exception_from_the_content_security_policy() -> None:
    assert {path: found for path in TEMPLATES if (found := refused_in(text_of(path)))} == {}


def loaded_from_elsewhere(text: str) -> list[str]:
    """What the style sheet, script or drawing *text* would ask another host for, comments and namespaces aside."""
    bare = NAMESPACE.sub("", COMMENT.sub("", text))
    return re.findall(r"""https?://\S+|@import\b.*|url\(["']?//.*""", bare)


def test_our_own_files_load_nothing_from_elsewhere() -> None:
    assert {path: found for path in STATIC if (found := loaded_from_elsewhere(text_of(path)))} == {}
    assert loaded_from_elsewhere("a { background: url('//example.org/a.png') }") != []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('<a href="https://example.org">', "an absolute address"),
        ("<img src='//example.org/x.png'>", "an absolute address"),
        ("<script>go()</script>", "an inline script"),
        ("<style>p {}</style>", "an inline style sheet"),
        ('<p class="a" style="color: red">', "a style attribute"),
        ('<button type="button" onclick="go()">', "an event handler"),
        ('<a href="javascript:go()">', "a script address"),
    ],
)
def test_the_search_finds_what_it_is_for(text: str, what: str) -> None:
    assert refused_in(text) == [what]
    assert (
        refused_in('<svg xmlns="http://www.w3.org/2000/svg"></svg><script src="{{ asset(\'a.js\') }}" defer></script>')
        == []
    )
