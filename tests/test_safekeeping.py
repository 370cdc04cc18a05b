"""A working file that's damaged: found before a run, replaced by its copy, and nothing of the past is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import NIGHT, District, FakeSource, answer, penilaian

from spbe_etl.composition import open_warehouse
from spbe_etl.instruments import load_instruments
from spbe_etl.night import Night, run_night
from spbe_etl.runs import Request
from spbe_etl.safekeeping import restore_if_damaged
from spbe_etl.settings import Settings
from spbe_etl.warehouse import Warehouse

ONE_OPD = (("A", "Dinas A", "Dinas", "a", "Ya"),)


def run(settings: Settings, day: int, score: int) -> None:
    district = District(
        opd=ONE_OPD,
        carriers=[("spbe-2020", no, "A", None) for no in range(1, 48)],
        books={"a": penilaian(*(answer(2025, no, score) for no in range(1, 40)))},
    )
    with open_warehouse(settings) as warehouse:
        night: date = NIGHT + timedelta(days=day)
        now = datetime(2026, 7, 1 + day, 20, tzinfo=UTC)
        run_night(
            Night(FakeSource([district]), settings, load_instruments(), Request(now, f"run-{day}", night), warehouse)
        )


def indices(settings: Settings) -> list[tuple[object, ...]]:
    with duckdb.connect(str((settings.published_path).resolve()), read_only=True) as reader:
        return reader.execute("SELECT snapshot_on, index_exact FROM mart.index_snapshot ORDER BY ALL").fetchall()


def overwrite(path: Path, at: float) -> None:
    content = bytearray(path.read_bytes())
    start = int(len(content) * at)
    end = start + len(content) // 3
    content[start:end] = b"\xff" * len(content[start:end])
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DAMAGES: dict[str, Callable[[Path], None]] = {
    "its head": lambda path: overwrite(path, 0),
    "its middle": lambda path: overwrite(path, 0.5),
    "its end": lambda path: overwrite(path, 0.9),
    "cut": cut,
    "empty": lambda path: path.write_bytes(b"nothing of a database"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_working_file_is_replaced_by_its_copy(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data_dir=tmp_path / "var")
    run(settings, 0, 3)
    run(settings, 1, 4)
    before = indices(settings)
    DAMAGES[damage](settings.warehouse_path)
    run(settings, 2, 5)
    assert "was damaged" in caplog.text
    assert indices(settings)[:2] == before
    assert len(indices(settings)) == 3
    assert len(list(settings.data_dir.glob("warehouse.duckdb.damaged-*"))) == 1


def test_a_file_as_it_was_left_is_not_looked_into(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "var")
    run(settings, 0, 3)
    assert restore_if_damaged(settings.warehouse_path) == ""
    assert {path.name for path in settings.data_dir.glob("warehouse.*")} == {
        "warehouse.duckdb",
        "warehouse.duckdb.copy",
        "warehouse.duckdb.sha256",
    }
    assert (settings.data_dir / "warehouse.duckdb.copy").stat().st_mode & 0o077 == 0


def test_what_a_cut_off_run_left_in_its_log_is_taken_in(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "var")
    run(settings, 0, 3)
    warehouse = Warehouse(settings.warehouse_path, load_instruments())
    warehouse.execute("SET wal_autocheckpoint = '1GB'")
    warehouse.execute("CREATE TABLE left_over AS SELECT 1 AS one")
    content, log = settings.warehouse_path.read_bytes(), (settings.data_dir / "warehouse.duckdb.wal").read_bytes()
    warehouse.close()
    settings.warehouse_path.write_bytes(content)
    (settings.data_dir / "warehouse.duckdb.wal").write_bytes(log)
    assert restore_if_damaged(settings.warehouse_path) == ""
    with open_warehouse(settings) as opened:
        assert opened.rows("FROM left_over") == [{"one": 1}]


def test_a_working_file_that_is_gone_is_as_good_as_damaged(tmp_path: Path) -> None:
    """A restoration may be cut off between its two steps."""
    settings = Settings(data_dir=tmp_path / "var")
    run(settings, 0, 3)
    settings.warehouse_path.unlink()
    assert "was gone and is now" in restore_if_damaged(settings.warehouse_path)
    run(settings, 1, 4)
    assert len(indices(settings)) == 2
