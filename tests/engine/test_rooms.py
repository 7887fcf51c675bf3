"""Rooms: whatever the guests and rooms, no wish is broken, no room is too full, and no bed stays free that somebody could have."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from zhixing.engine.rooms import Guest, Room, give_rooms, may_share

GUESTS = st.lists(st.tuples(st.sampled_from(["m", "f", ""]), st.booleans()), max_size=25).map(
    lambda rows: [Guest(key, *row) for key, row in enumerate(rows)]
)
ROOMS = st.lists(st.integers(1, 2), max_size=20).map(lambda beds: [Room(key, n) for key, n in enumerate(beds)])


@settings(max_examples=200, deadline=None)
@given(GUESTS, ROOMS)
def test_no_wish_is_broken_and_no_bed_is_wasted(guests: list[Guest], rooms: list[Room]) -> None:
    found = give_rooms(guests, rooms)
    by_key = {guest.key: guest for guest in guests}
    inside: dict[int, list[Guest]] = defaultdict(list)
    for guest, room in found.items():
        inside[room].append(by_key[guest])
    for room in rooms:
        people = inside[room.key]
        assert len(people) <= room.beds
        if len(people) == 2:
            assert people[0].shares
            assert people[1].shares
            assert may_share(*people)
    left = [guest for guest in guests if guest.key not in found]
    if left:
        assert all(inside[room.key] for room in rooms)
    for guest in (one for one in left if one.shares):
        for room in (one for one in rooms if one.beds == 2 and len(inside[one.key]) == 1):
            neighbour = inside[room.key][0]
            assert not (neighbour.shares and may_share(guest, neighbour))


def test_pairs_come_before_those_who_want_a_room_alone() -> None:
    guests = [Guest(1, "m", alone=True), Guest(2, "f"), Guest(3, "f")]
    assert give_rooms(guests, [Room(9, 2)]) == {2: 9, 3: 9}


def test_an_unknown_sex_gets_no_neighbour_by_itself_but_may_by_hand() -> None:
    guests = [Guest(1), Guest(2)]
    assert give_rooms(guests, [Room(8, 2), Room(9, 2)]) == {1: 8, 2: 9}
    assert may_share(*guests)
    assert not may_share(Guest(1, "m"), Guest(2, "f"))
    assert not may_share(Guest(1, "m"), Guest(2, "m", alone=True))
