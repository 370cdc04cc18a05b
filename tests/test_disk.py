"""A disk that's full: one clear line, exit 20, and what was published stays; the next run makes the night."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from conftest import District, answer, penilaian

COMMAND = "import sys; sys.argv[0] = 'spbe-etl'; from spbe_etl.cli import main; main()"
ONE_OPD = (("A", "Dinas A", "Dinas", "a", "Ya"),)


def run(folder: Path, night: str, largest: int | None = None) -> subprocess.CompletedProcess[str]:
    """A night; no file may grow beyond `largest` bytes, as on a full disk."""

    def limit() -> None:
        if largest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    arguments = ["run", "--bare", "--source", "source", "--data-dir", "var", "--night", night]
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=folder,
        env={**os.environ},
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=limit,
    )


def published(folder: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(str((folder / "var/published/spbe.duckdb").resolve()), read_only=True) as reader:
        return reader.execute("SELECT snapshot_on, index_exact FROM mart.index_snapshot ORDER BY ALL").fetchall()


@pytest.mark.parametrize("largest", [2_000, pytest.param(100_000, marks=pytest.mark.prove), 1_000_000])
def test_a_full_disk_is_one_clear_line(tmp_path: Path, largest: int) -> None:
    def district(score: int) -> District:
        answers = [answer(2025, no, score) for no in range(1, 40)]
        return District(
            opd=ONE_OPD,
            carriers=[("spbe-2020", no, "A", None) for no in range(1, 48)],
            books={"a": penilaian(*answers)},
        )

    district(3).write_csv(tmp_path / "source")
    assert run(tmp_path, "2026-07-01").returncode == 0
    before = published(tmp_path)
    district(4).write_csv(tmp_path / "source")
    full = run(tmp_path, "2026-07-02", largest)
    assert full.returncode == 20, full.stderr
    assert "Traceback" not in full.stderr
    assert "unforeseen" not in full.stderr
    assert published(tmp_path) == before
    assert run(tmp_path, "2026-07-02").returncode == 0
    after = published(tmp_path)
    assert after[:1] == before
    assert len(after) == 2
    assert after[1] > before[0]
