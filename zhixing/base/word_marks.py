"""What an officer's Word template may ask: values, conditions and plain loops. Nothing can be called or made large, so no template can
read more than its facts, or use up the server's memory or time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from jinja2 import StrictUndefined, Template, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from zhixing.base.problems import Invalid

LOOPS_MAX: Final = 2
"""Loops in one another."""
LENGTH_MAX: Final = 64 << 20
"""Characters of a filled part."""
_ALLOWED: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.For,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Filter,
    nodes.Test,
)
_FILTERS: Final = {"default", "d", "length", "count", "first", "last", "join", "upper", "lower", "trim", "e", "escape"}
_NOT_XML: Final = re.compile("[\x00-\x06\x08\x0b\x0e-\x1f\ufffe\uffff]")
"""Signs that no part of a document may hold; docxtpl takes a bell for the end of a paragraph and a form feed for that of a page."""


def _fit(value: Any) -> Any:
    """What a mark stands for, without the signs that would make the document unreadable."""
    return type(value)(_NOT_XML.sub("", value)) if isinstance(value, str) and _NOT_XML.search(value) else value


_RULES: Final = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True, finalize=_fit)
_RULES.globals.clear()


def read_marks(text: str) -> Template:
    """A part of a template, ready to be filled. Raises ``Invalid`` for a mark that is not allowed, ``TemplateSyntaxError`` for a wrong one."""
    _check(_RULES.parse(text), loops=0)
    return _RULES.from_string(text)


def fill_marks(marks: Template, data: Mapping[str, Any]) -> str:
    """Raises ``Invalid`` when the result grows beyond ``LENGTH_MAX``."""
    pieces, length = [], 0
    for piece in marks.generate(data):
        length += len(piece)
        if length > LENGTH_MAX:
            raise Invalid(_("The template makes a document that is too large."))
        pieces.append(piece)
    return "".join(pieces)


def _check(node: nodes.Node, loops: int) -> None:
    loops += isinstance(node, nodes.For)
    unknown = isinstance(node, nodes.Filter) and node.name not in _FILTERS
    recursive = isinstance(node, nodes.For) and node.recursive
    if not isinstance(node, _ALLOWED) or unknown or recursive or loops > LOOPS_MAX:
        line = getattr(node, "lineno", 1)
        raise Invalid(
            format_lazy(
                _("Line {line} of the template: only values, conditions and plain loops are allowed ({what})."),
                line=line,
                what=getattr(node, "name", None) or type(node).__name__,
            )
        )
    for child in node.iter_child_nodes():
        _check(child, loops)
