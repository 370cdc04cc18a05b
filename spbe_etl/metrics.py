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
from spbe_etl.summary import last_summary
from spbe_etl.warehouse import sql

Rows = Iterable[Mapping[str, Any]]


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


def _tell_run(registry: CollectorRegistry, last: Mapping[str, Any] | None) -> None:
    if last is None:
        return
    ended = datetime.fromisoformat(last["ended_at"]).timestamp() if last.get("ended_at") else 0
    _gauge(registry, "spbe_last_run_ended_seconds", "When the last run ended, Unix time").set(ended)
    _gauge(registry, "spbe_last_run_exit_code", "0 published, 10 with last good data, 20 nothing").set(
        last["exit_code"]
    )
    _gauge(registry, "spbe_last_run_api_calls", "Requests to Sheets and Drive").set(last["api_calls"])
    rows = _gauge(registry, "spbe_last_run_rows", "Rows by what became of them", "kind")
    for kind, count in last["rows"].items():
        rows.labels(kind).set(count)
    books = last["workbooks"]
    found = _gauge(registry, "spbe_last_run_workbooks", "Workbooks by what became of them", "state")
    for state, count in {**books, "failed": len(books["failed"])}.items():
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
    _fill(_gauge(registry, "spbe_run_duration_seconds", "How long the last published run took"), runs, "seconds")
    index = _gauge(registry, "spbe_index", "Published index", "institution", "year", "stage")
    coverage = _gauge(registry, "spbe_coverage_percent", "Indicators answered", "institution", "year", "stage")
    _fill(index, indices, "index_value", "institution_code", "year", "stage")
    _fill(coverage, indices, "coverage_pct", "institution_code", "year", "stage")
    night = _gauge(registry, "spbe_published_night_seconds", "Latest published night, Unix time", "institution")
    stale = _gauge(registry, "spbe_stale_workbooks", "Workbooks whose last good data stand in", "institution")
    for row in institutions:
        zone = zone_named(row["timezone"])
        night.labels(row["institution_code"]).set(datetime.combine(row["snapshot_on"], time(), zone).timestamp())
    _fill(stale, institutions, "stale_count", "institution_code")


def _gauge(registry: CollectorRegistry, name: str, about: str, *labels: str) -> Gauge:
    return Gauge(name, about, labels, registry=registry)


def _fill(gauge: Gauge, rows: Rows, value: str, *labels: str) -> None:
    for row in rows:
        child = gauge.labels(*(str(row[label]) for label in labels)) if labels else gauge
        child.set(float(row[value]))
