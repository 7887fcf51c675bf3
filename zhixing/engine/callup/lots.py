"""Lots (抽签): the published tie-break. The lot of a pair depends on the seed and its two keys alone, so anyone can draw it again."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhixing.engine.callup.problem import CallupProblem

Lots = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def lots_of(problem: CallupProblem, seed: int) -> Lots:
    """[E] the lot of each pair; of two pairs of equal value the lower lot goes first.

    lot = mix(mix(seed + key of the person) + key of the class), where mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014), all modulo
    2**64, and the key of a text is the first eight bytes of its SHA-256, little-endian."""
    person = _mix(_numbers(problem.person_keys) + np.uint64(seed % 2**64))
    lots: Lots = _mix(person[problem.pair_person] + _numbers(problem.class_keys)[problem.pair_class])
    return lots


def _numbers(keys: pa.Array) -> Lots:
    if pa.types.is_integer(keys.type):
        numbers: Lots = keys.to_numpy().astype(np.int64).view(np.uint64)
        return numbers
    digests = b"".join(hashlib.sha256(key.encode()).digest()[:8] for key in keys.to_pylist())
    return np.frombuffer(digests, "<u8").astype(np.uint64)


def _mix(numbers: Lots) -> Lots:
    mixed = numbers + _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    final: Lots = mixed ^ (mixed >> np.uint64(31))
    return final
