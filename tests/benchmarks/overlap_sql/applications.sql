-- Grain: figures.application: one row per institution and 300 applications of 40 OPD; core.opd and core.institution to match;
--        planted: pairs that are the same application, written in two ways.
-- Why:   a name is what is done to what for whom, of words that real names are made of, some of them common; so many share a common word.
CREATE OR REPLACE TABLE core.institution AS
SELECT format('{:02d}.{:02d}', 11 + i // 60, 1 + i % 60) AS institution_code, 'Kabupaten Contoh ' || i AS institution_name
FROM range(getvariable('institutions')) AS t(i);
CREATE OR REPLACE TABLE core.opd AS
SELECT institution_code, 'OPD-' || n AS opd_code, CASE
    WHEN n < 25 THEN 'Dinas ' || (['Kesehatan', 'Pendidikan', 'Perhubungan', 'Pertanian', 'Perikanan', 'Sosial', 'Pariwisata', 'Perdagangan',
        'Lingkungan Hidup', 'Kependudukan dan Pencatatan Sipil', 'Pekerjaan Umum', 'Komunikasi dan Informatika'])[n % 12 + 1] || repeat(' Lanjutan', CAST(n // 12 AS INTEGER))
    ELSE 'Kecamatan ' || (['Sukamaju', 'Sukamulya', 'Karangsari', 'Bontoharu', 'Tanjungsari', 'Mekarjaya', 'Purwodadi', 'Wonosari', 'Margahayu',
        'Sidorejo', 'Cibatu', 'Labuhan', 'Rawalumbu', 'Kotabaru', 'Pangkalan'])[n - 24] || CAST(hash(institution_code) % 20 AS BIGINT) END AS opd_name, true AS is_active
FROM core.institution, range(40) AS t(n);
CREATE OR REPLACE TEMP TABLE made AS
SELECT institution_code, n, 'OPD-' || CAST(hash(institution_code, n, 'opd') % 40 AS BIGINT) AS opd_code,
    (['Pelaporan', 'Pendataan', 'Monitoring', 'Pendaftaran', 'Pengaduan', 'Perizinan', 'Antrian', 'Absensi', 'Kinerja', 'Arsip', 'Surat', 'Statistik', 'Peta', 'Jadwal',
        'Bantuan', 'Retribusi', 'Katalog', 'Evaluasi', 'Verifikasi', 'Penjualan', 'Pemeliharaan', 'Inventaris', 'Penyuluhan', 'Pengawasan'])[CAST(hash(institution_code, n, 1) % 24 AS BIGINT) + 1] AS done,
    (['Garam', 'Kapal', 'Nelayan', 'Petani', 'Sekolah', 'Guru', 'Siswa', 'Pasien', 'Obat', 'Posyandu', 'Jalan', 'Jembatan', 'Irigasi', 'Pasar', 'Hotel', 'Pajak', 'Reklame',
        'Parkir', 'Angkutan', 'Terminal', 'Sampah', 'Air', 'Hutan', 'Bencana', 'Kebakaran', 'Wisata', 'Museum', 'Buku', 'Koperasi', 'Industri', 'Tenaga Kerja', 'Transmigrasi',
        'Penduduk', 'Akta', 'Keluarga', 'Stunting', 'Imunisasi', 'Gizi', 'Ternak', 'Pupuk', 'Benih', 'Pangan', 'Aset', 'Kendaraan', 'Gaji', 'Anggaran', 'Hibah', 'Rapat', 'Tamu', 'Hukum'])
        [CAST(hash(institution_code, n, 2) % 50 AS BIGINT) + 1] AS what,
    (['', '', '', ' Terpadu', ' Daerah', ' Rakyat', ' Masyarakat', ' Miskin', ' Harian', ' Tahunan', ' Desa', ' Lapangan'])[CAST(hash(institution_code, n, 3) % 12 AS BIGINT) + 1] AS whom
FROM core.institution, range(270) AS t(n);
CREATE OR REPLACE TEMP TABLE shared(name, other, about) AS VALUES
    ('SIMPEG', 'Sistem Informasi Manajemen Kepegawaian (SIMPEG)', 'Mengelola data kepegawaian'),
    ('e-Kinerja', 'Aplikasi eKinerja ASN', 'Mencatat kinerja pegawai'), ('SIPD', 'Sistem Informasi Pemerintahan Daerah', 'Perencanaan dan keuangan daerah'),
    ('SRIKANDI', 'Aplikasi Srikandi', 'Persuratan dan kearsipan'), ('Absensi Online', 'Presensi Online Pegawai', 'Mencatat kehadiran pegawai');
CREATE OR REPLACE TEMP TABLE listed AS
SELECT institution_code, s.name AS family, n, 'OPD-' || (n * 6 + CAST(hash(institution_code, s.name) % 6 AS BIGINT)) AS opd_code, CASE WHEN n % 2 = 0 THEN s.name ELSE s.other END AS object_name,
    s.about || (['', ' di lingkungan perangkat daerah', ' oleh operator', ' setiap hari', ' secara berkala', ' untuk pimpinan'])[n + 1] AS about
FROM core.institution, shared AS s, range(6) AS t(n);
CREATE OR REPLACE TABLE figures.application AS
SELECT institution_code, opd_code, opd_code AS listed_by_opd_code, 'APL-' || n AS object_id,
    (['Sistem Informasi ', 'Aplikasi ', 'e-', '', 'Sistem '])[n % 5 + 1] || done || ' ' || what || whom AS object_name,
    'Digunakan untuk ' || lower(done) || ' ' || lower(what) || ' oleh ' || opd_code || ' dan menyajikan laporan nomor ' || n AS description,
    done || ' ' || what AS function,
    CASE WHEN n % 2 = 0 THEN 'https://' || lower(done || replace(what, ' ', '')) || n || '.contoh' || institution_code || '.go.id/login' END AS url
FROM made
UNION ALL
SELECT institution_code, opd_code, opd_code, 'UMUM-' || family || n, object_name, about, NULL, NULL FROM listed;
CREATE OR REPLACE TEMP TABLE planted AS
SELECT a.institution_code, a.opd_code AS listed_by_a, 'UMUM-' || a.family || a.n AS object_id_a, b.opd_code AS listed_by_b, 'UMUM-' || b.family || b.n AS object_id_b
FROM listed AS a
JOIN listed AS b USING (institution_code, family)
WHERE (listed_by_a, object_id_a) < (listed_by_b, object_id_b) AND listed_by_a <> listed_by_b;
