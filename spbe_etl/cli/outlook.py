"""`spbe-etl outlook`: how firm the index is, where the trend leads, and how the institution compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from spbe_etl.cli.ask import ask_standings, show_answers, standing_name
from spbe_etl.cli.options import AsJson, DataDir, Institution, Stage, TargetYear, settings_with
from spbe_etl.cli.output import STAGE_NAMES, console, safe, table
from spbe_etl.display import number

MOST_UNEQUAL = 5


def outlook(
    year: TargetYear = None,
    stage: Stage = None,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what to expect: bounds, the likely official result, pace, comparison with others, the next instrument.

    Estimates are called estimates. Default: the latest year with a target, at its latest stage.

    Example: spbe-etl outlook --year 2025
    """
    rows = ask_standings(settings_with(data_dir=data_dir), "outlook", institution, year, stage)
    if as_json:
        show_answers(rows)
        return
    for row in rows:
        target = f", target {number(row['target_index'])}" if row["target_index"] is not None else ""
        console.print(f"\n{standing_name(row)}: indeks {number(row['index_value'])} {row['predicate']}{target}")
        for name, text in _lines(row):
            console.print(f"[dim]{name:<22}[/] {safe(text)}", soft_wrap=True)
        if row["comparison"]:
            _show_comparison(row)


def _lines(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    estimate = row["estimate"]
    low, likely, high = (number(estimate[name]) for name in ("low", "likely", "high"))
    kept = f"{likely} bila yang kosong tetap seperti hasil resmi terakhir"
    yield "Menurut jawaban", f"{low} sekarang; {kept}; {high} bila yang kosong tertinggi dan semua gerbang terbuka"
    if estimate["expected_value"] is not None:
        ends = f"{number(estimate['interval_low'])} sampai {number(estimate['interval_high'])}"
        yield "Taksiran hasil resmi", f"{number(estimate['expected_value'])} ({ends}). {estimate['note']}"
    else:
        yield "Taksiran hasil resmi", estimate["note"]
    if row["pace"]:
        yield from _pace(row["pace"])
    if row["losing"]:
        yield "Penentu predikat", f"turun satu tingkat kehilangan {row['predicate']}: {', '.join(row['losing'])}"
    if row["winning"]:
        yield "Peluang predikat", f"naik satu tingkat meraih predikat berikutnya: {', '.join(row['winning'])}"
    widest = sorted(row["aspects"] or (), key=lambda one: one["points_open"], reverse=True)[:3]
    yield "Ruang terbesar", "; ".join(f"{one['part']} {number(one['points_open'])} poin" for one in widest)
    if (restated := row["restated"]) is not None:
        yield from _restated(restated)
    yield from _unequal(row["unequal"] or ())


def _pace(pace: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if pace["required_per_month"] is not None:
        yield "Yang diperlukan", f"{number(pace['required_per_month'], 4)} poin sebulan sampai {pace['target_on']}"
    if pace["trend_per_month"] is not None:
        ends = f"{number(pace['trend_low'], 4)} sampai {number(pace['trend_high'], 4)}"
        yield "Laju", f"{number(pace['trend_per_month'], 4)} poin sebulan ({ends}; {pace['night_count']} malam)"
    if pace["projected_value"] is not None:
        ends = f"{number(pace['projected_low'])} sampai {number(pace['projected_high'])}"
        yield "Bila laju tetap", f"{number(pace['projected_value'])} pada {pace['target_on']} ({ends})"
    told = [pace["note"]]
    if pace["points_missing"] > 0 and pace["days_left"] <= 0:
        told.append(f"Batasnya {pace['target_on']}; kurang {number(pace['points_missing'], 4)} poin.")
    if pace["points_missing"] > 0 and pace["met_on"] is not None:
        told.append(f"Perkiraan tercapai {pace['met_on']}.")
    yield "Target", " ".join(told)


def _restated(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield (
        "Instrumen berikutnya",
        (
            f"{row['instrument_code']}, taksiran {number(row['estimated_value'])} {row['estimated_predicate']} "
            f"({number(row['cautious_value'])} bila hanya padanan yang jelas dihitung)"
        ),
    )
    outside = (
        f"{number(row['outside_weight_pct'], 0)}% bobot dari indeks instansi lain menahan {number(row['outside_cost'])}"
    )
    if row["target_restated"] is None:
        yield "", f"{outside} selama belum diketahui."
        return
    yield (
        "",
        (
            f"{outside}; target setara {number(row['target_restated'])}, "
            f"untuk itu indikator lain perlu rata-rata {number(row['needed_elsewhere'])}."
        ),
    )


def _unequal(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Figures of ours that aren't those that were published."""
    for place, one in enumerate(rows[:MOST_UNEQUAL]):
        yield (
            "Beda dengan terbitan" if place == 0 else "",
            (
                f"{one['year']} {STAGE_NAMES[one['stage']]} {one['part']}: terbit {number(one['published_value'], 4)}, "
                f"di sini {number(one['computed_value'], 4)} ({one['source']})"
            ),
        )
    if len(rows) > MOST_UNEQUAL:
        yield "", f"dan {len(rows) - MOST_UNEQUAL} lagi; semuanya di mart.reconciliation"


def _show_comparison(row: Mapping[str, Any]) -> None:
    lines = [
        (
            one["part"],
            number(one["own_value"]),
            _kind_average(one),
            _difference(one["own_value"], one["kind_mean"] if one["kind_average"] is None else one["kind_average"]),
            number(one["national_average"]),
            _difference(one["own_value"], one["national_average"]),
            "-" if one["rank_no"] is None else f"{one['rank_no']} dari {one['ranked_count']}",
        )
        for one in row["comparison"]
    ]
    kind = row["institution_kind"] or "Jenis"
    columns = ("Bagian", "Nilai", kind, "Selisih", "Nasional", "Selisih", "Peringkat")
    table(
        f"Perbandingan tahun {row['compared_year']} dengan rata-rata terbitan", columns, lines, right=(1, 2, 3, 4, 5, 6)
    )
    if any(one["is_kind_average_consistent"] is False for one in row["comparison"]):
        console.print("(!) rata-rata ini tidak sesuai dengan bagian-bagiannya sendiri; disimpan seperti terbit.")
    if any(one["rank_no"] is not None for one in row["comparison"]):
        console.print("Peringkat: di antara instansi sejenis yang angkanya diimpor (spbe-etl import).")
    if any(one["kind_average"] is None and one["kind_mean"] is not None for one in row["comparison"]):
        console.print("(p) rata-rata dihitung dari angka portal yang diimpor, setiap instansi sama.")


def _kind_average(one: Mapping[str, Any]) -> str:
    """The published average; else, marked, the mean of the imported figures."""
    if one["kind_average"] is None:
        return "-" if one["kind_mean"] is None else f"{number(one['kind_mean'])} (p)"
    return number(one["kind_average"]) + ("" if one["is_kind_average_consistent"] else " (!)")


def _difference(own: Decimal, other: Decimal | None) -> str:
    return "-" if other is None else f"{'+' if own > other else ''}{number(own - other)}"
