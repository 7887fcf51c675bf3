"""``report.html``: the figures and charts of a run on one page that opens offline, in the light and in the dark, and prints."""

from zhixing.cycle.report.write import write_report

__all__ = ["write_report"]
