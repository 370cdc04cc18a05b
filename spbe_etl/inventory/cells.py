"""How cells of the inventories are read: references, reference codes, money, targets. Pure, one spelling at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType

from spbe_etl.cells import (
    DASH,
    FULL_WIDTH,
    UNREADABLE,
    Cell,
    Reading,
    as_number,
    lookup,
    loosen,
    read_figure,
    read_indicator,
    spellings,
    tidy,
    unusable,
)
from spbe_etl.resources import seed

MONEY_DIGITS = 15
"""What DECIMAL(18, 2) holds with room for a sum."""
MULTIPLES = MappingProxyType({"": 0, "ribu": 3, "rb": 3, "juta": 6, "jt": 6, "miliar": 9, "milyar": 9, "triliun": 12})
_SAYS_SOMETHING = re.compile(r"[^\W_]")
_CODE_WORD = re.compile(r"[\w./-]*[0-9][\w./-]*")
_REFERENCE_CODE = re.compile(
    rf"(?:([A-Za-z]{{2,5}})[{DASH} .]?)?([0-9]{{1,3}}(?:[{DASH}.][0-9]{{1,3}})*)\.?(?:(?: ?[{DASH}:] ?| )[^0-9].*)?"
)
_YEAR_TARGET = re.compile(rf"(?:tahun )?(20[0-9]{{2}}) ?[:=({DASH}]? ?([0-9](?:[.,][0-9]{{1,4}})?)\)?(?![0-9])")


def read_references(cell: Cell) -> Reading:
    """What a cell refers to, IDs or names, as a JSON list; separated by `;`, lines, or commas between IDs."""
    if problem := unusable(cell, allowed=("text", "number")):
        return problem
    parts = [tidy(part) for part in re.split(r"[;\n]", cell.text)]
    if len(parts) == 1 and all(_CODE_WORD.fullmatch(tidy(part)) for part in parts[0].split(",")):
        parts = [tidy(part) for part in parts[0].split(",")]
    return _listed(part for part in parts if _SAYS_SOMETHING.search(part))


def read_reference_code(cell: Cell) -> Reading:
    """A code of a reference architecture, `RAB.01.02`, as `PREFIX.NN.NN`; a name behind it is left aside."""
    if problem := unusable(cell, allowed=("text",)):
        return problem
    match = _REFERENCE_CODE.fullmatch(tidy(cell.text.translate(FULL_WIDTH)))
    if match is None:
        return UNREADABLE
    levels = [level.zfill(2) for level in re.split(rf"[{DASH}.]", match[2])]
    return Reading(".".join([*([match[1].upper()] if match[1] else []), *levels]))


def read_money(cell: Cell) -> Reading:
    """Rupiah as a plain number, from `Rp1.500.000`, `1,5 miliar` or a number."""
    if problem := unusable(cell, allowed=("text", "number")):
        return problem
    text = as_number(cell).casefold()
    if cell.kind == "number":
        return _rupiah(text.replace(",", "."), 0)
    match = re.fullmatch(r"(?:(?:rp|idr)\.? ?)?([0-9][0-9.,]*?)(?:,-|,00)?(?: ?([a-z]+))?(?: rupiah)?", text)
    if match is None or (match[2] or "") not in {*MULTIPLES, "rupiah"}:
        return UNREADABLE
    number, exponent = match[1], MULTIPLES.get(match[2] or "", 0)
    if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]{1,2})?", number):
        return _rupiah(number.replace(".", "").replace(",", "."), exponent)
    if re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,2})?", number) and not exponent:
        return _rupiah(number.replace(",", ""), exponent)
    if re.fullmatch(r"[0-9]+(?:[.,][0-9]{1,2})?" if not exponent else r"[0-9]+(?:[.,][0-9]{1,4})?", number):
        return _rupiah(number.replace(",", "."), exponent)
    return UNREADABLE


def _rupiah(number: str, exponent: int) -> Reading:
    if not re.fullmatch(r"[0-9]+(?:\.[0-9]*)?", number):
        return UNREADABLE
    amount = Decimal(number).scaleb(exponent)
    text = f"{amount:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    whole, _, decimals = text.partition(".")
    return Reading(text) if len(whole) <= MONEY_DIGITS and len(decimals) <= 2 else UNREADABLE


def read_target(cell: Cell) -> Reading:
    """A planned score: a number, also behind a word such as `Level`; whether it's on the scale is checked later."""
    text = tidy(cell.text)
    for word in sorted((row["word"] for row in seed("score_word")), key=len, reverse=True):
        if text.casefold().startswith(f"{word.casefold()} ") and cell.kind == "text":
            return read_figure(Cell(cell.kind, text[len(word) :]))
    return read_figure(cell)


def read_year_targets(cell: Cell) -> Reading:
    """Targets of several years in one cell, `2026: 3; 2027: 4`, as a JSON list of year and score."""
    if problem := unusable(cell, allowed=("text",)):
        return problem
    text = tidy(cell.text.translate(FULL_WIDTH)).casefold()
    targets = {year: target.replace(",", ".") for year, target in _YEAR_TARGET.findall(text)}
    if (
        not targets
        or re.search(r"[^;, ]", _YEAR_TARGET.sub("", text))
        or len(targets) != len(_YEAR_TARGET.findall(text))
    ):
        return UNREADABLE
    return Reading(json.dumps(sorted(targets.items())))


def read_indicator_list(cell: Cell) -> Reading:
    """Indicator numbers as a JSON list, each once: `16`, `16; 17`, `Indikator 16 dan 17`."""
    if problem := unusable(cell, allowed=("text", "number")):
        return problem
    if cell.kind == "number":
        one = read_indicator(cell)
        return _listed([one.value]) if one.value else one
    parts = re.split(r"[;,&\n]|\bdan\b", cell.text.translate(FULL_WIDTH), flags=re.IGNORECASE)
    words = [re.sub(r"(?i)^(?:(?:indikator|ind|nomor|no)\b\.? ?)+", "", tidy(part)) for part in parts]
    readings = [read_indicator(Cell("text", word)) for word in words if word]
    if not readings or not all(one.value for one in readings):
        return UNREADABLE
    return _listed(one.value for one in readings)


def read_mention(cell: Cell) -> Reading:
    """Whether something is there: `no`, `yes`, or what it's said to be."""
    if problem := unusable(cell, allowed=("text", "number", "boolean")):
        return problem
    if not _SAYS_SOMETHING.search(cell.text):
        return Reading("no")
    known = spellings("mention").get(loosen(cell.text)) or {"true": "yes", "false": "no"}.get(loosen(cell.text))
    return Reading(known or tidy(cell.text))


def _listed(parts: object) -> Reading:
    found = list(dict.fromkeys(parts))  # type: ignore[call-overload]
    return Reading(json.dumps(found, ensure_ascii=False)) if found else Reading(problem="blank")


INVENTORY_READERS: Mapping[str, Callable[[Cell], Reading]] = MappingProxyType(
    {
        "indicator_list": read_indicator_list,
        "infrastructure_kind": lookup("infrastructure_kind"),
        "initiative_status": lookup("initiative_status"),
        "mention": read_mention,
        "money": read_money,
        "reference_code": read_reference_code,
        "references": read_references,
        "roadmap_content": lookup("roadmap_content"),
        "security_kind": lookup("security_kind"),
        "target": read_target,
        "year_targets": read_year_targets,
    }
)
