"""What a scraper reads is what was published and how the last run ended."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
from conftest import NIGHT, Nights, standing_at
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from spbe_etl.metrics import metrics_path, write_metrics
from spbe_etl.settings import Settings
from spbe_etl.summary import failure, keep_summary, summarise


def figures(settings: Settings) -> dict[tuple[str, ...], float]:
    found = {}
    for family in text_string_to_metric_families(write_metrics(settings).read_text()):
        assert family.documentation
        for sample in family.samples:
            found[(sample.name, *sample.labels.values())] = sample.value
    return found


def test_before_the_first_night_there_are_no_figures_and_no_error(tmp_path: Path) -> None:
    assert figures(Settings(data_dir=tmp_path)) == {}


def test_figures_are_those_that_were_published(run: Nights, tmp_path: Path) -> None:
    ran = run(standing_at(2, 47, []), night=NIGHT)
    keep_summary(run.settings, summarise(ran.outcome))
    found = figures(run.settings)
    (index,) = ran.mart.rows("FROM mart.index_snapshot WHERE stage = 'proposed'")
    assert found["spbe_index", "73.01", "proposed", "2025"] == float(index["index_value"]) == 3
    assert found["spbe_coverage_percent", "73.01", "proposed", "2025"] == float(index["coverage_pct"])
    assert found[("spbe_last_run_exit_code",)] == 0
    assert found["spbe_last_run_rows", "read"] == ran.outcome.counts["rows_read"]
    assert found["spbe_last_run_workbooks", "failed"] == 0
    assert found["spbe_stale_workbooks", "73.01"] == 0
    midnight = datetime(NIGHT.year, NIGHT.month, NIGHT.day, tzinfo=ZoneInfo("Asia/Makassar"))
    assert found["spbe_published_night_seconds", "73.01"] == midnight.timestamp()
    assert metrics_path(run.settings).stat().st_mode & 0o777 == 0o644

    copy = Settings(data_dir=tmp_path)
    copy.published_dir.mkdir()
    shutil.copyfile(run.settings.published_path, copy.published_path)
    with duckdb.connect(str(copy.published_path)) as connection:
        connection.execute("UPDATE mart.index_snapshot SET coverage_pct = NULL")
        connection.execute("UPDATE mart.run SET finished_at = NULL")
    unknown = figures(copy)
    assert not {name for name, *_ in unknown} & {"spbe_coverage_percent", "spbe_run_duration_seconds"}
    assert unknown["spbe_index", "73.01", "proposed", "2025"] == 3, "what's known is told all the same"
    with duckdb.connect(str(copy.published_path)) as connection:
        connection.execute("UPDATE mart.institution SET snapshot_on = NULL, timezone = NULL")
    assert {name: value for name, value in figures(copy).items() if value} == {}

    keep_summary(run.settings, failure(NIGHT, "no disk", 20))
    assert figures(run.settings)[("spbe_last_run_exit_code",)] == 20
    run.settings.published_path.unlink()
    assert not any(name[0] == "spbe_index" for name in figures(run.settings))
