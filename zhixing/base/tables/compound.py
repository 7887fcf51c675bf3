"""Looking into an OLE compound file (.xls, or an encrypted .xlsx) without parsing what it holds. Layout: [MS-CFB], [MS-XLS] 2.4.117."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = 512
_ENTRY = 128
_LAST = 0xFFFFFFFA
"""Sector numbers above this mean "none"."""
_BOF, _FILE_PASS = {0x0009, 0x0209, 0x0409, 0x0809}, 0x002F
_RECORDS_LOOKED_AT = 20
"""FilePass, when there, follows BOF or WriteProtect."""


class CompoundFile:
    """The directory of a compound file: name of each stream and storage → first sector. Raises ``ValueError`` when it is broken."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEADER:
            raise ValueError("shorter than its header")
        self._data = data
        self._size: int = 1 << struct.unpack_from("<H", data, 30)[0]
        if self._size not in {512, 4096}:
            raise ValueError("unknown sector size")
        self._next = self._allocation()
        (first,) = struct.unpack_from("<I", data, 48)
        self.entries = dict(self._directory(first))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        sector = self._data[start : start + self._size]
        if len(sector) < 4:
            raise ValueError("sector outside the file")
        return sector

    def _numbers(self, sector: bytes) -> array[int]:
        return array("I", sector[: len(sector) // 4 * 4])

    def _allocation(self) -> array[int]:
        """The sector after each sector; its own places stand in the header and, for large files, in a chain of sectors."""
        places = array("I", self._data[76:_HEADER])
        (more,) = struct.unpack_from("<I", self._data, 68)
        for _turn in range(len(self._data) // self._size):
            if more >= _LAST:
                break
            numbers = self._numbers(self._sector(more))
            places.extend(numbers[:-1])
            more = numbers[-1]
        table = array("I")
        for place in [place for place in places if place < _LAST][: len(self._data) // self._size]:
            table.extend(self._numbers(self._sector(place)))
        return table

    def _chain(self, first: int) -> Iterator[bytes]:
        number = first
        for _turn in range(len(self._next)):
            if number >= _LAST:
                return
            yield self._sector(number)
            if number >= len(self._next):
                raise ValueError("chain outside the table")
            number = self._next[number]

    def _directory(self, first: int) -> Iterator[tuple[str, int]]:
        for sector in self._chain(first):
            for start in range(0, len(sector) - _ENTRY + 1, _ENTRY):
                (length,) = struct.unpack_from("<H", sector, start + 64)
                (place,) = struct.unpack_from("<I", sector, start + 116)
                if 2 <= length <= 64:
                    yield sector[start : start + length - 2].decode("utf-16-le", "replace"), place

    def is_workbook_encrypted(self) -> bool:
        """Whether a FilePass record stands at the head of the Workbook stream."""
        place = self.entries.get("Workbook", self.entries.get("Book", _LAST))
        if place >= _LAST:
            return False
        head, at = self._sector(place), 0
        for _record in range(_RECORDS_LOOKED_AT):
            if at + 4 > len(head):
                return False
            kind, length = struct.unpack_from("<HH", head, at)
            if kind == _FILE_PASS:
                return True
            if at == 0 and kind not in _BOF:
                return False
            at += 4 + length
        return False
