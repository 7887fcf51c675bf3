"""The two private parts of others that the engine leans on: an upgrade that takes one away must fail here, with the reason.

Neither has a public equal. ``highspy.Highs`` prints a banner on every making, into the output of our commands, and registers callbacks of
which pieces on many threads have no use. ``numba.njit`` counts the references of every array it is passed; ``_nrt=False`` leaves that out.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any, NamedTuple

import highspy
import numba
import numpy as np
from highspy._core import _Highs

from zhixing.engine.compiled import OPTIONS

QUIET = (
    "from highspy._core import _Highs\nimport highspy\nsolver = _Highs()\nsolver.setOptionValue('output_flag', False)\n"
    "model = highspy.HighsLp()\nmodel.num_col_ = 1\nmodel.col_cost_ = [1.0]\nmodel.col_lower_ = [2.0]\nmodel.col_upper_ = [3.0]\n"
    "solver.passModel(model)\nsolver.run()\nassert solver.getInfo().objective_function_value == 2.0\n"
)


class Pair(NamedTuple):
    left: np.ndarray[Any, np.dtype[np.float64]]
    right: np.ndarray[Any, np.dtype[np.float64]]


def total(pair: Pair) -> float:
    found = 0.0
    for place in range(len(pair.left)):
        found += pair.left[place] * pair.right[place]
    return found


def machine_code(**options: Any) -> str:
    function = numba.njit(**options)(total)
    assert function(Pair(np.ones(3), np.ones(3))) == 3.0
    return "".join(function.inspect_llvm().values())


def test_highspy_s_private_core_solves_and_is_silent() -> None:
    """``zhixing/engine/callup/solver.py`` makes ``highspy._core._Highs``; if it goes, see whether ``highspy.Highs`` still prints."""
    assert issubclass(highspy.Highs, _Highs)
    done = subprocess.run([sys.executable, "-c", QUIET], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_the_public_highspy_still_prints() -> None:
    """When this fails the private core has an equal: use ``highspy.Highs`` and drop both tests."""
    done = subprocess.run([sys.executable, "-c", "import highspy; highspy.Highs()"], capture_output=True, check=True)
    assert b"HiGHS" in done.stdout


def test_numba_s_private_option_leaves_reference_counting_out() -> None:
    """``zhixing/engine/compiled.py`` asks for ``_nrt=False``; without it the ascent is many times slower."""
    assert OPTIONS["_nrt"] is False
    assert "NRT_" not in machine_code(_nrt=False)
    assert "NRT_" in machine_code()
