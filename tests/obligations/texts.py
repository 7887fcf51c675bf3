"""The policies that these tests hold people to; every number is chosen to be checked by hand."""

from __future__ import annotations

CITY = """
[policy]
code = "city-2026"
title = "云岚市学时要求"
in_force_from = 2026-01-01
basis = "试行办法"
[[rule]]
code = "annual"
title = "年度集中培训"
ranks = ["乡科级正职", "一级主任科员"]
window = "year"
hours = 90
channels = ["offjob", "online", "study_group"]
caps = { online = 20 }
prorate = "join"
basis = "第七条"
[[rule]]
code = "online"
title = "年度网络自学"
ranks = ["乡科级正职"]
window = "year"
hours = 50
channels = ["online"]
basis = "第九条"
"""
STRICTER = CITY.replace("hours = 90", "hours = 120")
FAULTY = CITY.replace("hours = 90", 'hours = "ninety"').replace('window = "year"', 'window = "month"', 1)
