"""A run copied, to see what other terms would give."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base import audit
from zhixing.base.problems import Invalid
from zhixing.callups.actions.runs import create_run
from zhixing.callups.models import CallupRun, Pin
from zhixing.callups.queries import callable_class_runs
from zhixing.callups.terms import Terms
from zhixing.people.models import Account

NAME_MOST = 120


@transaction.atomic
def copy_run(run: CallupRun, *, by: Account) -> CallupRun:
    """A draft with the class runs that can still be called to, the terms and the pins of ``run``. Raises ``Invalid`` when none is left."""
    open_still = set(callable_class_runs(by, timezone.localdate()).values_list("pk", flat=True))
    class_runs = list(run.class_runs.filter(pk__in=open_still))
    if not class_runs:
        raise Invalid(gettext_lazy("None of these class runs can be called to any more."))
    suffix = _(" (what if)")
    name = f"{run.name.removesuffix(suffix)[: NAME_MOST - len(suffix)]}{suffix}"
    made = create_run(name, class_runs, by=by, terms=Terms.of(run.settings), seed=run.seed, seconds=run.seconds)
    facts = ("person_id", "class_run_id", "chosen", "reason", "by_id")
    pins = run.pins.filter(class_run__in=class_runs).values(*facts)
    Pin.objects.bulk_create([Pin(run=made, **pin) for pin in pins])
    audit.record("callups.run_copied", made, by=by, copied_from=run.pk)
    return made
