"""Faults that were once there, each with the smallest night that shows it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import duckdb
import pytest
from conftest import (
    FOUR_OPD,
    INTERNAL,
    NIGHT,
    District,
    FakeSource,
    Nights,
    answer,
    penilaian,
    workbook_of,
    worksheet_of,
)
from openpyxl import load_workbook

from spbe_etl.cells import Cell
from spbe_etl.errors import DONE, ConfigurationError, PublicationError
from spbe_etl.sample import write_sample
from spbe_etl.summary import summarise
from spbe_etl.workbooks import Workbook, Worksheet

YEAR = 2025
SEMUA = ("spbe-2020", 13, "A", "SEMUA")


def night(no: int) -> date:
    return date(2026, 3, no)


def district(
    carriers: list[tuple[object, ...]], books: dict[str, list[tuple[object, ...]]], **rest: object
) -> District:
    return District(
        opd=FOUR_OPD,
        carriers=carriers,
        books={name: penilaian(*rows) for name, rows in {"a": [], "b": [], "c": [], "x": [], **books}.items()},
        **rest,  # type: ignore[arg-type]
    )


def score(ran: object, no: str, stage: str = "proposed") -> tuple[object, object]:
    row = ran.mart.row("FROM mart.indicator_snapshot WHERE indicator_no = ? AND stage = ?", [no, stage])  # type: ignore[attr-defined]
    return row["score"], row["is_answered"]


def test_unreadable_supporters_never_open_a_gate(run: Nights) -> None:
    ran = run(district([("spbe-2020", 13, "A", Cell("error", "#REF!"))], {"a": [answer(YEAR, 13, 4)]}))
    assert score(ran, "13") == (Decimal(1), False)


@pytest.mark.parametrize("turned", [False, True])
def test_a_carrier_with_two_lists_of_supporters_is_contradicted(run: Nights, turned: bool) -> None:
    rows: list[tuple[object, ...]] = [("spbe-2020", 18, "A", None), ("spbe-2020", 18, "A", "SEMUA")]
    ran = run(district(rows[::-1] if turned else rows, {"a": [answer(YEAR, 18, 4)]}))
    assert score(ran, "18") == (Decimal(1), False)
    assert {row["rule_code"] for row in ran.mart.rows("FROM mart.rejected_row WHERE worksheet = 'Pengampu'")} == {
        "CARRIER_CONTRADICTS"
    }


def test_a_silent_carrier_of_a_gated_indicator_is_unanswered(run: Nights) -> None:
    ran = run(district([SEMUA], {"a": [answer(YEAR, 1, 3)]}))
    assert score(ran, "13") == (Decimal(1), False)


def test_a_withdrawn_verdict_does_not_stop_the_institution(run: Nights) -> None:
    carriers = [("spbe-2020", no, "A", None) for no in range(1, 48)]
    books = {"a": [answer(YEAR, no, 3) for no in range(1, 48)]}
    run(district(carriers, books, verdicts=[(YEAR, 1, INTERNAL, 4, "Asesor", None, None)]), night(1))
    ran = run(district(carriers, books), night(2))
    assert ran.outcome.exit_code == 0


def test_stale_silence_that_holds_a_gate_is_told(run: Nights) -> None:
    books = {"a": [answer(YEAR, 13, 4)], "b": [answer(YEAR, 13, "banyak")], "c": [answer(YEAR, 13, 4)]}
    one = district([("spbe-2020", 13, "A", "B; C")], books)
    run(one, night(1))
    broken = district([("spbe-2020", 13, "A", "B; C")], books)
    ran = run(
        District(opd=FOUR_OPD, carriers=broken.carriers, books={k: v for k, v in broken.books.items() if k != "b"}),
        night(2),
    )
    assert ran.mart.row("FROM mart.index_snapshot WHERE snapshot_on = ?", [night(2)])["is_stale"]


def test_a_night_without_a_stage_is_a_night_all_the_same(run: Nights) -> None:
    carriers = [("spbe-2020", 1, "A", None)]
    run(district(carriers, {"a": [answer(YEAR, 1, 3)]}), night(1))
    ran = run(district(carriers, {}), night(2), accepted=("A",))
    assert ran.outcome.exit_code == 0
    assert ran.outcome.indices == ()
    assert ran.mart.rows("FROM mart.index_as_of(DATE '2026-03-02')") == []
    assert len(ran.mart.rows("FROM mart.index_as_of(DATE '2026-03-01')")) == 1


def test_a_register_change_that_moves_nothing_is_no_cause(run: Nights) -> None:
    def one(active: str, claim: int, supporters: str | None) -> District:
        opd = (*FOUR_OPD[:2], ("C", "Dinas C", "Dinas", "c", active), FOUR_OPD[3])
        books = {"a": penilaian(answer(YEAR, 1, claim)), "b": penilaian(), "c": penilaian(), "x": penilaian()}
        return District(opd=opd, carriers=[("spbe-2020", 1, "A", supporters)], books=books)

    run(one("Ya", 2, "SEMUA"), night(1))
    ran = run(one("Tidak", 3, "B"), night(2))
    assert [row["cause"] for row in ran.mart.rows("FROM mart.index_change")] == ["score"]


def test_a_target_changed_later_leaves_earlier_nights_as_they_were(run: Nights) -> None:
    carriers, books = [("spbe-2020", 1, "A", None)], {"a": [answer(YEAR, 1, 3)]}
    run(district(carriers, books, targets=[(YEAR, "2,63", None)]), night(1))
    ran = run(district(carriers, books, targets=[(YEAR, "3,5", None)]), night(2))
    rows = ran.mart.rows("SELECT target_index FROM mart.index_trend ORDER BY snapshot_on")
    assert [row["target_index"] for row in rows] == [Decimal("2.63"), Decimal("3.50")]


def test_content_that_returns_has_changed(run: Nights) -> None:
    carriers = [("spbe-2020", 1, "A", None)]
    for no, claim in ((1, 2), (2, 3), (3, 2)):
        ran = run(district(carriers, {"a": [answer(YEAR, 1, claim)]}), night(no))
    row = ran.mart.row("FROM mart.opd_snapshot WHERE opd_code = 'A' AND snapshot_on = ?", [night(3)])
    assert row["last_changed_on"] == night(3)


def test_a_renamed_workbook_keeps_its_findings(run: Nights) -> None:
    carriers = [("spbe-2020", 1, "A", None)]
    run(district(carriers, {"a": [answer(YEAR, 1, "banyak")]}), night(1))
    opd = (("A", "Dinas A", "Dinas", "a2", "Ya"), *FOUR_OPD[1:])
    books = {"a2": penilaian(answer(YEAR, 1, "banyak")), "b": penilaian(), "c": penilaian(), "x": penilaian()}
    ran = run(District(opd=opd, carriers=carriers, books=books), night(2))
    (row,) = ran.mart.rows("FROM mart.rejected_row WHERE opd_code = 'A' AND severity = 'critical'")
    assert (row["workbook"], row["first_seen_on"], row["resolved_on"]) == ("a2", night(1), None)


def test_a_publication_that_fails_is_told_and_recorded(run: Nights) -> None:
    one = district([("spbe-2020", 1, "A", None)], {"a": [answer(YEAR, 1, 3)]})
    run.settings.published_dir.mkdir(parents=True, exist_ok=True)
    (run.settings.published_dir / "parquet").write_text("in the way")
    ran = run(one, night(1))
    assert (ran.outcome.exit_code, ran.outcome.state, ran.outcome.published) == (20, "refused", None)
    assert "can't be published into" in str(summarise(ran.outcome)["error"])
    assert ran.outcome.refused == {}, "no institution's data are the reason"
    (run.settings.published_dir / "parquet").unlink()
    assert run(one, night(1)).outcome.exit_code == 0


def test_a_damaged_warehouse_ends_the_run_instead_of_turning_for_ever(run: Nights) -> None:
    one = district([("spbe-2020", 1, "A", None)], {"a": [answer(YEAR, 1, 3)]})
    run(one, night(1))
    with duckdb.connect(str(run.settings.warehouse_path)) as warehouse:
        warehouse.execute("INSERT INTO history.indicator_score FROM history.indicator_score")
    raised: list[BaseException] = []

    def again() -> None:
        try:
            run(one, night(2))
        except PublicationError as error:
            raised.append(error)

    thread = threading.Thread(target=again)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()


def test_the_institution_is_the_row_with_a_code(run: Nights) -> None:
    one = district([("spbe-2020", 1, "A", None)], {"a": [answer(YEAR, 1, 3)]})
    header, row = one.register()["Instansi"]
    sheets = {**one.register(), "Instansi": [header, (None, "Catatan: isi di bawah", "x", "Asia/Jayapura"), row]}
    ran = run(FakeSource([replace(one, register_book=workbook_of("register", sheets))]), night(1))
    told = ran.mart.row("FROM mart.institution")
    assert (told["institution_name"], told["timezone"]) == ("Kabupaten Contoh", "Asia/Makassar")


def test_a_link_behind_a_number_is_evidence(run: Nights) -> None:
    raw = worksheet_of("Penilaian", penilaian(answer(YEAR, 1, 3))["Penilaian"])
    cells = [
        cell._replace(kind="number", text="7", link="https://a.go.id/doc") if cell.text.startswith("http") else cell
        for cell in raw.cells
    ]
    one = district([("spbe-2020", 1, "A", None)], {})
    books = {**one.books, "a": Workbook("a", (Worksheet("Penilaian", tuple(cells)),))}
    ran = run(FakeSource([replace(one, books=books)]), night(1))
    assert [row["url"] for row in ran.mart.rows("FROM mart.evidence")] == ["https://a.go.id/doc"]


def test_a_workbook_answers_for_one_opd_alone(run: Nights) -> None:
    opd = (("A", "Dinas A", "Dinas", "a", "Ya"), ("B", "Dinas B", "Dinas", "A.xlsx", "Ya"))
    ran = run(District(opd=opd, carriers=[SEMUA], books={"a": penilaian(answer(YEAR, 13, 4))}))
    assert score(ran, "13") == (Decimal(2), True)
    assert [row["opd_code"] for row in ran.mart.rows("FROM mart.opd_blocker")] == ["B"]


def test_a_loss_that_was_believed_is_no_collapse(run: Nights) -> None:
    carriers = [("spbe-2020", no, "A", None) for no in range(1, 48)]
    run(district(carriers, {"a": [answer(YEAR, no, 3) for no in range(1, 48)]}), night(1))
    emptied = district(carriers, {"a": [answer(YEAR, 1, 3)]})
    assert [run(emptied, night(no)).outcome.exit_code for no in (2, 3, 4, 5)] == [10, 10, 0, 0]


def test_an_accepted_code_that_nobody_has_is_refused(run: Nights) -> None:
    with pytest.raises(ConfigurationError, match="NOSUCH"):
        run(district([SEMUA], {}), night(1), accepted=("NOSUCH",))


def test_a_night_years_ahead_is_refused(run: Nights) -> None:
    with pytest.raises(ConfigurationError, match="years ahead"):
        run(district([SEMUA], {}), date(2999, 1, 1))


def test_what_could_not_be_read_is_published_with_its_reason(run: Nights) -> None:
    one = district([SEMUA], {})
    ran = run(replace(one, books={name: book for name, book in one.books.items() if name != "b"}), night(1))
    (row,) = ran.mart.rows("FROM mart.failed_workbook")
    assert (row["opd_code"], row["snapshot_on"]) == ("B", night(1))
    assert row["reason"]


def test_one_rejected_row_of_each_kind_leaves_the_sample_as_it_was(run: Nights, tmp_path: Path) -> None:
    """DuckDB 1.5.5 fails inside its optimizer on some numbers of rejected rows; the sample's are such."""
    sample = tmp_path / "sample"
    write_sample(sample)
    register = sample / "selayar" / "register.xlsx"
    nights = count()
    assert run(sample / "selayar", night=NIGHT).outcome.exit_code == DONE
    for worksheet, cell, value in (("Pengampu", "B6", 999), ("Verifikasi", "D4", 9), ("Target", "B4", 77)):
        book = load_workbook(register)
        book[worksheet][cell].value = value
        book.save(register)
        ran = run(sample / "selayar", night=NIGHT + timedelta(days=1 + next(nights)))
        assert ran.outcome.exit_code == DONE
        found = ran.mart.values(
            "SELECT DISTINCT cell FROM mart.rejected_row WHERE severity = 'critical' AND worksheet = $1", [worksheet]
        )
        assert cell in found
