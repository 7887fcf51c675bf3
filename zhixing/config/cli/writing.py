"""Results written whole: a crash leaves the old file."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from zhixing.config.cli.failures import BadInput

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


@contextmanager
def written_whole(out: Path) -> Iterator[Path]:
    """A temporary path beside ``out`` that takes its place when all went well; else ``out`` stays as it was.

    Where ``out`` is a link, what it leads to is replaced. Raises ``BadInput`` where nothing can be written.
    """
    place = Path(os.path.realpath(out))
    temporary = place.with_name(f".{place.name}.{os.getpid()}.part")
    check_place(place)
    if place.is_dir():
        raise BadInput(_("{out}: this is no ordinary file: name another").format(out=out))
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(place)
    except OSError as error:
        if not _is_about(error, temporary, place):
            raise  # the work within failed, not the writing
        raise BadInput(
            _("{out}: this cannot be written ({error})").format(out=out, error=error.strerror or error)
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _is_about(error: OSError, *places: Path) -> bool:
    named = {str(name) for name in (error.filename, error.filename2) if name}
    return error.errno in _NO_ROOM or bool(named & {str(place) for place in places})


def check_place(out: Path) -> None:
    """Raises ``BadInput`` where the file or folder ``out`` could not stand. Ask before the work is done."""
    folder = Path(os.path.realpath(out)).parent
    if not folder.is_dir():
        raise BadInput(_("{out}: the folder {parent} does not exist: make it first").format(out=out, parent=folder))
    if not os.access(folder, os.W_OK):
        raise BadInput(_("{out}: nothing may be written into the folder {parent}").format(out=out, parent=folder))
    if out.exists() and not (out.is_file() or out.is_dir()):
        raise BadInput(_("{out}: this is no ordinary file: name another").format(out=out))


def _(sentence: str) -> str:
    """In the language that is spoken; a command without Django has English alone."""
    from django.conf import settings
    from django.utils.translation import gettext

    return gettext(sentence) if settings.configured else sentence
