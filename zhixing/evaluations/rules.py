"""The rules of evaluation, read from ``policies/evaluation.toml`` by a strict parser: smallest cell, worth of the grades, weights of the rater groups."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from zhixing.base.policy_files import policy_file, policy_folders
from zhixing.engine.indicators import System
from zhixing.engine.indicators import read as read_system
from zhixing.engine.indicators.facts import FACTS
from zhixing.engine.policies.document import Document
from zhixing.engine.policies.faults import Fault, PolicyError
from zhixing.engine.questionnaires import DefinitionError, DefinitionFault, Questionnaire, Subject, read
from zhixing.engine.questionnaires import Fault as FormFault

Loaded: TypeAlias = dict[str, Any]
Made = TypeVar("Made")
GROUPS = ("trainees", "teachers", "staff", "office", "superiors")
GRADE_KEYS = ("dissatisfied", "fair", "fairly", "satisfied")
"""The worst first, as the answers count."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """What each rater group weighs in the evaluation of one kind of subject, in percent."""

    subject: Subject
    title: str
    weights: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CourseMarks:
    """From how many points a course is to be kept, below how many it may be dropped, and how often it must have been rated before anything is proposed."""

    keep_from: int
    drop_below: int
    times_least: int


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of the rules. ``least``: fewest answers of which anything is shown; ``grades``: what 不满意 … 满意 are worth, in percent."""

    code: str
    in_force_from: dt.date
    basis: str
    least: int
    grades: tuple[int, ...]
    open_days: int
    remind_every: dt.timedelta
    schemes: Mapping[Subject, Scheme]
    courses: CourseMarks


@dataclass(frozen=True, slots=True)
class Template:
    """A form that comes with the product, or with the installation: its file's name, its document, and the form."""

    name: str
    document: Loaded
    form: Questionnaire


def rules_file() -> Path:
    return policy_file("evaluation.toml")


@cache
def in_force() -> Rules:
    """The rules of this installation, read once. Raises ``PolicyError``."""
    path = rules_file()
    return parse(path.read_text(encoding="utf-8"), path.name)


@cache
def templates() -> Mapping[str, Template]:
    """The forms that are offered, by name. Raises ``DefinitionError``."""
    return {name: Template(name, document, form) for name, (document, form) in _offered("forms", read).items()}


@cache
def systems() -> Mapping[str, tuple[Loaded, System]]:
    """The indicator systems that are offered: name → (document, system). Raises ``DefinitionError``."""
    return _offered("systems", partial(read_system, facts=FACTS))


def _offered(folder: str, made_of: Callable[[Loaded], Made]) -> dict[str, tuple[Loaded, Made]]:
    """Name → (document, what is made of it); the installation's own file replaces one of the same name. Faults name their file."""
    found: dict[str, tuple[Loaded, Made]] = {}
    for place in policy_folders():
        for path in sorted((place / folder).glob("*.toml")):
            if path.stem not in found:
                found[path.stem] = _read(path, made_of)
    return found


def _read(path: Path, made_of: Callable[[Loaded], Made]) -> tuple[Loaded, Made]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError([DefinitionFault(path.name, FormFault.BAD_TYPE, str(error))]) from error
    try:
        return document, made_of(document)
    except DefinitionError as error:
        named = [DefinitionFault(f"{path.name}: {one.place}", one.fault, one.value) for one in error.faults]
        raise DefinitionError(named) from error


def parse(text: str, name: str = "evaluation.toml") -> Rules:
    """Read the rules. Raises ``PolicyError`` with every fault: a missing, unknown or impossible value is never guessed."""
    document = Document(text, name)
    needed = ("rules", "results", "grades", "asking", "courses", "scheme")
    top = document.table(document.load(), "", dict.fromkeys(needed, True))
    head = document.table(top.get("rules", {}), "rules", {"code": True, "in_force_from": True, "basis": True})
    results = document.table(top.get("results", {}), "results", {"least": True})
    grades = document.table(top.get("grades", {}), "grades", dict.fromkeys(GRADE_KEYS, True))
    asking = document.table(top.get("asking", {}), "asking", {"open_days": True, "remind_every_days": True})
    found = Rules(
        code=document.words(head, "rules", "code", filled=True),
        in_force_from=document.day(head, "rules", "in_force_from") or dt.date.min,
        basis=document.words(head, "rules", "basis", filled=True),
        least=document.whole(results, "results", "least", 3, 100),
        grades=tuple(document.whole(grades, "grades", key, 0, 100) for key in GRADE_KEYS),
        open_days=document.whole(asking, "asking", "open_days", 1, 90),
        remind_every=dt.timedelta(days=document.whole(asking, "asking", "remind_every_days", 1, 30)),
        schemes={one.subject: one for one in _schemes(document, top.get("scheme", []))},
        courses=_course_marks(document, top.get("courses", {})),
    )
    if list(found.grades) != sorted(found.grades):
        document.refuse("grades", Fault.OUT_OF_RANGE, "let a better grade be worth no less", found.grades)
    if document.problems:
        raise PolicyError(document.problems)
    return found


def _course_marks(document: Document, table: object) -> CourseMarks:
    courses = document.table(table, "courses", dict.fromkeys(("keep_from", "drop_below", "times_least"), True))
    found = CourseMarks(
        keep_from=document.whole(courses, "courses", "keep_from", 1, 100),
        drop_below=document.whole(courses, "courses", "drop_below", 0, 99),
        times_least=document.whole(courses, "courses", "times_least", 2, 20),
    )
    if found.drop_below > found.keep_from:
        document.refuse("courses", Fault.OUT_OF_RANGE, "let drop_below be no more than keep_from", found.drop_below)
    return found


def _schemes(document: Document, rows: object) -> Iterator[Scheme]:
    seen: set[str] = set()
    for place, row in document.tables(rows, "scheme"):
        scheme = document.table(row, place, {"subject": True, "title": True, "weights": True})
        subject = document.choice(scheme, place, "subject", Subject)
        if subject in seen:
            document.refuse(f"{place}.subject", Fault.DUPLICATE, "one scheme for each subject", subject)
        seen.add(subject)
        inside = f"{place}.weights"
        weights = document.table(scheme.get("weights", {}), inside, dict.fromkeys(GROUPS, False))
        read_weights = {key: document.whole(weights, inside, key, 0, 100) for key in GROUPS if key in weights}
        if sum(read_weights.values()) != 100:
            document.refuse(inside, Fault.OUT_OF_RANGE, "let the weights add up to 100", sum(read_weights.values()))
        if subject:
            yield Scheme(Subject(subject), document.words(scheme, place, "title", filled=True), read_weights)
