"""What each chart of a report shows, from the facts: values for a description in `charts/`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

from markupsafe import Markup

from spbe_etl.display import number
from spbe_etl.report.drawing import around, draw
from spbe_etl.report.facts import Facts, Opd
from spbe_etl.report.words import DECIMAL_MARKS, Speech, indicator, name, plain

Row = Mapping[str, Any]
MOST_BARS = 10
LONGEST_LABEL = 38
MOST_STEP_LABELS = 9
MOST_TICKS = 12
TALL, LOW = 220, 130
NARROW_BAND = Decimal("0.75")


@dataclass(frozen=True)
class Charts:
    """The charts of one institution, in one language. Each is None where there's nothing to draw."""

    facts: Facts
    say: Speech

    def years(self) -> Markup | None:
        """The index year by year, with breaks where years can't be compared."""
        rows = self.facts.years
        if not rows:
            return None
        starts = accumulate(int(not row["is_comparable"]) for row in rows)
        labels = {row["year"]: self._year_label(row) for row in rows}
        every = range(rows[0]["year"], rows[-1]["year"] + 1)
        values = [
            {
                "year": labels[row["year"]],
                "index": row["index_value"],
                "label": self._shown(row["index_value"]),
                "segment": segment,
                "is_break": row["break_reason"] == "instrument",
                **self._target(row["target_index"]),
            }
            for row, segment in zip(rows, starts, strict=True)
        ]
        known = [value for row in rows for value in (row["index_value"], row["target_index"]) if value is not None]
        return self._draw(
            "years",
            self.say("about_years"),
            values=values,
            years=[labels.get(year, str(year)) for year in every],
            domain=around(known, Decimal("0.5")),
        )

    def planned(self, rows: Sequence[Row]) -> Markup:
        """The index that a roadmap plans, year by year, from where it starts. `rows`: of one instrument."""
        base = rows[0]
        start = (f"{base['base_year']}|{self.say('now').lower()}", base["base_index"], None)
        steps = [
            start,
            *((f"{row['year']}|{self.say('planned')}", row["index_exact"], row["target_index"]) for row in rows),
        ]
        values = [
            {"year": year, "index": index, "label": self._shown(index), "segment": 0, "is_break": False}
            | self._target(target)
            for year, index, target in steps
        ]  # fmt: skip
        known = [value for _, *both in steps for value in both if value is not None]
        return self._draw(
            "years",
            self.say("about_planned"),
            values=values,
            years=[year for year, _, _ in steps],
            domain=around(known, Decimal("0.5")),
        )

    def nights(self) -> Markup | None:
        """The index night by night within the year; None while there's one night."""
        rows = self.facts.nights
        if len({row["snapshot_on"] for row in rows}) < 2:
            return None
        return self._line(
            [(row["snapshot_on"], row["index_value"]) for row in rows],
            TALL,
            self.say("about_nights"),
            rows[-1]["target_index"],
        )

    def parts(self, rows: Sequence[Row]) -> Markup | None:
        """Domains and aspects, with the published average of the same kind where there's one."""
        if not rows:
            return None
        values = [
            self._bar(
                row["part"],
                f"{self._part(row['part'])}: {name(row['name'])}",
                row["value_exact"],
                self._shown(row["part_value"]),
            )
            | {"shade": "strong" if row["level"] == "domain" else "soft", "average": row["kind_average"]}
            for row in rows
        ]
        return self._bars(values, self._scale(), self.say("about_parts"), self.say("score"))

    def path(self) -> Markup | None:
        """The cheapest path as a staircase."""
        steps = self.facts.steps
        if not steps:
            return None
        before = [steps[0]["index_after"] - steps[0]["points"], *(row["index_after"] for row in steps)]
        target = self.facts.standing["target_index"]
        domain = around([*before, *([target] if target is not None else [])], Decimal("0.1"))
        labels = [self.say("now"), *(row["indicator_no"] for row in steps)]
        values = [
            {
                "step": step, "left": step, "middle": step + 0.5, "right": step + 1, "bottom": domain[0],
                "before": before[max(step - 1, 0)], "after": before[step],
                "label": labels[step] if len(steps) <= MOST_STEP_LABELS else "",
                **self._target(target),
            }
            for step in range(len(before))
        ]  # fmt: skip
        every = max(1, -(-len(steps) // MOST_TICKS))
        return self._draw(
            "path",
            self.say("about_path"),
            values=values,
            steps=[0, len(before)],
            ticks=list(range(every, len(steps) + 1, every)),
            domain=domain,
            title=self.say("step_number"),
        )

    def moved(self) -> Markup | None:
        """What moved the index in the last seven nights, by indicator."""
        points: dict[str, Decimal] = {}
        names: dict[str, str] = {}
        for row in self.facts.moved:
            points[row["indicator_no"]] = points.get(row["indicator_no"], Decimal(0)) + row["points"]
            names[row["indicator_no"]] = f"{row['indicator_no']} {indicator(row['indicator_name'])}"
        largest = sorted(points, key=lambda no: -abs(points[no]))[:MOST_BARS]
        return self._points(((no, names[no], points[no]) for no in largest), self.say("about_moved"))

    def blockers(self, year: int) -> Markup | None:
        """OPD that keep gates closed, by the points that would be free if all at those gates rose."""
        held = [(opd, opd.points_held(year)) for opd in self.facts.opd]
        largest = sorted((one for one in held if one[1] > 0), key=lambda one: -one[1])[:MOST_BARS]
        return self._points(((opd.code, opd.name, points) for opd, points in largest), self.say("about_blockers"))

    def estimate(self) -> Markup | None:
        """Where the official result may end: bounds, expectation with its interval, target."""
        row = self.facts.standing.row
        ranges = [
            (self.say("index_tonight"), None, None, row["index_value"], "own"),
            (self.say("bounds"), row["low"], row["high"], None, "own"),
            (self.say("expected"), row["interval_low"], row["interval_high"], row["expected_value"], "own"),
            (self.say("target"), None, None, row["target_index"], "target"),
        ]
        values = [
            {
                "key": str(key),
                "name": title,
                "from": low,
                "to": high,
                "at": at,
                "shade": shade,
                "label": self._range(low, high, at),
            }
            for key, (title, low, high, at, shade) in enumerate(ranges)
            if not (low is None and at is None)
        ]
        ladder, scale = self.facts.standing.instrument.ladder, self._scale()
        edges = [*(max(one.from_index, scale[0]) for one in ladder), scale[1]]
        bands = [
            {"from": low, "to": high, "middle": (low + high) / 2, "name": one.name if high - low > NARROW_BAND else "",
             "shade": ("even", "odd")[place % 2]}
            for place, (one, low, high) in enumerate(zip(ladder, edges, edges[1:], strict=False))
        ]  # fmt: skip
        bands_row = {"key": "", "name": "", "from": None, "to": None, "at": None, "shade": "own", "label": ""}
        return self._draw("ranges", self.say("about_estimate"), values=[bands_row, *values], bands=bands, domain=scale)

    def opd_points(self, opd: Opd) -> Markup | None:
        """The points that an OPD carries, night by night; None where they never moved."""
        series = [(row["snapshot_on"], row["points_carried"]) for row in opd.nights]
        if len({points for _, points in series}) < 2:
            return None
        return self._line(series, LOW, self.say("about_opd_points"), None)

    def _line(self, series: Sequence[tuple[Any, Decimal]], height: int, about: str, target: Decimal | None) -> Markup:
        last = len(series) - 1
        values = [
            {
                "night": night.isoformat(),
                "value": value,
                "is_last": place == last,
                "label": self._shown(value),
                **self._target(target),
            }
            for place, (night, value) in enumerate(series)
        ]
        known = [value for _, value in series] + ([target] if target is not None else [])
        return self._draw("nights", about, values=values, height=height, domain=around(known, Decimal("0.1")))

    def _points(self, rows: Iterable[tuple[str, str, Decimal]], about: str) -> Markup | None:
        bars = [
            self._bar(key, title, points, ("+" if points > 0 else "") + self._shown(points, 4))
            | {"shade": "strong" if points >= 0 else "minus", "average": None}
            for key, title, points in rows
        ]
        if not bars:
            return None
        ends = [Decimal(0), *(bar["value"] for bar in bars)]
        return self._bars(bars, [min(ends), max(ends)], about, self.say("points_title"), at_zero=True)

    def _bars(
        self, bars: Sequence[Row], domain: Sequence[Decimal], about: str, title: str, *, at_zero: bool = False
    ) -> Markup:
        return self._draw(
            "bars",
            about,
            values=bars,
            domain=domain,
            title=title,
            format=".2f" if at_zero else ".1f",
            **{"from": 0 if at_zero else domain[0]},
        )

    def _bar(self, key: str, title: str, value: Decimal, label: str) -> dict[str, Any]:
        return {"key": key, "name": plain(title, LONGEST_LABEL), "value": value, "label": label}

    def _scale(self) -> list[Decimal]:
        instrument = self.facts.standing.instrument
        return [Decimal(instrument.lowest_score), Decimal(instrument.highest_score)]

    def _target(self, target: Decimal | None) -> dict[str, Any]:
        return {
            "target": target,
            "target_label": "" if target is None else f"{self.say('target')} {self._shown(target)}",
        }

    def _year_label(self, row: Row) -> str:
        instrument = str(row["instrument_code"]).partition("-")[0].upper()
        return f"{row['year']}|{instrument}|{self.say.name_of('stage_short', row['stage'])}"

    def _part(self, part: str) -> str:
        kind, _, no = part.partition(" ")
        return f"{self.say('domain') if kind == 'Domain' else self.say('aspect')} {no}"

    def _range(self, low: Decimal | None, high: Decimal | None, at: Decimal | None) -> str:
        span = f"{self._shown(low)} – {self._shown(high)}" if low is not None and high is not None else ""
        if at is None:
            return span
        return f"{self._shown(at)} ({span})" if span else self._shown(at)

    def _shown(self, value: Decimal | None, digits: int = 2) -> str:
        return number(value, digits, DECIMAL_MARKS[self.say.language]).replace("-", "−")

    def _draw(self, chart: str, about: str, **filled: Any) -> Markup:
        return draw(chart, self.say.language, about, **filled)
