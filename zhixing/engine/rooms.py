"""Rooms of a class (住宿): two to a room, the same sex where it is known, and nobody shares who does not want to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guest:
    """Who stays over night. ``sex`` may be empty where it is not known; ``alone``: does not share."""

    key: int
    sex: str = ""
    alone: bool = False

    @property
    def shares(self) -> bool:
        """Whoever may be given a neighbour without being asked: the sex must be known for that."""
        return bool(self.sex) and not self.alone


@dataclass(frozen=True, slots=True)
class Room:
    """``beds`` is 1 or 2."""

    key: int
    beds: int


def may_share(one: Guest, other: Guest) -> bool:
    """Whether two people may be put into one room by hand: neither wants to be alone, and their known sexes do not differ."""
    differ = bool(one.sex) and bool(other.sex) and one.sex != other.sex
    return not (one.alone or other.alone or differ)


def give_rooms(guests: Sequence[Guest], rooms: Sequence[Room]) -> dict[int, int]:
    """Key of the guest → key of the room, for as many guests as the rooms hold; the same input gives the same rooms.

    Pairs come first, since they use a room fully; then all others get a room each, single rooms before double ones.
    """
    single = [room.key for room in sorted(rooms, key=lambda room: room.key) if room.beds == 1]
    double = [room.key for room in sorted(rooms, key=lambda room: room.key) if room.beds == 2]
    pairs, rest = _pairs(guests)
    given: dict[int, int] = {}
    for pair in pairs:
        if double:
            room = double.pop(0)
            given |= {guest.key: room for guest in pair}
        else:
            rest.extend(pair)
    for guest, room in zip(rest, (*single, *double), strict=False):
        given[guest.key] = room
    return given


def _pairs(guests: Iterable[Guest]) -> tuple[list[tuple[Guest, Guest]], list[Guest]]:
    """Neighbours of one sex in the order given, and whoever is left."""
    waiting: dict[str, Guest] = {}
    pairs, rest = [], []
    for guest in guests:
        if not guest.shares:
            rest.append(guest)
        elif guest.sex in waiting:
            pairs.append((waiting.pop(guest.sex), guest))
        else:
            waiting[guest.sex] = guest
    return pairs, [*rest, *waiting.values()]
