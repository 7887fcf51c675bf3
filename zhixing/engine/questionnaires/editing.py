"""Changing the document of a form step by step, as a builder does: each change gives a new document, ready or not.

Blocks and items are named by their place, counting from 1 as in the places of faults. ``IndexError`` when there is nothing at a place.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from typing import Any

Document = dict[str, Any]


def free_code(stem: str, taken: Collection[object]) -> str:
    """The first of stem1, stem2 … that is not taken."""
    return next(code for number in range(1, len(taken) + 2) if (code := f"{stem}{number}") not in taken)


def empty(title: str, subject: str) -> Document:
    """A form without any block yet."""
    return {"form": {"title": title, "subject": subject}, "block": []}


def with_head(document: Document, title: str, subject: str, intro: str) -> Document:
    changed = copy.deepcopy(document)
    changed["form"] = {"title": title, "subject": subject, **({"intro": intro} if intro else {})}
    return changed


def with_block(document: Document, block: int, title: str, weight: int) -> Document:
    """Change a block, or add one at the place after the last."""
    changed = copy.deepcopy(document)
    blocks = changed["block"]
    if block == len(blocks) + 1:
        blocks.append({"item": []})
    _at(blocks, block).update({"title": title, "weight": weight})
    return changed


def with_item(document: Document, block: int, item: int, given: Mapping[str, Any]) -> Document:
    """Put an item in the place of another, or after the last of its block."""
    changed = copy.deepcopy(document)
    items = _at(changed["block"], block).setdefault("item", [])
    if item == len(items) + 1:
        items.append({})
    _at(items, item)
    items[item - 1] = dict(given)
    return changed


def without(document: Document, block: int, item: int = 0) -> Document:
    """Take an item out, or with ``item`` 0 the whole block."""
    changed = copy.deepcopy(document)
    rows = _at(changed["block"], block)["item"] if item else changed["block"]
    place = item or block
    _at(rows, place)
    del rows[place - 1]
    return changed


def moved(document: Document, block: int, item: int, step: int) -> Document:
    """An item (or with ``item`` 0 a block) one place up (``step`` -1) or down (1). An item at the edge of its block goes over to the
    next one; at the edge of the form nothing moves.
    """
    changed = copy.deepcopy(document)
    blocks = changed["block"]
    _at(blocks, block)
    if item == 0:
        _swap(blocks, block, block + step)
        return changed
    items = blocks[block - 1]["item"]
    _at(items, item)
    if 1 <= item + step <= len(items):
        _swap(items, item, item + step)
    elif 1 <= block + step <= len(blocks):
        over = blocks[block + step - 1]["item"]
        over.insert(0 if step > 0 else len(over), items.pop(item - 1))
    return changed


def _swap(rows: list[Any], one: int, other: int) -> None:
    if 1 <= other <= len(rows):
        rows[one - 1], rows[other - 1] = rows[other - 1], rows[one - 1]


def _at(rows: list[Any], place: int) -> Any:
    if not 1 <= place <= len(rows):
        raise IndexError(place)
    return rows[place - 1]
