"""Every write about textbooks and their chapters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from zhixing.people.models import Account
from zhixing.resources.actions.keeping import write_row
from zhixing.resources.models import Chapter, Site, Textbook


@transaction.atomic
def save_textbook(
    facts: Mapping[str, Any], *, by: Account, textbook: Textbook | None = None, chapters: Sequence[str] | None = None
) -> Textbook:
    """Enter a textbook, or change one. ``chapters``: their titles in order (None: as they are); a title that stays keeps its topic."""
    kept = write_row(textbook or Textbook(), facts, by=by)
    if chapters is not None and chapters != [one.title for one in kept.chapters.all()]:
        topics = {one.title: one.topic_id for one in kept.chapters.all()}
        kept.chapters.all().delete()
        Chapter.objects.bulk_create(
            Chapter(textbook=kept, number=number, title=title, topic_id=topics.get(title))
            for number, title in enumerate(chapters, 1)
        )
    return kept


@transaction.atomic
def set_chapter_topics(textbook: Textbook, topics: Mapping[int, int | None], *, by: Account) -> None:
    """Chapter number → topic of the vocabulary (None: none)."""
    write_row(textbook, {}, by=by)
    for chapter in textbook.chapters.all():
        wanted = topics.get(chapter.number, chapter.topic_id)
        if wanted != chapter.topic_id:
            chapter.topic_id = wanted
            chapter.save(update_fields=("topic",))


@transaction.atomic
def save_site(facts: Mapping[str, Any], *, by: Account, site: Site | None = None) -> Site:
    return write_row(site or Site(), facts, by=by)
