"""Which figures of a survey are shown beside each other: a block beside its questions would tell of the few who left one of them blank.

One mechanism for whatever is made of several questions: the figures as sums over sheets that left the same questions blank, and
``engine.disclosure.sums`` leaves out what gives a few away. The total costs most and a question least, so that what goes is a question; the total never has
to, for alone it tells of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from zhixing.engine.questionnaires import Field, Questionnaire, weights_of
from zhixing.evaluations import rules
from zhixing.evaluations.models import Sheet, Survey
from zhixing.evaluations.reckoned import reckoned

if TYPE_CHECKING:
    from zhixing.engine.disclosure.sums import Sum

TOTAL: Final = "total"
BLOCK_COST, TOTAL_COST = 1_000, 1_000_000
"""Beside the sheets of a question: no number of questions is worth a block, nor of blocks the total."""
Answered = frozenset[str]


def block_name(place: int) -> str:
    """Of a block from 0 among the figures; no field has a space in its name."""
    return f"block {place}"


def left_out_of(survey: Survey, sheets: Sequence[Sheet], fields: Sequence[Field]) -> frozenset[str]:
    """Names of fields and blocks that are left out. ``fields``: those that enough answered, or nobody."""
    least = rules.in_force().least
    scored = [one for one in fields if one.item.is_scored]
    names = {one.name for one in scored}
    kinds = Counter(frozenset(names.intersection(one.answers)) for one in sheets)
    kinds.pop(frozenset(), None)
    if all(count >= least for count in kinds.values()):
        return frozenset()
    known = sorted((sorted(kind), count) for kind, count in kinds.items())
    form = survey.version.questionnaire
    found = reckoned(
        "shown", f"survey {survey.pk}", [known, least], lambda: sorted(_left_out(form, scored, kinds, least))
    )
    return frozenset(found)


def _left_out(
    form: Questionnaire, fields: Sequence[Field], kinds: Mapping[Answered, int], least: int
) -> frozenset[str]:
    from zhixing.engine.disclosure.sums import World, leave_out  # numpy: only where somebody left something blank

    atoms = list(kinds)
    sizes = [kinds[one] for one in atoms]
    figures = [_figure(one.name, 1, sizes, _of_question(one.name, atoms)) for one in fields]
    weights = [weights_of(form, fields, one) for one in atoms]
    for place in range(len(form.blocks)):
        parts = {
            (n, name): float(part) for n, (_all, blocks) in enumerate(weights) for name, part in blocks[place].items()
        }
        figures.append(_figure(block_name(place), BLOCK_COST, sizes, parts))
    whole = {
        (n, name): float(part) for n, (all_of_it, _blocks) in enumerate(weights) for name, part in all_of_it.items()
    }
    figures.append(_figure(TOTAL, TOTAL_COST, sizes, whole))
    return leave_out(World(sizes, least=least), [one for one in figures if one.cost])


def _of_question(name: str, atoms: Iterable[Answered]) -> dict[tuple[int, str], float]:
    return {(n, name): 1.0 for n, answered in enumerate(atoms) if name in answered}


def _figure(name: str, cost: int, sizes: Sequence[int], weights: Mapping[tuple[int, str], float]) -> Sum:
    """It costs the sheets that are in it, each ``cost`` times; nothing where there are none."""
    from zhixing.engine.disclosure.sums import Sum

    sheets = sum(sizes[atom] for atom in {atom for atom, _name in weights})
    return Sum(name, weights, cost=float(cost * sheets))
