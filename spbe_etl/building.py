"""From read fields to audited marts: judge, score, publish-ready tables, checks. In the night's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spbe_etl.judging import Suite, judge_all, suites
from spbe_etl.warehouse import Warehouse, sql

if TYPE_CHECKING:
    import pandas as pd

SUITES = ("opd", "carrier", "submission", "verdict", "target", "published")
"""In this order: the register's OPD are known before anything that names one is judged."""

CORE = (
    "institution",
    "carrier",
    "scope",
    "answer",
    "verdict",
    "stage",
    "proposal",
    "indicator_score",
    "register_state",
    "index",
    "target",
    "own_result",
)
HISTORIES = ("rejection", "indicator_score")
MARTS = (
    "institution",
    "night",
    "index_snapshot",
    "domain_snapshot",
    "aspect_snapshot",
    "indicator_snapshot",
    "evidence",
    "index_trend",
    "year_trend",
    "index_change",
    "opd_blocker",
    "opd_snapshot",
    "official_estimate",
    "rejected_row",
    "failed_workbook",
)
AUDITS = ("index_out_of_scale", "parts_differ_from_whole", "grain_repeated", "rows_lost", "coverage_collapsed")


def judge_rows(warehouse: Warehouse) -> None:
    """Judge every data row in force by its suite; all failures of a row in one pass."""
    warehouse.execute("CREATE OR REPLACE TABLE judged.failure (suite VARCHAR, row_key BIGINT, rule_code VARCHAR)")
    warehouse.execute("DELETE FROM ref.rule")
    profiles = {}
    for name in SUITES:
        warehouse.fill_reference("rule", [vars(rule) for rule in suites()[name].rules])
        warehouse.run(f"judged/{name}")
        profiles[name] = _profiles(warehouse, suites()[name])
        if name == "opd":
            warehouse.run("core/opd")
    for name, failures in judge_all(profiles).items():
        _keep_failures(warehouse, name, failures)
    for name in ("row", "outcome", "occurrence", "finding"):
        warehouse.run(f"judged/{name}")


def _profiles(warehouse: Warehouse, suite: Suite) -> pd.DataFrame:
    """A suite's distinct profiles: each is judged once, however many rows have it."""
    columns = ", ".join(suite.columns)
    warehouse.execute(
        f"CREATE OR REPLACE TABLE judged.{suite.name}_profile AS SELECT row_key, {columns}, "
        f"dense_rank() OVER (ORDER BY {columns}) AS profile_key FROM judged.{suite.name} WHERE NOT is_blank"
    )
    return warehouse.frame(
        f"SELECT DISTINCT profile_key, {columns} FROM judged.{suite.name}_profile ORDER BY profile_key"
    )


def _keep_failures(warehouse: Warehouse, suite: str, failures: list[tuple[int, str]]) -> None:
    """A profile's verdict goes back to every row that has it."""
    keys, rules = [key for key, _ in failures], [rule for _, rule in failures]
    table = pa.table({"profile_key": pa.array(keys, pa.int64()), "rule_code": pa.array(rules, pa.string())})
    warehouse.register("landed_failure", table)
    warehouse.execute(
        f"INSERT INTO judged.failure SELECT $1, p.row_key, f.rule_code "
        f"FROM landed_failure AS f JOIN judged.{suite}_profile AS p USING (profile_key)",
        [suite],
    )


def build_marts(warehouse: Warehouse) -> None:
    """Scores, index, histories and published tables of the institutions that are built tonight."""
    for name in CORE:
        warehouse.run(f"core/{name}")
    warehouse.run("history/night")
    for name in HISTORIES:
        warehouse.record_history(name)
    for name in MARTS:
        warehouse.replace_mart(name)


def audit(warehouse: Warehouse) -> list[dict[str, Any]]:
    """What must not be published: institution_code and finding (Bahasa), none if all is well."""
    return [row for name in AUDITS for row in warehouse.rows(sql(f"audit/{name}"))]
