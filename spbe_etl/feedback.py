"""What each OPD's workbook should say tonight, and writing it there where it says anything else.

Composed from what the night judged and published; compared with what was found in the workbook when it was
read, so that a second time changes nothing and asks nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from spbe_etl.errors import SourceError
from spbe_etl.marks import Marks, trimmed, words
from spbe_etl.runs import Failure, Feedback
from spbe_etl.warehouse import Warehouse, sql

LONGEST_TEXT = 2_000
MOST_INVENTORY_FINDINGS = 60
"""Of each severity: whoever mends these sees the next ones the night after."""
FORMULA_STARTS = ("=", "+", "-", "@", "'")

Row = Mapping[str, Any]
Key = tuple[str, str]


@dataclass(frozen=True)
class Reply:
    """What an OPD's workbook should say, beside the answers with this content, and what it was found to say.

    `statuses_hash`, `summary_hash`: of our marks as found; empty where the workbook couldn't be read at all.
    """

    institution_code: str
    opd_code: str
    workbook: str
    content_hash: str
    marks: Marks
    since: str
    statuses_hash: str
    summary_hash: str
    is_good: bool

    @property
    def is_readable(self) -> bool:
        """Whether the workbook could be read at all, whatever was wrong with it."""
        return self.summary_hash != ""

    @property
    def is_due(self) -> bool:
        """Whether the workbook can be written and says something else."""
        if not self.is_readable:
            return False
        return self.summary_hash != self.marks.summary_hash or (
            self.is_good and self.statuses_hash != self.marks.statuses_hash
        )


class MarkWriter(Protocol):
    """A place where marks can be written beside answers."""

    @property
    def calls(self) -> int:
        """Requests sent so far, retries included."""

    def write(self, workbook: str, content_hash: str, marks: Marks, since: str) -> bool:
        """Make a workbook say this; False when it did already. Raises SourceError.

        Texts beside rows are left alone where the answers aren't those of `content_hash` any more.
        """


def compose(warehouse: Warehouse) -> list[Reply]:
    """The reply to every OPD whose workbook the latest run asked for."""
    for view in ("closed_year", "open_year", "unanswered"):
        warehouse.run(f"feedback/{view}")
    told: dict[str, dict[Key, list[Row]]] = {
        name: _by_opd(warehouse.rows(sql(f"feedback/{name}")))
        for name in ("status", "total", "finding", "missing", "blocker", "step", "inventory_finding")
    }
    return [_reply(row, {name: rows.get(_key(row), []) for name, rows in told.items()}) for row in _asked(warehouse)]


def send(replies: Iterable[Reply], writer: MarkWriter) -> Feedback:
    """Write the replies that are due; one that can't be written fails alone, and says why."""
    written: list[str] = []
    unchanged: list[str] = []
    unread: list[str] = []
    failed: list[Failure] = []
    for reply in replies:
        try:
            is_new = reply.is_due and writer.write(reply.workbook, reply.content_hash, reply.marks, reply.since)
        except SourceError as error:
            failed.append(Failure(reply.institution_code, reply.opd_code, reply.workbook, str(error)))
        else:
            (written if is_new else unchanged if reply.is_readable else unread).append(reply.opd_code)
    return Feedback(tuple(written), tuple(unchanged), tuple(unread), tuple(failed), writer.calls)


def day_text(day: date) -> str:
    """A day as Indonesians write it."""
    return f"{day.day} {words()['months'].split(';')[day.month - 1]} {day.year}"


def _asked(warehouse: Warehouse) -> list[dict[str, Any]]:
    return warehouse.rows(sql("feedback/workbook"))


def _key(row: Row) -> Key:
    return row["institution_code"], row["opd_code"]


def _by_opd(rows: Iterable[Row]) -> dict[Key, list[Row]]:
    grouped: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[_key(row)].append(row)
    return grouped


def _reply(row: Row, told: Mapping[str, list[Row]]) -> Reply:
    said = {one["row_no"]: words()[one["status"]].format(messages=one["messages"]) for one in told["status"]}
    statuses = {row_no: _plain(text) for row_no, text in said.items()}
    summary = trimmed([[_plain(cell) for cell in line] for line in _summary(row, told)])
    return Reply(
        institution_code=row["institution_code"],
        opd_code=row["opd_code"],
        workbook=row["workbook"],
        content_hash=row["content_hash"] or "",
        marks=Marks(statuses, summary),
        since=day_text(row["snapshot_on"]),
        statuses_hash=row["statuses_hash"],
        summary_hash=row["summary_hash"],
        is_good=row["is_good"],
    )


def _summary(row: Row, told: Mapping[str, list[Row]]) -> Iterator[list[str]]:
    """The worksheet Hasil Pemeriksaan below its head."""
    word = words()
    yield [word["opd"], f"{row['opd_name']} ({row['opd_code']})"]
    if not row["is_good"]:
        yield [word["unread"], str(row["reason"]).partition(": ")[2] or str(row["reason"])]
        if row["last_good_on"] is not None:
            yield [word["stale"], day_text(row["last_good_on"])]
    if told["total"]:
        yield []
        missing = Counter(one["year"] for one in told["missing"])
        yield from _table("years", TOTALS, [{**one, "missing_count": missing[one["year"]]} for one in told["total"]])
    elif row["is_good"] and not told["inventory_finding"]:
        yield []
        yield [word["not_begun"]]
    critical, notes = _by_severity(told["finding"])
    unlisted, remarks = _by_severity(told["inventory_finding"])
    if told["total"] and row["is_good"] and not (critical or unlisted or told["missing"] or told["blocker"]):
        yield []
        yield [word["nothing_to_mend"]]
    yield from _section("to_mend", FINDINGS, critical)
    yield from _section("to_fill", MISSING, told["missing"])
    yield from _section("to_raise", BLOCKERS, told["blocker"])
    yield from _section("to_step", STEPS, told["step"])
    yield from _section("to_note", FINDINGS, notes)
    yield from _section("to_mend_inventory", INVENTORY_FINDINGS, unlisted, MOST_INVENTORY_FINDINGS)
    yield from _section("to_note_inventory", INVENTORY_FINDINGS, remarks, MOST_INVENTORY_FINDINGS)


TOTALS = {
    "year": "year",
    "carried": "carried_count",
    "answered": "answered_count",
    "accepted_rows": "accepted_count",
    "rejected_rows": "rejected_count",
    "noted_rows": "warning_count",
    "missing_rows": "missing_count",
    "blocked_points": "points_blocked",
}
FINDINGS = {"year": "year", "indicator": "indicator_no", "cell": "cell", "remedy": "message"}
INVENTORY_FINDINGS = {"cell": "cell", "found_count": "finding_count", "remedy": "message"}
MISSING = {"year": "year", "indicator": "indicator_no", "indicator_name": "indicator_name"}
BLOCKERS = {
    "year": "year",
    "indicator": "indicator_no",
    "indicator_name": "indicator_name",
    "level_now": "opd_score",
    "level_needed": "gate_level",
    "points_alone": "points_blocked",
    "points_together": "points_together",
}

STEPS = {
    "year": "year",
    "indicator": "indicator_no",
    "indicator_name": "indicator_name",
    "level_now": "from_score",
    "level_next": "to_score",
    "points_step": "points",
}


def _by_severity(findings: list[Row]) -> tuple[list[Row], list[Row]]:
    """Those that reject a row, and the others."""
    critical = [one for one in findings if one["severity"] == "critical"]
    return critical, [one for one in findings if one["severity"] != "critical"]


def _section(title: str, columns: Mapping[str, str], rows: list[Row], most: int | None = None) -> Iterator[list[str]]:
    if rows:
        yield []
        yield from _table(title, columns, rows[:most])
    if most is not None and len(rows) > most:
        yield [words()["more_findings"].format(count=len(rows) - most)]


def _table(title: str, columns: Mapping[str, str], rows: list[Row]) -> Iterator[list[str]]:
    """A title, a header line and the rows. `columns`: our word -> column of the rows."""
    yield [words()[title]]
    yield [words()[name] for name in columns]
    for row in rows:
        yield [_shown(name, row[column]) for name, column in columns.items()]


def _shown(name: str, value: object) -> str:
    """A value as people read it: decimal comma; four decimals for points, a level without needless ones."""
    if value is None:
        return "-"
    if isinstance(value, Decimal):
        text = f"{value:.4f}" if "points" in name else f"{value.normalize():f}"
        return text.replace(".", ",")
    return str(value)


def _plain(text: str) -> str:
    """Text that no spreadsheet runs as a formula, in one piece."""
    kept = "".join(c if c.isprintable() or c == "\n" else " " for c in text).strip()[:LONGEST_TEXT].strip()
    return f"'{kept}" if kept.startswith(FORMULA_STARTS) and kept != "-" else kept
