"""`spbe-etl inventory overlaps`: applications of several OPD that are likely the same, and decisions on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any

import typer

from spbe_etl.cli.ask import ask
from spbe_etl.cli.options import AsJson, DataDir, Institution, settings_with
from spbe_etl.cli.output import console, safe, show_json
from spbe_etl.cli.sifting import Everything, Opd, names_of, sifted, tell_left, words
from spbe_etl.display import number
from spbe_etl.errors import ConfigurationError
from spbe_etl.inventory.decisions import DECISION_FILE, keep_decision, pair_of
from spbe_etl.inventory.overlaps import COLUMNS, DECISIONS, read_decisions
from spbe_etl.settings import Settings

MOST_NAMED = 10
Row = Mapping[str, Any]
Pair = frozenset[tuple[str, str]]


def overlaps(
    decide: Annotated[
        tuple[str, str, str] | None,
        typer.Option(metavar="OPD/ID OPD/ID DECISION", help="Write down what a pair is: same or different."),
    ] = None,
    note: Annotated[str, typer.Option(help="With --decide: why.")] = "",
    opd: Opd = None,
    everything: Everything = False,
    institution: Institution = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show applications of several OPD that are likely the same, by group, with the reasons; or decide on a pair.

    A decision is a line of reference/overlap_decision.csv in the data directory; a later one on the same pair replaces
    it. It counts from the next night on. `same` keeps the pair in its group, `different` takes it out.

    Example: spbe-etl inventory overlaps --decide DISDIK/APL-01 DINKES/APL-07 different
    """
    settings = settings_with(data_dir=data_dir)
    if decide is not None:
        _decide(settings, institution, decide, note, as_json)
        return
    if note:
        raise ConfigurationError("--note says why a pair was decided: give it with --decide.")
    rows = ask(settings, "inventory_overlap", institution=institution, opd=opd)
    if as_json:
        show_json(rows)
        return
    if not rows:
        console.print("Tidak ada aplikasi serupa untuk pilihan ini.")
        return
    names, decided = names_of(settings), _decided(settings)
    for code, group in groupby(rows, key=itemgetter("institution_code")):
        found = list(group)
        console.print(f"[bold]{safe(names[code])}: {len(found)} pasang aplikasi serupa[/]", soft_wrap=True)
        shown, left = sifted(found, everything)
        for group_no, pairs in groupby(shown, key=itemgetter("group_no")):
            _show_group(group_no, list(pairs), decided)
        tell_left(left)
    console.print(
        f"Putuskan: spbe-etl inventory overlaps --decide OPD/ID OPD/ID same (atau different).\n"
        f"Tercatat di {safe(settings.reference_dir / DECISION_FILE)}, berlaku mulai malam berikutnya.",
        soft_wrap=True,
    )


def _show_group(group_no: int | None, pairs: Sequence[Row], decided: Mapping[tuple[str, Pair], str]) -> None:
    console.print("Sudah dinyatakan berbeda" if group_no is None else f"Kelompok {group_no}")
    for row in pairs:
        left = f"{row['listed_by_a']}/{row['object_id_a']} {row['object_name_a']}"
        right = f"{row['listed_by_b']}/{row['object_id_b']} {row['object_name_b']}"
        console.print(f"  {number(row['score'], 0):>3}  {safe(left)}  ~  {safe(right)}", soft_wrap=True)
        console.print(f"       [dim]{safe(row['reason'])}; {_standing(row, decided)}[/]", soft_wrap=True)


def _standing(row: Row, decided: Mapping[tuple[str, Pair], str]) -> str:
    """What was decided on a pair, also what the night hasn't seen yet."""
    named = words("decision")
    pair = pair_of({f"{name}_{side}": row[f"{long}_{side}"] for name, long in _SIDES for side in "ab"})
    latest = decided.get((row["institution_code"].upper(), pair), decided.get(("", pair), row["decision"]))
    if latest is None:
        return "belum diputuskan"
    tonight = "" if latest == row["decision"] else ", mulai malam berikutnya"
    return f"diputuskan: {named[latest]}{tonight}"


_SIDES = (("opd", "listed_by"), ("id", "object_id"))


def _decided(settings: Settings) -> dict[tuple[str, Pair], str]:
    rows = read_decisions(settings.reference_dir / DECISION_FILE).to_pylist()
    return {(row["institution_code"] or "", pair_of(row)): row["decision"] for row in rows}


def _decide(
    settings: Settings, institution: str | None, decide: tuple[str, str, str], note: str, as_json: bool
) -> None:
    *pair, said = decide
    decision = DECISIONS.get(said.strip().casefold())
    if decision is None:
        raise ConfigurationError(f"--decide ... {said}: not a decision. Choose one of {', '.join(DECISIONS)}.")
    left, right = _applications(ask(settings, "inventory_application", institution=institution), pair)
    made = {
        "institution_code": left["institution_code"],
        **{f"{name}_{side}": one[long] for side, one in (("a", left), ("b", right)) for name, long in _OWN},
        "decision": decision,
        "note": " ".join(note.split()),
    }
    path = settings.reference_dir / DECISION_FILE
    earlier = keep_decision(path, made)
    if as_json:
        show_json({name: made[name] for name in COLUMNS} | {"replaced": earlier, "file": path})
        return
    _tell_decided(left, right, decision, earlier, path)


_OWN = (("opd", "listed_by_opd_code"), ("id", "object_id"))


def _tell_decided(left: Row, right: Row, decision: str, earlier: str | None, path: Path) -> None:
    named = words("decision")
    before = f" (sebelumnya: {named[earlier]})" if earlier else ""
    console.print(f"{safe(_called(left))} dan {safe(_called(right))}: {named[decision]}{before}.", soft_wrap=True)
    console.print(f"Tercatat di {safe(path)}; berlaku mulai malam berikutnya.", soft_wrap=True)


def _called(one: Row) -> str:
    return f"{one['listed_by_opd_code']}/{one['object_id']}"


def _applications(listed: Sequence[Row], pair: Sequence[str]) -> tuple[Row, Row]:
    """The two applications that are meant, of one institution; raises ConfigurationError, naming what's valid."""
    left, right = ({one["institution_code"]: one for one in _named(listed, text)} for text in pair)
    both = sorted(left.keys() & right.keys())
    if not both:
        raise ConfigurationError(f"{pair[0]} and {pair[1]} are of two institutions. Only pairs of one can be the same.")
    if len(both) > 1:
        raise ConfigurationError(f"Both are listed in several institutions. Add --institution: {', '.join(both)}.")
    found = left[both[0]], right[both[0]]
    if found[0]["opd_code"] == found[1]["opd_code"]:
        raise ConfigurationError(
            f"{pair[0]} and {pair[1]} are both of {found[0]['opd_code']}. A decision is on applications of two OPD."
        )
    return found


def _named(listed: Sequence[Row], text: str) -> list[Row]:
    wanted = text.strip().upper()
    if found := [one for one in listed if _called(one).upper() == wanted]:
        return found
    same_opd = [one["object_id"] for one in listed if wanted.startswith(f"{one['listed_by_opd_code']}/".upper())]
    if same_opd:
        raise ConfigurationError(f"{text}: no such application. That OPD lists {_some(same_opd)}.")
    opd = list(dict.fromkeys(one["listed_by_opd_code"] for one in listed))
    raise ConfigurationError(
        f"{text}: no such application. Write it as OPD/ID. OPD that list applications: {_some(opd)}."
    )


def _some(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return (", ".join(names[:MOST_NAMED]) or "(none)") + (f" and {more} more" if more > 0 else "")
