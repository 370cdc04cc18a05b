"""What is measured, each a process of its own: `python jobs.py JOB FOLDER`. Prints JSON where it has more to say."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

ROLL_UP = """
SELECT inst, content_hash, ind, count(*) AS rows, count(score) AS answered, sum(coalesce(score, 1)) AS total
FROM {rows}
GROUP BY GROUPING SETS ((inst, content_hash, ind), (inst, ind), (inst), ())
"""
TYPED = """
(SELECT regexp_extract(filename, '([0-9]+)[.]row', 1) AS inst, content_hash, texts[2] AS ind,
    TRY_CAST(texts[4] AS DECIMAL(9, 4)) AS score
FROM read_parquet('{folder}/raw/*/*.row.parquet', filename = true) WHERE texts[1] = '2025')
"""


def bare(folder: Path) -> None:
    """The least that could be done: read the landing, roll it up at four levels, write that."""
    import duckdb

    with duckdb.connect() as connection:
        query = ROLL_UP.format(rows=TYPED.format(folder=folder))
        connection.execute(f"COPY ({query}) TO '{folder}/bare.parquet'")


def national(folder: Path) -> None:
    """A landing to a published file: all of the night but extraction."""
    from country import landed_night

    from spbe_etl.instruments import load_instruments
    from spbe_etl.judging import warm_up
    from spbe_etl.night import run_night
    from spbe_etl.settings import Settings

    steps: dict[str, float] = {}

    def perform(name: str, step: Any) -> Any:
        start = perf_counter()
        result = step()
        steps[name] = round(steps.get(name, 0) + perf_counter() - start, 3)
        return result

    warm_up()
    codes = json.loads((folder / "codes.json").read_text())
    night = landed_night(Settings(data_dir=folder), "run-1", codes, dict(load_instruments()))
    outcome = run_night(night, perform)
    night.warehouse.close()
    print(json.dumps({"steps": steps, "rows": outcome.counts["rows_read"]}))


def marts(folder: Path) -> None:
    """Typed rows of a country to all marts, against the bare roll-up over the same rows; after `national`."""
    import duckdb

    from spbe_etl.building import build_marts, judge_rows, published_rows
    from spbe_etl.deriving import settle
    from spbe_etl.instruments import load_instruments
    from spbe_etl.loading import read
    from spbe_etl.settings import Settings
    from spbe_etl.warehouse import Warehouse, mart_tables

    settings = Settings(data_dir=folder)
    warehouse = Warehouse(settings.warehouse_path, load_instruments())
    built = warehouse.rows("SELECT institution_code, run_no, snapshot_on FROM history.night")
    settle(warehouse, [(row["institution_code"], row["run_no"]) for row in built], built[0]["snapshot_on"])
    read(warehouse, load_instruments(), settings.raw_dir)
    judge_rows(warehouse)
    warehouse.execute(
        "CREATE TEMP TABLE typed AS SELECT s.institution_code AS inst, r.content_no AS content_hash, "
        "r.indicator_no AS ind, r.score_units AS score FROM judged.submission AS r JOIN source AS s USING (source_no)"
    )
    roll_up = _best(lambda: warehouse.execute(f"CREATE OR REPLACE TEMP TABLE rolled AS {ROLL_UP.format(rows='typed')}"))

    def all_marts() -> None:
        build_marts(warehouse)
        for table in mart_tables():
            if (query := published_rows(table)) and not query.startswith("FROM figures."):
                warehouse.execute(f"CREATE OR REPLACE TEMP TABLE made_{table} AS {query}")

    took = _best(all_marts)
    warehouse.close()
    print(json.dumps({"roll_up": roll_up, "marts": took, "duckdb": duckdb.__version__}))


def imports(folder: Path) -> None:
    """What a quiet night imports, and nothing else."""
    import pandas  # noqa: F401  (by Arrow, at the first array)

    import spbe_etl.cli.app
    import spbe_etl.composition
    import spbe_etl.sources.folder  # noqa: F401


def quiet(folder: Path) -> None:
    """One more night on which nothing changed; says whether Great Expectations was imported."""
    from datetime import date, timedelta

    from spbe_etl.composition import new_request, open_night
    from spbe_etl.night import run_night
    from spbe_etl.settings import Settings

    number = int((folder / "nights").read_text()) + 1 if (folder / "nights").exists() else 1
    (folder / "nights").write_text(str(number))
    start = perf_counter()
    with open_night(
        Settings(data_dir=folder, source=str(folder / "source")), new_request(date(2026, 1, 1) + timedelta(number))
    ) as night:
        run_night(night)
    print(json.dumps({"seconds": perf_counter() - start, "gx": "great_expectations" in sys.modules}))


def _best(step: Any) -> float:
    took = []
    for _ in range(3):
        start = perf_counter()
        step()
        took.append(perf_counter() - start)
    return round(min(took), 4)


if __name__ == "__main__":
    {one.__name__: one for one in (bare, national, marts, imports, quiet)}[sys.argv[1]](Path(sys.argv[2]))
