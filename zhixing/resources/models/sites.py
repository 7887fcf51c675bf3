"""Teaching sites (现场教学点): where classes go to see for themselves."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.resources.models.keeping import Keeping, Kept, Topic, once_per_keeper


class SiteQuerySet(Keeping["Site"]):
    pass


class Site(Kept):
    """A session on site names it as its venue."""

    name = models.CharField(_("name of the site"), max_length=80)
    address = models.CharField(_("address"), max_length=120, blank=True)
    seats = models.PositiveSmallIntegerField(_("people at once"), null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes on the way"), null=True, blank=True)
    topics = models.ManyToManyField(
        Topic, related_name="sites", blank=True, verbose_name=pgettext_lazy("bank", "topics")
    )
    shows = models.TextField(_("what it shows"), max_length=1000, blank=True)
    contact = models.CharField(_("contact details"), max_length=120, blank=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("teaching site")
        ordering = ("name", "id")
        constraints = once_per_keeper("name", "site")

    def __str__(self) -> str:
        return self.name
