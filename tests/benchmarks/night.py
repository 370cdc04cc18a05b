"""How long a night of the sample takes, from process start to the published file.

Run on a quiet machine: `.venv/bin/python tests/benchmarks/night.py [RUNS]`. Prints the median of RUNS (default 5)
after a warm-up: the bare night and the flow, each a first night, and a flow that does nothing (the start of
Prefect's own server).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
COMMAND = "from spbe_etl.cli import main; main()"
EMPTY_FLOW = """
from spbe_etl.settings import quiet_dependencies
quiet_dependencies()
from prefect import flow
flow(lambda: None, name="empty")()
"""


def seconds(code: str, *arguments: str, runs: int, folder: Path) -> float:
    """Median wall-clock seconds of a Python process that runs this code."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    took = []
    for _ in range(runs + 1):
        shutil.rmtree(folder / "var", ignore_errors=True)
        start = time.monotonic()
        command = [sys.executable, "-c", code, *arguments]
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
        took.append(time.monotonic() - start)
    return median(took[1:])


def main() -> None:
    """Print the three medians and what follows from them."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds(COMMAND, "sample", "sample", runs=1, folder=folder)
        bare = seconds(COMMAND, "run", "--source", "sample", "--bare", runs=runs, folder=folder)
        flow = seconds(COMMAND, "run", "--source", "sample", runs=runs, folder=folder)
        server = seconds(EMPTY_FLOW, runs=runs, folder=folder)
    print(f"bare night            {bare:5.1f} s")
    print(f"flow                  {flow:5.1f} s")
    print(f"empty flow (server)   {server:5.1f} s")
    print(f"flow over its server  {flow - server:5.1f} s")


if __name__ == "__main__":
    main()
