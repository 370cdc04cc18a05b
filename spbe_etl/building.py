"""From what was read to what may be published: judge, score, tonight's tables, checks. All in memory."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spbe_etl.errors import SuiteError
from spbe_etl.inventory.objects import lay_out
from spbe_etl.inventory.tables import build_objects
from spbe_etl.judging import Suite, judge_all, rules_version, suites
from spbe_etl.reading import failing_fields, held_rows, reading_version
from spbe_etl.resources import WAREHOUSE, fingerprint
from spbe_etl.warehouse import HISTORIES, Warehouse, sql, tables_from
from spbe_etl.workbooks import fields

if TYPE_CHECKING:
    import pandas as pd

SUITES = ("opd", "carrier", "submission", "verdict", "target", "published", "inventory")
"""In this order: the register's OPD are known before anything that names one is judged."""

CORE = (
    "institution",
    "carrier",
    "scope",
    "answer",
    "handed_answer",
    "counted_answer",
    "verdict",
    "stage",
    "practice",
    "proposal",
    "indicator_score",
    "part_value",
    "register_state",
    "index",
    "target",
    "imported_figure",
    "published_figure",
    "plain_name",
    "own_figure",
)
AUDITED = (
    "index_snapshot",
    "domain_snapshot",
    "aspect_snapshot",
    "indicator_snapshot",
    "year_trend",
    "opd_blocker",
)
"""Tables that are made before the audit; the others follow from what it let pass."""
AUDITS = ("index_out_of_scale", "parts_differ_from_whole", "grain_repeated", "rows_lost", "coverage_collapsed")


@cache
def rule_version() -> str:
    """What tells one way to a figure from another: contract and instruments, suites, queries, code that reads."""
    return fingerprint(sorted(WAREHOUSE.rglob("*.sql")), reading_version(), rules_version())


def judge_rows(warehouse: Warehouse) -> None:
    """Judge every data row in force by its suite; all failures of a row in one pass."""
    find_failures(warehouse)
    list_findings(warehouse)


def find_failures(warehouse: Warehouse) -> None:
    """Lay every data row in force out as its suite asks, and judge each distinct profile of them once ever."""
    warehouse.run("judged/failure")
    warehouse.execute("DELETE FROM ref.rule")
    warehouse.run("judged/heir")
    for name in SUITES:
        warehouse.fill_reference("rule", [vars(rule) for rule in suites()[name].rules])
        if suites()[name].is_by_cell:
            lay_out(warehouse)
        else:
            warehouse.run(f"judged/{name}")
        _settle_profiles(warehouse, suites()[name])
        if name == "opd":
            warehouse.run("core/opd")
    unknown = {name: frame for name in SUITES if not (frame := _unknown_profiles(warehouse, suites()[name])).empty}
    if unknown:
        _learn(warehouse, judge_all(unknown), unknown)
    for name in SUITES:
        _keep_failures(warehouse, suites()[name])


def list_findings(warehouse: Warehouse) -> None:
    """Which rows are rejected, and what to say of every failure: its cell, what it holds, what's valid."""
    warehouse.run("judged/row")
    rules = [
        (name, worksheet, field)
        for name in SUITES
        for worksheet in suites()[name].worksheets
        for field in _fields_judged(suites()[name], worksheet)
    ]
    warehouse.execute(failing_fields(rules))
    for name in ("rejected", "total", "occurrence", "finding"):
        warehouse.run(f"judged/{name}")


def build_marts(warehouse: Warehouse) -> None:
    """Scores, index, and tonight's tables and states of the institutions that are built tonight."""
    for name in CORE:
        warehouse.run(f"core/{name}")
    build_objects(warehouse)
    for name in AUDITED:
        warehouse.build_mart(name)
    for name in tables_from("night"):
        warehouse.settle_tonight(name, f"FROM figures.{name}")
    for name in HISTORIES:
        warehouse.settle_tonight(name, sql(f"history/{name}"))


def audit(warehouse: Warehouse) -> list[dict[str, Any]]:
    """What must not be published: institution_code and finding (Bahasa), none if all is well."""
    warehouse.execute(held_rows())
    return [row for name in AUDITS for row in warehouse.rows(sql(f"audit/{name}"))]


def record(warehouse: Warehouse) -> None:
    """Keep tonight, in the caller's transaction."""
    record_night(warehouse)
    for name in HISTORIES:
        warehouse.record_history(name)


def record_night(warehouse: Warehouse) -> None:
    """Keep tonight's rows of what's kept night by night."""
    warehouse.run("history/night")
    for name in tables_from("night"):
        warehouse.record_night(name)


def _fields_judged(suite: Suite, worksheet: str) -> list[str]:
    if suite.is_by_cell:
        return [one.field for one in fields(worksheet)]
    return [rule.field for rule in suite.rules]


def _settle_profiles(warehouse: Warehouse, suite: Suite) -> None:
    """A suite's distinct profiles, numbered by hash: each is judged once, however many rows have it."""
    columns = ", ".join(
        f"{name} IS NOT NULL OR NULL AS {name}" if is_presence else name for name, is_presence in suite.columns.items()
    )
    names = ", ".join(suite.columns)
    cell, judged = "NULL::VARCHAR AS field, NULL::VARCHAR AS found", "WHERE NOT is_blank"
    if suite.is_by_cell:
        cell, judged = "field, found", ""
    warehouse.execute(
        f"CREATE OR REPLACE TEMP TABLE {suite.name}_row AS "
        f"SELECT row_key, field, found, hash({names}) AS profile_key, {names} "
        f"FROM (SELECT row_key, {cell}, {columns} FROM judged.{suite.name} {judged})"
    )
    warehouse.execute(
        f"CREATE OR REPLACE TEMP TABLE {suite.name}_profile AS SELECT *, CAST(ROW({names}) AS VARCHAR) AS profile "
        f"FROM (SELECT DISTINCT profile_key, {names} FROM {suite.name}_row)"
    )
    (count,) = warehouse.rows(
        f"SELECT count(*) AS profiles, count(DISTINCT profile_key) AS keys FROM {suite.name}_profile"
    )
    if count["profiles"] != count["keys"]:
        raise SuiteError(f"expectations/{suite.name}.json: two profiles have one key")


def _unknown_profiles(warehouse: Warehouse, suite: Suite) -> pd.DataFrame:
    """Profiles that these rules haven't judged yet."""
    return warehouse.frame(
        f"SELECT row_number() OVER (ORDER BY profile) AS profile_key, profile, {', '.join(suite.columns)} "
        f"FROM {suite.name}_profile ANTI JOIN (SELECT profile FROM read.verdict WHERE suite = '{suite.name}' "
        f"AND rules_version = '{rules_version()}') USING (profile)"
    )


def _learn(warehouse: Warehouse, failures: dict[str, list[tuple[int, str]]], profiles: dict[str, pd.DataFrame]) -> None:
    """Remember which rules each profile fails."""
    for name, frame in profiles.items():
        rules: dict[int, list[str]] = {key: [] for key in frame["profile_key"]}
        for key, rule_code in failures[name]:
            rules[key].append(rule_code)
        table = pa.table(
            {
                "profile": pa.array(list(frame["profile"]), pa.string()),
                "rule_codes": pa.array(list(rules.values()), pa.list_(pa.string())),
            }
        )
        warehouse.register("landed_verdict", table)
        warehouse.execute(
            "INSERT INTO read.verdict SELECT $1, $2, profile, rule_codes FROM landed_verdict", [name, rules_version()]
        )


def _keep_failures(warehouse: Warehouse, suite: Suite) -> None:
    """A profile's verdict goes back to every row that has it."""
    warehouse.execute(
        f"INSERT INTO judged.failure SELECT $1, x.row_key, x.rule_code, coalesce(x.field, u.field), x.found "
        f"FROM (SELECT r.row_key, r.field, r.found, unnest(v.rule_codes) AS rule_code "
        f"FROM {suite.name}_row AS r JOIN {suite.name}_profile AS p USING (profile_key) "
        f"JOIN read.verdict AS v ON p.profile = v.profile AND v.suite = $1 AND v.rules_version = $2 "
        f"AND len(v.rule_codes) > 0) AS x JOIN ref.rule AS u ON u.suite = $1 AND x.rule_code = u.rule_code",
        [suite.name, rules_version()],
    )
