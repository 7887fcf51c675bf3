"""Why class runs are not compared, in sentences; pages and papers say the same."""

from __future__ import annotations

from django.utils.translation import gettext as _

from zhixing.evaluations.queries.comparing import LEAST, Compared


def why_not(found: Compared) -> str:
    """Why nothing is compared; empty where something is."""
    words = {
        "few": _("At least %(n)s class runs with enough sheets are needed for a comparison.") % {"n": LEAST},
        "alike": _("All sheets say the same: there is nothing to compare."),
        "confounded": _("Each had a version of the form of its own: nobody can say whether they or the forms differ."),
    }
    return str(words[found.why_not]) if found.why_not else ""
