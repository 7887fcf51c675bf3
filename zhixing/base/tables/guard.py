"""The guard at the door: what kind of file it is, by its bytes; everything that must not be parsed is refused before parsing."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from zhixing.base.problems import Invalid
from zhixing.base.tables import archives, compound
from zhixing.base.tables.archives import Archive, Limits, damaged, encrypted
from zhixing.base.tables.extents import LongTag, office_open_cells, open_document_cells
from zhixing.base.tables.text import decode

MEGABYTE = 1 << 20
MAX_BYTES = 50 * MEGABYTE
MAX_UNPACKED = 400 * MEGABYTE
MAX_RATIO = 200
"""Real sheets pack 5 to 40 times smaller."""


class Kind(StrEnum):
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"
    LRMX = "lrmx"
    LRMX_ZIP = "lrmx_zip"


BOOKS = frozenset({Kind.XLSX, Kind.XLS, Kind.ODS, Kind.CSV})
"""Kinds that ``read_book`` reads."""

_NESTED = (archives.MAGIC, b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_DECLARATION = re.compile(rb"<\x00?!\x00?(?:D\x00?O\x00?C|E\x00?N\x00?T)", re.IGNORECASE)
_DECLARATION_MAX = 10
"""Bytes that the pattern above can match."""
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s")
_MARKUP = re.compile(r"\s*<(?:\?xml|!doctype|html|table|\w+[\s>])", re.IGNORECASE)
_BOOK_NAMES = (".xlsx", ".xlsm", ".ods")
_COLUMNS = re.compile(r"[\t,;]")
"""Many programs export a table as text and name it .xls, which Excel opens; under the other names it opens no text."""
_LRMX_ROOT = re.compile(r"<Person[\s>]")
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_HEAD = 4096


def inspect(
    source: Path | bytes,
    name: str,
    *,
    max_bytes: int = MAX_BYTES,
    max_unpacked: int = MAX_UNPACKED,
    max_ratio: int = MAX_RATIO,
) -> Kind:
    """Say what kind of file ``source`` is, by its bytes; ``name`` is for messages, and for text that only claims to be a workbook.

    Raises ``Invalid`` with the reason when it must not be parsed.
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > max_bytes:
        raise Invalid(
            format_lazy(
                _(
                    "{name} has {size} MB; at most {limit} MB are read. Remove pictures and unused sheets, or split the file."
                ),
                name=name,
                size=-(-size // MEGABYTE),
                limit=max_bytes // MEGABYTE,
            )
        )
    if not size:
        raise Invalid(format_lazy(_("{name} is empty."), name=name))
    data = source if isinstance(source, bytes) else source.read_bytes()
    if data.startswith(archives.MAGIC):
        return _inspect_archive(Archive(data, Limits(max_unpacked, max_ratio)))
    if data.startswith(compound.MAGIC):
        return _inspect_compound(data)
    return _inspect_text(data, name)


def inspect_document(data: bytes, limits: Limits) -> Archive:
    """A Word document (.docx) that may be opened, walked through to its end. Raises ``Invalid`` with the reason otherwise."""
    archive = Archive(data, limits)
    if "word/document.xml" not in archive.names:
        raise Invalid(_("This is not a Word document (.docx)."))
    if any(name.endswith("vbaproject.bin") or name.startswith("word/activex/") for name in archive.names):
        raise Invalid(_("The document holds macros. Save it as .docx, which has none."))
    for entry in archive.entries:
        content = b"".join(_without_traps(archive.chunks(entry), entry))
        if entry.filename.endswith(".rels") and _fetches(content):
            raise Invalid(_("The document fetches parts from elsewhere when it is opened. Put them into the document."))
    return Archive(data, limits)


def _fetches(relations: bytes) -> bool:
    """Whether a part lies outside the document; a link that a person may follow is none."""
    tags = (tag[found.start() :] for tag in relations.split(b">") if (found := _RELATION.search(tag)))
    return any(b"External" in tag and b"/hyperlink" not in tag for tag in tags)


def _macros() -> Invalid:
    return Invalid(_("The file holds macros. Save it as .xlsx, which has none, and upload that."))


def _no_spreadsheet() -> Invalid:
    return Invalid(_("This is not a spreadsheet, whatever its name says. Upload .xlsx, .xls, .ods or .csv."))


def _inspect_compound(data: bytes) -> Kind:
    try:
        file = compound.CompoundFile(data)
        names = file.entries.keys()
        if "EncryptedPackage" in names or file.is_workbook_encrypted():
            raise encrypted()
    except ValueError:
        raise damaged() from None
    if not {"Workbook", "Book"} & names:
        raise _no_spreadsheet()
    if "_VBA_PROJECT_CUR" in names:
        raise _macros()
    return Kind.XLS


def _inspect_archive(archive: Archive) -> Kind:
    kind = _archive_kind(archive)
    for entry in archive.entries:
        try:
            cells = _cells_of(kind, _without_traps(archive.chunks(entry), entry))
        except LongTag:
            raise damaged() from None
        if cells > archive.limits.cells:
            raise Invalid(
                format_lazy(
                    _(
                        "The used area of a sheet has {cells} cells. Delete the rows and columns beyond your table and save again."
                    ),
                    cells=cells,
                )
            )
    return kind


def _archive_kind(archive: Archive) -> Kind:
    names = archive.names
    if "xl/workbook.bin" in names:
        raise Invalid(_("This is a binary workbook (.xlsb). Save it as .xlsx and upload that."))
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise _macros()
    if "xl/workbook.xml" in names:
        return Kind.XLSX
    if names and all(name.endswith(".lrmx") for name in names):
        return Kind.LRMX_ZIP
    if "content.xml" in names and archive.read_named("mimetype").startswith(_ODS_TYPE):
        if b"encryption-data" in archive.read_named("META-INF/manifest.xml"):
            raise encrypted()
        return Kind.ODS
    raise _no_spreadsheet()


def _cells_of(kind: Kind, chunks: Iterator[bytes]) -> int:
    """The used area of one part; any part may be a sheet, whatever its name. Reads the part to its end in each case."""
    if kind is Kind.XLSX:
        return office_open_cells(chunks)
    if kind is Kind.ODS:
        return open_document_cells(chunks)
    for _chunk in chunks:
        pass
    return 0


def _without_traps(chunks: Iterator[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Pass the chunks on; refuse an archive inside the archive and XML that declares a document type or entities."""
    is_xml = entry.filename.lower().endswith((".xml", ".rels", ".lrmx"))
    tail = b""
    for position, chunk in enumerate(chunks):
        if position == 0 and chunk.startswith(_NESTED):
            raise Invalid(
                format_lazy(
                    _("The file holds another packed file ({name}). Take it out and save again."), name=entry.filename
                )
            )
        if is_xml and _declares(tail + chunk):
            raise _entities()
        tail = chunk[-_DECLARATION_MAX:]
        yield chunk


def _declares(text: bytes) -> bool:
    """Whether the XML, in one byte or two for a sign, declares a document type or an entity."""
    return (b"<!" in text or b"<\x00!" in text) and _DECLARATION.search(text) is not None


def _entities() -> Invalid:
    return Invalid(_("The XML in this file declares a document type or entities; such files are never opened."))


def _inspect_text(data: bytes, name: str) -> Kind:
    text = decode(data)
    if not _MARKUP.match(text.lstrip("\ufeff")):
        if name.lower().endswith(_BOOK_NAMES) or (name.lower().endswith(".xls") and not _COLUMNS.search(text[:_HEAD])):
            raise _no_spreadsheet()
        return Kind.CSV
    if _declares(data) and not text[:_HEAD].lower().lstrip().startswith(("<!doctype html", "<html")):
        raise _entities()
    if _LRMX_ROOT.search(text[:_HEAD]):
        return Kind.LRMX
    raise Invalid(
        _(
            "This is a web page or XML under the name of a spreadsheet. Open it in your spreadsheet program and save it as .xlsx."
        )
    )
