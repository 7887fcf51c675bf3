"""What the apps above may listen to. A receiver only enqueues a job."""

from __future__ import annotations

from django.dispatch import Signal

persons_changed = Signal()
"""Facts about persons changed; sent inside the transaction with ``person_ids: list[int]``."""
