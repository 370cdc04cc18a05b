"""Pages from facts: an institution's report, a page and a text for each OPD."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from spbe_etl.instruments import load_instruments
from spbe_etl.report.charts import Charts
from spbe_etl.report.facts import Facts, Opd
from spbe_etl.report.inventory import DOMAINS
from spbe_etl.report.words import Speech, code, file_name, indicator, name, plain, spreadsheet_address

PAGES = Path(__file__).parent / "pages"
INDEX = "index.html"
MARKS = {"carrier": "c"}
LOOKS = {"rejected": ("x", "×"), "no_answer": ("e", "·"), "external": ("w", "…")}
HIGHEST_LOOK = 5
MOST_ROWS, MOST_FIXES, MOST_HEAT_ROWS = 15, 100, 80
"""Rows of a table on a page; where there are more, the page says how many and which command shows them."""
MOST_PAIRS, MOST_GROUPS, MOST_NAMED = 8, 12, 12
"""Rows of a table beside another, groups of applications, and what's named one after the other in a line."""


@cache
def environment() -> Environment:
    """The templates; whatever is put into a page is text, but for our own SVG and style."""
    found = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters |= {
        "plain": plain, "name": name, "code": code, "indicator": indicator, "file_name": file_name,
        "pct": lambda share: f"{Decimal(share):.2f}",
        "shade": lambda percent: f"l{min(HIGHEST_LOOK, int(percent) // 20 + 1)}",
    }  # fmt: skip
    found.globals |= {
        "style": Markup(_asset("style.css")),
        "script_hash": "",
        "MOST_ROWS": MOST_ROWS,
        "MOST_FIXES": MOST_FIXES,
        "MOST_HEAT_ROWS": MOST_HEAT_ROWS,
        "MOST_PAIRS": MOST_PAIRS,
        "MOST_GROUPS": MOST_GROUPS,
        "MOST_NAMED": MOST_NAMED,
        "DOMAINS": DOMAINS,
        "load_instruments": load_instruments,
    }
    return found


@cache
def text_environment() -> Environment:
    """The same for plain text: what was made safe for a page is said as it is."""
    return environment().overlay(
        autoescape=False, finalize=lambda said: said.striptags() if isinstance(said, Markup) else said
    )


def institution_pages(facts: Facts, say: Speech) -> Iterator[tuple[str, str]]:
    """Every file of an institution's report: its place in the institution's folder, and its text."""
    charts = Charts(facts, say)
    codes = {opd.code for opd in facts.opd}
    yield (
        INDEX,
        _render(
            "institution.html", say, facts=facts, charts=charts, codes=codes, heats=heats(facts), quality=quality(facts)
        ),
    )
    workbooks = {row["opd_code"]: row["workbook"] for row in facts.findings if row["workbook"]}
    workbooks |= {row["answer_opd_code"]: row["workbook"] for row in facts.answers if row["workbook"]}
    for opd in facts.opd:
        told = {
            "facts": facts,
            "charts": charts,
            "opd": opd,
            "address": spreadsheet_address(workbooks.get(opd.code)),
            "todo": todo(opd, say),
            "own": facts.inventory.of(opd.code),
            "codes": codes,
        }
        for ending in ("html", "txt"):
            yield f"opd/{file_name(opd.code)}.{ending}", _render(f"opd.{ending}", say, **told)


def todo(opd: Opd, say: Speech) -> Markup:
    """What an OPD has to do, in a sentence or two."""
    asked = [
        say(name, count=count)
        for name, count in (
            ("todo_fix", len(opd.critical)),
            ("todo_answer", len(opd.missing)),
            ("todo_raise", len(opd.blockers)),
        )
        if count
    ]
    return Markup(" ").join(asked) if asked else say("todo_nothing")


def heats(facts: Facts) -> list[dict[str, Any]]:
    """OPD x indicator, for each of the years that are shown: OPD that answer or should, indicators in their order."""
    tables = []
    for year, rows in groupby(facts.answers, key=itemgetter("year")):
        own = list(rows)
        cells = {(row["opd_code"], row["indicator_no"]): _cell(row) for row in own}
        asked = {row["opd_code"] for row in own}
        known = [opd.code for opd in facts.opd if opd.code in asked]
        (standing, *_) = (row for row in facts.standings if row["year"] == year)
        instrument = load_instruments()[standing["instrument_code"]]
        answered = {row["indicator_no"] for row in own}
        indicators = [one.no for one in instrument.indicators if one.no in answered]
        tables.append(
            {
                "year": year,
                "instrument": instrument.name,
                "indicators": indicators,
                "rows": [
                    {"code": opd, "cells": [cells.get((opd, no)) for no in indicators]}
                    for opd in known[:MOST_HEAT_ROWS]
                ],
                "left": max(0, len(known) - MOST_HEAT_ROWS),
            }
        )
    return tables


def quality(facts: Facts) -> dict[str, Any]:
    """How good the data of the night are: rows by what became of them, findings by rule."""
    counts = Counter((row["severity"], row["rule_code"]) for row in facts.findings)
    first = {row["rule_code"]: row["message"] for row in reversed(facts.findings)}
    return {
        "accepted": sum(row["accepted_count"] for opd in facts.opd for row in opd.years),
        "critical": sum(row["severity"] == "critical" for row in facts.findings),
        "warnings": sum(row["severity"] != "critical" for row in facts.findings),
        "rules": [{"code": rule, "count": count, "message": first[rule]} for (_, rule), count in counts.most_common()],
    }


def overview_page(told: Mapping[str, Any], say: Speech) -> str:
    """The page of all institutions."""
    script = _asset("overview.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _render("overview.html", say, script=Markup(script), script_hash=digest, **told)


def _render(template: str, say: Speech, **told: Any) -> str:
    chosen = text_environment() if template.endswith(".txt") else environment()
    return chosen.get_template(template).render(say=say, **told)


def _cell(row: Mapping[str, Any]) -> dict[str, str]:
    """How one answer looks: its level, or that it's missing or rejected; the carrier's has a frame."""
    mark = MARKS.get(row["role"], "")
    if row["answer"] in LOOKS:
        look, text = LOOKS[row["answer"]]
    else:
        level = min(HIGHEST_LOOK, max(1, int(row["score"])))
        look, text = f"l{level}", str(level)
    return {"look": f"{look} {mark}".strip(), "text": text}


def _asset(file: str) -> str:
    return (PAGES / file).read_text(encoding="utf-8")
