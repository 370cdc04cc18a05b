"""A country's landing, made by SQL: N institutions of 40 OPD and 47 indicators each, as extraction would have left it.

4 % of the scores are blank and 1 % bad; of the evidence 10 % is missing and 1 % malformed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from spbe_etl.extraction import Institution
from spbe_etl.instruments import Instrument
from spbe_etl.night import Night
from spbe_etl.registers import DEFAULT_ZONE, Register
from spbe_etl.runs import Request
from spbe_etl.settings import Settings
from spbe_etl.sources import RegisterSource
from spbe_etl.warehouse import Warehouse

OPD = 40
INSTRUMENT = "spbe-2020"
YEAR = 2025
NIGHT = datetime(2026, 11, 24, 20, tzinfo=UTC)

_CONTENTS = """
CREATE TABLE opd AS
SELECT i AS n, format('{:02d}.{:02d}', 1 + i // 50, 1 + i % 50) AS institution_code, format('OPD{:02d}', o) AS opd_code,
    format('opd{:02d}', o) AS workbook, sha256(format('{} {} {}', $salt, i, o)) AS content_hash
FROM range($institutions) AS a(i), range(1, $opd + 1) AS b(o);
CREATE TABLE answer AS
SELECT o.n, o.content_hash, row_number() OVER (PARTITION BY o.content_hash ORDER BY TRY_CAST(k.indicator_no AS INTEGER)) + 1 AS row_no,
    k.indicator_no, k.indicator_name, hash($salt, o.n, o.opd_code, k.indicator_no) AS h
FROM opd AS o, indicator AS k;
CREATE TABLE row AS
SELECT n, content_hash, row_no,
    ['2025', indicator_no, indicator_name,
        CASE WHEN h % 100 < 4 THEN NULL WHEN h % 100 < 5 THEN 'tiga' ELSE CAST(1 + h % 5 AS VARCHAR) END,
        'Dilaksanakan menurut dokumen ' || h % 100000,
        CASE WHEN h // 100 % 100 < 10 THEN NULL WHEN h // 100 % 100 < 11 THEN 'htp:/berkas'
            ELSE 'https://drive.google.com/file/d/' || md5(CAST(h AS VARCHAR)) || '/view' END,
        format('2025-{:02d}-{:02d}', 1 + h // 7 % 9, 10 + h // 11 % 18)] AS texts,
    'nnt' || CASE WHEN h % 100 < 4 THEN '-' WHEN h % 100 < 5 THEN 't' ELSE 'n' END || 't'
        || CASE WHEN h // 100 % 100 < 10 THEN '-' ELSE 't' END || 'd' AS kinds
FROM answer
UNION ALL
SELECT n, content_hash, 1,
    ['Tahun', 'No Indikator', 'Indikator', 'Tingkat Kematangan', 'Penjelasan', 'Bukti Dukung', 'Tanggal Bukti'], 'ttttttt'
FROM opd
UNION ALL
SELECT n, sha256('instansi' || n), unnest([1, 2]),
    unnest([['Kode', 'Nama', 'Jenis', 'Zona Waktu'],
        [any_value(institution_code), 'Kabupaten ' || n, 'Kabupaten', 'Asia/Jakarta']]), 'tttt'
FROM opd GROUP BY n
UNION ALL
SELECT n, sha256('opd' || n), 1, ['Kode OPD', 'Nama OPD', 'Spreadsheet', 'Aktif'], 'tttt' FROM opd GROUP BY n
UNION ALL
SELECT n, sha256('opd' || n), CAST(opd_code[4:] AS INTEGER) + 1, [opd_code, 'Dinas ' || opd_code, workbook, 'Ya'], 'tttt' FROM opd
UNION ALL
SELECT n, sha256('pengampu' || n), 1, ['Instrumen', 'No Indikator', 'Pengampu', 'Pendukung'], 'tttt' FROM opd GROUP BY n
UNION ALL
SELECT DISTINCT o.n, sha256('pengampu' || o.n), k.position + 1,
    ['spbe-2020', k.indicator_no, format('OPD{:02d}', 1 + k.position % $opd), CASE WHEN k.is_gated THEN 'SEMUA' END],
    CASE WHEN k.is_gated THEN 'tntt' ELSE 'tnt-' END
FROM (SELECT DISTINCT n FROM opd) AS o, indicator AS k;
CREATE TABLE sheet AS
SELECT n, institution_code, opd_code, 'Penilaian' AS worksheet, content_hash,
    MAP {'year': 1, 'indicator': 2, 'indicator_name': 3, 'score': 4, 'explanation': 5, 'evidence': 6, 'evidence_on': 7} AS columns
FROM opd
UNION ALL BY NAME
SELECT DISTINCT n, institution_code, '' AS opd_code, 'Instansi' AS worksheet, sha256('instansi' || n) AS content_hash,
    MAP {'institution_code': 1, 'institution_name': 2, 'institution_kind': 3, 'timezone': 4} AS columns FROM opd
UNION ALL BY NAME
SELECT DISTINCT n, institution_code, '' AS opd_code, 'OPD' AS worksheet, sha256('opd' || n) AS content_hash,
    MAP {'opd_code': 1, 'opd_name': 2, 'spreadsheet': 3, 'active': 4} AS columns FROM opd
UNION ALL BY NAME
SELECT DISTINCT n, institution_code, '' AS opd_code, 'Pengampu' AS worksheet, sha256('pengampu' || n) AS content_hash,
    MAP {'instrument': 1, 'indicator': 2, 'carrier': 3, 'supporters': 4} AS columns FROM opd;
"""
_FETCH = """
SELECT 'country' AS source_key, institution_code, opd_code, workbook, TIMESTAMP '2026-11-24 20:00:00' AS fetched_at, '' AS reason,
    CAST(47 AS INTEGER) AS answered_count, content_hash AS judged_hash, '' AS version, false AS is_unchanged, '' AS statuses_hash,
    '' AS summary_hash
FROM (SELECT n, institution_code, opd_code, workbook, content_hash FROM opd
    UNION ALL SELECT DISTINCT n, institution_code, '', 'register', '' FROM opd)
WHERE n = $n
"""
_WORKSHEET = """
SELECT institution_code, opd_code, worksheet, worksheet AS title, content_hash, CAST(1 AS INTEGER) AS last_header_row_no, columns,
    CAST([] AS VARCHAR[]) AS extra, format('{}/{:05d}', $run_id, n) AS file
FROM sheet WHERE n = $n
"""
_ROW = """
SELECT content_hash, CAST(row_no AS INTEGER) AS row_no, texts, kinds, CAST(NULL AS VARCHAR[]) AS links,
    CAST(NULL AS VARCHAR[]) AS places
FROM row WHERE n = $n ORDER BY content_hash, row_no
"""


def land_country(raw: Path, run_id: str, institutions: int, instrument: Instrument, salt: str = "") -> list[str]:
    """Write the landing of a run; gives the institutions' codes."""
    folder = raw / run_id
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE indicator (indicator_no VARCHAR, indicator_name VARCHAR, is_gated BOOLEAN, position INTEGER)"
        )
        for position, one in enumerate(instrument.indicators):
            connection.execute(
                "INSERT INTO indicator VALUES ($1, $2, $3, $4)",
                [one.no, one.name, one.gate_kind == "practice", position + 1],
            )
        for name, value in {"institutions": institutions, "opd": OPD, "salt": salt, "run_id": run_id}.items():
            connection.execute(f"SET VARIABLE {name} = $1", [value])
        for statement in filter(str.strip, _CONTENTS.split(";\n")):
            connection.execute(_with_variables(statement))
        for n in range(institutions):
            for kind, query in (("fetch", _FETCH), ("worksheet", _WORKSHEET), ("row", _ROW)):
                sql = _with_variables(query).replace("$n", str(n))
                connection.execute(f"COPY ({sql}) TO '{folder}/{n:05d}.{kind}.parquet' (COMPRESSION zstd)")
        rows = connection.execute("SELECT DISTINCT institution_code FROM opd ORDER BY 1").fetchall()
    return [code for (code,) in rows]


def _with_variables(statement: str) -> str:
    for name in ("institutions", "opd", "salt", "run_id"):
        statement = statement.replace(f"${name}", f"getvariable('{name}')")
    return statement


class Nothing:
    """A source that has nothing to ask for: everything has landed."""

    api_calls = 0
    notes = ()

    def registers(self) -> list[RegisterSource]:
        """None."""
        return []


class LandedNight(Night):
    """A night whose workbooks have landed already."""

    codes: tuple[str, ...] = ()

    def extract_registers(self) -> None:
        """Take the institutions as they landed."""
        zone = ZoneInfo(DEFAULT_ZONE)
        self.institutions = [Institution(None, Register(code, zone, {})) for code in self.codes]  # type: ignore[arg-type]
        self.snapshot_on = (self.request.night or self.request.now.date())


def landed_night(settings: Settings, run_id: str, codes: list[str], instruments: dict[str, Instrument]) -> LandedNight:
    """A night of a landing, ready to run; the caller closes its warehouse."""
    warehouse = Warehouse(settings.warehouse_path, instruments)
    night = LandedNight(Nothing(), settings, instruments, Request(NIGHT, run_id), warehouse)  # type: ignore[arg-type]
    night.codes = tuple(codes)
    return night
