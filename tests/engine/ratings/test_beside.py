"""Class runs and years beside each other: what is told apart, what is not, and what a new form leaves unsaid."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from zhixing.engine.ratings.beside import change, compare, institutions
from zhixing.engine.ratings.compared import Beside, Compared, LeftOut, WhyNot


def table(means: dict[str, float], sheets: int = 30, spread: float = 8.0, **columns: str) -> pa.Table:
    """``sheets`` scores about the mean of each class run."""
    rng = np.random.default_rng(3)
    rows = [(run, mean + float(rng.normal(0, spread))) for run, mean in means.items() for _n in range(sheets)]
    given = {"version": "1", "year": "2026", **columns}
    return pa.table(
        {"class_run": [run for run, _score in rows], "score": [score for _run, score in rows]}
        | {name: [value] * len(rows) for name, value in given.items()}
    )


def beside(given: pa.Table) -> Beside:
    """Of class runs that can be compared, without a mix of cases."""
    found = compare(given, "class_run")
    assert found.plain is not None
    assert found.mixed is None
    return found.plain


def test_far_ones_are_told_apart_and_near_ones_are_not() -> None:
    found = beside(table({"a": 90.0, "b": 89.5, "c": 60.0, "d": 61.0, "e": 75.0}))
    stood = {one.level: one for one in found.stood}
    assert {found.stood[0].level, found.stood[1].level} == {"a", "b"}
    assert set(stood["a"].groups) & set(stood["b"].groups)
    assert not set(stood["a"].groups) & set(stood["c"].groups)
    assert found.apart == pytest.approx(0.8)
    assert found.k == 1
    for one in found.stood:
        assert one.low < one.corrected < one.high
        assert abs(one.corrected - 75.1) < abs(one.raw - 75.1) + 1.0
        assert 1 <= one.rank_low <= one.rank_high <= 5


def test_no_mean_lies_beyond_the_scale() -> None:
    """Class runs near the top with few sheets, and an institution of two that differ: their ranges end at 100."""
    rows = [("a", 100.0)] * 4 + [("a", 98.0)] + [("b", 100.0)] * 5 + [("c", 60.0), ("c", 100.0), ("c", 90.0)] * 2
    given = pa.table({"class_run": [run for run, _score in rows], "score": [score for _run, score in rows]})
    for name, value in (("version", "1"), ("institution", "甲")):
        given = given.append_column(name, [[value] * len(rows)])
    found = [(one.low, one.corrected, one.high) for one in beside(given).stood]
    found += [(one.low or 0.0, one.mean, one.high or 0.0) for one in institutions(given)]
    assert all(0.0 <= low <= middle <= high <= 100.0 for low, middle, high in found)
    assert sum(high == 100.0 for _low, _middle, high in found) >= 2


def test_alike_ones_share_one_group() -> None:
    found = beside(table(dict.fromkeys("abcdefgh", 80.0)))
    assert {group for one in found.stood for group in one.groups} == {1}
    assert found.apart == 0.0


def test_a_stricter_version_of_the_form_is_taken_out() -> None:
    old, new = table({"a": 80.0, "b": 70.0, "c": 75.0}), table({"d": 70.0, "e": 60.0, "f": 65.0}, version="2")
    stood = {one.level: one for one in beside(pa.concat_tables([old, new])).stood}
    assert stood["a"].raw - stood["d"].raw == pytest.approx(10.0, abs=3)
    assert stood["a"].corrected - stood["d"].corrected == pytest.approx(0.0, abs=3)


def test_a_version_for_each_class_run_leaves_nothing_to_compare() -> None:
    """Six raw means from 84.0 to 87.5, and one corrected mean for all of them: that would not say that they are alike."""
    parts = [table({str(n): 84.0 + 0.7 * n}, version=str(n)) for n in range(6)]
    found = compare(pa.concat_tables(parts), "class_run")
    assert (found.plain, found.why_not) == (None, WhyNot.CONFOUNDED)
    assert [one.level for one in found.alone] == list("012345")


def test_a_class_run_alone_on_its_version_is_not_given_the_mean_of_all() -> None:
    """The version would tell all of it: a shrunken mean of 75 for a class run of 95 would say that it is like the others."""
    usual = table({"a": 80.0, "b": 70.0, "c": 75.0})
    found = compare(pa.concat_tables([usual, table({"x": 95.0}, version="2")]), "class_run")
    (alone,) = found.alone
    assert alone.level == "x"
    assert alone.raw == pytest.approx(95.0, abs=3)
    assert alone.raw_low is not None
    assert alone.raw_low < alone.raw
    assert found.plain is not None
    assert {one.level for one in found.plain.stood} == {"a", "b", "c"}
    assert found.plain == beside(usual)
    pair = table({"x": 95.0, "y": 85.0}, version="2")
    assert not compare(pa.concat_tables([usual, pair]), "class_run").alone


def test_two_class_runs_and_equal_ones_are_no_comparison() -> None:
    assert compare(table({"a": 80.0, "b": 60.0}), "class_run") == Compared(why_not=WhyNot.FEW)
    assert compare(table(dict.fromkeys("abc", 80.0), spread=0.0), "class_run").why_not is WhyNot.ALIKE


# The mix of cases


def mixed(runs: int = 40, gap: float = 10.0, **fixed: str) -> pa.Table:
    """Class runs of two kinds that differ by ``gap`` only because of the kind, and whose true means differ by chance otherwise."""
    rng = np.random.default_rng(7)
    parts = []
    for n in range(runs):
        kind = "county" if n % 4 == 0 else "section"
        mean = 78.0 + float(rng.normal(0, 3)) + (gap if kind == "county" else 0.0)
        parts.append(table({f"{n:02}": mean}, sheets=12, spread=2.0, kind=kind, **fixed))
    return pa.concat_tables(parts)


def test_the_mix_of_cases_is_taken_out_and_both_stand_beside_each_other() -> None:
    found = compare(mixed(), "class_run", ["kind"])
    assert found.used == ("kind",)
    assert found.plain is not None
    assert found.mixed is not None

    def gap(which: Beside) -> float:
        county = [one.corrected for one in which.stood if int(one.level) % 4 == 0]
        section = [one.corrected for one in which.stood if int(one.level) % 4]
        return float(np.mean(county) - np.mean(section))

    assert gap(found.plain) > 7.0
    assert abs(gap(found.mixed)) < 1.5
    assert 5.0 < found.moved < 10.0
    assert len(found.reordered) > 10
    assert found.best is found.mixed


def test_no_difference_between_the_kinds_moves_next_to_nothing() -> None:
    found = compare(mixed(gap=0.0), "class_run", ["kind"])
    assert found.moved < 2.0


def test_too_few_class_runs_are_not_corrected_for_whom_they_hold() -> None:
    found = compare(mixed(runs=8), "class_run", ["kind"])
    assert found.mixed is None
    assert found.left == (("kind", LeftOut.ALIKE),)  # of the one kind there are two class runs only
    given = mixed(runs=12)
    found = compare(
        given.append_column("days", [[float(n // 12) for n in range(len(given))]]), "class_run", ["kind", "days"]
    )
    assert found.used == ("kind",)
    assert found.left == (("days", LeftOut.FEW),)


def test_a_rare_kind_is_not_corrected_for_itself() -> None:
    """One class run of its kind would be given the mean of all, whatever it was given."""
    rare = table({"zz": 99.0}, kind="other")
    found = compare(pa.concat_tables([mixed(gap=0.0), rare]), "class_run", ["kind"])
    assert found.used == ("kind",)
    assert found.mixed is not None
    one = found.mixed.at("zz")
    assert one is not None
    assert one.corrected > 93.0
    assert found.mixed.stood[0] is one


def test_a_fact_that_another_tells_is_left_out() -> None:
    given = mixed()
    same = given.append_column("again", given["kind"])
    assert compare(same, "class_run", ["kind", "again"]).left == (("again", LeftOut.TOLD),)


def test_what_is_found_can_be_kept_as_plain_values() -> None:
    import json
    from dataclasses import asdict

    found = compare(pa.concat_tables([mixed(), table({"x": 95.0}, version="2", kind="section")]), "class_run", ["kind"])
    assert Compared.of_plain(json.loads(json.dumps(asdict(found)))) == found


def test_institutions_are_compared_as_if_they_held_the_same_kinds() -> None:
    """甲 holds most of the kind that is rated higher: its lead is the kind's."""
    rng = np.random.default_rng(5)
    parts = []
    for n in range(40):
        school, often = ("甲", 4) if n % 2 else ("乙", 1)
        kind = "county" if n // 2 % 5 < often else "section"
        mean = 75.0 + float(rng.normal(0, 2)) + (10.0 if kind == "county" else 0.0)
        parts.append(table({f"{n:02}": mean}, sheets=12, institution=school, kind=kind))
    given = pa.concat_tables(parts)
    raw = {one.level: one for one in institutions(given)}
    assert raw["甲"].apart == ("乙",)
    assert raw["甲"].corrected is None
    fair = {one.level: one for one in institutions(given, ["kind"])}
    assert fair["甲"].mean == raw["甲"].mean
    assert fair["甲"].apart == ()
    first, second = fair["甲"].corrected, fair["乙"].corrected
    assert first is not None
    assert second is not None
    assert abs(first - second) < 2.0 < raw["甲"].mean - raw["乙"].mean


def test_an_institution_alone_on_its_version_is_told_from_nobody() -> None:
    one = table({"a": 90.0, "b": 91.0, "c": 92.0}, institution="甲")
    other = table({"d": 70.0, "e": 71.0, "f": 72.0}, institution="乙")
    third = table({"g": 50.0, "h": 51.0, "i": 52.0}, institution="丙", version="2")
    found = {one.level: one for one in institutions(pa.concat_tables([one, other, third]))}
    assert (found["丙"].alone, found["丙"].corrected, found["丙"].apart) == (True, None, ())
    assert found["甲"].apart == ("乙",)
    assert found["甲"].corrected == pytest.approx(found["甲"].mean, abs=0.5)
    alone = {one.level: one for one in institutions(pa.concat_tables([one, third]))}
    assert all(one.alone and one.apart == () for one in alone.values())


def test_institutions_are_compared_within_the_versions_that_they_share() -> None:
    """A version on which everything is ten points lower, asked mostly by 乙."""
    parts = [
        table({f"a{n}": 80.0 + n / 2 for n in range(5)}, institution="甲"),
        table({f"b{n}": 70.0 + n / 2 for n in range(2)}, institution="甲", version="2"),
        table({f"c{n}": 80.0 + n / 2 for n in range(2)}, institution="乙"),
        table({f"d{n}": 70.0 + n / 2 for n in range(5)}, institution="乙", version="2"),
    ]
    first, second = institutions(pa.concat_tables(parts))
    assert abs(first.mean - second.mean) > 3.0
    assert first.corrected is not None
    assert second.corrected is not None
    assert abs(first.corrected - second.corrected) < 1.0


def test_where_all_sheets_of_a_version_agree_institutions_have_no_range() -> None:
    parts = [
        table(dict.fromkeys(names, score), spread=0.0, institution=school, version=version)
        for names, score, school, version in (
            ("abc", 80.0, "甲", "1"),
            ("de", 80.0, "乙", "1"),
            ("fg", 70.0, "甲", "2"),
            ("hi", 70.0, "乙", "2"),
        )
    ]
    found = institutions(pa.concat_tables(parts))
    assert [(one.corrected_low, one.apart, one.alone) for one in found] == [(None, (), False)] * 2


def test_a_better_year_is_told_and_an_equal_one_is_not() -> None:
    last = table({name: 70.0 + place for place, name in enumerate("abcde")}, year="2025")
    better = table({name: 80.0 + place for place, name in enumerate("fghij")})
    alike = table({name: 70.5 + place for place, name in enumerate("fghij")})
    told, untold = change(pa.concat_tables([last, better])), change(pa.concat_tables([last, alike]))
    assert told is not None
    assert told.is_told
    assert told.more == pytest.approx(10.0, abs=2)
    assert (told.runs, told.sheets) == ((5, 5), (150, 150))
    assert untold is not None
    assert not untold.is_told


def test_a_form_that_changed_with_the_year_tells_nothing() -> None:
    last = table({"a": 70.0, "b": 71.0}, year="2025")
    found = change(pa.concat_tables([last, table({"c": 80.0, "d": 81.0}, version="2")]))
    assert found is not None
    assert found.confounded
    assert found.more is None
    assert not found.is_told


@pytest.mark.parametrize("score", [84.0, 66.67, 91.3, 10 / 3])
@pytest.mark.parametrize("sheets", [5, 7, 30])
def test_two_years_of_one_and_the_same_score_differ_by_nothing(score: float, sheets: int) -> None:
    """What adding up leaves open beyond the fourteenth digit is no better year and no worse one."""
    last = table(dict.fromkeys("abc", score), sheets, spread=0.0, year="2025")
    found = change(pa.concat_tables([last, table(dict.fromkeys("de", score), sheets, spread=0.0)]))
    assert found is not None
    assert (found.more, found.low, found.high) == (0.0, None, None)
    assert not found.is_told


def test_one_year_or_two_class_runs_are_no_comparison() -> None:
    assert change(table({"a": 70.0, "b": 80.0})) is None
    assert change(pa.concat_tables([table({"a": 70.0}, year="2025"), table({"b": 80.0})])) is None


def test_institutions_are_told_by_their_class_runs_not_by_their_sheets() -> None:
    """However many sheets: three class runs that differ by twenty points leave the mean of the institution open."""
    one = table({"a": 70.0, "b": 80.0, "c": 90.0}, sheets=300, institution="甲")
    like = table({"d": 75.0, "e": 85.0, "f": 95.0}, sheets=300, institution="乙")
    far = table({"g": 20.0, "h": 21.0, "i": 22.0}, sheets=300, institution="丙")
    found = {one.level: one for one in institutions(pa.concat_tables([one, like, far]))}
    assert found["甲"].apart == found["乙"].apart == ("丙",)
    assert found["丙"].apart == ("乙", "甲")
    low, high = found["甲"].low, found["甲"].high
    assert low is not None
    assert high is not None
    assert high - low > 40
    assert found["甲"].mean == pytest.approx(80.0, abs=1)


def test_a_single_class_run_tells_nothing_of_its_institution() -> None:
    (found,) = institutions(table({"a": 70.0}, institution="甲"))
    assert (found.low, found.runs, found.apart) == (None, 1, ())


@pytest.mark.parametrize("score", [100.0, 66.67])
def test_sheets_that_all_say_the_same_give_no_range_and_are_told_from_nothing(score: float) -> None:
    one = table({"a": score, "b": score}, spread=0.0, institution="甲")
    other = table({"c": score - 1, "d": score - 1}, spread=0.0, institution="乙")
    usual = table({"e": 20.0, "f": 21.0, "g": 22.0}, institution="丙")
    found = {one.level: one for one in institutions(pa.concat_tables([one, other, usual]))}
    assert [(found[name].low, found[name].high, found[name].apart) for name in "甲乙"] == [(None, None, ())] * 2
    assert found["丙"].low is not None
    assert found["丙"].apart == ()
