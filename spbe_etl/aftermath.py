"""What's done after every run, however it ended: keep what came of it, send the alerts that are due, write metrics."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from spbe_etl.alerts import keep_check, watch
from spbe_etl.composition import NOTHING, Outside
from spbe_etl.errors import SpbeError
from spbe_etl.metrics import write_metrics
from spbe_etl.settings import Settings
from spbe_etl.summary import Summary, keep_summary

log = logging.getLogger(__name__)


def finish(settings: Settings, summary: Summary, outside: Outside = NOTHING) -> None:
    """Keep a run's summary and tell of it. What can't be told never turns a published night into a failed one."""
    try:
        keep_summary(settings, summary)
    except OSError as error:
        log.error("the summary of the run can't be kept: %s", error)
    look(settings, outside)


def finish_check(settings: Settings, name: str, outside: Outside = NOTHING, *, has_failed: bool) -> None:
    """Keep how a check beside the night ended, and tell of it."""
    try:
        keep_check(settings, name, datetime.now(UTC), has_failed=has_failed)
    except (SpbeError, OSError) as error:
        log.error("the end of the check %s can't be kept: %s", name, error)
    look(settings, outside)


def look(settings: Settings, outside: Outside = NOTHING) -> None:
    """Look for what has to be told, and tell it; then the metrics."""
    try:
        watch(settings, datetime.now(UTC), read_secret=outside.read_secret)
    except (SpbeError, OSError) as error:
        log.error("alerts: %s", error)
    try:
        write_metrics(settings)
    except (SpbeError, OSError) as error:
        log.error("metrics: %s", error)
