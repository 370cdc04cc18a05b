"""`make run-sheets`: the whole way with Google Sheets, against a server on this machine.

A doctor, a cold night with answers in the sheets, a quiet night, an OPD that mends a cell, and a spreadsheet that's
no longer shared. Nothing leaves the machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sheets_server import Drive, SheetsServer

READER, WRITER = "pembaca@contoh.iam.gserviceaccount.com", "penulis@contoh.iam.gserviceaccount.com"
BIN = Path(sys.executable).parent
DATA = Path("var/sheets")
REJECTED = ("INSPEKTORAT", "D17", 3)
"""An OPD of the sample, a cell of its that's rejected ("3-4"), and what it meant."""


class Show:
    """Commands run one after the other, each with what it asked of Google."""

    def __init__(self, server: SheetsServer, environment: dict[str, str]) -> None:
        self._server = server
        self._environment = environment
        self._nights = 0

    def run(self, title: str, *arguments: str, expected: int = 0) -> None:
        """Run `spbe-etl` with these arguments, each run a night later; end the show if it doesn't exit as expected."""
        if arguments[0] == "run":
            arguments = (*arguments, "--night", str(datetime.now(UTC).date() + timedelta(days=self._nights)))
            self._nights += 1
        print(f"\n=== {title}\n$ spbe-etl {' '.join(arguments)}", flush=True)
        before = self._server.count()
        command = [str(BIN / "spbe-etl"), *arguments]
        done = subprocess.run(command, env={**os.environ, **self._environment}, check=False)
        print(f"--- {self._server.count() - before} requests to Google, exit {done.returncode}", flush=True)
        if done.returncode != expected:
            sys.exit(f"expected exit {expected}")


def main(sample: Path) -> None:
    """Show it all on the sample's district."""
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    drive = Drive()
    register_id = drive.add_institution(sample / "selayar", [READER], [WRITER])
    with SheetsServer(drive) as server:
        show = Show(
            server,
            {
                "SPBE_DATA_DIR": str(DATA),
                "SPBE_SOURCE": "google",
                "SPBE_GOOGLE_REGISTER": register_id,
                "SPBE_GOOGLE_CREDENTIALS": str(server.write_credentials(DATA / "pembaca.json", READER)),
                "SPBE_GOOGLE_WRITER_CREDENTIALS": str(server.write_credentials(DATA / "penulis.json", WRITER)),
                "SPBE_GOOGLE_ENDPOINT": server.endpoint,
            },
        )
        print(f"A Sheets server with {len(drive.files())} spreadsheets at {server.endpoint}")
        show.run("Is everything in place?", "doctor")
        show.run("The first night, with answers in the sheets", "run", "--feedback")
        opd, cell, score = REJECTED
        file_id = drive.institution(register_id)[f"{opd.lower()}.xlsx"]
        print_answer(drive, file_id, opd)
        show.run("The night after: our own answers changed the sheets once", "run", "--feedback")
        show.run("A quiet night", "run", "--feedback")
        drive.set_cell(file_id, "Penilaian", cell, score)
        show.run(f"{opd} mends cell {cell}", "run", "--feedback")
        print_answer(drive, file_id, opd)
        drive.unshare(file_id, READER)
        title = f"{opd} no longer shares its spreadsheet: its last good answers stay"
        show.run(title, "run", "--feedback", expected=10)


def print_answer(drive: Drive, file_id: str, opd: str) -> None:
    """What the OPD reads in its own spreadsheet."""
    print(f"\n--- {opd}, lembar Penilaian, kolom terakhir:")
    for row_no, row in enumerate(drive.values(file_id, "Penilaian"), start=1):
        if row and isinstance(row[-1], str) and row[-1].startswith(("Status", "Perlu", "Belum", "Diterima,")):
            print(f"  {row_no:>3}  {row[-1]}")
    print(f"--- {opd}, lembar Hasil Pemeriksaan:")
    for row in drive.values(file_id, "Hasil Pemeriksaan"):
        print("  " + " | ".join("" if one is None else str(one) for one in row).rstrip(" |"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
