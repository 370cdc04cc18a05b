"""Small flows beside the night, each on a schedule of its own: watch, access, reminder, feedback, backfill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec

from prefect import Flow, flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Completed, Failed

from flows.artifacts import make_access, make_nights
from flows.context import LONGEST_MESSAGE, Ended, run_name, settings_of
from flows.server import around_flow
from spbe_etl.aftermath import finish_check, look
from spbe_etl.alerts import open_alerts, remind
from spbe_etl.backfilling import LAST_DAY
from spbe_etl.checking import FAIL, findings
from spbe_etl.composition import latest_replies, new_request, open_writer, run_backfill
from spbe_etl.errors import ConfigurationError, SpbeError
from spbe_etl.feedback import send

BACKFILL_DAYS = 35

P = ParamSpec("P")


def _in_one_line(body: Callable[P, Ended]) -> Callable[P, Ended]:
    """A flow's body that ends in one line, which says what to do, where it raises an error of ours."""

    @wraps(body)
    def run(*given: P.args, **named: P.kwargs) -> Ended:
        try:
            return body(*given, **named)
        except SpbeError as error:
            return Failed(message=str(error)[:LONGEST_MESSAGE])

    return run


def _tell_end(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Tell of a scheduled check that failed, until any ends well; who asks for one looks on."""
    if state.is_completed() or flow_run.auto_scheduled:
        settings = settings_of(flow_run.parameters.get("source"), flow_run.parameters.get("data_dir"))
        finish_check(settings, flow.name, around_flow(settings), has_failed=not state.is_completed())


@flow(name="watch", flow_run_name=run_name, persist_result=False)
@_in_one_line
def watch(data_dir: str | None = None) -> Ended:
    """Look whether tonight is published, send alerts and recoveries that are due, write the metrics.

    Args:
        data_dir: where the warehouse and what's published are; the setting SPBE_DATA_DIR if not given
    """
    settings = settings_of(None, data_dir)
    look(settings, around_flow(settings))
    found = open_alerts(settings)
    if not found:
        return Completed(message="No open alerts")
    told = ", ".join(f"{one['rule_code']} {one['institution_code']} {one['subject']}".strip() for one in found)
    return Completed(name="Alert", message=f"{len(found)} open alerts: {told}"[:LONGEST_MESSAGE])


TOLD: Any = {"on_completion": [_tell_end], "on_failure": [_tell_end], "on_crashed": [_tell_end]}


@flow(name="access", flow_run_name=run_name, persist_result=False, **TOLD)
@_in_one_line
def access(source: str | None = None, data_dir: str | None = None) -> Ended:
    """Check configuration and access to every workbook, as `spbe-etl doctor` does.

    Args:
        source: a folder with a register and OPD workbooks, or google; the setting SPBE_SOURCE if not given
        data_dir: where the warehouse and what's published are; the setting SPBE_DATA_DIR if not given
    """
    settings = settings_of(source, data_dir)
    found = findings(settings, around_flow(settings))
    make_access([asdict(one) for one in found])
    failed = [f"{one.check}: {one.found}" for one in found if one.level == FAIL]
    if failed:
        return Failed(message=f"{len(failed)} to be mended: {'; '.join(failed)}"[:LONGEST_MESSAGE])
    return Completed(message=f"{len(found)} checks, nothing to be mended")


@flow(name="reminder", flow_run_name=run_name, persist_result=False)
@_in_one_line
def reminder(data_dir: str | None = None) -> Ended:
    """Remind of the deadline in the upload weeks; outside them nothing is sent.

    Args:
        data_dir: where the warehouse and what's published are; the setting SPBE_DATA_DIR if not given
    """
    settings = settings_of(None, data_dir)
    told = remind(settings, datetime.now(UTC), read_secret=around_flow(settings).read_secret)
    if told.failed:
        return Failed(message=f"Not delivered to {', '.join(told.failed)}; the next check tries again")
    return Completed(message=f"{told.sent} messages sent")


@flow(name="feedback", flow_run_name=run_name, persist_result=False)
@_in_one_line
def feedback(data_dir: str | None = None) -> Ended:
    """Answer in each OPD's spreadsheet where it doesn't say yet what the latest night found.

    Args:
        data_dir: where the warehouse and what's published are; the setting SPBE_DATA_DIR if not given
    """
    settings = settings_of("google", data_dir)
    if not settings.google_writer_credentials:
        return Completed(name="Skipped", message="No account that may write is set: SPBE_GOOGLE_WRITER_CREDENTIALS")
    told = send(latest_replies(settings), open_writer(settings, around_flow(settings)))
    message = f"{len(told.written)} written, {len(told.unchanged)} unchanged, {len(told.failed)} failed"
    if told.failed:
        reasons = "; ".join(f"{one.opd_code}: {one.reason}" for one in told.failed)
        return Failed(message=f"{message}: {reasons}"[:LONGEST_MESSAGE])
    return Completed(message=message)


@flow(name="backfill", flow_run_name=run_name, persist_result=False, **TOLD)
@_in_one_line
def backfill(
    data_dir: str | None = None, first: date | None = None, last: date | None = None, restate: str = ""
) -> Ended:
    """Derive nights again from what was read then: compare with what was published, fill nights that nobody ran.

    Args:
        data_dir: where the warehouse and what's published are; the setting SPBE_DATA_DIR if not given
        first: first night, YYYY-MM-DD; 35 days ago if not given
        last: last night, YYYY-MM-DD; the latest if not given
        restate: publish what comes out otherwise, for this reason; the figure before is kept
    """
    start = first or datetime.now(UTC).date() - timedelta(BACKFILL_DAYS)
    if last and start > last:
        raise ConfigurationError(f"first {start} is after last {last}. Swap them.")
    done = run_backfill(settings_of(None, data_dir), new_request(), start, last or LAST_DAY, restate.strip())
    counts = Counter(one.state for one in done)
    make_nights([asdict(one) for one in done if one.state != "equal"])
    message = ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "no nights"
    if counts["differs"]:
        return Failed(message=f"{message}. Look with: spbe-etl backfill --from {start}")
    return Completed(name="Stale" if counts["unreadable"] else None, message=message)
