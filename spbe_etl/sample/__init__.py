"""The sample that `spbe-etl sample DIR` writes: a synthetic Selayar and Bandar Lampung's published results.

What a person may want to review is data in `warehouse/seeds/sample/`: OPD, carriers, claims, who is below
a gate, verdicts, and the mess of some workbooks. The seed only varies what doesn't decide the index:
supporters' scores above a gate, phrases, links and dates.
"""

from __future__ import annotations

from pathlib import Path

from spbe_etl.errors import ConfigurationError
from spbe_etl.folders import make_folder
from spbe_etl.instruments import load_instruments
from spbe_etl.resources import SEEDS
from spbe_etl.sample.answers import load_plan
from spbe_etl.sample.bandar_lampung import bandar_lampung_register
from spbe_etl.sample.files import save_workbook
from spbe_etl.sample.selayar import opd_file_name, opd_list, opd_workbook, selayar_register

__all__ = ["write_sample"]

README = "BACA-SAYA.txt"


def write_sample(folder: Path, seed: int = 7301) -> list[Path]:
    """Write the sample's files; the same seed gives the same bytes. An earlier sample is replaced.

    Raises ConfigurationError when the folder is a file, or holds anything without being an earlier sample.
    """
    text = (SEEDS / "sample" / README).read_text(encoding="utf-8")
    _check_folder(folder, marker=text.splitlines()[0])
    written = [folder / README]
    for path in (folder / "selayar", folder / "bandar-lampung"):
        make_folder(path)
    written[0].write_text(text, encoding="utf-8", newline="\n")

    plan = load_plan(load_instruments())
    written.append(folder / "selayar" / "register.xlsx")
    save_workbook(selayar_register(), written[-1])
    for opd in opd_list():
        if opd["has_joined"] == "yes":
            written.append(folder / "selayar" / opd_file_name(opd["opd_code"]))
            save_workbook(opd_workbook(opd, plan, seed), written[-1])
    written.append(folder / "bandar-lampung" / "register.xlsx")
    save_workbook(bandar_lampung_register(), written[-1])
    return written


def _check_folder(folder: Path, marker: str) -> None:
    """Only a new or empty folder, or an earlier sample, may be written to."""
    if folder.exists() and not folder.is_dir():
        raise ConfigurationError(f"{folder}: is a file; the sample needs a folder")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    readme = folder / README
    lines = readme.read_text(encoding="utf-8", errors="replace").splitlines() if readme.is_file() else []
    if lines[:1] != [marker]:
        raise ConfigurationError(f"{folder}: isn't empty and holds no earlier sample; choose another folder")
