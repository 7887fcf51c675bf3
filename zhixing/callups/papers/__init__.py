"""调训通知 as Word and PDF, one for each class run and one for each unit, and the 回执 of one call-up."""

from zhixing.callups.papers.notices import (
    Kind,
    built_in,
    class_run_facts,
    pdf,
    receipt,
    sample_facts,
    unit_facts,
)

__all__ = ["Kind", "built_in", "class_run_facts", "pdf", "receipt", "sample_facts", "unit_facts"]
