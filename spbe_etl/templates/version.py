"""Which version of the contract a workbook was made for: in its guide for people, in its properties for programs."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty

from spbe_etl.instruments import Instrument
from spbe_etl.resources import contract_version

PROPERTY = "spbe_contract_version"


def version_line(instrument: Instrument, year: int) -> tuple[str, str]:
    """The line of the guide that tells the version."""
    return "Versi format", f"{contract_version()} ({instrument.code}, tahun {year})"


def stamp_version(book: Workbook) -> None:
    """Put the version into the workbook's custom properties, where it stays when worksheets change."""
    # types-openpyxl leaves this attribute out
    book.custom_doc_props.append(StringProperty(name=PROPERTY, value=contract_version()))  # type: ignore[attr-defined]
