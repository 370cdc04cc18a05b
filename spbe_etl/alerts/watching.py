"""From what was found to what's told: alerts opened and closed, messages made."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from spbe_etl.alerts.causes import GONE, HOLDS, Cause, Findings, Recalled
from spbe_etl.alerts.delivery import ALERT, Target
from spbe_etl.alerts.facts import EVERYBODY
from spbe_etl.alerts.messages import alert_text, ending, opening, rules, silencers
from spbe_etl.alerts.outbox import GIVEN_UP_AFTER, IsQuiet, post
from spbe_etl.alerts.state import State, stored
from spbe_etl.alerts.wording import figure
from spbe_etl.warehouse import sql

log = logging.getLogger("spbe_etl.alerts")

GOES_ON_WITHIN = timedelta(days=1)
"""What's back so soon, before its end was told (quiet hours), never ended for those who were told of it."""

Row = dict[str, Any]


def recall(state: State) -> Recalled:
    """What earlier checks left."""
    unread = {(row["institution_code"], row["subject"]): row["since_on"] for row in state.rows("FROM unread")}
    return Recalled(unread, [row["check_name"] for row in state.rows("FROM checks WHERE has_failed ORDER BY ALL")])


def settle(state: State, findings: Findings, now: datetime) -> tuple[list[Row], list[Row]]:
    """Open what's new and close what's over, rule by rule, so that what silences others comes first."""
    opened: list[Row] = []
    closed: list[Row] = []
    for rule_code in rules():
        known = _by_key(row for row in _known(state, now) if row["rule_code"] == rule_code)
        closed += [row for row in known.values() if row["closed_at"] is None and _close(state, row, findings, now)]
        still_open = _open_keys(state, now)
        for cause in findings.causes.values():
            if cause.rule_code != rule_code or cause.state != HOLDS or is_silenced(cause.key, still_open):
                continue
            if row := _open(state, cause, findings, known.get(cause.key), now):
                opened.append(row)
    state.execute("DELETE FROM unread")
    for (code, subject), since in findings.unread.items():
        state.execute("INSERT INTO unread VALUES ($1, $2, $3)", [code, subject, since])
    for what, rows in (("opened", opened), ("closed", closed)):
        for row in rows:
            log.info("%s: %s %s %s", what, row["rule_code"], row["institution_code"] or "-", row["subject"])
    return opened, closed


def is_silenced(key: tuple[str, str, str], still_open: Iterable[tuple[str, str, str]]) -> bool:
    """Whether an open alert tells of the same cause: of this institution or of everybody."""
    code, rule_code, _ = key
    loud = silencers(rule_code)
    return any(rule in loud and (one in (code, EVERYBODY) or code == EVERYBODY) for one, rule, _ in still_open)


def compose(state: State, findings: Findings, targets: Sequence[Target], is_quiet: IsQuiet, now: datetime) -> None:
    """Make messages for what's new since it was last told: endings first, then openings.

    One a rule and institution, and one for all institutions of which the same is to be said.
    """
    if not targets:
        return
    alike: dict[tuple[Any, ...], dict[str, list[Row]]] = {}
    for (code, rule_code, kind), rows in _news(state, is_quiet, now).items():
        night = None if kind == HOLDS else findings.place(code).night
        what = tuple((row["subject"], row["detail"]) for row in rows)
        alike.setdefault((rule_code, kind, code == EVERYBODY, night, what), {})[code] = rows
    order = list(rules())
    for (rule_code, kind, *_, what), by_code in sorted(
        alike.items(), key=lambda item: (item[0][1] == HOLDS, order.index(item[0][0]))
    ):
        codes = list(by_code)
        place, code = findings.place(*codes), codes[0] if len(codes) == 1 else EVERYBODY
        told = [(subject, json.loads(detail)) for subject, detail in what]
        if kind == HOLDS:
            message, change = opening(place, code, rule_code, told), "told_at = $1, is_deeper = false"
        else:
            message, change = ending(place, code, rule_code, kind, told), "ending_told_at = $1"
        post(state, codes[0], message, ALERT, targets, now)
        state.execute(
            f"UPDATE alerts SET {change} WHERE list_contains($2, alert_no)",  # noqa: S608 - one of two changes
            [stored(now), [row["alert_no"] for rows in by_code.values() for row in rows]],
        )


def _news(state: State, is_quiet: IsQuiet, now: datetime) -> dict[tuple[str, str, str], list[Row]]:
    """What's to be told now, by institution, rule, and how it ended or that it holds."""
    still_open = _open_keys(state, now)
    new: dict[tuple[str, str, str], list[Row]] = {}
    for row in _known(state, now):
        if is_quiet(row["institution_code"]) or row["ending"] == GONE:
            continue
        if row["closed_at"] is not None:
            new.setdefault((row["institution_code"], row["rule_code"], row["ending"]), []).append(row)
        elif (row["told_at"] is None or row["is_deeper"]) and not is_silenced(_key(row), still_open):
            new.setdefault((row["institution_code"], row["rule_code"], HOLDS), []).append(row)
    return new


def _known(state: State, now: datetime) -> list[Row]:
    return state.rows(sql("alerts/known"), [stored(now - GIVEN_UP_AFTER)])


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["institution_code"], row["rule_code"], row["subject"]


def _by_key(rows: Iterable[Row]) -> dict[tuple[str, str, str], Row]:
    """The last row of each: an open one, if there is one."""
    return {_key(row): row for row in rows}


def _open_keys(state: State, now: datetime) -> set[tuple[str, str, str]]:
    return {_key(row) for row in _known(state, now) if row["closed_at"] is None}


def _close(state: State, row: Row, findings: Findings, now: datetime) -> bool:
    """Close an open alert if it's over, its time has passed, or what it's about is gone."""
    how = findings.ending(_key(row), row["baseline"])
    if how is None:
        return False
    cause = findings.causes.get(_key(row))
    detail = row["detail"] if cause is None or cause.state == HOLDS else json.dumps(cause.detail, ensure_ascii=False)
    state.execute(
        "UPDATE alerts SET closed_at = $1, ending = $2, detail = $3 WHERE alert_no = $4",
        [stored(now), how, detail, row["alert_no"]],
    )
    return True


def _open(state: State, cause: Cause, findings: Findings, known: Row | None, now: datetime) -> Row | None:
    """Open an alert, or bring an open one up to date. One whose end wasn't told yet goes on as if it hadn't ended."""
    if known is not None and (known["closed_at"] is None or known["closed_at"] >= stored(now - GOES_ON_WITHIN)):
        _go_on(state, cause, findings, known)
        return None
    row = {"institution_code": cause.institution_code, "rule_code": cause.rule_code, "subject": cause.subject}
    detail, text = _told(cause, findings, cause.detail)
    state.execute(
        "INSERT INTO alerts (institution_code, rule_code, subject, opened_at, baseline, lowest, detail, text) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [*row.values(), stored(now), cause.baseline, cause.level, detail, text],
    )
    return row | {"opened_at": stored(now), "text": text}


def _go_on(state: State, cause: Cause, findings: Findings, known: Row) -> None:
    """An alert that's there already. An index keeps what it fell from, and is told again when it falls deeper."""
    if known["closed_at"] is not None:
        state.execute("UPDATE alerts SET closed_at = NULL, ending = NULL WHERE alert_no = $1", [known["alert_no"]])
    detail = cause.detail
    is_index = known["baseline"] is not None
    if is_index and known["lowest"] is not None and cause.level is not None and cause.level >= known["lowest"]:
        return
    if is_index and known["told_at"] is None:
        detail = {**detail, "before": figure(known["baseline"])}
    state.execute(
        "UPDATE alerts SET detail = $1, text = $2, lowest = $3, is_deeper = $4 WHERE alert_no = $5",
        [*_told(cause, findings, detail), cause.level, is_index, known["alert_no"]],
    )


def _told(cause: Cause, findings: Findings, detail: Mapping[str, str]) -> tuple[str, str]:
    text = alert_text(findings.place(cause.institution_code), cause.rule_code, cause.subject, detail)
    return json.dumps(detail, ensure_ascii=False), text
