-- The contents of a country's workbooks: opd, answer, row and sheet. Variables: institutions, opd, salt, run_id.
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
FROM (SELECT DISTINCT n FROM opd) AS o, indicator AS k
UNION ALL
SELECT n, sha256('target' || n), unnest([1, 2]), unnest([['Tahun', 'Indeks Target'], ['2025', '3.4']]), unnest(['tt', 'nn'])
FROM opd GROUP BY n;
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
    MAP {'instrument': 1, 'indicator': 2, 'carrier': 3, 'supporters': 4} AS columns FROM opd
UNION ALL BY NAME
SELECT DISTINCT n, institution_code, '' AS opd_code, 'Target' AS worksheet, sha256('target' || n) AS content_hash,
    MAP {'year': 1, 'target_index': 2} AS columns FROM opd;
