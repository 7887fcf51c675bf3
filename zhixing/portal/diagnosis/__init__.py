"""Diagnosis of the four named problems (方式单一、内容宽泛、力量不足、缺乏针对性和实效性): one index each for a year, read from what the apps below know."""

from __future__ import annotations

from zhixing.portal.diagnosis.indices import CODES, Diagnosis, Problem, diagnose
from zhixing.portal.diagnosis.readings import Scope

__all__ = ["CODES", "Diagnosis", "Problem", "Scope", "diagnose"]
