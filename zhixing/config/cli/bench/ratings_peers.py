"""How others fit the same ratings: lme4 in R, and statsmodels, each in a process of its own with so many seconds and so much memory."""

from __future__ import annotations

import csv
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEMORY_MOST: Final = 12 << 30
"""Bytes of address space that a peer may take."""
LME4: Final = """
suppressMessages(library(lme4))
given <- commandArgs(TRUE)
ratings <- read.csv(given[1])
for (name in strsplit(given[3], ",")[[1]]) ratings[[name]] <- factor(ratings[[name]])
taken <- system.time(fit <- lmer(as.formula(given[2]), ratings, REML = TRUE))
found <- as.data.frame(VarCorr(fit))[, c("grp", "vcov")]
write.csv(found, file.path(given[4], "variances.csv"), row.names = FALSE)
if (given[5] == "se") {
  effects <- as.data.frame(ranef(fit, condVar = TRUE))[, c("grpvar", "grp", "condval", "condsd")]
  write.csv(effects, file.path(given[4], "effects.csv"), row.names = FALSE)
}
cat(sum(taken[1:2]), format(as.numeric(logLik(fit)), digits = 15), as.character(packageVersion("lme4")), "\\n")
"""
STATSMODELS: Final = """
import json, sys, time
import pandas as pd
import statsmodels.formula.api as smf
path, response, fixed, crossed = sys.argv[1:]
ratings = pd.read_csv(path)
start = time.process_time()
parts = {name: "0 + " + ":".join(f"C({part})" for part in name.split(":")) for name in crossed.split(",")}
fit = smf.mixedlm(f"{response} ~ {fixed or 1}", ratings, groups=[1] * len(ratings), vc_formula=parts).fit(reml=True)
print(json.dumps({"seconds": time.process_time() - start, "log_likelihood": float(fit.llf)}))
"""
Levels = dict[tuple[str, str], float]


@dataclass(frozen=True)
class Peer:
    """Seconds of CPU of the fit alone. ``errors``: the conditional standard error of (factor, level), where asked for."""

    version: str
    seconds: float
    log_likelihood: float
    variances: dict[str, float]
    errors: Levels


class Unfitted(RuntimeError):
    """The peer has no fit; the text says why, in a few words."""


def lme4(path: Path, response: str, fixed: Sequence[str], crossed: Sequence[str], errors: bool, limit: float) -> Peer:
    """Raises ``Unfitted``."""
    if shutil.which("Rscript") is None:
        raise Unfitted("apt-get install r-cran-lme4")
    parts = sorted({part for name in crossed for part in name.split(":")})
    formula = f"{response} ~ {' + '.join([*fixed, *(f'(1 | {name})' for name in crossed)])}"
    with tempfile.TemporaryDirectory() as folder:
        words = ["Rscript", "-e", LME4, str(path), formula, ",".join(parts), folder, "se" if errors else "no"]
        seconds, log_likelihood, version = _said(words, limit).split()
        variances = {row["grp"]: float(row["vcov"]) for row in _rows(Path(folder) / "variances.csv")}
        told = _rows(Path(folder) / "effects.csv") if errors else []
        known = {(row["grpvar"], row["grp"]): float(row["condsd"]) for row in told}
    return Peer(f"lme4 {version}", float(seconds), float(log_likelihood), variances, known)


def statsmodels(path: Path, response: str, fixed: Sequence[str], crossed: Sequence[str], limit: float) -> float:
    """Seconds of CPU of its fit. Raises ``Unfitted``."""
    words = [sys.executable, "-c", STATSMODELS, str(path), response, " + ".join(fixed), ",".join(crossed)]
    return float(json.loads(_said(words, limit))["seconds"])


def _said(words: Sequence[str], limit: float) -> str:
    """The last line of what a command says."""

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MOST, MEMORY_MOST))

    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=limit, check=False, preexec_fn=bound)
    except subprocess.TimeoutExpired as error:
        raise Unfitted(f"no fit in {limit:.0f} s") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no fit"])[-1]
        raise Unfitted(last[:60])
    return done.stdout.strip().splitlines()[-1]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
