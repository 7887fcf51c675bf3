"""Sums of money as sheets write them: in yuan or in ten thousands, said in the cell or in the heading. Kept as whole cents."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from zhixing.engine.sheets.cells import bare
from zhixing.engine.sheets.faults import Fault

CENTS: Final = {"元": 100, "万": 1_000_000, "万元": 1_000_000}
MOST: Final = 10**13
"""Cents beyond which a sum is a slip of the keys: a hundred thousand million yuan."""
_SUM = re.compile(r"(?:约|共|计|人民币|[¥￥])*(\d[\d,，]*(?:\.\d+)?)(万元|万|元)?(?:左右|以内)?")
_UNIT = re.compile(r"万元|万|元")


def read_money(text: str, heading: str) -> int | Fault:
    """Cents of a cell. What the cell says of its unit goes before what the heading says; where neither does, nothing is guessed."""
    shape = _SUM.fullmatch(bare(text))
    if not shape:
        return Fault.MONEY_UNREADABLE
    unit = shape[2] or next(iter(_UNIT.findall(bare(heading))), "")
    if not unit:
        return Fault.MONEY_UNIT_UNSAID
    cents = int((Decimal(re.sub("[,，]", "", shape[1])) * CENTS[unit]).to_integral_value(ROUND_HALF_UP))
    return cents if cents <= MOST else Fault.MONEY_UNREADABLE
