"""Walking through a ZIP archive as it really unpacks, never as it says it does."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from zhixing.base.problems import Invalid

MAGIC = b"PK\x03\x04"
_CHUNK = 1 << 20
_PIECE = 1 << 16
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_CENTRAL_MAGIC = b"PK\x01\x02"
_ENCRYPTED = 0x1
_SMALL = 10 << 20
"""Below this size a high ratio is harmless."""


@dataclass(frozen=True)
class Limits:
    """``unpacked`` in bytes over all entries, ``ratio`` unpacked to packed, ``entries`` in one archive, ``cells`` in one sheet's used area."""

    unpacked: int
    ratio: int
    entries: int = 10_000
    cells: int = 6_000_000


def damaged() -> Invalid:
    return Invalid(
        _("The file is damaged. Open it in your spreadsheet program, save it again as .xlsx and upload that.")
    )


def encrypted() -> Invalid:
    return Invalid(_("The file is protected by a password. Remove the password and upload it again."))


def bomb(limits: Limits) -> Invalid:
    return Invalid(
        format_lazy(
            _("The file unpacks to more than {megabytes} MB or far more than its size warrants. It is not opened."),
            megabytes=limits.unpacked >> 20,
        )
    )


class Archive:
    """A ZIP archive whose directory has been checked: sizes it declares, number of entries, passwords. Raises ``Invalid``."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data, self.limits = data, limits
        if data.count(_CENTRAL_MAGIC) > limits.entries:
            raise bomb(limits)
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                self.entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError):
            raise damaged() from None
        if any(entry.flag_bits & _ENCRYPTED for entry in self.entries):
            raise encrypted()
        if sum(entry.file_size for entry in self.entries) > limits.unpacked:
            raise bomb(limits)
        self.names = {entry.filename.lower() for entry in self.entries}
        self._unpacked = 0

    def chunks(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """The unpacked bytes of one entry, at most a megabyte at a time when packed, counted against the limits whatever the entry declares."""
        packed = self._packed(entry)
        size = 0
        for chunk in [bytes(packed)] if entry.compress_type == zipfile.ZIP_STORED else _inflated(packed):
            size += len(chunk)
            self._unpacked += len(chunk)
            if self._unpacked > self.limits.unpacked or (size > _SMALL and size > self.limits.ratio * len(packed)):
                raise bomb(self.limits)
            yield chunk

    def read(self, entry: zipfile.ZipInfo) -> bytes:
        return b"".join(self.chunks(entry))

    def read_named(self, name: str) -> bytes:
        """One entry by its name; nothing when there is none."""
        return next((self.read(entry) for entry in self.entries if entry.filename == name), b"")

    def _packed(self, entry: zipfile.ZipInfo) -> memoryview:
        start = entry.header_offset
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} or start + _LOCAL_HEADER.size > len(
            self._data
        ):
            raise damaged()
        magic, *_rest, name_length, extra_length = _LOCAL_HEADER.unpack_from(self._data, start)
        start += _LOCAL_HEADER.size + name_length + extra_length
        if magic != MAGIC or start + entry.compress_size > len(self._data):
            raise damaged()
        return memoryview(self._data)[start : start + entry.compress_size]


def _inflated(packed: memoryview) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    for start in range(0, len(packed), _PIECE):
        piece: bytes | memoryview = packed[start : start + _PIECE]
        while piece and not inflate.eof:
            try:
                chunk = inflate.decompress(piece, _CHUNK)
            except zlib.error:
                raise damaged() from None
            piece = inflate.unconsumed_tail
            yield chunk
