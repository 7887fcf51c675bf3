"""Random call-up problems small enough to try every selection."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.engine.callup.problems import Case, Pair

UNITS = {"bureau": None, "division": "bureau", "office": "division", "other": "bureau"}
PAIRS_MOST = 8


@st.composite
def cases(draw: st.DrawFn, hard: bool = False, pins_most: int = 2) -> Case:
    """Up to four units on three levels, five persons, four classes of one to twelve days within four weeks, and eight pairs.

    In one of two, call-ups of one person cost something beside each other."""
    classes = {}
    for name in "ABCD"[: draw(st.integers(1, 4))]:
        first = draw(st.integers(0, 20))
        last = first + draw(st.integers(0, 11))
        most = draw(st.integers(0, 3))
        classes[name] = (first, last, draw(st.integers(0, most)), most)
    people = {f"p{n}": draw(st.sampled_from(sorted(UNITS))) for n in range(draw(st.integers(1, 5)))}
    every = [(person, class_) for person in people for class_ in classes]
    eligible = draw(st.lists(st.sampled_from(every), unique=True, max_size=PAIRS_MOST))
    quotas = {
        (unit, class_): draw(st.sampled_from([(0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2)]))
        for unit, class_ in draw(
            st.lists(
                st.tuples(st.sampled_from(sorted(UNITS)), st.sampled_from(sorted(classes))), unique=True, max_size=4
            )
        )
    }
    pins: dict[Pair, bool] = {pair: draw(st.booleans()) for pair in draw(_some(eligible, pins_most))}
    away = draw(
        st.dictionaries(st.tuples(st.sampled_from(sorted(UNITS)), st.integers(0, 4)), st.integers(0, 3), max_size=2)
    )
    spread = {
        "themes": {class_: draw(st.sampled_from(["law", "finance", ""])) for class_ in classes},
        "repeated_theme_cost": draw(st.sampled_from([5.0, 80.0])),
        "close_callup_cost": draw(st.sampled_from([0.0, 7.5, 40.0])),
        "close_days": draw(st.sampled_from([3, 10])),
    }
    return Case(
        classes=classes,
        people=people,
        units={unit: (parent, draw(st.integers(0, 3))) for unit, parent in UNITS.items()},
        pairs={pair: draw(st.integers(1, 400)) / 4 for pair in eligible},
        quotas=quotas,
        pins=pins,
        away=away,
        callups_max=draw(st.integers(1, 3)),
        second_callup_cost=draw(st.sampled_from([0.0, 10.0, 60.0])),
        short_seat_cost=draw(st.sampled_from([0.0, 5.0, 300.0])),
        hard_minimums=hard,
        **(spread if draw(st.booleans()) else {}),  # type: ignore[arg-type]
    )


def _some(eligible: list[Pair], most: int) -> st.SearchStrategy[list[Pair]]:
    return st.lists(st.sampled_from(eligible), unique=True, max_size=most) if eligible else st.just([])
