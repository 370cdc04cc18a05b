"""How fast, how big, against what: `make bench`. Prints a table, writes tests/benchmarks/result.json.

Every figure is a ratio against something measured in the same run, so that another machine gives about the same.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import Any

from country import INSTRUMENT, land_country

from spbe_etl.instruments import load_instruments

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
INSTITUTIONS = (60, 200, 600)
QUIET_NIGHTS = 10


@dataclass(frozen=True)
class Run:
    """What a process took: wall and CPU seconds, the most memory of it and its children, and what it said."""

    wall: float
    cpu: float
    memory_mb: float
    said: Any


@dataclass(frozen=True)
class Figure:
    """One line of the table: `bound` on `ratio`, or on `value` where there's nothing to divide by."""

    name: str
    value: float
    unit: str
    against: float | None
    ratio: float | None
    bound: float
    detail: Any = None


def run(job: str, folder: Path, python: str = sys.executable) -> Run:
    """A job, or a script beside this one, in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = perf_counter()
    script = [f"{job}.py"] if (HERE / f"{job}.py").exists() else ["jobs.py", job]
    command = [python, str(HERE / script[0]), *script[1:], str(folder)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}", "SPBE_REPORT": ""}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        ended, most = Event(), [0.0]
        watcher = Thread(target=_watch, args=(process.pid, ended, most))
        watcher.start()
        out, _ = process.communicate()
        ended.set()
        watcher.join()
    if process.returncode:
        raise SystemExit(f"{job} ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    said = json.loads(out.splitlines()[-1]) if out.strip() else None
    return Run(perf_counter() - start, cpu, most[0], said)


def _watch(pid: int, ended: Event, most: list[float]) -> None:
    while not ended.wait(0.05):
        most[0] = max(most[0], sum(_resident_mb(one) for one in _family(pid)))


def _family(pid: int) -> list[int]:
    try:
        children = (Path(f"/proc/{pid}/task/{pid}/children").read_text()).split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in _family(int(child)))]


def _resident_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    kilobytes = next((line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")), "0")
    return int(kilobytes) / 1024


def country(folder: Path, institutions: int) -> list[Figure]:
    """The whole national night, and the marts alone, against the bare job."""
    codes = land_country(folder / "raw", "run-1", institutions, load_instruments()[INSTRUMENT])
    (folder / "codes.json").write_text(json.dumps(codes))
    least = min((run("bare", folder) for _ in range(3)), key=lambda one: one.wall)
    night = run("national", folder)
    name = f"national night, {institutions} institutions"
    analysis = night.said["steps"]["analyse"]
    wall = night.wall - analysis
    figures = [
        Figure(f"analysis of {institutions} institutions, all paths unknown", analysis, "s", None, None, 60),
        Figure(f"{name}: wall, analysis aside", wall, "s", least.wall, wall / least.wall, 8, night.said),
        Figure(f"{name}: CPU", night.cpu, "s", least.cpu, night.cpu / least.cpu, 0),
        Figure(f"{name}: memory", night.memory_mb, "MB", None, None, 1500),
    ]
    return [*figures, *parts(folder, night)] if institutions == max(INSTITUTIONS) else figures


def parts(folder: Path, night: Run) -> list[Figure]:
    """Marts and judging by themselves, and the scripts that people write for the same input; after `national`."""
    wall = night.wall - night.said["steps"]["analyse"]
    marts, judging = run("marts", folder).said, run("judging", folder).said
    reports = run("report", folder)
    run("instrument", folder)
    ours = run("index_sum", folder).said["index_sum"]
    pandas, polars = run("by_pandas", folder), run("by_polars", folder, str(ROOT / ".venv-readers/polars/bin/python"))
    for script in (pandas, polars):
        if abs(script.said["index_sum"] - ours) > 0.001:
            raise SystemExit(f"{script.said} doesn't come to our sum of indices, {ours}")
    over_import = "verdicts on every row, over the import of Great Expectations"
    return [
        Figure("reports of all institutions", reports.wall, "s", None, None, 600, reports.said),
        Figure("marts from typed rows", marts["marts"], "s", marts["roll_up"], marts["marts"] / marts["roll_up"], 8),
        Figure(
            over_import, judging["judging"], "s", judging["bare"], judging["judging"] / judging["bare"], 1.5, judging
        ),
        Figure("the night against pandas on whole frames", wall, "s", pandas.wall, wall / pandas.wall, 0.25),
        Figure("the night against polars, figures alone", wall, "s", polars.wall, wall / polars.wall, 0),
    ]


def kabupaten(folder: Path) -> list[Figure]:
    """One kabupaten: what a quiet night takes over its imports, what it leaves behind, and one after a year."""
    command = [sys.executable, "-c", "from spbe_etl.cli import main; main()", "sample", str(folder / "sample")]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    shutil.copytree(folder / "sample" / "selayar", folder / "source")
    first = run("quiet", folder)
    second = min((run("quiet", folder) for _ in range(3)), key=lambda one: one.wall)
    start = _sizes(folder)
    nights = [run("quiet", folder) for _ in range(QUIET_NIGHTS)]
    end = _sizes(folder)
    least = min(run("imports", folder).wall for _ in range(3))
    best = min(nights, key=lambda one: one.wall)
    run("year", folder)
    last = min((run("quiet", folder) for _ in range(3)), key=lambda one: one.wall)
    held = {"working file, MB": round(_sizes(folder)[0] / 1024**2, 1), "first night, s": round(first.wall, 2)}
    return [
        Figure("quiet night over its imports", best.wall - least, "s", least, None, 1, best.said),
        Figure(
            "a quiet night adds to the private store", (end[0] - start[0]) / QUIET_NIGHTS / 1024, "KB", None, None, 64
        ),
        Figure("a quiet night adds to raw", (end[1] - start[1]) / QUIET_NIGHTS / 1024, "KB", None, None, 0),
        Figure("night 365 against night 2", last.wall, "s", second.wall, last.wall / second.wall, 1.2, held),
    ]


def _sizes(folder: Path) -> tuple[int, int]:
    raw = sum(path.stat().st_size for path in (folder / "raw").rglob("*") if path.is_file())
    return (folder / "warehouse.duckdb").stat().st_size, raw


def main() -> None:
    """Measure everything, smallest first."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "kabupaten").mkdir()
        figures += _tell(kabupaten(Path(name) / "kabupaten"))
        for institutions in INSTITUTIONS:
            folder = Path(name) / str(institutions)
            folder.mkdir()
            figures += _tell(country(folder, institutions))
            shutil.rmtree(folder)
    machine = {"python": platform.python_version(), "cores": os.cpu_count()}
    result = {"machine": machine, "figures": [asdict(one) for one in figures]}
    (HERE / "result.json").write_text(json.dumps(result, indent=2) + "\n")


def _tell(figures: list[Figure]) -> list[Figure]:
    for one in figures:
        ratio = f"{one.ratio:6.1f} x" if one.ratio is not None else " " * 8
        against = f"against {one.against:.3f}" if one.against is not None else ""
        bound = f"bound {one.bound:g}" if one.bound else ""
        print(f"{one.name:48} {one.value:9.3f} {one.unit:3} {ratio}  {bound:10} {against}", flush=True)
        if one.detail:
            print(f"    {json.dumps(one.detail)}", flush=True)
    return figures


if __name__ == "__main__":
    main()
