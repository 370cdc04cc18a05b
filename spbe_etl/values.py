"""How a value of a spreadsheet is written as a cell's text, the same from every source; and how much we take."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

MOST_CELLS = 2_000_000
LOADING = "Loading..."
"""What a cell shows while it's being fetched from another spreadsheet: no value, and no mistake of anybody's."""
MOST_MERGED_CELLS = 200_000
HALF_A_SECOND = timedelta(milliseconds=500)
LAST_MOMENT = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - a sheet has no zone
MOST_DIGITS = 15
"""What a spreadsheet keeps of a number."""
_PLAIN_FORMAT = re.compile(r"0+(?:\.(0+))?")


def number_text(value: float, number_format: str = "General") -> str:
    """A number as its sheet holds it: 15 significant digits (what the application itself keeps).

    A plain format such as `00.00` is followed where it loses nothing, so that code 73.10 stays 73.10.
    """
    exact = Decimal(f"{value:.15g}")
    plain = f"{exact:f}"
    match = _PLAIN_FORMAT.fullmatch(number_format)
    if match is None or exact < 0 or exact.adjusted() >= MOST_DIGITS:
        return plain
    shown = f"{exact:.{len(match[1] or '')}f}".zfill(len(number_format))
    return shown if Decimal(shown) == exact else plain


def moment_text(moment: datetime) -> str:
    """A day as ISO text, with its time of day if it has one, to the second: a sheet's fractions are dust."""
    whole = min(moment, LAST_MOMENT) + HALF_A_SECOND
    whole = whole.replace(microsecond=0)
    return whole.date().isoformat() if whole.time() == time() else whole.isoformat(" ", "seconds")


def time_text(moment: time) -> str:
    """A time of day to the second."""
    return str((datetime.combine(date(2000, 1, 1), moment) + HALF_A_SECOND).time().replace(microsecond=0))


def link_text(text: str, links: Iterable[str]) -> str:
    """Addresses that a cell leads to and its text doesn't say already, each once; none within the workbook itself."""
    outside = (link for link in links if re.match(r"[A-Za-z]+:", link) and link.rstrip("/") not in text)
    return " ".join(dict.fromkeys(outside))
