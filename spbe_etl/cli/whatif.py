"""`spbe-etl whatif`: the index with some scores exchanged. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path as File
from typing import Annotated, Any

import typer

from spbe_etl.cells import Cell, read_indicator
from spbe_etl.cli.ask import ask_standings, show_answers, standing_name
from spbe_etl.cli.options import AsJson, DataDir, Institution, Stage, TargetYear, settings_with
from spbe_etl.cli.output import console, table
from spbe_etl.display import figure, number, short_name
from spbe_etl.errors import ConfigurationError
from spbe_etl.instruments import Instrument, load_instruments
from spbe_etl.planning import exact
from spbe_etl.scores import read_score, scale_of


def whatif(
    changes: Annotated[list[str] | None, typer.Argument(help="INDICATOR=SCORE, such as 16=3 22=3.")] = None,
    scenario: Annotated[
        File | None, typer.Option(help="A file of such changes, one a line; # starts a remark.")
    ] = None,
    year: TargetYear = None,
    stage: Stage = None,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what the index would be if some indicators had other scores.

    Example: spbe-etl whatif 16=3 22=3 --year 2025
    """
    wanted = _changes([*(_lines(scenario) if scenario else ()), *(changes or ())])
    rows = ask_standings(settings_with(data_dir=data_dir), "path", institution, year, stage)
    found = [_answer(row, wanted) for row in rows]
    if as_json:
        show_answers(found)
        return
    for row, answer in zip(rows, found, strict=True):
        _show(row, answer)


def _lines(scenario: File) -> list[str]:
    try:
        text = scenario.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{scenario} can't be read: {error}.") from error
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def _changes(texts: Sequence[str]) -> Mapping[str, str]:
    """Indicator -> score as it's written."""
    found: dict[str, str] = {}
    for text in texts:
        left, equals, score = text.partition("=")
        no = read_indicator(Cell("text", left.strip())).value
        if not equals or not no:
            raise ConfigurationError(f"{text}: write a change as INDICATOR=SCORE, such as 16=3.")
        if no in found:
            raise ConfigurationError(f"{text}: indicator {no} is changed twice.")
        found[no] = score.strip()
    if not found:
        raise ConfigurationError("Say what to change: spbe-etl whatif 16=3 22=3")
    return found


def _answer(row: Mapping[str, Any], wanted: Mapping[str, str]) -> dict[str, Any]:
    instrument = load_instruments()[row["instrument_code"]]
    indicators = {one.no: one for one in instrument.indicators}
    now = {one["indicator_no"]: Fraction(one["score"]) for one in row["scores"]}
    then = dict(now)
    for no, text in wanted.items():
        if no not in indicators:
            raise ConfigurationError(f"Indicator {no} isn't one of {instrument.code}.")
        read = read_score(Cell("text", text), scale_of(instrument, indicators[no].kind))
        if not read.value:
            whole = " in whole levels" if instrument.score_decimals == 0 else ""
            lowest, highest = instrument.lowest_score, instrument.highest_score
            raise ConfigurationError(f"{no}={text}: scores of {instrument.code} go from {lowest} to {highest}{whole}.")
        then[no] = Fraction(read.value)
    return {
        "institution_code": row["institution_code"],
        "year": row["year"],
        "stage": row["stage"],
        **_told("before", instrument.index_of(now), instrument),
        **_told("after", instrument.index_of(then), instrument),
        "changes": [
            {
                "indicator_no": no,
                "from_score": exact(now[no]),
                "to_score": exact(then[no]),
                "points": exact((then[no] - now[no]) * indicators[no].weight / 100),
            }
            for no in wanted
        ],
    }


def _told(when: str, index: Fraction, instrument: Instrument) -> dict[str, Any]:
    value = exact(index, 2)
    name = [one.name for one in instrument.ladder if one.from_index <= value]
    return {
        f"index_{when}": exact(index),
        f"value_{when}": value,
        f"predicate_{when}": name[-1] if name else instrument.ladder[0].name,
    }


def _show(row: dict[str, Any], answer: Mapping[str, Any]) -> None:
    console.print(f"\n{standing_name(row)}", soft_wrap=True)
    names = {one.no: one.name for one in load_instruments()[row["instrument_code"]].indicators}
    lines = [
        (
            one["indicator_no"],
            short_name(names[one["indicator_no"]]),
            f"{figure(one['from_score'])} -> {figure(one['to_score'])}",
            number(one["points"], 4),
        )
        for one in answer["changes"]
    ]
    table("Andaikan", ("Ind", "Indikator", "Nilai", "Poin"), lines, right=(3,))
    console.print(
        f"Indeks {number(answer['value_before'])} ({answer['predicate_before']}) menjadi "
        f"{number(answer['value_after'])} ({answer['predicate_after']}); tepatnya {figure(answer['index_after'])}.",
        soft_wrap=True,
    )
