"""What apps above may want to hear. Receivers only enqueue a job."""

from __future__ import annotations

from django.dispatch import Signal

class_run_cancelled = Signal()
"""Sent in the transaction of the cancellation; keyword ``class_run_id``: int, ``by_id``: int."""

class_run_held = Signal()
"""Sent in the transaction that ends a class run; keywords as above."""
