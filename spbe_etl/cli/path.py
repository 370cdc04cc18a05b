"""`spbe-etl path`: the cheapest steps to a target, or the most index for a budget."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path as File
from typing import Annotated, Any

import typer

from spbe_etl.cells import Cell, read_indicator
from spbe_etl.cli.ask import ask_standings, show_answers, standing_name
from spbe_etl.cli.options import AsJson, DataDir, Institution, Stage, TargetYear, read_day, settings_with
from spbe_etl.cli.output import console, errors, table
from spbe_etl.display import figure, number, short_name
from spbe_etl.errors import ConfigurationError, PublicationError
from spbe_etl.instruments import load_instruments
from spbe_etl.paths import Option, Path, best_path, cheapest_path, threshold
from spbe_etl.planning import exact, step_row

COST_COLUMNS = ["indicator_no", "to_score", "cost"]
CENT = Decimal("0.01")
MOST_STEPS = 10
Costs = Mapping[tuple[str, Decimal], Decimal]


def path(
    target: Annotated[str | None, typer.Option(help="Index to reach, such as 2.63. Default: the register's.")] = None,
    year: TargetYear = None,
    stage: Stage = None,
    costs: Annotated[
        File | None, typer.Option(help="CSV with indicator_no, to_score, cost: what these steps cost instead.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help="Effort that may be spent: shows the most index that it buys.")
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="Leave this indicator as it is; repeatable.")] = None,
    opd: Annotated[list[str] | None, typer.Option(help="Only indicators that this OPD carries; repeatable.")] = None,
    by: Annotated[str | None, typer.Option(help="Only steps that can be done by this day, YYYY-MM-DD.")] = None,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the cheapest steps to a target index, proven cheapest; or with --budget the most index for an effort.

    Also what more it takes to keep the target's predicate if assessors lower the claims.

    Example: spbe-etl path --target 2.63
    """
    wanted, limit = _amount(target, "--target"), _amount(budget, "--budget")
    given = read_costs(costs) if costs else {}
    rows = ask_standings(settings_with(data_dir=data_dir), "path", institution, year, stage)
    if institution is None and wanted is None and limit is None:
        rows = _with_target(rows)
    found = []
    for row in rows:
        options = _options(row, given, _numbers(without), opd, _months_until(read_day(by, "--by")))
        try:
            solved = _solve(row, options, wanted, limit)
            found.append(_answer(row, solved) | _cautious(row, options, solved, limit))
        except PublicationError as error:
            raise ConfigurationError(
                f"No proven answer for costs as large or as finely graded as these. Round them. ({error})"
            ) from error
    if as_json:
        show_answers(found)
        return
    for row, answer in zip(rows, found, strict=True):
        _show(row, answer)


def _with_target(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those whose register has a target; the others are told. All of them where none has one."""
    chosen = [row for row in rows if row["target_index"] is not None]
    for row in rows if chosen else ():
        if row["target_index"] is None:
            errors.print(f"{row['institution_code']}: no target in its register; left out.", soft_wrap=True)
    return chosen or rows


def read_costs(file: File) -> Costs:
    """What steps cost by a file of one's own; raises ConfigurationError that names the line."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            header, rows = list(reader.fieldnames or ()), list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{file} can't be read: {error}. Give a CSV in UTF-8.") from error
    found: dict[tuple[str, Decimal], Decimal] = {}
    if sorted(header) != sorted(COST_COLUMNS) or not rows:
        raise ConfigurationError(f"{file}: the first line must be {','.join(COST_COLUMNS)}, and a line for each step.")
    for number_of_line, row in enumerate(rows, start=2):
        if None in row:
            raise ConfigurationError(f"{file}, line {number_of_line}: too many values. Write decimals with a point.")
        no = read_indicator(Cell("text", row["indicator_no"] or "")).value
        level, cost = (_decimal(row[name]) for name in ("to_score", "cost"))
        if not no or level is None or cost is None or cost < 0 or level % 1:
            raise ConfigurationError(
                f"{file}, line {number_of_line}: give an indicator number, a whole to_score and a cost of 0 or more, "
                f"such as 16,3,4.5; found {','.join(str(row[name]) for name in COST_COLUMNS)}."
            )
        if (no, level) in found:
            raise ConfigurationError(f"{file}, line {number_of_line}: indicator {no} to {level} stands there twice.")
        found[no, level] = cost
    return found


def _solve(row: Mapping[str, Any], options: Sequence[Option], wanted: Decimal | None, limit: Decimal | None) -> Path:
    instrument = load_instruments()[row["instrument_code"]]
    start = instrument.index_of({one["indicator_no"]: Fraction(one["score"]) for one in row["scores"]})
    target = wanted if wanted is not None else row["target_index"]
    if limit is not None:
        return best_path(start, options, limit, target)
    if target is None:
        raise ConfigurationError(
            f"{row['institution_code']} has no target for {row['year']} in its register. Give one: --target 2.63"
        )
    return cheapest_path(start, options, target)


def _options(
    row: Mapping[str, Any], costs: Costs, without: set[str], opd: Sequence[str] | None, months: int | None
) -> list[Option]:
    """The steps of a published row that may be taken, at the costs that count."""
    indicators = {one.no: one for one in load_instruments()[row["instrument_code"]].indicators}
    steps = {(one["indicator_no"], one["to_score"]) for one in row["options"]}
    for no in [*(no for no, _ in costs), *without]:
        if no not in indicators:
            raise ConfigurationError(f"Indicator {no} isn't one of {row['instrument_code']}.")
    highest = load_instruments()[row["instrument_code"]].highest_score
    for no, level in costs:
        if (no, level) not in steps and not 0 < level <= highest:
            raise ConfigurationError(f"Indicator {no} can't be raised to {level}: levels end at {highest}.")
    carriers = {code.upper() for code in opd or ()}
    known = {str(one["opd_code"]).upper() for one in row["options"] if one["opd_code"]}
    if unknown := sorted(carriers - known):
        raise ConfigurationError(f"--opd {unknown[0]}: carries no indicator. Choose of {', '.join(sorted(known))}.")
    return [
        Option(
            one["indicator_no"],
            one["from_score"],
            one["to_score"],
            Fraction(one["to_score"] - one["from_score"]) * indicators[one["indicator_no"]].weight / 100,
            costs.get((one["indicator_no"], one["to_score"]), one["cost"]),
            one["opd_code"],
        )
        for one in row["options"]
        if one["indicator_no"] not in without
        and (not carriers or str(one["opd_code"]).upper() in carriers)
        and (months is None or one["months"] <= months)
    ]


def _cautious(row: Mapping[str, Any], options: Sequence[Option], found: Path, limit: Decimal | None) -> dict[str, Any]:
    """The path that keeps the target's predicate in the pessimistic case; none for a budget."""
    if limit is not None or found.target is None:
        return {}
    bounds = [one.from_index for one in load_instruments()[row["instrument_code"]].predicates]
    kept = max(bound for bound in bounds if bound <= max(found.target, min(bounds)))
    aim = max(found.target, kept + row["reserve"])
    plan = _plan(row, cheapest_path(found.start_index, options, aim))
    return {"pessimistic": {"reserve": row["reserve"], "case_count": row["case_count"], "aim": _shown(aim), **plan}}


def _answer(row: Mapping[str, Any], found: Path) -> dict[str, Any]:
    """A path as the contract has it."""
    return {
        "institution_code": row["institution_code"],
        "year": row["year"],
        "stage": row["stage"],
        "start_index": exact(found.start_index),
        "target": None if found.target is None else _shown(found.target),
        **_plan(row, found),
    }


def _plan(row: Mapping[str, Any], found: Path) -> dict[str, Any]:
    about = {name: row[name] for name in ("institution_code", "year", "stage")}
    return {
        "is_reachable": found.is_reachable,
        "index_after": exact(found.index_after),
        "total_cost": exact(Fraction(found.total_cost)),
        "steps": [{**about, **step_row(step), "opd_code": step.option.opd_code} for step in found.steps],
    }


def _show(row: dict[str, Any], answer: Mapping[str, Any]) -> None:
    names = {one.no: one.name for one in load_instruments()[row["instrument_code"]].indicators}
    moving = {(one["indicator_no"], one["to_score"]): one["moving_opd"] for one in row["options"]}
    lines = [
        (
            step["step_no"],
            step["indicator_no"],
            short_name(names[step["indicator_no"]]),
            f"{figure(step['from_score'])} -> {figure(step['to_score'])}",
            step["opd_code"] or "-",
            moving[step["indicator_no"], step["to_score"]] or "",
            number(step["points"], 4),
            figure(step["cost"]),
            number(step["index_after"], 4),
        )
        for step in answer["steps"]
    ]
    target = answer["target"]
    console.print(
        f"\n{standing_name(row)}: indeks {figure(answer['start_index'])}"
        f"{f', target {_written(target)}' if target is not None else ''}",
        soft_wrap=True,
    )
    if lines:
        columns = ("No", "Ind", "Indikator", "Tingkat", "Pengampu", "OPD ikut", "Poin", "Usaha", "Indeks")
        table("Langkah, yang paling hemat per poin lebih dulu", columns, lines, right=(0, 5, 6, 7, 8))
    for line in (*_conclusions(answer), *_caution(row, answer)):
        console.print(line, soft_wrap=True)


def _conclusions(answer: Mapping[str, Any]) -> list[str]:
    count, cost, index = len(answer["steps"]), figure(answer["total_cost"]), figure(answer["index_after"])
    told = f"{count} langkah, usaha {cost} (satuan perkiraan, bukan uang), indeks menjadi {index}."
    target = answer["target"]
    if target is None:
        return [told]
    if not answer["is_reachable"]:
        return [told, f"Target {_written(target)} belum tercapai dengan langkah dan batasan yang diminta."]
    spare = exact(Fraction(answer["index_after"]) - threshold(target))
    return [told, f"Target {_written(target)} tercapai; cadangan {figure(spare)} di atas batas pembulatannya."]


def _caution(row: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """What more it takes if assessors lower the claims."""
    if (plan := answer.get("pessimistic")) is None or not plan["reserve"]:
        return []
    basis = (
        f"dari {plan['case_count']} nilai sendiri yang hasil tahap berikutnya diketahui"
        if plan["case_count"]
        else "bila satu tingkat indikator terberat tidak diakui; belum ada riwayat hasil asesor"
    )
    reserve = f"Bila asesor menurunkan indeks {number(plan['reserve'])} ({basis}), predikat target tetap dengan"
    if plan["aim"] > load_instruments()[row["instrument_code"]].highest_score:
        return [f"{reserve.removesuffix(' tetap dengan')} tidak dapat dijaga dengan indeks berapa pun."]
    if not plan["is_reachable"]:
        aim = number(plan["aim"])
        return [f"{reserve.removesuffix(' dengan')} hanya pada {aim}, di luar jangkauan langkah yang tersedia."]
    taken = {(step["indicator_no"], step["to_score"]) for step in answer["steps"]}
    more = [step for step in plan["steps"] if (step["indicator_no"], step["to_score"]) not in taken]
    told = ", ".join(f"{step['indicator_no']} -> {figure(step['to_score'])}" for step in more[:MOST_STEPS])
    told += f", dan {len(more) - MOST_STEPS} lagi (--json)" if len(more) > MOST_STEPS else ""
    return [
        f"{reserve} indeks {number(plan['aim'])}: {len(plan['steps'])} langkah, usaha {figure(plan['total_cost'])}."
        + (f" Di luar langkah di atas: {told}." if more else "")
    ]


def _months_until(day: date | None) -> int | None:
    if day is None:
        return None
    today = datetime.now(UTC).date()
    return max((day.year - today.year) * 12 + day.month - today.month - (day.day < today.day), 0)


def _numbers(texts: Sequence[str] | None) -> set[str]:
    return {read_indicator(Cell("text", text)).value or text for text in texts or ()}


def _amount(text: str | None, option: str) -> Decimal | None:
    if text is None:
        return None
    value = _decimal(text)
    if value is None or value < 0:
        raise ConfigurationError(f"{option} {text}: give a number, such as 2.63.")
    return value


def _decimal(text: str | None) -> Decimal | None:
    """A number written with a decimal point or comma; None where it's none, or beyond all measure."""
    try:
        value = Decimal((text or "").strip().replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < 10**6 and value == round(value, 4) else None


def _written(target: Decimal) -> str:
    """A target with two decimals, or more where it has more."""
    return number(target, max(2, -int(target.as_tuple().exponent)))


def _shown(target: Decimal) -> Decimal:
    """With two decimals, or more where it has more."""
    return target.quantize(CENT) if target == target.quantize(CENT) else target
