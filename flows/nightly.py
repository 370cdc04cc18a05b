"""The nightly flow: extract -> load -> judge -> build -> analyse -> audit -> publish, each step a task of its own.

The steps and their order are the use case's (`spbe_etl.night.run_night`); here they get names, states and
artifacts. Retries belong to the HTTP client alone, so that they don't multiply.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from prefect import Flow, flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Completed, Failed

from flows.artifacts import make_artifacts, progress_bar
from flows.context import LONGEST_MESSAGE, Ended, due_of, is_deployed, label, run_name, settings_of
from flows.server import around_flow
from spbe_etl.aftermath import finish
from spbe_etl.composition import Outside, new_request, open_night
from spbe_etl.errors import NOTHING_PUBLISHED, PUBLISHED_WITH_UNREAD, UNFORESEEN, BusyError, SpbeError
from spbe_etl.night import Perform, Step, run_night
from spbe_etl.runs import Outcome
from spbe_etl.schedule import NIGHTLY, load_schedule, night_of, published_since
from spbe_etl.settings import Settings
from spbe_etl.summary import Summary, failure, summarise


def _tell_crash(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """The process of a run died: nobody else would say so before the morning."""
    settings = settings_of(flow_run.parameters.get("source"), flow_run.parameters.get("data_dir"))
    finish(settings, failure(None, "the run's process died", UNFORESEEN), around_flow(settings))


@flow(name=NIGHTLY, flow_run_name=run_name, persist_result=False, on_crashed=[_tell_crash])
def nightly(
    source: str | None = None,
    data_dir: str | None = None,
    night: date | None = None,
    accept: list[str] | None = None,
    full: bool = False,
    feedback: bool = False,
) -> Ended:
    """Run one night and publish it.

    Args:
        source: a folder with a register and OPD workbooks, or google; the setting SPBE_SOURCE if not given
        data_dir: where the warehouse and what's published are; the setting SPBE_DATA_DIR if not given
        night: the night's date, YYYY-MM-DD; that of the schedule, or today in the institution's zone, if not given
        accept: OPD whose lost answers, or institutions whose lost coverage, are accepted
        full: read every spreadsheet, also those that didn't change
        feedback: answer in each OPD's spreadsheet
    """
    try:
        settings = settings_of(source, data_dir)
    except SpbeError as error:
        return _ended_in(error)  # told here alone: where to keep it isn't known
    outside = around_flow(settings)
    chosen = night
    try:
        due = due_of(load_schedule(settings)[NIGHTLY])
        if due and (before := published_since(settings, due)):
            return Completed(name="Skipped", message=f"Night {night_of(due)} was published already by run {before}")
        chosen = night or (night_of(due) if due else None)
        request = new_request(chosen, accept or (), is_full=full)
        with open_night(settings, request, outside, feedback=feedback) as opened:
            outcome = run_night(opened, as_tasks(label()))
    except SpbeError as error:
        return _failed(settings, chosen, error, outside)
    except Exception as error:
        if is_deployed():
            finish(settings, failure(chosen, f"unforeseen: {type(error).__name__}", UNFORESEEN), outside)
        raise
    summary = summarise(outcome)
    _log(outcome)
    finish(settings, summary, outside)
    make_artifacts(settings, summary)
    return _state(outcome, summary)


def as_tasks(about: str) -> Perform:
    """Performs each step as a task run named after it; an error of ours fails it in one line and goes on up."""
    show = progress_bar(f"Progress of {about}")

    def perform_as_task(name: str, step: Step) -> Any:
        show(name)
        raised: list[SpbeError] = []

        @task(
            name=name.split()[0], task_run_name=lambda: f"{name}, {about}", cache_policy=NO_CACHE, persist_result=False
        )
        def perform() -> Any:
            try:
                return step()
            except SpbeError as error:
                raised.append(error)
                return Failed(message=str(error))

        state = perform(return_state=True)
        if raised:
            raise raised[0]
        if name == "report":
            show("done")
        return state.result()

    return perform_as_task


def _failed(settings: Settings, night: date | None, error: SpbeError, outside: Outside) -> Ended:
    """One line and what to do. Kept as the last run's end only where nobody looks on and no other run is at work."""
    if is_deployed() and not isinstance(error, BusyError):
        finish(settings, failure(night, str(error), error.exit_code), outside)
    return _ended_in(error)


def _ended_in(error: SpbeError) -> Ended:
    return _ended_badly(str(error)[:LONGEST_MESSAGE], {"error": str(error), "exit_code": error.exit_code})


def _ended_badly(message: str, data: Mapping[str, Any]) -> Ended:
    """Data for whoever called the flow; in a served run they'd be taken for a fault, and logged as one."""
    return Failed(message=message, data=None if is_deployed() else data)


def _state(outcome: Outcome, summary: Summary) -> Ended:
    failures = (f"{one.opd_code or 'register'}: {one.reason}" for one in outcome.failures)
    reasons = [*filter(None, [outcome.error]), *outcome.refused.values(), *failures]
    told = "; ".join(reasons)[:LONGEST_MESSAGE]
    if outcome.exit_code == NOTHING_PUBLISHED:
        return _ended_badly(f"Nothing published: {told}", summary)
    if outcome.exit_code == PUBLISHED_WITH_UNREAD:
        message = f"Published; {len(reasons)} unread, last good data kept: {told}"
        return Completed(name="Stale", message=message, data=summary)
    return Completed(message=f"Published night {outcome.night}", data=summary)


def _log(outcome: Outcome) -> None:
    """Lines of key=value, each with the run and, where there's one, the workbook."""
    log = get_run_logger()
    for one in outcome.failures:
        where = {"institution": one.institution_code, "opd": one.opd_code or "register", "workbook": one.workbook}
        log.warning(_pairs("unread", {"run": outcome.run_id, **where, "reason": one.reason}))
    for code, reason in outcome.refused.items():
        log.error(_pairs("refused", {"run": outcome.run_id, "institution": code, "reason": reason}))
    if outcome.error:
        log.error(_pairs("not published", {"run": outcome.run_id, "reason": outcome.error}))
    log.info(_pairs("ended", {"run": outcome.run_id, "night": outcome.night, "state": outcome.state, **outcome.counts}))


def _pairs(event: str, found: Mapping[str, object]) -> str:
    return " ".join([f"event={event}", *(f"{name}={_word(str(value))}" for name, value in found.items())])


def _word(text: str) -> str:
    clean = "".join(one if one.isprintable() else " " for one in text)
    return clean if clean and not set(clean) & set(' "=') else '"' + clean.replace('"', "'") + '"'
