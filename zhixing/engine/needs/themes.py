"""Texts grouped by theme: words by jieba, weighed by TF-IDF, clustered by scikit-learn; what names a person is blanked before anything else.

Nothing is told of fewer texts than may be shown; equal texts give equal themes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

THEMES_MOST: Final = 10
WORDS: Final = 5
QUOTATIONS: Final = 4
QUOTATION_MOST: Final = 120
APART: Final = 0.88
"""Cosine distance from which two clusters are two themes."""
BLANK: Final = "某"
COMMON: Final = 500
"""So often a word stands in the dictionary of jieba that it is no name: such a person's is blanked beside a title only."""
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])\+?[0-9][0-9 \-－xX*]{5,22}(?![0-9A-Za-z])")
_MAIL: Final = re.compile(r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_TITLES: Final = "|".join(
    "同志 书记 局长 科长 处长 主任 部长 县长 市长 区长 镇长 乡长 院长 校长 所长 队长 主席 经理 老师 教授 师傅 副局长 副主任 副科长 副处长".split()
)
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟"
    "熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_BEFORE_TITLE: Final = re.compile(rf"[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}(?=(?:{_TITLES}))")
_AFTER_TITLE: Final = re.compile(rf"(?<=同志)[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}")
_STOP: Final = frozenset(
    "我们 你们 他们 一些 这个 那个 问题 工作 方面 希望 需要 没有 不够 不足 能力 进行 以及 如何 怎么 什么 可以 应该 比较 非常 目前 存在 部分 "
    "情况 缺乏 加强 提高 提升 不会 不太 不能 困难 最难 难以 很多 较多 单位 干部 学习 培训 有关 相关 一个 还是 经常 有时 自己 时候".split()
)


@dataclass(frozen=True)
class Theme:
    """``words`` tell what it is about; ``count`` texts belong to it; ``quotations`` stand nearest to its middle."""

    words: tuple[str, ...]
    count: int
    quotations: tuple[str, ...]


def blanked(text: str, names: Collection[str] = ()) -> str:
    """``text`` without numbers that reach somebody, addresses and names: those of ``names`` that are no common words, and whatever stands as a name with a
    title."""
    text = _MAIL.sub(BLANK, _NUMBER.sub(BLANK, text))
    text = _AFTER_TITLE.sub(BLANK, _BEFORE_TITLE.sub(BLANK, text))
    if not names:
        return text
    known = names if isinstance(names, frozenset | set) else frozenset(names)
    place, told = 0, []
    while place < len(text):
        length = next(
            (n for n in (4, 3, 2) if text[place : place + n] in known and not _is_word(text[place : place + n])), 0
        )
        told.append(BLANK if length else text[place])
        place += length or 1
    return "".join(told)


@cache
def _tokenizer() -> object:
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    return jieba


@cache
def _is_word(text: str) -> bool:
    """A common word of the language rather than a name: 文明, 方向"""
    return bool((_tokenizer().dt.FREQ.get(text) or 0) >= COMMON)  # type: ignore[attr-defined]


def words_of(text: str) -> list[str]:
    """The words that carry meaning, in order."""
    jieba = _tokenizer()
    found = jieba.lcut(text)  # type: ignore[attr-defined]
    return [word for word in found if len(word) > 1 and word not in _STOP and not word.isascii()]


def themes_of(texts: Sequence[str], least: int, names: Collection[str] = ()) -> list[Theme]:
    """The themes, the commonest first. ``least``: fewest texts of a theme; with fewer than twice as many texts there are none."""
    plain = sorted({text.strip(): None for text in (blanked(one, names) for one in texts) if text.strip()})
    counted = [text for text in (blanked(one, names).strip() for one in texts) if text]
    if len(counted) < 2 * least:
        return []
    cut = [words_of(text) for text in plain]
    kept = [place for place, words in enumerate(cut) if words]
    if len(kept) < 2:
        return []
    times = {text: counted.count(text) for text in plain} if len(plain) < len(counted) else dict.fromkeys(plain, 1)
    matrix, vocabulary = _matrix([cut[place] for place in kept])
    if matrix is None:
        return []
    label = _clusters(matrix)
    found = []
    for cluster in range(int(label.max()) + 1):
        members = np.flatnonzero(label == cluster)
        count = sum(times[plain[kept[place]]] for place in members)
        if count >= least:
            found.append(_theme(matrix[members], [plain[kept[place]] for place in members], vocabulary, count))
    return sorted(found, key=lambda one: (-one.count, one.words))[:THEMES_MOST]


def _matrix(cut: Sequence[Sequence[str]]) -> tuple[csr_matrix | None, np.ndarray]:
    """Rows of unit length; without a word that stands in two texts there is nothing to group by."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer=list, min_df=2, max_df=0.5 if len(cut) > 20 else 1.0, sublinear_tf=True)
    try:
        return vectorizer.fit_transform(cut), vectorizer.get_feature_names_out()
    except ValueError:  # no word is left
        return None, np.array([])


SAMPLED_MOST: Final = 2_000
"""Up to so many texts all distances are looked at; beyond, evenly spaced ones make the themes and the others join the nearest."""


def _clusters(matrix: csr_matrix) -> np.ndarray:
    """[n] the number of the theme of each text."""
    from sklearn.cluster import AgglomerativeClustering

    size = matrix.shape[0]
    picked = np.arange(size) if size <= SAMPLED_MOST else np.linspace(0, size - 1, SAMPLED_MOST).astype(np.int64)
    distance = np.clip(1.0 - (matrix[picked] @ matrix[picked].T).toarray(), 0.0, 2.0)
    found = AgglomerativeClustering(None, metric="precomputed", linkage="average", distance_threshold=APART)
    label = found.fit_predict(distance)
    if size == len(picked):
        return np.asarray(label)
    middles = np.array([np.asarray(matrix[picked[label == one]].mean(axis=0))[0] for one in range(label.max() + 1)])
    return np.asarray((matrix @ middles.T).argmax(axis=1))


def _theme(rows: csr_matrix, texts: Sequence[str], vocabulary: np.ndarray, count: int) -> Theme:
    middle = np.asarray(rows.mean(axis=0))[0]
    best = sorted(range(len(middle)), key=lambda place: (-middle[place], vocabulary[place]))
    words = tuple(str(vocabulary[place]) for place in best[:WORDS] if middle[place] > 0)
    nearness = np.asarray(rows @ middle).ravel()
    near = sorted(range(len(texts)), key=lambda place: (-nearness[place], texts[place]))[:QUOTATIONS]
    return Theme(words, count, tuple(texts[place][:QUOTATION_MOST] for place in near))
