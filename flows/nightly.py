"""The nightly flow: extract -> load -> judge -> build -> analyse -> audit -> publish, each step a task of its own.

The steps and their order are the use case's (`spbe_etl.night.run_night`); here they get names, states and
artifacts. Retries belong to the HTTP client alone, so that they don't multiply.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows.server import around_flow
from spbe_etl.composition import new_request, open_night
from spbe_etl.errors import NOTHING_PUBLISHED, PUBLISHED_WITH_UNREAD, SpbeError
from spbe_etl.night import Step, run_night
from spbe_etl.publishing import open_publication
from spbe_etl.runs import Outcome
from spbe_etl.settings import Settings
from spbe_etl.summary import keep_summary, summarise
from spbe_etl.warehouse import sql

MOST_ROWS = 200
LONGEST_MESSAGE = 500


def _flow_run_name() -> str:
    night = flow_run.parameters.get("night")
    return f"nightly {night or 'tonight'}"


@flow(name="nightly", flow_run_name=_flow_run_name, persist_result=False)
def nightly(
    source: str | None = None,
    data_dir: str | None = None,
    night: date | None = None,
    accept: list[str] | None = None,
    full: bool = False,
    feedback: bool = False,
) -> State[dict[str, Any]]:
    """Run one night and publish it.

    Args:
        source: a folder with a register and OPD workbooks, or google; the setting SPBE_SOURCE if not given
        data_dir: where the warehouse and what's published are; the setting SPBE_DATA_DIR if not given
        night: the night's date; today in the institution's zone if not given
        accept: OPD whose lost answers, or institutions whose lost coverage, are accepted
        full: read every spreadsheet, also those that didn't change
        feedback: answer in each OPD's spreadsheet
    """
    given = {name: value for name, value in {"source": source, "data_dir": data_dir}.items() if value is not None}
    settings = Settings.model_validate({**Settings().model_dump(), **given})
    try:
        request = new_request(night, accept or (), is_full=full)
        with open_night(settings, request, around_flow(settings), feedback=feedback) as opened:
            outcome = run_night(opened, perform_as_task)
    except SpbeError as error:
        return Failed(message=str(error), data={"error": str(error), "exit_code": error.exit_code})
    summary = summarise(outcome)
    keep_summary(settings, summary)
    _make_artifacts(summary, _rejected(settings))
    return _state(outcome, summary)


def perform_as_task(name: str, step: Step) -> Any:
    """Perform a step as a task run of that name; an error of ours fails it in one line and goes on up."""
    raised: list[SpbeError] = []

    @task(name=name.split()[0], task_run_name=name, cache_policy=NO_CACHE, persist_result=False)
    def perform() -> Any:
        try:
            return step()
        except SpbeError as error:
            raised.append(error)
            return Failed(message=str(error))

    state = perform(return_state=True)
    if raised:
        raise raised[0]
    return state.result()


def _state(outcome: Outcome, summary: dict[str, Any]) -> State[dict[str, Any]]:
    failures = (f"{one.opd_code or 'register'}: {one.reason}" for one in outcome.failures)
    reasons = [*outcome.refused.values(), *failures]
    told = "; ".join(reasons)[:LONGEST_MESSAGE]
    if outcome.exit_code == NOTHING_PUBLISHED:
        return Failed(message=f"Nothing published: {told}", data=summary)
    if outcome.exit_code == PUBLISHED_WITH_UNREAD:
        message = f"Published; {len(reasons)} unread, last good data kept: {told}"
        return Completed(name="Stale", message=message, data=summary)
    return Completed(message="Published", data=summary)


def _make_artifacts(summary: dict[str, Any], rejected: list[dict[str, Any]]) -> None:
    """Tables that ops find by the same key every night."""
    create_table_artifact(_plain(summary["indices"]), key="index", description="Index by institution, year and stage")
    create_table_artifact(_plain([summary["rows"]]), key="rows", description="Rows read, accepted, rejected, blank")
    create_table_artifact(_plain(rejected), key="rejected-rows", description=f"Findings, the first {MOST_ROWS}")
    failed = _plain(summary["workbooks"]["failed"] + summary["refused"])
    if summary["feedback"]:
        told = summary["feedback"]
        rows = [{"written": len(told["written"]), "unchanged": len(told["unchanged"]), "failed": len(told["failed"])}]
        create_table_artifact(_plain([*rows, *told["failed"]]), key="feedback", description="Answers in spreadsheets")
    create_table_artifact(failed, key="failed-workbooks", description="Workbooks and institutions left as they were")


def _rejected(settings: Settings) -> list[dict[str, Any]]:
    if not settings.published_path.exists():
        return []
    with open_publication(settings.published_path) as publication:
        rows = publication.rows(sql("ask/rejections"), {"institution": None, "opd": None, "resolved": False})
    names = ("institution_code", "opd_code", "workbook", "worksheet", "cell", "rule_code", "severity", "message")
    return [{name: row[name] for name in names} for row in rows[:MOST_ROWS]]


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
