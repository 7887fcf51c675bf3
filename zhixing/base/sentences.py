"""What the interface for programs says to a request that it does not answer; ``config`` has no catalogue of its own."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

NO_TOKEN = _("This needs a valid access token.")
BAD_PARAMETER = _("A parameter cannot be read.")
BAD_FORM = _("This is not written in the form that is asked for.")
NO_SUCH_PARAMETER = _("There is no parameter “{name}” here.")
