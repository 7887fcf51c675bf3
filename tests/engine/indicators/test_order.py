"""Where the order is said to turn, it turns; where nothing is said, no weight within reach turns it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.indicators.systems import FACTS, document, earned_by_hand, found_for, group, indicator, trees
from zhixing.engine.indicators import Finding, Group, Indicator, System, dependences, read, score

REACH = Fraction(1, 10)
JUST = Fraction(1, 10**9)


def groups_of(part: Group | Indicator) -> list[Group]:
    inside = part.parts if isinstance(part, Group) else ()
    return ([part] if isinstance(part, Group) else []) + [one for each in inside for one in groups_of(each)]


def order(
    system: System, objects: Mapping[str, Mapping[str, Finding]], code: str, weight: Fraction
) -> dict[str, Fraction]:
    """Object → points when the part weighs ``weight`` of its group, its neighbours in proportion."""
    owner = next(one for one in groups_of(system.root) if code in {part.code for part in one.parts})
    part = next(one for one in owner.parts if one.code == code)
    others = Fraction(owner.points - part.points)
    weights = {one.code: Fraction(one.points) / others * (1 - weight) for one in owner.parts if one is not part}
    weights[code] = weight
    return {key: earned_by_hand(system, findings, weights) or Fraction() for key, findings in objects.items()}


def turned(before: Mapping[str, Fraction], after: Mapping[str, Fraction]) -> set[str]:
    """Objects of a pair whose order has turned."""
    pairs = [(a, b) for a in before for b in before if before[a] > before[b] and after[a] < after[b]]
    return {key for pair in pairs for key in pair}


@settings(max_examples=60, deadline=None)
@given(st.data(), trees().filter(lambda system: system.absent == "zero"))
def test_places_turn_where_it_is_said(data: st.DataObject, system: System) -> None:
    objects = {key: data.draw(found_for(system)) for key in "uvwx"}
    told = {one.code: one for one in dependences(system, {key: score(system, own) for key, own in objects.items()})}
    for owner in groups_of(system.root):
        for part in owner.parts if len(owner.parts) > 1 else ():
            now = Fraction(part.points, owner.points)
            before = order(system, objects, part.code, now)
            ends = [min(Fraction(1), now + REACH), max(Fraction(), now - REACH)]
            moved = set().union(*(turned(before, order(system, objects, part.code, end)) for end in ends))
            if part.code not in told:
                assert not moved
                continue
            one = told[part.code]
            assert moved <= set(one.objects)
            beyond = one.at + (JUST if one.at > now else -JUST)
            if 0 <= beyond <= 1:
                assert turned(before, order(system, objects, part.code, beyond))
            assert not turned(before, order(system, objects, part.code, one.at - (beyond - one.at)))


def test_the_sentence_of_the_issue() -> None:
    """The order of the second and third place depends on the weight of the method."""
    system = read(document(group("g", indicator("content", 60), indicator("method", 40))), FACTS)
    shares = {"first": (95, 95), "second": (80, 60), "third": (64, 82), "last": (10, 10)}
    scores = {
        key: score(system, {"content": Finding(Fraction(a, 100), None), "method": Finding(Fraction(b, 100), None)})
        for key, (a, b) in shares.items()
    }
    (content, method) = dependences(system, scores)
    assert (method.code, method.first, method.last, method.objects) == ("method", 2, 3, ("second", "third"))
    assert method.now == Fraction(2, 5)
    assert method.at == Fraction(8, 19)
    assert content.at == 1 - method.at
    assert dependences(system, scores, Fraction(1, 100)) == ()


def test_equal_points_share_a_place_and_turn_only_by_a_third() -> None:
    system = read(document(group("g", indicator("a", 50), indicator("b", 50))), FACTS)
    one = {"a": Finding(Fraction(1), None)}
    other = {"b": Finding(Fraction(1), None)}
    assert dependences(system, {"u": score(system, one), "v": score(system, other)}) == ()
