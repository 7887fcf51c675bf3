"""Proof that a person hands in: a PDF or a scan, checked by what it is and not by what it is called."""

from __future__ import annotations

from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from zhixing.base import files
from zhixing.base.models import StoredFile
from zhixing.base.problems import Invalid

BYTES_MAX: Final = 10 * 1024 * 1024
SIGNATURES: Final = {b"%PDF-": ".pdf", b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png"}
ACCEPT: Final = ".pdf,.jpg,.jpeg,.png"


def keep(upload: UploadedFile[Any], *, by: Any) -> StoredFile:
    """Store it under a plain name. Raises ``Invalid`` when it is too large or neither PDF, JPEG nor PNG."""
    if upload.size is None or upload.size > BYTES_MAX:
        raise Invalid(_("A proof may have 10 MB at most."))
    content = upload.read()
    suffix = next((kind for start, kind in SIGNATURES.items() if content.startswith(start)), None)
    if suffix is None:
        raise Invalid(_("A proof is a PDF, a JPEG or a PNG file."))
    return files.store(content, f"proof{suffix}", "proof", by=by)
