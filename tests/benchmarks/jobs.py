"""What is measured, each a process of its own: `python jobs.py JOB FOLDER`. Prints JSON where it has more to say."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

NIGHTS = 365
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


def report(folder: Path) -> None:
    """The report of every institution of a country, in as many processes as there are cores; after `national`."""
    from spbe_etl.report import publish_report

    built = publish_report(folder / "published", "id")
    size = sum(path.stat().st_size for path in built.overview.parent.rglob("*.*") if path.is_file())
    print(json.dumps({"institutions": len(built.reports), "files": built.file_count, "MB": round(size / 1024**2)}))


def marts(folder: Path) -> None:
    """Typed rows of a country to all marts, against the bare roll-up over the same rows; after `national`."""
    import duckdb

    from spbe_etl.analysis import ANALYSED
    from spbe_etl.building import build_marts, judge_rows
    from spbe_etl.publishing import published_rows
    from spbe_etl.warehouse import mart_tables

    warehouse = _read_country(folder)
    judge_rows(warehouse)
    warehouse.execute(
        "CREATE TEMP TABLE typed AS SELECT s.institution_code AS inst, r.content_no AS content_hash, "
        "r.indicator_no AS ind, r.score_units AS score FROM judged.submission AS r JOIN source AS s USING (source_no)"
    )
    roll_up = _best(lambda: warehouse.execute(f"CREATE OR REPLACE TEMP TABLE rolled AS {ROLL_UP.format(rows='typed')}"))

    others = {table: published_rows(table) for table in mart_tables() if table not in ANALYSED}

    def all_marts() -> None:
        build_marts(warehouse)
        for table, query in others.items():
            if query and not query.startswith("FROM figures."):
                warehouse.execute(f"CREATE OR REPLACE TEMP TABLE made_{table} AS {query}")

    took = _best(all_marts)
    warehouse.close()
    print(json.dumps({"roll_up": roll_up, "marts": took, "duckdb": duckdb.__version__}))


def judging(folder: Path) -> None:
    """Great Expectations' verdict on every row of a country, against the same rules in bare SQL; after `national`."""
    from spbe_etl.building import SUITES, find_failures
    from spbe_etl.judging import judge_all, suites

    warehouse = _read_country(folder)
    judge_all({})  # its process has imported Great Expectations
    find_failures(warehouse)

    def anew() -> None:
        warehouse.execute("DELETE FROM read.verdict")
        find_failures(warehouse)

    took = _best(anew)
    rules = " UNION ALL ".join(
        f"SELECT '{name}' AS suite, row_key, '{rule.rule_code}' AS rule_code FROM judged.{name} "
        f"WHERE {'true' if suites()[name].is_by_cell else 'NOT is_blank'} AND {_failing(one['type'], one['kwargs'])}"
        for name in SUITES
        for rule, one in zip(suites()[name].rules, suites()[name].expectations, strict=True)
    )
    bare = _best(lambda: warehouse.execute(f"CREATE OR REPLACE TEMP TABLE bare AS {rules}"))
    (differing,) = warehouse.rows(
        "WITH failure AS (SELECT suite, row_key, rule_code FROM judged.failure) "
        "SELECT count(*) AS n FROM ((FROM bare EXCEPT ALL FROM failure) UNION ALL (FROM failure EXCEPT ALL FROM bare))"
    )
    (count,) = warehouse.rows("SELECT count(*) AS n FROM judged.failure")
    warehouse.close()
    if differing["n"]:
        raise SystemExit(f"{differing['n']} failures differ from those that bare SQL finds")
    print(json.dumps({"judging": took, "bare": bare, "failures": count["n"]}))


def _failing(kind: str, asked: Mapping[str, Any]) -> str:
    column, most, least = asked["column"], asked.get("max_value", "NULL"), asked.get("min_value", "NULL")
    among = ", ".join(repr(one) for one in asked.get("value_set", ()))
    return {
        "expect_column_values_to_not_be_null": f"{column} IS NULL",
        "expect_column_values_to_be_null": f"{column} IS NOT NULL",
        "expect_column_values_to_be_in_set": f"{column} NOT IN ({among})",
        "expect_column_values_to_not_be_in_set": f"{column} IN ({among})",
        "expect_column_values_to_be_between": f"({column} > {most} OR {column} < {least})",
    }[kind]


def instrument(folder: Path) -> None:
    """The instrument's facts, for a script in an environment without spbe-etl."""
    from country import INSTRUMENT

    from spbe_etl.instruments import load_instruments

    one = load_instruments()[INSTRUMENT]
    indicators = [
        [part.no, float(part.weight), part.gate_level if part.gate_kind == "practice" else None]
        for part in one.indicators
    ]
    facts = {"lowest_score": one.lowest_score, "indicators": indicators}
    (folder / "instrument.json").write_text(json.dumps(facts))


def index_sum(folder: Path) -> None:
    """The sum of all indices that `national` published."""
    import duckdb

    with duckdb.connect(str(folder / "published/current/spbe.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT sum(index_exact) FROM mart.index_snapshot").fetchone()
    print(json.dumps({"index_sum": float(found[0]) if found else None}))


def _read_country(folder: Path) -> Any:
    """The warehouse that `national` left, with what's in force read; the caller closes it."""
    from spbe_etl.deriving import settle
    from spbe_etl.instruments import load_instruments
    from spbe_etl.loading import read
    from spbe_etl.settings import Settings
    from spbe_etl.warehouse import Warehouse

    settings = Settings(data_dir=folder)
    warehouse = Warehouse(settings.warehouse_path, load_instruments())
    built = warehouse.rows("SELECT institution_code, run_no, snapshot_on FROM history.night")
    settle(warehouse, [(row["institution_code"], row["run_no"]) for row in built], built[0]["snapshot_on"])
    read(warehouse, load_instruments(), settings.raw_dir)
    return warehouse


def imports(folder: Path) -> None:
    """What a quiet night imports, and nothing else."""
    import pandas  # noqa: F401  (by Arrow, at the first array)

    import spbe_etl.cli.app
    import spbe_etl.composition
    import spbe_etl.sources.folder  # noqa: F401


def quiet(folder: Path) -> None:
    """One more night on which nothing changed; says whether Great Expectations was imported."""
    print(json.dumps({"seconds": _next_night(folder), "gx": "great_expectations" in sys.modules}))


def year(folder: Path) -> None:
    """Nights up to the 364th, each with some scores of an OPD changed, in turn."""
    from openpyxl import load_workbook

    books = sorted(path for path in (folder / "source").glob("*.xlsx") if path.name != "register.xlsx")
    for night in range(_nights(folder) + 1, NIGHTS):
        path = books[night % len(books)]
        book = load_workbook(path)
        for row in book["Penilaian"].iter_rows(min_row=2 + night % 7, max_row=40, min_col=4, max_col=4):
            row[0].value = 1 + (night + row[0].row) % 3
        book.save(path)
        _next_night(folder)


def _nights(folder: Path) -> int:
    return int((folder / "nights").read_text()) if (folder / "nights").exists() else 0


def _next_night(folder: Path) -> float:
    from datetime import date, timedelta

    from spbe_etl.composition import new_request, open_night
    from spbe_etl.night import run_night
    from spbe_etl.settings import Settings

    number = _nights(folder) + 1
    (folder / "nights").write_text(str(number))
    settings = Settings(data_dir=folder, source=str(folder / "source"))
    start = perf_counter()
    with open_night(settings, new_request(date(2026, 1, 1) + timedelta(number))) as night:
        run_night(night)
    return perf_counter() - start


def _best(step: Any) -> float:
    took = []
    for _ in range(3):
        start = perf_counter()
        step()
        took.append(perf_counter() - start)
    return round(min(took), 4)


if __name__ == "__main__":
    jobs = (bare, national, report, marts, judging, instrument, index_sum, imports, quiet, year)
    {one.__name__: one for one in jobs}[sys.argv[1]](Path(sys.argv[2]))
