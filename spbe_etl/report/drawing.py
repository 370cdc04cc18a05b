"""Charts as inline SVG: a Vega-Lite description from `charts/`, filled with values, drawn by vl-convert.

Positions are binary fractions of the exact figures, which a screen can't tell apart; every figure that's written in a
chart is a text that was rounded once, from the exact one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import vl_convert
from markupsafe import Markup

from spbe_etl.report.words import DECIMAL_MARKS, plain, texts

CHARTS = Path(__file__).parent / "charts"
SVG = "http://www.w3.org/2000/svg"
NOISE = {"class", "role", "version", "pointer-events", "aria-hidden", "aria-roledescription", "aria-label"}
"""What the chart says of its own parts; what it shows is said once, at its root."""
ElementTree.register_namespace("", SVG)


def draw(name: str, language: str, about: str, /, **filled: Any) -> Markup:
    """A chart as SVG that takes the width it's given. `about`: what it shows, for those who can't see it."""
    return Markup(_svg(name, language, about, json.dumps(_harmless(filled), sort_keys=True, default=_position)))


def around(values: Sequence[Decimal], margin: Decimal) -> list[Decimal]:
    """A range that holds the values, with room for labels, ending at tenths."""
    tenth = Decimal("0.1")
    low = (min(values) - margin).quantize(tenth, ROUND_FLOOR)
    high = (max(values) + margin).quantize(tenth, ROUND_CEILING)
    return [max(Decimal(0), low), high]


@cache
def _described(name: str) -> str:
    return (CHARTS / f"{name}.json").read_text(encoding="utf-8")


@lru_cache(maxsize=64)
def _svg(name: str, language: str, about: str, filled: str) -> str:
    values: Mapping[str, Any] = json.loads(filled)
    chart = _fill(json.loads(_described(name)), values)
    svg: str = vl_convert.vegalite_to_svg(
        chart,
        config=json.loads(_described("config")),
        allowed_base_urls=[],
        format_locale={"decimal": DECIMAL_MARKS[language], "thousands": "", "grouping": [3], "currency": ["", ""]},
        time_format_locale=_days(language),
    )
    return _told_once(svg, about)


def _told_once(svg: str, about: str) -> str:
    """The chart as one picture with one name."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - drawn here, from a description of our own
    for part in root.iter():
        for attribute in NOISE & part.attrib.keys():
            del part.attrib[attribute]
    root.set("role", "img")
    root.set("aria-label", about)
    return ElementTree.tostring(root, encoding="unicode")


def _fill(part: Any, values: Mapping[str, Any]) -> Any:
    """A description with every text `$name` replaced by the value of that name."""
    if isinstance(part, dict):
        return {key: _fill(one, values) for key, one in part.items()}
    if isinstance(part, list):
        return [_fill(one, values) for one in part]
    return values[part[1:]] if isinstance(part, str) and part.startswith("$") else part


def _harmless(part: Any) -> Any:
    """Values with all their texts plain: a character that XML doesn't know ends vl-convert, and the process with it."""
    if isinstance(part, Mapping):
        return {key: _harmless(one) for key, one in part.items()}
    if isinstance(part, str):
        return plain(part)
    return [_harmless(one) for one in part] if isinstance(part, Sequence) else part


def _position(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)


@cache
def _days(language: str) -> dict[str, Any]:
    months = texts(language)["months"].split(";")
    days: Sequence[str] = texts(language)["days"].split(";")
    return {
        "dateTime": "%-d %B %Y %H.%M", "date": "%-d/%m/%Y", "time": "%H.%M", "periods": ["AM", "PM"],
        "days": days, "shortDays": [day[:3] for day in days],
        "months": months, "shortMonths": [month[:3] for month in months],
    }  # fmt: skip
