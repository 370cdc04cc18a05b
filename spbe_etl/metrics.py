"""Figures about runs as OpenMetrics text on disk, for a scraper (node_exporter's textfile collector)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.openmetrics.exposition import generate_latest

from spbe_etl.alerts import open_alerts
from spbe_etl.errors import SpbeError
from spbe_etl.folders import make_folder
from spbe_etl.publishing import open_publication
from spbe_etl.registers import zone_named
from spbe_etl.settings import Settings
from spbe_etl.summary import Summary, last_summary
from spbe_etl.warehouse import sql

Labels = tuple[str, ...]


def metrics_path(settings: Settings) -> Path:
    """Where the text is."""
    return settings.data_dir / "metrics" / "spbe.prom"


def write_metrics(settings: Settings) -> Path:
    """Write what's known of the last run, what's published and open alerts; readers see the old text or the new."""
    path = metrics_path(settings)
    make_folder(path.parent)
    path.parent.chmod(0o755)  # for the scraper, whatever the service's own mask is
    private = path.with_suffix(".new")
    private.write_bytes(generate_latest(_registry(settings)))  # type: ignore[no-untyped-call]
    private.chmod(0o644)
    os.replace(private, path)
    return path


def _registry(settings: Settings) -> CollectorRegistry:
    registry = CollectorRegistry()
    _tell_run(registry, last_summary(settings))
    _tell_published(registry, settings)
    alerts = _gauge(registry, "spbe_open_alerts", "Open alerts", "rule")
    for one in open_alerts(settings):
        alerts.labels(one["rule_code"]).inc()
    return registry


def _tell_run(registry: CollectorRegistry, last: Summary | None) -> None:
    if last is None:
        return
    if "ended_at" in last:
        ended = last["ended_at"].timestamp()
        _gauge(registry, "spbe_last_run_ended_seconds", "When the last run ended, Unix time").set(ended)
    _gauge(registry, "spbe_last_run_exit_code", "0 published, 10 with last good data, 20 nothing").set(
        last["exit_code"]
    )
    _gauge(registry, "spbe_last_run_api_calls", "Requests to Sheets and Drive").set(last["api_calls"])
    rows = _gauge(registry, "spbe_last_run_rows", "Rows by what became of them", "kind")
    for kind in ("read", "accepted", "rejected", "blank"):
        rows.labels(kind).set(last["rows"][kind])
    books = last["workbooks"]
    found = _gauge(registry, "spbe_last_run_workbooks", "Workbooks by what became of them", "state")
    counts = {"read": books["read"], "unchanged": books["unchanged"], "failed": len(books["failed"])}
    for state, count in counts.items():
        found.labels(state).set(count)


def _tell_published(registry: CollectorRegistry, settings: Settings) -> None:
    if not settings.published_path.exists():
        return
    try:
        with open_publication(settings.published_path) as publication:
            runs = publication.rows(sql("metrics/run"))
            indices = publication.rows(sql("metrics/index"))
            institutions = publication.rows(sql("metrics/institution"))
    except SpbeError:
        return  # `status` and the alerts say so; a scraper sees that the figures are gone
    nights = [{**row, "midnight": _midnight(row)} for row in institutions]
    by_stage, by_institution = ("institution_code", "year", "stage"), ("institution_code",)
    for name, about, rows, value, labels in (
        ("spbe_run_duration_seconds", "How long the last published run took", runs, "seconds", ()),
        ("spbe_index", "Published index", indices, "index_value", by_stage),
        ("spbe_coverage_percent", "Indicators answered", indices, "coverage_pct", by_stage),
        ("spbe_published_night_seconds", "Latest published night, Unix time", nights, "midnight", by_institution),
        ("spbe_stale_workbooks", "Workbooks whose last good data stand in", nights, "stale_count", by_institution),
    ):
        _fill(registry, name, about, rows, value, labels)


def _midnight(row: Mapping[str, Any]) -> float | None:
    """When a night's date began where the institution is."""
    night, zone = row["snapshot_on"], zone_named(row["timezone"])
    return datetime.combine(night, time(), zone).timestamp() if night else None


def _gauge(registry: CollectorRegistry, name: str, about: str, *labels: str) -> Gauge:
    return Gauge(name, about, labels, registry=registry)


def _fill(
    registry: CollectorRegistry, name: str, about: str, rows: Iterable[Mapping[str, Any]], value: str, labels: Labels
) -> None:
    """A sample for each row; what isn't known is no sample, never zero."""
    known = [row for row in rows if row[value] is not None]
    if not known:
        return
    gauge = _gauge(registry, name, about, *(label.removesuffix("_code") for label in labels))
    for row in known:
        child = gauge.labels(*(str(row[label]) for label in labels)) if labels else gauge
        child.set(float(row[value]))
