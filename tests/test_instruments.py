"""Every entry of the instruments' seed files, and what an instrument must be before anyone uses it."""

from __future__ import annotations

import ast
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from spbe_etl.cells import READERS, loosen
from spbe_etl.errors import WRONG_CALL, InstrumentError
from spbe_etl.instruments import Instrument, Predicate, load_instrument, load_instruments
from spbe_etl.inventory.cells import INVENTORY_READERS
from spbe_etl.resources import SEEDS, seed
from spbe_etl.sample.inventory import tables
from spbe_etl.workbooks import fields, header_spellings

INSTRUMENTS = load_instruments()
PACKAGE = Path(__file__).parents[1] / "spbe_etl"

# Literal copies of FACTS, so that a slip in a seed file can't hide.
DOMAIN_WEIGHTS = {
    "spbe-2018": ["17", "28", "55"],
    "spbe-2020": ["13", "25", "16.5", "45.5"],
    "pemdi-2026": [],
}
ASPECT_WEIGHTS = {
    "spbe-2018": ["7", "10", "8", "8", "12", "35", "20"],
    "spbe-2020": ["13", "10", "10", "5", "12", "4.5", "27.5", "18"],
    "pemdi-2026": ["10", "10", "15", "15", "10", "15", "25"],
}
DOMAIN_OF_ASPECT = {"spbe-2018": "1122233", "spbe-2020": "12223344", "pemdi-2026": ""}
INDICATOR_WEIGHTS = {
    "spbe-2018": ["1"] * 17 + ["4"] * 7 + ["5"] * 7 + ["20/6"] * 6,
    "spbe-2020": ["1.3"] * 10 + ["2.5"] * 10 + ["1.5"] * 11 + ["2.75"] * 10 + ["3"] * 6,
    "pemdi-2026": [*"555553344434554443", "10", "15"],
}
ASPECT_OF_INDICATOR = {
    "spbe-2018": "1" * 7 + "2" * 10 + "3" * 2 + "4" * 2 + "5" * 3 + "6" * 7 + "7" * 6,
    "spbe-2020": "1" * 10 + "2" * 4 + "3" * 4 + "4" * 2 + "5" * 8 + "6" * 3 + "7" * 10 + "8" * 6,
    "pemdi-2026": "1" * 2 + "2" * 2 + "3" * 4 + "4" * 4 + "5" * 2 + "6" * 4 + "7" * 2,
}
INDICATOR_NUMBERS = {
    "spbe-2018": [*map(str, range(1, 36)), "35-2", "35-3"],
    "spbe-2020": [*map(str, range(1, 48))],
    "pemdi-2026": [*map(str, range(1, 21))],
}
PRACTICE_GATES = {"13": 3, "16": 3, "17": 3, "18": 3, "22": 3, "27": 3, "20": 4, "21": 4, "23": 4, "24": 4, "26": 4}
POLICY_GATES = {"5": 3, "6": 3, "7": 3, "10": 3, "8": 4, "19": 4}
SPBE_PREDICATES = {
    "Sangat Baik": ("3.50", "4.19"),
    "Memuaskan": ("4.20", "5.00"),
    "Baik": ("2.60", "3.49"),
    "Cukup": ("1.80", "2.59"),
}
PREDICATES = {
    "spbe-2018": {**SPBE_PREDICATES, "Kurang": ("0.00", "1.79")},
    "spbe-2020": {**SPBE_PREDICATES, "Kurang": ("1.00", "1.79")},
    "pemdi-2026": {
        "Kurang": ("1.00", "1.49"),
        "Cukup": ("1.50", "2.49"),
        "Baik": ("2.50", "3.49"),
        "Sangat Baik": ("3.50", "3.99"),
        "Memuaskan": ("4.00", "5.00"),
    },
}
LEVEL_NAMES = {
    "process": {
        1: {"Rintisan"},
        2: {"Terkelola"},
        3: {"Terstandardisasi", "Terdefinisi"},
        4: {"Terintegrasi dan Terukur", "Terpadu dan Terukur"},
        5: {"Optimum"},
    },
    "service": {1: {"Informasi"}, 2: {"Interaksi"}, 3: {"Transaksi"}, 4: {"Kolaborasi"}, 5: {"Optimalisasi"}},
}
each_instrument = pytest.mark.parametrize("one", INSTRUMENTS.values(), ids=INSTRUMENTS)


def percent(weights: list[str]) -> list[Fraction]:
    return [Fraction(weight) for weight in weights]


def predicate_of(one: Instrument, index: Decimal) -> str:
    return max((p for p in one.predicates if p.from_index <= index), key=lambda p: p.from_index).name


def test_the_three_instruments_are_there_and_none_of_the_drafts() -> None:
    assert sorted(INSTRUMENTS) == ["pemdi-2026", "spbe-2018", "spbe-2020"]
    counts = {code: (len(one.domains), len(one.aspects), len(one.indicators)) for code, one in INSTRUMENTS.items()}
    assert counts == {"spbe-2018": (3, 7, 37), "spbe-2020": (4, 8, 47), "pemdi-2026": (0, 7, 20)}
    regulations = {code: one.regulation for code, one in INSTRUMENTS.items()}
    assert regulations == {
        "spbe-2018": "PermenPANRB 5/2018",
        "spbe-2020": "PermenPANRB 59/2020",
        "pemdi-2026": "PermenPANRB 8/2026",
    }


@each_instrument
def test_weights_are_those_of_the_regulation_and_sum_exactly(one: Instrument) -> None:
    assert [domain.weight for domain in one.domains] == percent(DOMAIN_WEIGHTS[one.code])
    assert [aspect.weight for aspect in one.aspects] == percent(ASPECT_WEIGHTS[one.code])
    assert [indicator.weight for indicator in one.indicators] == percent(INDICATOR_WEIGHTS[one.code])
    assert "".join(aspect.domain_no for aspect in one.aspects) == DOMAIN_OF_ASPECT[one.code]
    assert "".join(indicator.aspect_no for indicator in one.indicators) == ASPECT_OF_INDICATOR[one.code]
    for weights in (DOMAIN_WEIGHTS, ASPECT_WEIGHTS, INDICATOR_WEIGHTS):
        assert sum(percent(weights[one.code])) == (100 if weights[one.code] else 0)
    for aspect in one.aspects:
        assert aspect.weight == sum(i.weight for i in one.indicators if i.aspect_no == aspect.no)
    for domain in one.domains:
        assert domain.weight == sum(aspect.weight for aspect in one.aspects if aspect.domain_no == domain.no)


def test_aspect_7_of_2018_is_the_plain_mean_of_its_six_scores() -> None:
    weights = [one.weight for one in INSTRUMENTS["spbe-2018"].indicators if one.aspect_no == "7"]
    assert weights == [Fraction(20, 6)] * 6


@each_instrument
def test_units_are_whole_and_make_one_hundred_percent(one: Instrument) -> None:
    assert one.unit_total == {"spbe-2018": 300, "spbe-2020": 2000, "pemdi-2026": 100}[one.code]
    for weights in (DOMAIN_WEIGHTS, ASPECT_WEIGHTS, INDICATOR_WEIGHTS):
        units = [one.units(weight) for weight in percent(weights[one.code])]
        assert sum(units) == (one.unit_total if units else 0)
        assert [Fraction(unit * 100, one.unit_total) for unit in units] == percent(weights[one.code])


@each_instrument
def test_numbers_have_no_gap_and_every_part_has_a_name_of_its_own(one: Instrument) -> None:
    assert [indicator.no for indicator in one.indicators] == INDICATOR_NUMBERS[one.code]
    for parts in (one.domains, one.aspects):
        assert [part.no for part in parts] == [str(no) for no in range(1, len(parts) + 1)]
    for parts in (one.domains, one.aspects, one.indicators):
        names = [part.name for part in parts]
        assert all(name == name.strip() and name for name in names)
        assert len(set(names)) == len(names)


@each_instrument
def test_predicates_tile_the_scale_at_every_hundredth(one: Instrument) -> None:
    expected = {
        Decimal(cent) / 100: name
        for name, (first, last) in PREDICATES[one.code].items()
        for cent in range(int(Decimal(first) * 100), int(Decimal(last) * 100) + 1)
    }
    whole_scale = [Decimal(cent) / 100 for cent in range(one.lowest_score * 100, one.highest_score * 100 + 1)]
    assert sorted(expected) == whole_scale
    assert {index: predicate_of(one, index) for index in whole_scale} == expected
    assert len(one.predicates) == 5


def test_the_scale_of_each_instrument() -> None:
    scales = {c: (one.lowest_score, one.highest_score, one.score_decimals) for c, one in INSTRUMENTS.items()}
    assert scales == {"spbe-2018": (0, 5, 0), "spbe-2020": (1, 5, 0), "pemdi-2026": (1, 5, 4)}
    assert all(one.score_range for one in INSTRUMENTS.values())


def test_each_year_has_the_instrument_of_the_regulation() -> None:
    expected = {
        **dict.fromkeys(range(2018, 2021), "spbe-2018"),
        **dict.fromkeys(range(2021, 2026), "spbe-2020"),
        **dict.fromkeys((2026, 2027, 2050, 2100), "pemdi-2026"),
        **dict.fromkeys((1, 2016, 2017), ""),
    }
    found = {year: " ".join(code for code, one in INSTRUMENTS.items() if one.covers(year)) for year in expected}
    assert found == expected


@each_instrument
def test_gates_are_those_of_the_facts(one: Instrument) -> None:
    gates = {
        kind: {i.no: i.gate_level for i in one.indicators if i.gate_kind == kind} for kind in ("practice", "policy")
    }
    there = one.code == "spbe-2020"
    assert gates == {"practice": PRACTICE_GATES if there else {}, "policy": POLICY_GATES if there else {}}
    assert all((i.gate_level is None) == (i.gate_kind == "") for i in one.indicators)


@each_instrument
def test_kinds_and_level_names_are_those_of_the_facts(one: Instrument) -> None:
    kinds = [indicator.kind for indicator in one.indicators]
    named: dict[str, dict[int, set[str]]] = {}
    for level in one.level_names:
        named.setdefault(level.kind, {}).setdefault(level.level_no, set()).add(level.name)
    if one.code == "spbe-2020":
        assert kinds == ["process"] * 31 + ["service"] * 16
        assert named == LEVEL_NAMES
        assert len(one.level_names) == 12
    else:
        assert set(kinds) == {""}
        assert named == {}


@each_instrument
def test_external_indicators_are_those_of_pemdi(one: Instrument) -> None:
    external = [indicator for indicator in one.indicators if indicator.is_external]
    hints = [indicator.no for indicator in one.indicators if indicator.external_index]
    if one.code == "pemdi-2026":
        assert [indicator.no for indicator in external] == ["5", "6", "7", "18"]
        assert sum(indicator.weight for indicator in external) == 14
        assert hints == ["5", "6", "7", "10", "11", "12", "18"]
    else:
        assert (external, hints) == ([], [])


def test_every_level_of_every_indicator_is_summarised_and_only_where_criteria_are_known() -> None:
    summaries = INSTRUMENTS["spbe-2020"].level_summaries
    assert [(one.indicator_no, one.level_no) for one in summaries] == [
        (str(no), level) for no in range(1, 48) for level in range(1, 6)
    ]
    assert len(summaries) == 235
    repeated = [text for text, count in Counter(one.summary for one in summaries).items() if count > 1]
    assert repeated == []
    assert all(one.summary.strip() == one.summary and 20 <= len(one.summary) <= 200 for one in summaries)
    assert INSTRUMENTS["spbe-2018"].level_summaries == INSTRUMENTS["pemdi-2026"].level_summaries == ()


def test_a_demand_on_all_opd_stands_exactly_where_a_gate_is() -> None:
    demands = {(o.indicator_no, o.level_no) for o in INSTRUMENTS["spbe-2020"].level_summaries if o.all_opd_demand}
    assert demands == set((PRACTICE_GATES | POLICY_GATES).items())


# Nothing unused: what a file says must refer to something, and something must read it.


@cache
def code() -> tuple[ast.AST, ...]:
    return tuple(
        node for path in PACKAGE.rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )


def called_with(function: str) -> set[str]:
    """The literal first arguments of every call of a function in the package."""
    return {
        argument.value
        for node in code()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function and node.args
        if isinstance(argument := node.args[0], ast.Constant) and isinstance(argument.value, str)
    }


def test_every_seed_file_is_read_by_some_code() -> None:
    read = {f"{name}.csv" for name in called_with("seed")}
    read |= {f"instruments/{code}/{name}.csv" for code in INSTRUMENTS for name in called_with("rows")}
    read |= {f"sample/{name}.csv" for name in (*tables().values(), *called_with("_lines"))}
    read |= {"sample/overlap.csv", "sample/overlap_not.csv"}  # what tests hold the search for overlaps against
    literals = {node.value for node in code() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    there = [path.relative_to(SEEDS).as_posix() for path in sorted(SEEDS.rglob("*")) if path.is_file()]
    unread = [name for name in there if name not in read and Path(name).name not in literals]
    assert unread == []
    assert len(there) > 30


def test_every_seed_file_named_in_the_code_is_there() -> None:
    assert [name for name in called_with("seed") if not (SEEDS / f"{name}.csv").is_file()] == []


def test_every_seed_row_has_exactly_the_columns_of_its_file() -> None:
    for path in SEEDS.rglob("*.csv"):
        for row in seed(path.relative_to(SEEDS).with_suffix("").as_posix()):
            assert None not in row, f"{path}: {row}"
            assert None not in row.values(), f"{path}: {row}"


def test_every_reader_of_spellings_is_used() -> None:
    used = called_with("spellings") | called_with("lookup")
    used |= {
        side.value
        for node in code()
        if isinstance(node, ast.Compare)
        for side in node.comparators
        if isinstance(side, ast.Constant) and isinstance(side.value, str)
    }
    assert {row["reader"] for row in seed("spelling")} - used == set()


def test_no_spelling_stands_for_two_values() -> None:
    known = Counter((row["reader"], loosen(row["spelling"]) or row["spelling"]) for row in seed("spelling"))
    assert [spelling for spelling, count in known.items() if count > 1] == []


def test_spelled_stages_are_the_stages_that_have_a_verdict() -> None:
    spelled = {row["value"] for row in seed("spelling") if row["reader"] == "stage"}
    assert spelled | {"proposed"} == {row["stage"] for row in seed("stage")}
    assert [row["stage_no"] for row in seed("stage")] == list("123456")


def test_every_field_belongs_to_a_worksheet_and_has_a_reader() -> None:
    titles = [(row["workbook_kind"], row["worksheet"]) for row in seed("worksheet")]
    assert len(set(titles)) == len(titles)
    assert {row["workbook_kind"] for row in seed("worksheet")} == {"register", "opd"}
    assert {row["worksheet"] for row in seed("worksheet_field")} <= {title for _, title in titles}
    read = {one.reader for row in seed("worksheet") for one in fields(row["worksheet"])}
    assert read == {*READERS, *INVENTORY_READERS, "score"}


def test_no_two_fields_of_a_worksheet_share_a_name_or_a_header() -> None:
    for row in seed("worksheet"):
        of_worksheet = fields(row["worksheet"])
        assert len({field.field for field in of_worksheet}) == len(of_worksheet)
        assert len({loosen(field.header) for field in of_worksheet}) == len(of_worksheet)


@pytest.mark.parametrize("row", seed("header_synonym"), ids=lambda row: f"{row['worksheet']}-{row['synonym']}")
def test_every_header_synonym_leads_to_its_header(row: dict[str, str]) -> None:
    headers = {
        (one.worksheet, one.header): one.field for sheet in seed("worksheet") for one in fields(sheet["worksheet"])
    }
    targets = [key for key in headers if key[1] == row["header"] and row["worksheet"] in ("*", key[0])]
    assert targets, "no worksheet has this header"
    assert loosen(row["synonym"]) != loosen(row["header"]), "says nothing new"
    for worksheet, header in targets:
        assert header_spellings(worksheet)[loosen(row["synonym"])] == headers[worksheet, header]


def test_no_header_synonym_stands_twice() -> None:
    known = Counter((row["worksheet"], loosen(row["synonym"])) for row in seed("header_synonym"))
    assert [synonym for synonym, count in known.items() if count > 1] == []


def test_every_published_column_belongs_to_a_published_table() -> None:
    assert {row["table_name"] for row in seed("mart_column")} == {row["table_name"] for row in seed("mart_table")}


# A made-up instrument: adding one is adding files, and each contradiction is named.

MINI = {
    "instrument": "instrument_name,regulation,first_year,last_year,lowest_score,highest_score,"
    """score_decimals,score_range,note
Contoh,Peraturan contoh,2030,2031,1,3,0,bilangan bulat 1 sampai 3,
""",
    "domain": """domain_no,domain_name,weight_pct
1,Tata Kelola,40
2,Layanan,60
""",
    "aspect": """aspect_no,domain_no,aspect_name,weight_pct
1,1,Kebijakan,40
2,2,Layanan Publik,60
""",
    "indicator": "indicator_no,aspect_no,indicator_name,weight_pct,kind,gate_level,gate_kind,"
    """is_external,external_index,typical_owner
1,1,Kebijakan Data,40,process,2,practice,no,,
2,2,Layanan Satu,180/7,service,,,no,,
3,2,Layanan Dua,120/7,service,,,yes,Indeks Contoh,
3-2,2,Layanan Dua (kedua),120/7,service,,,no,,
""",
    "predicate": """predicate,from_index
Tinggi,2.50
Sedang,1.50
Rendah,1.00
""",
    "level_name": """kind,level_no,level_name
process,1,Awal
process,2,Tengah
process,3,Akhir
""",
    "level_summary": "indicator_no,level_no,summary,all_opd_demand\n"
    + "".join(
        f"{no},{level},Ringkasan {no} {level},{'Semua OPD' if (no, level) == ('1', 2) else ''}\n"
        for no, level in product(("1", "2", "3", "3-2"), (1, 2, 3))
    ),
}


def write_mini(folder: Path, code: str = "contoh-2030", **changed: str) -> Path:
    path = folder / code
    path.mkdir()
    for name, text in {**MINI, **changed}.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def test_a_new_instrument_is_a_folder_of_files(tmp_path: Path) -> None:
    write_mini(tmp_path)
    (tmp_path / "catatan.txt").write_text("bukan instrumen")
    (one,) = load_instruments(tmp_path).values()
    assert (one.code, one.name, one.first_year, one.last_year) == ("contoh-2030", "Contoh", 2030, 2031)
    assert [one.covers(year) for year in (2029, 2030, 2031, 2032)] == [False, True, True, False]
    assert one.predicates[0] == Predicate("Tinggi", Decimal("2.50"))
    assert [indicator.weight for indicator in one.indicators] == percent(["40", "180/7", "120/7", "120/7"])
    assert (one.unit_total, [one.units(i.weight) for i in one.indicators]) == (35, [14, 9, 6, 6])
    assert [indicator.is_external for indicator in one.indicators] == [False, False, True, False]
    assert len(one.level_summaries) == 12


def test_files_that_an_instrument_does_not_need_may_be_absent(tmp_path: Path) -> None:
    path = write_mini(tmp_path, aspect=MINI["aspect"].replace("1,1,K", "1,,K").replace("2,2,L", "2,,L"))
    for name in ("domain", "level_name", "level_summary"):
        (path / f"{name}.csv").unlink()
    one = load_instrument(path)
    assert (one.domains, one.level_names, one.level_summaries) == ((), (), ())


CONTRADICTIONS = [
    # file, what stands there, what stands there instead, what the message says
    ("indicator", "Data,40,", "Data,41,", "the indicators' weights don't sum to 100"),
    ("indicator", "180/7", "25.71", "the indicators' weights don't sum to 100"),
    ("indicator", "180/7", "25.71", "aspect 2 weighs other than its indicators"),
    ("domain", "Tata Kelola,40", "Tata Kelola,41", "the domains' weights don't sum to 100"),
    ("domain", "Tata Kelola,40", "Tata Kelola,41", "domain 1 weighs other than its aspects"),
    ("aspect", "Kebijakan,40", "Kebijakan,39", "aspect 1 weighs other than its indicators"),
    ("aspect", "Kebijakan,40", "Kebijakan,39", "domain 1 weighs other than its aspects"),
    ("indicator", "3,2,Layanan Dua,120/7", "3,2,Layanan Dua,0", "indicator 3 has no weight"),
    ("indicator", "180/7", "-180/7", "indicator 2 has no weight"),
    ("domain", "2,Layanan", "3,Layanan", "domain numbers have a gap or are out of order"),
    ("aspect", "2,2,", "3,2,", "aspect numbers have a gap or are out of order"),
    ("indicator", "2,2,Layanan Satu", "4,2,Layanan Satu", "indicator numbers have a gap or are out of order"),
    ("indicator", "2,2,Layanan Satu", "02,2,Layanan Satu", "indicator numbers have a gap or are out of order"),
    ("indicator", "2,2,Layanan Satu", "1,2,Layanan Satu", "indicator 1 stands twice"),
    ("indicator", "3-2,2", "3-1,2", "indicator 3-1 extends none"),
    ("indicator", "3-2,2", "9-2,2", "indicator 9-2 extends none"),
    ("indicator", "2,2,Layanan Satu", "2,7,Layanan Satu", "indicators name unknown aspects ['7']"),
    ("aspect", "2,2,", "2,5,", "aspects name unknown domains, or a domain has no aspect"),
    ("aspect", "2,2,", "2,1,", "aspects name unknown domains, or a domain has no aspect"),
    ("aspect", "2,2,", "2,,", "aspects name unknown domains, or a domain has no aspect"),
    ("predicate", "Sedang,1.50", "Sedang,2.60", "predicates must stand from the highest down, each start once"),
    ("predicate", "Sedang,1.50", "Sedang,2.50", "predicates must stand from the highest down, each start once"),
    ("predicate", "Rendah,1.00", "Rendah,1.01", "predicates don't cover the scale"),
    ("predicate", "Rendah,1.00", "Rendah,0.99", "predicates don't cover the scale"),
    ("predicate", "Tinggi,2.50", "Tinggi,3.01", "predicates don't cover the scale"),
    ("predicate", "Tinggi,2.50\nSedang,1.50\nRendah,1.00\n", "", "predicates don't cover the scale"),
    ("indicator", ",process,", ",proses,", "kinds must be of ('process', 'service')"),
    ("indicator", ",process,", ",service,", "level names for unused kinds ['process']"),
    ("level_name", "process,2,Tengah\n", "", "process level names don't name every level"),
    ("level_name", "process,3,", "process,4,", "process level names don't name every level"),
    ("indicator", "2,practice", "2,", "indicator 1 has half a gate"),
    ("indicator", "2,practice", ",practice", "indicator 1 has half a gate"),
    ("indicator", "2,practice", "2,praktik", "indicator 1 has a gate of an unknown kind or level"),
    ("indicator", "2,practice", "1,practice", "indicator 1 has a gate of an unknown kind or level"),
    ("indicator", "2,practice", "4,practice", "indicator 1 has a gate of an unknown kind or level"),
    ("level_summary", "2,3,Ringkasan 2 3,\n", "", "level summaries must cover every level of every indicator"),
    ("level_summary", "2,3,Ringkasan 2 3", "2,4,Ringkasan 2 3", "level summaries must cover every level"),
    ("instrument", "2030,2031", "x,2031", "invalid literal for int"),
    ("instrument", "2031,1,3", "2031,,3", "invalid literal for int"),
    ("instrument", "Contoh,Per", "Contoh,Per\nContoh,Per", "a file is missing, incomplete or holds a wrong value"),
    ("instrument", "regulation", "peraturan", "'regulation'"),
    ("indicator", "Data,40,", "Data,empat puluh,", "Invalid literal for Fraction"),
    ("indicator", "180/7", "180/0", "a file is missing, incomplete or holds a wrong value"),
    ("indicator", ",yes,", ",ya,", "'ya'"),
    ("level_name", "process,2,", "process,dua,", "invalid literal for int"),
    ("predicate", "Tinggi,2.50", '"Tinggi","2,50"', "a file is missing, incomplete or holds a wrong value"),
    ("predicate", "Tinggi,2.50", "Tinggi", "predicate.csv: a line has more or fewer columns"),
    ("aspect", "1,1,Kebijakan,40", "1,1,Kebijakan", "aspect.csv: a line has more or fewer columns"),
    ("aspect", "1,1,Kebijakan,40", "1,1,Kebijakan,40,9", "aspect.csv: a line has more or fewer columns"),
    ("aspect", "Kebijakan", '"Kebijakan', "unexpected end of data"),
    ("instrument", "2030,2031", "2031,2030", "the last year is before the first"),
    ("predicate", "Sedang", "Tinggi", "a predicate stands for two ranges"),
    ("predicate", "2.50", "2.505", "predicates start at figures of two decimals"),
    ("level_name", "Tengah", "Awal", "a process level name stands for two levels"),
    ("level_summary", "1 2,Semua OPD", "1 2,", "what a level asks of all OPD must stand where a gate is"),
    ("level_summary", "2 2,", "2 2,Semua OPD", "what a level asks of all OPD must stand where a gate is"),
    ("aspect", "aspect_no", "\ufeffaspect_no", "'aspect_no'"),
]  # fmt: skip


def broken(file: str, there: str, instead: str) -> dict[str, str]:
    assert there in MINI[file], "the test changes nothing"
    return {file: MINI[file].replace(there, instead, 1)}


@pytest.mark.parametrize(("file", "there", "instead", "named"), CONTRADICTIONS)
def test_a_contradiction_is_named(tmp_path: Path, file: str, there: str, instead: str, named: str) -> None:
    path = write_mini(tmp_path, **broken(file, there, instead))
    with pytest.raises(InstrumentError) as caught:
        load_instruments(tmp_path)
    assert named in str(caught.value)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == WRONG_CALL


@pytest.mark.parametrize("name", ["instrument", "indicator", "aspect", "predicate"])
def test_a_missing_file_is_an_error(tmp_path: Path, name: str) -> None:
    path = write_mini(tmp_path)
    (path / f"{name}.csv").unlink()
    with pytest.raises(InstrumentError, match="contoh-2030"):
        load_instruments(tmp_path)


def test_every_contradiction_is_named_at_once(tmp_path: Path) -> None:
    write_mini(tmp_path, **broken("aspect", "Kebijakan,40", "Kebijakan,39"), **broken("predicate", "1.00", "1.10"))
    with pytest.raises(InstrumentError, match=r"aspect 1 weighs other.*predicates don't cover"):
        load_instruments(tmp_path)


@pytest.mark.parametrize(("years", "shared"), [("2031,2035", 2031), ("2020,", 2030), ("2030,2030", 2030)])
def test_two_instruments_cannot_claim_one_year(tmp_path: Path, years: str, shared: int) -> None:
    write_mini(tmp_path)
    write_mini(tmp_path, "lain", **broken("instrument", "2030,2031", years))
    with pytest.raises(InstrumentError, match=f"two instruments claim the year {shared}"):
        load_instruments(tmp_path)


def test_instruments_of_different_years_stand_side_by_side(tmp_path: Path) -> None:
    write_mini(tmp_path)
    write_mini(tmp_path, "lain", **broken("instrument", "2030,2031", "2032,"))
    assert list(load_instruments(tmp_path)) == ["contoh-2030", "lain"]
