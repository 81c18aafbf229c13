"""Jinja as every page uses it: what cannot differ between two readers of a language is worked out once.

A page says about forty sentences and draws a dozen icons. Each would be looked up, wrapped and escaped anew for every
reader; here it is text of the compiled template, of which there is one for each language.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any, cast

from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.visitor import NodeTransformer

from portal.web.locale import language, speaking

SETTLED = frozenset(
    ("_", "icon", "asset", "mark", "language_tag", "other_language_tag", "other_language_name"),
)
"""Globals whose answer follows from their arguments and the language, for as long as the process lives."""


class LanguageEnvironment(Environment):
    """Templates in the reader's language; ``tongue`` is the one that this environment compiles for."""

    tongue = "zh"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._spoken: dict[str, LanguageEnvironment] = {self.tongue: self}

    def _in(self, tongue: str) -> LanguageEnvironment:
        """The same environment for another language: all is shared but the compiled templates."""
        if tongue not in self._spoken:
            spoken = self.overlay()
            spoken.tongue = tongue
            self._spoken[tongue] = spoken
        return self._spoken[tongue]

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's name
    ) -> Template:
        """Called by Flask and by templates that extend, import or include another."""
        if language() != self.tongue:
            return self._in(language()).get_template(name, parent, globals)
        return super().get_template(name, parent, globals)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Called by Jinja for each template. None has globals of its own, so no chain of two maps is searched."""
        return super().make_globals(d) if d else self.globals

    def compile(
        self,
        source: str | nodes.Template,
        name: str | None = None,
        filename: str | None = None,
        raw: Any = False,
        defer_init: bool = False,
    ) -> Any:
        """Called by Jinja when a template is first used."""
        tree = self.parse(source, name, filename) if isinstance(source, str) else source
        with speaking(self.tongue):
            tree = _Settling(self).visit(tree)
        return super().compile(tree, name, filename, raw, defer_init)


class _Settling(NodeTransformer):
    """Puts the answer of a settled global in the place of its call, where all arguments are constants."""

    def __init__(self, environment: LanguageEnvironment) -> None:
        self._globals = environment.globals

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja calls it by the kind of node
        self.generic_visit(node)
        called = node.node
        if not isinstance(called, nodes.Name) or called.name not in SETTLED or node.kwargs:
            return node
        if not all(isinstance(argument, nodes.Const) for argument in node.args):
            return node
        answer = cast("Callable[..., object]", self._globals[called.name])(*(one.as_const() for one in node.args))
        return nodes.Const(answer, lineno=node.lineno)
