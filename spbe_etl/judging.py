"""Rules as data: expectation suites in `expectations/`, run by Great Expectations on distinct profiles.

Each expectation carries a rule code, the field it's about, a severity and a message in Bahasa. A suite that
raises is a suite error: never bad data, never a pass. This is the only import of great_expectations.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired, ProcessPool

from spbe_etl.errors import SuiteError
from spbe_etl.inventory.definitions import inventory_worksheets
from spbe_etl.resources import EXPECTATIONS, fingerprint
from spbe_etl.workbooks import fields

if TYPE_CHECKING:
    import pandas as pd

PRESENCE = "expect_column_values_to_not_be_null"
SEVERITIES = ("critical", "warning")
PROFILE_KEY = "profile_key"
INVENTORIES = "*"
"""Stands for all worksheets of the inventories."""
SECONDS_TO_JUDGE = 1800


@dataclass(frozen=True)
class Rule:
    """One expectation as the rest of the product sees it. `field`: empty where each judged cell says which it is."""

    suite: str
    rule_code: str
    field: str
    severity: str
    found: str
    message: str


@dataclass(frozen=True)
class Suite:
    """A suite file: which worksheets it judges, its rules, and its expectations as they stand in JSON."""

    name: str
    worksheets: tuple[str, ...]
    rules: tuple[Rule, ...]
    expectations: tuple[Mapping[str, Any], ...]

    @property
    def is_by_cell(self) -> bool:
        """Whether what it judges is a cell, which has a field, and not a row."""
        return all(not rule.field for rule in self.rules)

    @property
    def columns(self) -> Mapping[str, bool]:
        """The columns that the expectations look at; True for those of which only the presence counts."""
        presence: dict[str, bool] = {}
        for one in self.expectations:
            for key, value in one["kwargs"].items():
                if key.startswith("column"):
                    presence[value] = presence.get(value, True) and one["type"] == PRESENCE
        return presence


@cache
def rules_version() -> str:
    """What tells one set of rules from another: the suites, and the library that evaluates them."""
    return fingerprint(sorted(EXPECTATIONS.glob("*.json")), version("great_expectations"))


@cache
def suites() -> Mapping[str, Suite]:
    """Every suite in `expectations/` by name; raises SuiteError for a file that doesn't hold together."""
    return {
        path.stem: _load(path.stem, path.read_text(encoding="utf-8")) for path in sorted(EXPECTATIONS.glob("*.json"))
    }


def _load(name: str, text: str) -> Suite:
    try:
        content = json.loads(text)
        meta = content["meta"]
        worksheets = tuple(inventory_worksheets()) if meta["worksheet"] == INVENTORIES else (meta["worksheet"],)
        known = {""} if worksheets[1:] else {one.field for one in fields(worksheets[0])}
        rules = tuple(
            Rule(
                suite=name,
                rule_code=one["meta"]["rule_code"],
                field=one["meta"]["field"],
                severity=one["severity"],
                found=one["meta"]["found"],
                message=one["meta"]["message"],
            )
            for one in content["expectations"]
        )
        if unknown := {rule.field for rule in rules} - known:
            raise KeyError(unknown.pop())
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise SuiteError(f"expectations/{name}.json doesn't hold together: {error!r}") from error
    if wrong := {rule.severity for rule in rules} - set(SEVERITIES):
        raise SuiteError(f"expectations/{name}.json: severity must be one of {SEVERITIES}, found {sorted(wrong)}")
    return Suite(name, worksheets, rules, tuple(content["expectations"]))


def warm_up() -> None:
    """Start the judging process: it imports Great Expectations (seconds) while workbooks are being read."""
    _process().schedule(_import)


def judge_all(profiles: Mapping[str, pd.DataFrame]) -> dict[str, list[tuple[int, str]]]:
    """Suite name -> profiles, judged in the judging process; suite name -> failures as of `judge`.

    A process of its own, since the import takes a core for seconds, and a suite that hangs must not hang the night.
    """
    try:
        failures: dict[str, list[tuple[int, str]]] = (
            _process().schedule(_judge_all, args=[dict(profiles)], timeout=SECONDS_TO_JUDGE).result()
        )
    except TimeoutError as error:
        raise SuiteError(f"The suites weren't evaluated within {SECONDS_TO_JUDGE} seconds") from error
    except ProcessExpired as error:
        raise SuiteError(f"The judging process ended early ({error})") from error
    return failures


@cache
def _process() -> ProcessPool:
    return ProcessPool(max_workers=1, context=get_context("spawn"))


def _import() -> None:
    _context()


def _judge_all(profiles: Mapping[str, pd.DataFrame]) -> dict[str, list[tuple[int, str]]]:
    return {name: judge(suites()[name], frame) for name, frame in profiles.items()}


@cache
def _context() -> Any:
    import great_expectations as gx

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context


def judge(suite: Suite, profiles: pd.DataFrame) -> list[tuple[int, str]]:
    """Which profile fails which rule: pairs of profile key and rule code.

    `profiles`: one row per distinct profile, with `profile_key` and the suite's columns; a missing value means
    that a rule doesn't apply. Raises SuiteError if any expectation couldn't be evaluated.
    """
    if profiles.empty:
        return []
    import great_expectations as gx

    context = _context()
    source = context.data_sources.add_or_update_pandas(suite.name)
    batch = source.add_dataframe_asset(suite.name).add_batch_definition_whole_dataframe("whole")
    expectations = [
        {**one, "meta": {**one["meta"], "position": position}} for position, one in enumerate(suite.expectations)
    ]
    result = batch.get_batch({"dataframe": profiles}).validate(
        gx.ExpectationSuite(name=suite.name, expectations=expectations),
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": [PROFILE_KEY],
            "return_unexpected_index_query": False,
        },
    )
    return list(_failures(suite, result.results))


def _failures(suite: Suite, results: Sequence[Any]) -> Iterator[tuple[int, str]]:
    if len(results) != len(suite.expectations):
        raise SuiteError(f"expectations/{suite.name}.json: {len(suite.expectations)} rules, {len(results)} results")
    for one in results:
        rule = suite.rules[one.expectation_config.meta["position"]]
        if _raised(one.exception_info):
            raise SuiteError(f"expectations/{suite.name}.json: rule {rule.rule_code} couldn't be evaluated")
        failing = one.result.get("unexpected_index_list")
        if not one.success and not failing:
            raise SuiteError(f"expectations/{suite.name}.json: rule {rule.rule_code} failed without naming a row")
        for row in failing or ():
            yield int(row[PROFILE_KEY]), rule.rule_code


def _raised(exception_info: Mapping[str, Any]) -> bool:
    """Great Expectations keys the info by metric when one raised, and plainly when none did."""
    if "raised_exception" in exception_info:
        return bool(exception_info["raised_exception"])
    return any(info.get("raised_exception") for info in exception_info.values() if isinstance(info, Mapping))
