"""What ops find in the UI by the same key every night. Texts from cells are shown as text, never as markup."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import httpx
from prefect.artifacts import (
    create_link_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.exceptions import PrefectException

from spbe_etl.errors import SpbeError
from spbe_etl.publishing import open_publication
from spbe_etl.settings import Settings
from spbe_etl.warehouse import sql

log = logging.getLogger(__name__)

MOST_ROWS = 200
CENT = Decimal("0.01")
PROGRESS = {
    "extract registers": 5,
    "load": 65,
    "judge": 75,
    "build": 80,
    "analyse": 90,
    "audit": 93,
    "publish": 95,
    "report": 97,
    "reply": 99,
}
"""How much of a night is done before a step, in percent; workbooks are read in between."""
EXTRACT_FROM, EXTRACT_SHARE = 5, 55
_BATCH = re.compile(r"extract \S+ (\d+)-\d+ of (\d+)")

Row = Mapping[str, Any]


@contextmanager
def never_fatal() -> Iterator[None]:
    """What's only shown never fails a night: a server that can't be reached, or a publication that can't, is logged."""
    try:
        yield
    except (PrefectException, httpx.HTTPError, SpbeError, OSError) as error:
        log.warning("not shown: %s", type(error).__name__)


@never_fatal()
def make_artifacts(settings: Settings, summary: Row) -> None:
    """Index, rows, findings, stale workbooks, what moved, the path, feedback, the report."""
    _table("index", summary["indices"], "Index by institution, year and stage")
    _table("rows", [summary["rows"]], "Rows read, accepted, rejected, blank")
    stale = [*summary["workbooks"]["failed"], *summary["refused"]]
    _table("stale-opd", stale, "Workbooks and institutions whose last good data stand in, and why")
    if told := summary["feedback"]:
        counts = {name: len(told[name]) for name in ("written", "unchanged", "failed")}
        _table("feedback", [counts, *told["failed"]], "Answers in spreadsheets")
    if not settings.published_path.exists():
        return
    with open_publication(settings.published_path) as publication:
        for key, query, about in (
            ("rejected-rows", "artifact/rejected", f"Findings, the first {MOST_ROWS}"),
            ("changes", "artifact/changes", "Why the index moved in the latest night"),
            ("path", "artifact/path", "Cheapest steps to the target"),
        ):
            _table(key, publication.rows(sql(query), {"most": MOST_ROWS}), about)
    report = settings.published_dir / "report" / "index.html"
    if report.exists():
        create_link_artifact(report.resolve().as_uri(), link_text="Report", key="report", description="The report")


@never_fatal()
def make_nights(rows: Sequence[Row]) -> None:
    """Nights that were derived again."""
    _table(
        "nights",
        rows[:MOST_ROWS],
        f"Nights derived again that differ, were filled or couldn't be read, {MOST_ROWS} at most",
    )


@never_fatal()
def make_access(rows: Sequence[Row]) -> None:
    """What the checks of configuration and access found."""
    _table("access", rows, "Configuration and access")


def progress_bar(about: str) -> Callable[[str], None]:
    """A bar in the UI: to be told the name of each step that begins, and `done`."""
    artifact_id = None
    with never_fatal():
        artifact_id = create_progress_artifact(0.0, key="progress", description=about)
    return lambda step: _move(artifact_id, step)


@never_fatal()
def _move(artifact_id: Any, step: str) -> None:
    if artifact_id is None:
        return
    batch = _BATCH.match(step)
    read = EXTRACT_FROM + EXTRACT_SHARE * (int(batch[1]) - 1) / int(batch[2]) if batch else 0
    done = read or PROGRESS.get(step, 100)
    update_progress_artifact(artifact_id, progress=float(done))


def _table(key: str, rows: Sequence[Row], about: str) -> None:
    create_table_artifact([{name: _plain(value) for name, value in row.items()} for row in rows], key, about)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):  # every digit that it has, and two at least
        return f"{value.quantize(CENT) if value == value.quantize(CENT) else value.normalize():f}"
    return "" if value is None else html.escape(str(value), quote=False)
