"""The job worker: django-tasks' database worker, with a sweeper: for jobs whose worker died, for the standings of a new day, for surveys
that are due, and for stale table statistics.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time

import click

SWEEPS_UNTIL_STALE = 3
STATISTICS_SECONDS = 600.0
log = logging.getLogger(__name__)


def sweep() -> None:
    """Queue again what a dead worker left, once a day the standings of everyone, settle who has no seat in a class that begins, and
    launch and close surveys whose time has come, and reckon what is made of them: nobody needs a cron.
    """
    from zhixing.base import jobs
    from zhixing.callups.actions import settle_beyond
    from zhixing.evaluations.actions import settle_surveys
    from zhixing.evaluations.reckoning import reckon_when_stale
    from zhixing.needs.actions import surveys as needs_surveys
    from zhixing.obligations.actions import refresh_when_stale

    jobs.sweep()
    refresh_when_stale()
    settle_beyond()
    settle_surveys()
    reckon_when_stale()
    needs_surveys.settle_surveys()


def _sweep_for_ever(stop: threading.Event) -> None:
    from django.conf import settings
    from django.db import InterfaceError, OperationalError, connection

    from zhixing.base import table_statistics

    counted = -math.inf
    while not stop.is_set():
        try:
            sweep()
            if time.monotonic() - counted > STATISTICS_SECONDS:
                table_statistics.renew()
                counted = time.monotonic()
        except (OperationalError, InterfaceError) as error:  # a locked or restarting database delays the sweep
            log.warning("sweep delayed: %s", error)
        finally:
            connection.close()
        stop.wait(settings.JOB_STALE_SECONDS / SWEEPS_UNTIL_STALE)


def _speak_as_asked() -> None:
    """The worker would tell of every job that it begins and ends, whatever ``ZHIXING_LOG`` says, and push what ``zhixing run`` told off the screen."""
    least = logging.getLogger().level
    for name in ("django_tasks", "django_tasks_db"):
        logging.getLogger(name).addFilter(lambda record: record.levelno >= least)


@click.command()
@click.option("--interval", default=0.5, show_default=True, help="Seconds between looks at an empty queue.")
def command(interval: float) -> None:
    """Start the job worker."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhixing.config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    stop = threading.Event()
    threading.Thread(target=_sweep_for_ever, args=(stop,), daemon=True).start()
    _speak_as_asked()
    try:
        call_command("db_worker", interval=interval, startup_delay=False)
    finally:
        stop.set()
