"""Stored files: written once under their digest, handed out only through a permission."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from zhixing.base.models import StoredFile

_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pdf": "application/pdf",
    ".csv": "text/csv; charset=utf-8",
    ".zip": "application/zip",
    ".html": "text/html; charset=utf-8",
}


_AWAY = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')


def plain_name(name: str) -> str:
    """What every file system and header takes: names are made of what people wrote, and a folder or a second line must not hide in one."""
    return _AWAY.sub(" ", name).strip(" .") or "file"


def store(content: bytes | IO[bytes], name: str, kind: str, *, by: Any) -> StoredFile:
    """Keep ``content``; ``kind`` says what it is for (``roster``, ``proof``, ``notice`` …)."""
    data = content if isinstance(content, bytes) else content.read()
    digest = hashlib.sha256(data).hexdigest()
    stored = StoredFile(
        name=plain_name(Path(name).name)[:200],
        kind=kind,
        digest=digest,
        size=len(data),
        owner_id=getattr(by, "pk", None),
    )
    suffix = Path(name).suffix.lower()[:10]
    stored.content.save(f"{digest[:20]}{suffix}", ContentFile(data), save=True)
    return stored


def destroy(stored: StoredFile) -> None:
    """Take the content away once the transaction holds; the row keeps name, digest and size."""
    storage, name = stored.content.storage, str(stored.content.name)
    transaction.on_commit(lambda: storage.delete(name))


def path_of(stored: StoredFile) -> Path:
    return Path(stored.content.path)


def hand_out(content: bytes | IO[bytes] | File[bytes], name: str, *, inline: bool = False) -> HttpResponse:
    """A download; only PDF may be shown in the browser, everything else is saved."""
    name = plain_name(name)
    suffix = Path(name).suffix.lower()
    body = content if isinstance(content, bytes) else content.read()
    answer = HttpResponse(body, content_type=_TYPES.get(suffix, "application/octet-stream"))
    answer["Content-Disposition"] = content_disposition_header(not (inline and suffix == ".pdf"), name) or "attachment"
    return answer


def hand_out_stored(stored: StoredFile, *, inline: bool = False) -> HttpResponse:
    with stored.content.open("rb") as file:
        return hand_out(file, stored.name, inline=inline)
