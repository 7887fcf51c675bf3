"""The works of the people app that go through the job queue."""

from __future__ import annotations
