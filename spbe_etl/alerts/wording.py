"""Words in messages: what comes from a cell made harmless, lists cut short, days and figures as people write them.

Nothing here is quoted as it stands: chat services read names like `@everyone`, `<!channel>`, `*bold*` or an
address as something to do. Words: `seeds/alert_text.csv`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache

from spbe_etl.feedback import day_text
from spbe_etl.resources import seed

HARMLESS = ".,()/&+-'"
ADDRESS = re.compile(r"\w+://\S+|www\.\S+|[^\s@]+@[^\s@]+", re.IGNORECASE)
PERSONAL = re.compile(r"\d(?:(?:(?<=\d{3})\.)?[ ,()/&+'_-]*\d){8,}|[\w-]{25,}")
"""A person's or a telephone's number, also in groups, or an id such as a spreadsheet's. Not an OPD's code: there dots
follow short groups."""
LINK_LIKE = re.compile(r"(\w*[^\W\d]\w*)\.(?=[^\W\d]{2})")
"""A dot that makes chat services take words for the name of a site."""
LONGEST_NAME, LONGEST_CODE, LONGEST_LIST = 60, 24, 150
CUT = "..."


@cache
def words() -> Mapping[str, str]:
    """Our words by name."""
    return {row["name"]: row["text"] for row in seed("alert_text")}


def harmless(value: object, longest: int = LONGEST_NAME) -> str:
    """Text from a cell that no service reads as anything else, in one line; personal data hidden; a dash for none."""
    text = unicodedata.normalize("NFKC", str("" if value is None else value)[: 10 * LONGEST_NAME])
    parts = ADDRESS.split("".join(c if c.isprintable() else " " for c in text))
    text = words()["hidden"].join(parts)
    text = "".join(c if c.isalnum() or c in f"{HARMLESS}_ " else " " for c in text)
    text = PERSONAL.sub(words()["hidden"], text)
    text = re.sub(r"(?<![^\W_])_|_(?![^\W_])", " ", text)
    return shortened(" ".join(LINK_LIKE.sub(r"\1. ", text).split()), longest) or "-"


def shortened(text: str, longest: int) -> str:
    """Text cut to a length, with dots where something is missing."""
    return text if len(text) <= longest else text[: longest - len(CUT)].rstrip() + CUT


def listed(items: Sequence[str], longest: int = LONGEST_LIST) -> str:
    """As many items as fit, and how many more there are."""
    shown = list(items)
    while len(shown) > 1 and len(", ".join(shown)) > longest:
        shown.pop()
    text = shortened(", ".join(shown), longest)
    missing = len(items) - len(shown)
    return words()["others"].format(listed=text, count=missing) if missing else text


def day(value: str | date | None) -> str:
    """A day as Indonesians write it; words for none."""
    if not value:
        return words()["nothing"]
    return day_text(value if isinstance(value, date) else date.fromisoformat(value))


def figure(value: Decimal) -> str:
    """An index with a decimal comma."""
    return f"{value:.2f}".replace(".", ",")


def when(days: int) -> str:
    """How far away a day is."""
    name = {0: "today", 1: "tomorrow"}.get(days, "later")
    return words()[name].format(days=days)


def standing(carrying: int, incomplete: Sequence[str]) -> str:
    """How many OPD have answered all that they carry, and which haven't."""
    if not carrying:
        return words()["unanswered"]
    codes = listed([harmless(code, LONGEST_CODE) for code in incomplete]) or "-"
    complete = carrying - len(incomplete)
    return words()["standing"].format(complete=complete, carrying=carrying, incomplete=len(incomplete), opd=codes)
