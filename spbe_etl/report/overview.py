"""All institutions side by side: places within their kind with how sure they are, and how many stand where."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from markupsafe import Markup

from spbe_etl.instruments import Instrument, load_instruments
from spbe_etl.report.drawing import draw
from spbe_etl.report.facts import Standing, headline
from spbe_etl.report.words import Speech

Row = Mapping[str, Any]
BINS_PER_POINT = 4
FEWEST_TO_SPREAD = 5
MOST_COUNT_TICKS = 5
TICK_STEPS = [digit * 10**power for power in range(9) for digit in (1, 2, 5)]


def overview(institutions: Sequence[Row], standings: Mapping[str, Sequence[Row]], say: Speech) -> dict[str, Any]:
    """What the overview shows: institutions measured by one instrument together, the newest instrument first."""
    by_code = {code: headline(rows) for code, rows in standings.items()}
    rows = [{**one, **by_code[one["institution_code"]]} for one in institutions if one["institution_code"] in by_code]
    used = {row["instrument_code"] for row in rows}
    instruments = sorted(
        (one for code, one in load_instruments().items() if code in used), key=lambda one: -one.first_year
    )
    groups = [_group(one, [row for row in rows if row["instrument_code"] == one.code], say) for one in instruments]
    return {
        "groups": groups,
        "rows": rows,
        "night": max((one["snapshot_on"] for one in institutions), default=None),
        "without": [one for one in institutions if one["institution_code"] not in by_code],
        "kinds": sorted({row["institution_kind"] for row in rows if row["institution_kind"]}),
        "predicates": list(dict.fromkeys(name for group in groups for name, _ in group["predicates"])),
    }


def _group(instrument: Instrument, rows: Sequence[Row], say: Speech) -> dict[str, Any]:
    counts = Counter(row["predicate"] for row in rows)
    low, high = Decimal(instrument.lowest_score), Decimal(instrument.highest_score)
    return {
        "instrument": instrument.name,
        "rows": _placed([_ranged(row, say) for row in rows]),
        "predicates": [(one.name, counts[one.name]) for one in instrument.ladder],
        "histogram": _histogram([row["index_value"] for row in rows], low, high, say),
    }


def _ranged(row: Row, say: Speech) -> dict[str, Any]:
    """A row and the range in which its official result may end; without a history of verdicts up to the upper bound."""
    standing = Standing(row, load_instruments()[row["instrument_code"]])
    low = min(
        value for value in (row["interval_low"], row["pessimistic_value"], row["index_value"]) if value is not None
    )
    most = row["high"] if row["interval_high"] is None else max(row["interval_high"], row["likely"])
    high = max(value for value in (most, row["index_value"]) if value is not None)
    target = row["target_index"]
    return {
        **row,
        "range": (low, high),
        "from_pct": standing.share(low),
        "width_pct": standing.share(high) - standing.share(low),
        "at_pct": standing.share(row["index_value"]),
        "target_pct": None if target is None else standing.share(target),
        "span_alt": say(
            "span_alt", index=say.num(row["index_value"]), low=say.num(low), high=say.num(high)
        ).striptags(),
    }


def _placed(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows by kind, the highest index first, each with its place and the places that it may really have.

    One that's surely above (its range begins above the end of ours) comes before; those surely below come after.
    """
    placed = []
    ordered = sorted(
        rows, key=lambda row: (row["institution_kind"] or "", -row["index_value"], row["institution_code"])
    )
    for _, group in groupby(ordered, key=lambda row: row["institution_kind"] or ""):
        own = list(group)
        lows, highs = (sorted(row["range"][end] for row in own) for end in (0, 1))
        values = sorted(row["index_value"] for row in own)
        for row in own:
            low, high = row["range"]
            placed.append(
                {
                    **row,
                    "place": 1 + len(own) - bisect_right(values, row["index_value"]),
                    "place_low": 1 + len(own) - bisect_right(lows, high),
                    "place_high": len(own) - bisect_left(highs, low),
                }
            )
    return placed


def _histogram(values: Sequence[Decimal], low: Decimal, high: Decimal, say: Speech) -> Markup | None:
    """How many institutions stand in each quarter of a point; None for so few that a list says it better."""
    if len(values) < FEWEST_TO_SPREAD:
        return None
    width = Decimal(1) / BINS_PER_POINT
    last = int((high - low) * BINS_PER_POINT) - 1
    counts = [0] * (last + 1)
    for value in values:
        counts[min(last, int((value - low) * BINS_PER_POINT))] += 1
    bins = [
        {
            "from": low + width * place,
            "middle": low + width * place + width / 2,
            "to": low + width * (place + 1),
            "count": count,
        }
        for place, count in enumerate(counts)
    ]
    every = next(step for step in TICK_STEPS if step * MOST_COUNT_TICKS >= max(counts))
    ticks = list(range(0, max(counts) + 1, every))
    return draw(
        "histogram",
        say.language,
        say("about_distribution"),
        values=bins,
        domain=[low, high],
        title=say("index"),
        ticks=ticks,
    )
