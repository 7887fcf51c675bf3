"""The document of a draft and the fields of its page: one row for each part, with what the form sent put into the tree."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zhixing.engine.questionnaires.editing import free_code

Document = dict[str, Any]
_STEP = re.compile(r"(\d{1,6})\s*[:：]\s*(\d{1,3})")


@dataclass(frozen=True)
class EditRow:
    """A part of the draft as its page shows it; ``scale`` as people write it (``80:0 95:100``)."""

    depth: int
    code: str
    title: str
    is_group: bool
    points: object
    fact: str = ""
    scale: str = ""
    missed_below: object = 0
    evidence: bool = False
    on_site: bool = False


def rows_of(document: Mapping[str, Any]) -> list[EditRow]:
    return list(_rows(document.get("group", ()), 0))


def _rows(groups: Any, depth: int) -> Iterator[EditRow]:
    for group in groups:
        inner = list(_rows(group.get("group", ()), depth + 1))
        leaves = [_leaf(one, depth + 1) for one in group.get("indicator", ())]
        points = sum(one.points for one in (*inner, *leaves) if one.depth == depth + 1 and isinstance(one.points, int))
        yield EditRow(depth, group["code"], group["title"], True, points)
        yield from inner
        yield from leaves


def _leaf(one: Mapping[str, Any], depth: int) -> EditRow:
    return EditRow(
        depth,
        one["code"],
        one["title"],
        False,
        one.get("points", 0),
        fact=one.get("fact", ""),
        scale=" ".join(f"{figure}:{percent}" for figure, percent in one.get("scale", ())),
        missed_below=one.get("missed_below", 0),
        evidence=one.get("evidence", False),
        on_site=one.get("on_site", False),
    )


def changed(document: Mapping[str, Any], given: Mapping[str, str]) -> Document:
    """The document with the fields of its page put in: titles, points, scales, parts taken out, one part added."""
    found = copy.deepcopy(dict(document))
    head = found["system"]
    head["title"] = given.get("title", head["title"])
    for key in ("points", "missed_percent"):
        if given.get(key):
            head[key] = _number(given[key])
    if given.get("absent"):
        head["absent"] = given["absent"]
    found["group"] = [_group(one, given) for one in found["group"] if f"drop-{one['code']}" not in given]
    if into := given.get("add"):
        _add(found, into, given)
    return found


def _group(group: Document, given: Mapping[str, str]) -> Document:
    kept = {"code": group["code"], "title": given.get(f"title-{group['code']}", group["title"])}
    groups = [_group(one, given) for one in group.get("group", ()) if f"drop-{one['code']}" not in given]
    leaves = [_indicator(one, given) for one in group.get("indicator", ()) if f"drop-{one['code']}" not in given]
    return kept | ({"group": groups} if groups else {}) | ({"indicator": leaves} if leaves else {})


def _indicator(one: Document, given: Mapping[str, str]) -> Document:
    code, kept = one["code"], dict(one)
    kept["title"] = given.get(f"title-{code}", one["title"])
    for key in ("points", "missed_below"):
        if f"{key}-{code}" in given:
            kept[key] = _number(given[f"{key}-{code}"])
    if one["kind"] == "fact" and f"scale-{code}" in given:
        kept["scale"] = [[int(figure), int(percent)] for figure, percent in _STEP.findall(given[f"scale-{code}"])]
    if one["kind"] == "judged" and f"title-{code}" in given:
        kept |= {key: f"{key}-{code}" in given for key in ("evidence", "on_site")}
    return kept


def _number(text: str) -> int | str:
    """What is no number stays as it was typed, and the draft says so."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else text


def _add(document: Document, into: str, given: Mapping[str, str]) -> None:
    """One more part: a group at the top, or an indicator in the group ``into``."""
    title, fact = given.get("new_title", "").strip(), given.get("new_fact", "")
    if not title:
        return
    code = free_code("part_", {row.code for row in rows_of(document)})
    if into == "-":
        document["group"].append({"code": code, "title": title})
        return
    points = _number(given.get("new_points", "")) or 1
    new: Document = {"code": code, "title": title, "points": points, "kind": "fact" if fact else "judged"}
    new |= {"fact": fact, "scale": [[0, 0], [100, 100]]} if fact else {}
    for group in _groups(document["group"]):
        if group["code"] == into:
            group.setdefault("indicator", []).append(new)


def _groups(groups: list[Document]) -> Iterator[Document]:
    for group in groups:
        yield group
        yield from _groups(group.get("group", []))
