"""The papers of a published run, and the Word templates that an officer may put in place of ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit, files, jobs
from zhixing.base.documents import Stamp, refuse_hostile, render_word
from zhixing.base.models import Job, StoredFile
from zhixing.base.problems import Invalid
from zhixing.base.tables.archives import MAGIC, Limits
from zhixing.callups import papers, permissions, queries
from zhixing.callups.models import Callup, CallupRun, Paper
from zhixing.callups.papers import Kind
from zhixing.people.models import Account

TEMPLATE_LIMITS = Limits(unpacked=40 << 20, ratio=200, entries=500)
TEMPLATE_BYTES = 5 << 20


@transaction.atomic
def make_papers(run: CallupRun, *, by: Account) -> Job:
    """Queue the 调训通知 of the run: one for each class run, one for each unit. Made again, they show the list as it then is."""
    permissions.may_make_papers(by, run).require()
    return jobs.start(
        "callups.papers",
        label=_("Papers: %(run)s") % {"run": run.name},
        by=by,
        link=reverse("callups:papers", args=[run.pk]),
        run_id=run.pk,
        by_id=by.pk,
    )


def write_papers(run: CallupRun, handle: jobs.Handle, by: Account | None) -> int:
    """Write every paper of the run; one that exists is replaced. Returns how many there are."""
    rows = run.callups.filter(state__in=Callup.IN_FORCE)
    related = ("person", "unit", "class_run", "class_run__institution")
    callups = list(rows.select_related(*related).order_by("class_run__starts_on", "unit__path", "person__number"))
    by_class: dict[int, list[Callup]] = defaultdict(list)
    by_unit: dict[int, list[Callup]] = defaultdict(list)
    for callup in callups:
        by_class[callup.class_run_id].append(callup)
        by_unit[callup.unit_id].append(callup)
    writer = _Writer(run, by)
    total = len(by_class) + len(by_unit)
    for done, (kind, group) in enumerate(
        [(Kind.CLASS_RUN, group) for group in by_class.values()] + [(Kind.UNIT, group) for group in by_unit.values()]
    ):
        handle.progress(done, total)
        writer.write(kind, group)
    run.papers.exclude(Q(class_run__in=by_class) | Q(unit__in=by_unit)).delete()
    audit.record("callups.papers_made", run, by=by, papers=total)
    return total


class _Writer:
    """Writes one paper after the other, with the templates of the moment, each read once."""

    def __init__(self, run: CallupRun, by: Account | None) -> None:
        self.run, self.by = run, by
        self.on = timezone.localtime(run.published_at or timezone.now()).date()
        self.stamps = {kind: Stamp(_template(kind)) for kind in Kind}

    def write(self, kind: Kind, callups: Sequence[Callup]) -> None:
        first = callups[0]
        if kind == Kind.CLASS_RUN:
            facts, about = papers.class_run_facts(callups, self.on), first.class_run.name
            place: Mapping[str, Any] = {"class_run": first.class_run}
        else:
            facts, about = papers.unit_facts(first.unit, callups, self.on), first.unit.name
            place = {"unit": first.unit}
        word = self._store(self.stamps[kind].fill(facts), f"{_('Call-up notice')} {about}.docx")
        pdf = self._store(papers.pdf(kind, facts), f"{_('Call-up notice')} {about}.pdf")
        Paper.objects.update_or_create(run=self.run, **place, defaults={"word": word, "pdf": pdf})

    def _store(self, content: bytes, name: str) -> StoredFile:
        return files.store(content, name.replace("/", "-"), "notice", by=self.by)


def _template(kind: Kind) -> bytes:
    own = queries.notice_template(kind)
    return files.path_of(own).read_bytes() if own else papers.built_in(kind)


@transaction.atomic
def replace_template(kind: Kind, content: bytes, name: str, *, by: Account) -> StoredFile:
    """Keep an officer's own Word template after trying it on invented facts. Raises ``Invalid`` with what is wrong with it."""
    permissions.may_replace_templates(by).require()
    if len(content) > TEMPLATE_BYTES or not content.startswith(MAGIC):
        raise Invalid(_("A template is a Word document (.docx) of 5 MB at most."))
    refuse_hostile(content, TEMPLATE_LIMITS)
    render_word(content, papers.sample_facts(kind))
    stored = files.store(content, name, queries.template_kind(kind), by=by)
    audit.record("callups.template_replaced", stored, by=by, paper=str(kind))
    return stored


@transaction.atomic
def restore_template(kind: Kind, *, by: Account) -> int:
    """Go back to our own template. Returns how many of the department's were put away."""
    permissions.may_replace_templates(by).require()
    own = StoredFile.objects.filter(kind=queries.template_kind(kind))
    for stored in own:
        audit.record("callups.template_restored", stored, by=by, paper=str(kind))
    return own.update(kind=f"former_{queries.template_kind(kind)}")
