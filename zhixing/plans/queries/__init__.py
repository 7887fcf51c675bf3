"""Reads about annual plans and class runs."""

from zhixing.plans.queries.class_runs import (
    UNITS_FOUND,
    YearCount,
    class_run_for,
    eligible_people,
    in_units,
    quota_count,
    quotas_of,
    rank_is_among,
    ranks_in_use,
    units_for_quotas,
    year_count,
    years,
)

__all__ = [
    "UNITS_FOUND",
    "YearCount",
    "class_run_for",
    "eligible_people",
    "in_units",
    "quota_count",
    "quotas_of",
    "rank_is_among",
    "ranks_in_use",
    "units_for_quotas",
    "year_count",
    "years",
]
