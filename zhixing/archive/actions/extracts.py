"""Asking for an extract, and making its file: the same question gives the same bytes."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.archive import permissions
from zhixing.archive.models import Extract
from zhixing.archive.models.extracts import STATISTICS
from zhixing.archive.papers.extracts import write_extract
from zhixing.archive.papers.statistics import figures_of, statistics_book, statistics_pdf
from zhixing.archive.queries.definitions import text_of
from zhixing.archive.queries.known import Question, histories, taken_out
from zhixing.archive.queries.statistics import yearly
from zhixing.base import audit, files, jobs
from zhixing.base.problems import Invalid, NotFound
from zhixing.base.sealed import seal_bytes, unseal_bytes
from zhixing.engine.extracts.definition import Definition, DefinitionError, parse
from zhixing.people.actions import record_readings
from zhixing.people.models import Account, Person, Unit

PURPOSE: Final = b"extract"
Progress = Callable[[int, int], None]
Format = Extract.Format
FORMATS: Final = {True: (Format.XLSX, Format.PDF), False: (Format.CSV, Format.XML, Format.XLSX)}
"""Is it the statistics? → the formats there are."""


@dataclass(frozen=True, slots=True)
class NewExtract:
    """What is asked; ``known_at`` None: all that is known now. The statistics are those of the year of ``on``."""

    code: str
    format: str
    on: dt.date
    known_at: dt.datetime | None = None
    since: dt.date | None = None
    unit: Unit | None = None


def ask_extract(new: NewExtract, by: Account) -> Extract:
    """Keep the question and queue the work. Raises ``Refused``, ``NotFound`` for an unknown code, ``Invalid`` for a definition at fault."""
    permissions.may_extract(by).require()
    with transaction.atomic():
        extract = keep_question(new, by)
        link = reverse("archive:extract", args=(extract.pk,))
        extract.job = jobs.start("archive.extract", label=extract.title, by=by, link=link, extract=extract.pk)
        extract.save(update_fields=("job",))
        audit.record("archive.extract_asked", extract, by=by, code=extract.code, on=extract.on)
    return extract


def ask_again(extract: Extract, by: Account) -> Extract:
    """The same question once more, by the definition as it is now."""
    question = NewExtract(extract.code, extract.format, extract.on, extract.known_at, extract.since, extract.unit)
    return ask_extract(question, by)


def keep_question(new: NewExtract, by: Account | None) -> Extract:
    """The row of a question, not yet saved work; ``by`` None: the command line asks for the whole installation."""
    is_statistics = new.code == STATISTICS
    if new.format not in FORMATS[is_statistics]:
        raise Invalid(_("There is no such format of this extract."))
    text = "" if is_statistics else text_of(new.code)
    title = _("Yearly statistics") if is_statistics else checked(text).title
    now = timezone.now()
    return Extract.objects.create(
        code=new.code,
        title=title[:120],
        format=new.format,
        on=new.on,
        known_at=min(new.known_at or now, now),
        since=dt.date(new.on.year, 1, 1) if is_statistics else new.since,
        unit=new.unit,
        scope_unit=by.scope_unit if by else None,
        definition=text,
        definition_digest=hashlib.sha256(text.encode()).hexdigest() if text else "",
        by_id=by.pk if by else None,
    )


def checked(text: str) -> Definition:
    """The definition in ``text``. Raises ``Invalid`` that says what is wrong with it."""
    try:
        return parse(text)
    except DefinitionError as error:
        raise Invalid(_("The definition of this extract is at fault: %(faults)s") % {"faults": str(error)}) from error


def make_extract(extract: Extract, by: Account, progress: Progress) -> dict[str, int]:
    """Write the file, seal and keep it, and note on every record in it that it was read."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / extract.file_name
        people = write_file(extract, target, Person.objects.visible_to(by), by.scope_unit, progress)
        content = target.read_bytes()
    with transaction.atomic():
        permissions.may_extract(by).require()
        extract.file = files.store(seal_bytes(content, PURPOSE), extract.file_name, "extract", by=by)
        _record(extract, by, people)
    return dict(extract.counts)


def take_file(extract: Extract, by: Account) -> bytes:
    """The content of the file; the trail says who took it. Raises ``NotFound`` while there is none."""
    permissions.may_extract(by).require()
    if extract.file is None:
        raise NotFound
    content = unseal_bytes(files.path_of(extract.file).read_bytes(), PURPOSE)
    audit.record("archive.extract_taken", extract, by=by, sha256=extract.digest)
    return content


@transaction.atomic
def destroy_extract(extract: Extract, by: Account) -> None:
    """Take the file away when it has served; the question and the digest stay, so that it can be made and compared again."""
    permissions.may_extract(by).require()
    if extract.file is None:
        raise NotFound
    files.destroy(extract.file)
    Extract.objects.filter(pk=extract.pk).update(file=None)
    audit.record("archive.extract_destroyed", extract, by=by, sha256=extract.digest)


def make_file(extract: Extract, target: Path, progress: Progress) -> None:
    """For the command line: the file itself is the answer, the row keeps its digest."""
    people = write_file(extract, target, Person.objects.all(), None, progress)
    with transaction.atomic():
        _record(extract, None, people)


def write_file(
    extract: Extract, target: Path, people: QuerySet[Person], scope: Unit | None, progress: Progress
) -> list[int]:
    """Write ``target`` about ``people``, who are those of ``scope`` (None: everyone). Returns whose records are in it, by name.

    Sets ``digest``, ``counts``, ``problems`` and ``figures`` of ``extract``.
    """
    question = Question(extract.on, extract.known_at, extract.since, extract.unit)
    found = histories(people, question, progress)
    if extract.is_statistics:
        made = yearly(chain(found, taken_out(question, scope)), question)
        paper = statistics_pdf if extract.format == Format.PDF else statistics_book
        target.write_bytes(paper(made, question))
        extract.figures = figures_of(made)
        extract.counts = {"people": made.total.people, "rows": made.total.times + made.left.times, "misfits": 0}
        read: list[int] = []  # figures only: nobody's record was shown
    else:
        written = write_extract(checked(extract.definition), question, found, target, extract.format)
        read = written.people
        extract.counts = {"people": len(read), "rows": written.rows, "misfits": written.misfits}
        extract.problems = [asdict(one) for one in written.shown]
    with target.open("rb") as file:
        extract.digest = hashlib.file_digest(file, "sha256").hexdigest()
    return read


def _record(extract: Extract, by: Account | None, people: list[int]) -> None:
    extract.made_at = timezone.now()
    extract.save()
    audit.record("archive.extract_made", extract, by=by, **extract.counts, sha256=extract.digest)
    if by is not None:
        record_readings(people, by, "extract")
