"""Ranks: 职务层次 (leading posts) and 职级 (grades since 2019) are two scales, kept apart; a person's rank is the first, else the second.

Source of the scales: GB/T 12407 for the leading posts, the twelve steps of 2019 for the grades (domain facts §8.5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from zhixing.engine.sheets.cells import bare, clean, without_brackets

RANKS = (
    "国家级正职",
    "国家级副职",
    "省部级正职",
    "省部级副职",
    "厅局级正职",
    "厅局级副职",
    "县处级正职",
    "县处级副职",
    "乡科级正职",
    "乡科级副职",
    "科员",
    "办事员",
)
"""职务层次, highest first."""
GRADES = (
    "一级巡视员",
    "二级巡视员",
    "一级调研员",
    "二级调研员",
    "三级调研员",
    "四级调研员",
    "一级主任科员",
    "二级主任科员",
    "三级主任科员",
    "四级主任科员",
    "一级科员",
    "二级科员",
)
"""职级, highest first."""

_LEVEL_WORDS = {
    "国家级": "国家",
    "省部级": "省部 省 部 部省",
    "厅局级": "厅局 厅 局 地厅 司局 厅司 司 地 地市",
    "县处级": "县处 处 县 处县",
    "乡科级": "乡科 科 乡 科乡 乡镇",
}


def _rank_aliases() -> dict[str, str]:
    """正处级, 正处, 正县级, 县级正职 … → 县处级正职, and so on through the levels."""
    aliases = {rank: rank for rank in RANKS} | {"科员级": "科员", "办事员级": "办事员"}
    for level, words in _LEVEL_WORDS.items():
        for word in words.split():
            for side in "正副":
                shapes = (f"{side}{word}级", f"{side}{word}", f"{word}级{side}职", f"{word}级{side}", f"{word}{side}职")
                aliases.update(dict.fromkeys(shapes, f"{level}{side}职"))
    return aliases


_WORDS = _rank_aliases() | {grade: grade for grade in GRADES}
_GROUPS = {
    f"{word}级": [f"{level}正职", f"{level}副职"] for level, words in _LEVEL_WORDS.items() for word in words.split()
} | {
    f"各级{family}": [grade for grade in GRADES if grade[2:] == family]
    for family in ("巡视员", "调研员", "主任科员", "科员")
}
_DIGITS = str.maketrans("1234", "一二三四")
_DECORATION = re.compile(r"^(全市|全体|所有|在职)|(领导干部|干部|公务员|领导职务|实职|领导|人员|职务|职级)$")


def canonical(word: str) -> str | None:
    """The canonical name of a rank or grade as someone wrote it, or None: ``一级主任科员（乡科级）`` → ``一级主任科员``."""
    plain = without_brackets(word)
    if plain[1:2] == "级":
        plain = plain[:1].translate(_DIGITS) + plain[1:]
    return (
        _WORDS.get(plain) or _WORDS.get(bare(word).replace("(", "").replace(")", "")) or _WORDS.get(_undecorated(plain))
    )


def _undecorated(word: str) -> str:
    return _DECORATION.sub("", _DECORATION.sub("", word))


def is_grade(name: str) -> bool:
    return name in _GRADE_SET


_GRADE_SET = frozenset(GRADES)


@lru_cache(maxsize=1 << 12)
def read_ranks(text: str) -> tuple[str, str] | None:
    """The rank and the grade in one cell, either may be blank; None when a word is unknown or there are two of a kind."""
    rank = grade = ""
    for word in filter(None, re.split(r"[、,/;+]", bare(text))):
        name = canonical(word)
        if name is None or (grade if is_grade(name) else rank) not in {"", name}:
            return None
        rank, grade = (rank, name) if is_grade(name) else (name, grade)
    return rank, grade


_GRADE_IN_POST = re.compile("|".join(GRADES))
_RANK_ENDS_POST = re.compile(
    r"\(([^()]+)\)$|((?:正|副)[部厅局县处乡科]级|(?:省部|厅局|县处|乡科)级[正副]职)(?:领导)?干部$"
)
_NOT_THE_POST = re.compile(r"[原曾拟免]|待遇|享受|试用")
"""Words by which a text speaks of another post than the one held, or of its pay only."""


def ranks_in_post(text: str) -> tuple[str, str]:
    """The rank and the grade that the text of a post (现任职务) says beyond doubt; blank where it says none, or two.

    ``财政局副局长（副处级）、四级调研员`` → 县处级副职, 四级调研员. ``副局长`` alone says no rank: offices of every level have them.
    """
    ranks: set[str] = set()
    grades: set[str] = set()
    for clause in re.split(r"[、,;。/]", bare(text)):
        if _NOT_THE_POST.search(clause):
            continue
        grades.update(_GRADE_IN_POST.findall(re.sub(r"[1-4](?=级)", lambda digit: digit[0].translate(_DIGITS), clause)))
        end = _RANK_ENDS_POST.search(clause)
        if end and (rank := canonical(end[1] or end[2])) in RANKS:
            ranks.add(rank or "")
    return (ranks.pop() if len(ranks) == 1 else "", grades.pop() if len(grades) == 1 else "")


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a class is for: ``ranks`` in the order of the scales, and the words that were not understood."""

    ranks: tuple[str, ...]
    unknown: tuple[str, ...]


_ALL = frozenset(
    {"不限", "全体", "全部", "所有", "全员", "全体干部", "全体公务员", "全体人员", "所有干部", "全体在职干部"}
)
_FAMILY = "(巡视员|调研员|主任科员|科员)"
_STEPS = re.compile(rf"((?:[一二三四]级?[、,及和至到~-]){{1,7}})([一二三四])级{_FAMILY}")
"""No list of the four steps is longer; without an end, one search through a cell of thousands would take seconds."""
_BOTH_SIDES = re.compile(r"\(?正职?[、,及和]?副职\)?")
_SPLIT_LEVEL = re.compile(r"([省厅县乡])\(([部局处科])\)级")
_BOUNDS = re.compile(r"[及和含]?以([上下])")
_PUNCTUATION = str.maketrans("(—–~", "、---", ")")
_AT_LEAST, _AT_MOST = "↑", "↓"


@lru_cache(maxsize=1 << 10)
def read_target(text: str) -> Target:
    """Read 培训对象: a list of ranks, groups (县处级 = 正职 and 副职), ranges (一级至四级主任科员) and bounds (…及以上).

    A bound stays on the scale of its word: 县处级以上 says nothing of grades.
    """
    target = _target_of(text)
    parts = clean(text).split()
    if target.unknown and len(parts) > 1:
        # Spaces and line breaks part words where leaving them out made no sense.
        listed = _target_of("、".join(parts))
        return target if listed.unknown else listed
    return target


def _target_of(text: str) -> Target:
    ranks: set[str] = set()
    unknown: list[str] = []
    for word in _words_of(text):
        named = _ranks_of(word)
        ranks.update(named)
        if not named:
            unknown.append(word)
    return Target(tuple(name for name in (*RANKS, *GRADES) if name in ranks), tuple(unknown))


def _words_of(text: str) -> list[str]:
    plain = _BOTH_SIDES.sub("正副职", _SPLIT_LEVEL.sub(r"\1\2级", bare(text)))
    plain = _BOUNDS.sub(lambda match: _AT_LEAST if match[1] == "上" else _AT_MOST, plain)
    plain = plain.translate(_PUNCTUATION)
    words = re.split(r"以及|[、,;/及和与或+|。]", _STEPS.sub(_spell_steps, plain))
    return [word for word in (word.removeprefix("包括").removeprefix("含") for word in words) if word]


def _spell_steps(match: re.Match[str]) -> str:
    """``一、二级巡视员`` → ``一级巡视员、二级巡视员``; ``一至四级主任科员`` → ``一级主任科员-四级主任科员``."""
    listed, last, family = match.groups()
    steps = re.sub(r"([一二三四])级?", rf"\1级{family}", listed).translate(str.maketrans("至到~", "---"))
    return f"{steps}{last}级{family}"


def _ranks_of(word: str) -> list[str]:
    """The ranks that one word stands for; empty when it is not understood."""
    if word in _ALL:
        return [*RANKS, *GRADES]
    for sign in "-至到":
        first, _, last = word.partition(sign)
        if last:
            return _between(_one(first), _one(last))
    named = _one(word.replace(_AT_LEAST, "").replace(_AT_MOST, ""))
    return _beyond(word, named) if named else []


def _beyond(word: str, named: list[str]) -> list[str]:
    """``named``, and with a bound everything above or below it on the same scale."""
    scale = GRADES if is_grade(named[0]) else RANKS
    if _AT_LEAST in word:
        return list(scale[: scale.index(named[-1]) + 1])
    if _AT_MOST in word:
        return list(scale[scale.index(named[0]) :])
    return named


def _between(first: list[str], last: list[str]) -> list[str]:
    """Everything between two words of one scale, in either order."""
    for scale in (RANKS, GRADES):
        if first and last and {*first, *last} <= set(scale):
            places = [scale.index(name) for name in (*first, *last)]
            return list(scale[min(places) : max(places) + 1])
    return []


def _one(word: str) -> list[str]:
    """A rank, a grade, or a group of them."""
    name = canonical(word)
    group = _undecorated(word).removeprefix("正副").removesuffix("正副职")
    return [name] if name else _GROUPS.get(group, [])
