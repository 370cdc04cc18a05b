"""From a source to landed worksheets: what was asked for, what came, and where its fields stand.

A workbook that can't be used fails here, by name, with what to do; the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from spbe_etl.cells import tidy
from spbe_etl.errors import SourceError
from spbe_etl.marks import ANSWERS, Marks, split_marks
from spbe_etl.registers import Register, read_register
from spbe_etl.sources import Fetched, RegisterSource
from spbe_etl.values import LOADING
from spbe_etl.workbooks import Header, RawCell, Workbook, Worksheet, contract_worksheets, fields, find_header

OFFERED = frozenset({"level_summary"})
"""Fields that we fill in for those who read; nobody misses them."""

REGISTER_OPD = ""
"""The opd_code of a register among the fetches."""


@dataclass(frozen=True)
class Landed:
    """One workbook asked for. `worksheets` by contract name, empty where the contract knows none by that title.

    `is_unchanged`: it's still the `version` of the last good read, whose content stands. `marks`: what we
    wrote into it earlier, as it was found; None where nothing was read.
    """

    source_key: str
    institution_code: str
    opd_code: str
    workbook: str
    fetched_at: datetime
    reason: str = ""
    worksheets: tuple[tuple[str, Worksheet], ...] = ()
    headers: Mapping[str, Header] = field(default_factory=dict)
    answered_count: int = 0
    version: str = ""
    is_unchanged: bool = False
    marks: Marks | None = None

    @property
    def judged_hash(self) -> str:
        """The content hash of what the workbook is asked for first: the answers."""
        return next((sheet.content_hash for name, sheet in self.worksheets if name == ANSWERS), "")


@dataclass(frozen=True)
class Institution:
    """One institution of tonight: its register in force and where its workbooks come from."""

    source: RegisterSource
    register: Register


LastRegister = Callable[[str], Workbook | None]
KnownVersions = Mapping[str, tuple[str, str]]
"""OPD code -> workbook and version of its last good read."""


def extract_register(
    source: RegisterSource, last_good: LastRegister, now: datetime
) -> tuple[Institution | None, Landed]:
    """An institution by its register, or by its last good one; None where it never had a readable register."""
    fetched = source.fetch_register()
    landed = check("register", source.key, "", REGISTER_OPD, fetched, now)
    if landed.reason == "" and fetched.workbook is not None:
        try:
            register = read_register(fetched.workbook)
        except SourceError as error:
            landed = Landed(source.key, "", REGISTER_OPD, fetched.workbook_name, now, str(error))
        else:
            landed = replace(landed, institution_code=register.institution_code)
            return Institution(source, register), landed
    before = last_good(source.key)
    if before is None:
        return None, landed
    try:
        register = read_register(before)
    except SourceError:
        return None, landed
    landed = Landed(source.key, register.institution_code, REGISTER_OPD, landed.workbook, now, landed.reason)
    return Institution(source, register), landed


def place_of(source: RegisterSource, landed: Landed) -> str:
    """In front of a register's name, its folder where there are several; nothing where its name says it all."""
    return "" if source.key in (".", landed.workbook) else f"{source.key}/"


def extract_batch(
    institution: Institution, opd_codes: Sequence[str], known: KnownVersions, now: datetime
) -> Iterator[Landed]:
    """The workbooks of some OPD of an institution, in order. One that's still at its known version isn't read."""
    references = institution.register.references
    versions = {
        references[code]: known[code][1]
        for code in opd_codes
        if code in known and known[code][0].removesuffix(".xlsx") == references[code].removesuffix(".xlsx")
    }
    wanted = institution.source.fetch([references[code] for code in opd_codes], versions)
    for opd_code, fetched in zip(opd_codes, wanted, strict=True):
        yield check("opd", institution.source.key, institution.register.institution_code, opd_code, fetched, now)


def check(
    workbook_kind: str, source_key: str, institution_code: str, opd_code: str, fetched: Fetched, now: datetime
) -> Landed:
    """A fetched workbook checked for its required worksheets and headers; its failure is its reason."""
    landed = Landed(
        source_key,
        institution_code,
        opd_code,
        fetched.workbook_name,
        now,
        fetched.reason,
        version=fetched.version,
        is_unchanged=fetched.is_unchanged,
    )
    if fetched.workbook is None:
        return landed
    workbook, marks = split_marks(fetched.workbook) if workbook_kind == "opd" else (fetched.workbook, None)
    landed = replace(landed, marks=marks)
    try:
        known = contract_worksheets(workbook, workbook_kind)
        headers = {
            name: header
            for name, sheet in known.items()
            if fields(name) and (header := find_header(workbook.name, name, sheet)) is not None
        }
    except SourceError as error:
        return replace(landed, reason=str(error))
    for name, sheet in known.items():
        if fields(name) and (cell := _still_loading(sheet)) is not None:
            where = f"{workbook.name}, lembar {name}, sel {cell.place}"
            return replace(landed, reason=f"{where}: isi masih dimuat dari berkas lain. Buka berkas ini sampai terisi.")
    names = {id(sheet): name for name, sheet in known.items()}
    return replace(
        landed,
        worksheets=tuple((names.get(id(sheet), ""), sheet) for sheet in workbook.worksheets),
        headers=headers,
        answered_count=_count_answers(known[ANSWERS], headers[ANSWERS]) if ANSWERS in known else 0,
    )


def _still_loading(sheet: Worksheet) -> RawCell | None:
    """A cell that's still being fetched from another spreadsheet: neither an answer nor a mistake."""
    return next((cell for cell in sheet.cells if cell.kind == "error" and cell.text == LOADING), None)


def drift(landed: Landed) -> Iterator[str]:
    """How a readable workbook's columns differ from the contract's: absent ones, and ones nobody reads (Bahasa)."""
    for name, sheet in landed.worksheets:
        header = landed.headers.get(name)
        if header is None:
            continue
        absent = [one.header for one in fields(name) if one.field not in header.columns and one.field not in OFFERED]
        unread = unread_columns(sheet, header)
        where = f"{landed.workbook}, lembar {name}"
        if absent:
            yield f"{where}: kolom yang tidak ada: {', '.join(absent)}"
        if unread:
            columns = ", ".join(f"{title} ({place})" for title, place in list(unread.items())[:5])
            yield f"{where}: kolom yang tidak dibaca: {columns}"


def unread_columns(sheet: Worksheet, header: Header | None) -> dict[str, str]:
    """Titles that the contract doesn't know, with their place: of the header's rows, else of the first row."""
    known = set(header.columns.values()) if header else set()
    first = next((cell.row_no for cell in sheet.cells if tidy(cell.text)), 0)
    rows = range(header.row_no, header.last_row_no + 1) if header else range(first, first + 1)
    return {
        tidy(cell.text)[:40]: cell.place
        for cell in sheet.cells
        if cell.row_no in rows and cell.col_no not in known and tidy(cell.text)
    }


def _count_answers(worksheet: Worksheet, header: Header) -> int:
    """Rows whose score cell holds something: what a hollow workbook loses."""
    col_no = header.columns["score"]
    return sum(
        cell.col_no == col_no and cell.row_no > header.last_row_no and (cell.kind != "text" or bool(tidy(cell.text)))
        for cell in worksheet.cells
    )
