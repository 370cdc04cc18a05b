"""Runs killed at any moment: what is published is whole, and the next run loses and doubles nothing of the night."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from time import sleep
from typing import Any

import duckdb
import pytest
from conftest import NIGHT, District, Nights, answer, penilaian

from spbe_etl.warehouse import mart_columns, mart_tables

FOUR = "abcx"
LONGEST = 2.6
"""Seconds in which a run of these districts ends."""
COMMAND = "import sys; sys.argv[0] = 'spbe-etl'; from spbe_etl.cli import main; main()"
BY_NATURE = {"run_id", "fetched_at", "workbook"}


class Twins:
    """A data directory whose runs are killed, and one whose runs aren't."""

    def __init__(self, run: Nights, seed: int) -> None:
        self.random = random.Random(seed)
        self.calm, self.folder = run, run.folder / "killed"
        self.folder.mkdir()
        self.scores = {name: [self.random.randint(1, 5) for _ in range(8)] for name in FOUR}
        self.ends: Counter[str] = Counter()

    def district(self) -> District:
        books = {
            name: penilaian(*(answer(2025, no, score) for no, score in enumerate(scores, start=1)))
            for name, scores in self.scores.items()
        }
        return District(carriers=[("spbe-2020", no, "A", "SEMUA") for no in range(1, 48)], books=books)

    def night(self, number: int) -> None:
        """A change, a run killed at some moment, a look at what's published, a run to the end, and the comparison."""
        self.scores[self.random.choice(FOUR)][self.random.randrange(8)] = self.random.randint(1, 5)
        source = self.folder / "source"
        shutil.rmtree(source, ignore_errors=True)
        self.district().write_csv(source)
        before = self.published()
        with self.start(number) as process:
            sleep(self.random.uniform(0.3, LONGEST))
            process.send_signal(signal.SIGKILL)
        self.ends["ended" if process.returncode == 0 else "killed"] += 1
        assert self.published() in (before, NIGHT + timedelta(days=number))
        with self.start(number) as process:
            _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
        self.calm(source, night=NIGHT + timedelta(days=number))
        self.compare()

    def start(self, number: int) -> subprocess.Popen[bytes]:
        night = (NIGHT + timedelta(days=number)).isoformat()
        arguments = ["run", "--bare", "--source", "source", "--data-dir", "var", "--night", night]
        return subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments],
            cwd=self.folder,
            env={**os.environ},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def published(self) -> Any:
        """The night that's published, its files compared with the manifest."""
        folder = self.folder / "var" / "published"
        if not (folder / "manifest.json").exists():
            return None
        told = json.loads((folder / "manifest.json").read_text())
        assert hashlib.sha256((folder / "spbe.duckdb").read_bytes()).hexdigest() == told["database_sha256"]
        for name, about in told["tables"].items():
            content = (folder / "parquet" / f"{name}.parquet").read_bytes()
            assert hashlib.sha256(content).hexdigest() == about["parquet_sha256"]
        with duckdb.connect(str((folder / "spbe.duckdb").resolve()), read_only=True) as reader:
            (night,) = reader.execute("SELECT max(snapshot_on) FROM mart.night").fetchone() or ()
        return night

    def compare(self) -> None:
        calm = self.calm.reopen()
        with duckdb.connect(str((self.folder / "var/published/spbe.duckdb").resolve()), read_only=True) as reader:
            for table in mart_tables():
                if table == "run":
                    continue
                names = [one["column_name"] for one in mart_columns(table) if one["column_name"] not in BY_NATURE]
                query = f"SELECT {', '.join(names)} FROM mart.{table} ORDER BY ALL"
                assert reader.execute(query).fetchall() == calm.connection.execute(query).fetchall(), table


def check_kills(run: Nights, seed: int, kills: int) -> Counter[str]:
    twins = Twins(run, seed)
    for number in range(kills):
        twins.night(number)
    return twins.ends


def test_a_killed_run_loses_and_doubles_nothing(run: Nights) -> None:
    assert check_kills(run, 1, 3)["killed"] > 0


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(10, 14))
def test_killed_runs_lose_and_double_nothing(run: Nights, seed: int) -> None:
    assert check_kills(run, seed, 50)["killed"] > 25
