"""Number formats: from .xlsx codes to Google's, and a value roughly as Sheets shows it in Indonesia."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from openpyxl.styles.numbers import is_date_format, is_datetime

EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_DATE_TYPES = {"date": "DATE", "datetime": "DATE_TIME", "time": "TIME"}
_DEFAULT_PATTERN = {"DATE": "dd/mm/yyyy", "DATE_TIME": "dd/mm/yyyy hh:mm:ss", "TIME": "hh:mm:ss"}
_MONTHS = (
    "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()  # noqa: SIM905
)
_DAYS = "Senin Selasa Rabu Kamis Jumat Sabtu Minggu".split()  # noqa: SIM905
_DATE_TOKEN = re.compile(r'"[^"]*"|\\.|am/pm|y+|m+|d+|h+|s+(?:\.0+)?|.', re.IGNORECASE | re.DOTALL)


def number_format(code: str) -> dict[str, str] | None:
    """Google's NumberFormat of an .xlsx format code; None for General, which Google leaves out."""
    if code == "General" or not code:
        return None
    if code == "@":
        return {"type": "TEXT", "pattern": "@"}
    pattern = re.sub(r"\[\$-[0-9A-Fa-f]+\]", "", code).removesuffix(";@").replace("\\-", "-").replace("\\ ", " ")
    if is_date_format(code):
        return {"type": _DATE_TYPES[is_datetime(code) or "date"], "pattern": pattern}
    if "%" in pattern:
        return {"type": "PERCENT", "pattern": pattern}
    if "E+" in pattern.upper():
        return {"type": "SCIENTIFIC", "pattern": pattern}
    if re.search(r"[$€£¥]|\bRp", pattern):
        return {"type": "CURRENCY", "pattern": pattern}
    return {"type": "NUMBER", "pattern": pattern}


def serial(value: date | datetime | time | timedelta) -> int | float:
    """Days since 1899-12-30, as Sheets counts."""
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC)
        return plain((moment - EPOCH) / timedelta(days=1))
    if isinstance(value, date):
        return (datetime(value.year, value.month, value.day, tzinfo=UTC) - EPOCH).days
    if isinstance(value, time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
        return plain(seconds / 86400)
    return plain(value / timedelta(days=1))


def plain(value: float) -> int | float:
    """A double as JSON writes it: 3, not 3.0."""
    value = float(value)
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def shown(value: dict[str, Any], form: dict[str, str] | None) -> str | None:
    """formattedValue of an ExtendedValue."""
    if "stringValue" in value:
        return value["stringValue"] or None
    if "boolValue" in value:
        return "TRUE" if value["boolValue"] else "FALSE"
    if "numberValue" in value:
        return _number(value["numberValue"], form or {})
    return None


def _number(value: float, form: dict[str, str]) -> str:
    kind = form.get("type", "NUMBER")
    pattern = form.get("pattern") or _DEFAULT_PATTERN.get(kind, "")
    if kind in _DEFAULT_PATTERN:
        return _moment(value, pattern)
    if kind == "TEXT" or not pattern:
        return _general(value)
    if kind == "SCIENTIFIC":
        return f"{value:.2E}".replace(".", ",")
    positive = pattern.split(";")[0]
    scaled = value * 100 if "%" in positive else value
    digits = re.search(r"[#0?][#0?,]*(?:\.([#0?]+))?", positive)
    if digits is None:
        return _general(value)
    decimals = digits[1] or ""
    text = f"{scaled:{',' if ',' in digits[0] else ''}.{len(decimals)}f}"
    if optional := len(decimals) - len(decimals.rstrip("#")):
        whole, _, fraction = text.partition(".")
        kept = fraction[: len(fraction) - optional] + fraction[len(fraction) - optional :].rstrip("0")
        text = f"{whole}.{kept}" if kept else whole
    text = text.translate(str.maketrans(",.", ".,"))
    return re.sub(
        r"\\(.)", r"\1", positive[: digits.start()].replace('"', "") + text + positive[digits.end() :]
    ).replace('"', "")


def _general(value: float) -> str:
    return f"{value:.10g}".replace("e", "E").replace(".", ",")


def _moment(value: float, pattern: str) -> str:
    moment = EPOCH + timedelta(days=value)
    if moment.microsecond >= 999_000:
        moment += timedelta(microseconds=1_000_000 - moment.microsecond)
    tokens = _DATE_TOKEN.findall(pattern)
    half_day = any(token.lower() == "am/pm" for token in tokens)
    parts: list[str] = []
    after_hour = False
    for index, token in enumerate(tokens):
        following = next((one[0].lower() for one in tokens[index + 1 :] if one[0].lower() in "ymdhs"), "")
        minutes = token[0].lower() == "m" and (after_hour or following == "s")
        parts.append(_date_part(token, moment, half_day, minutes))
        if token[0].lower() in "ymdhs" and token.lower() != "am/pm":
            after_hour = token[0].lower() == "h"
    return "".join(parts)


def _date_part(token: str, moment: datetime, half_day: bool, minutes: bool) -> str:
    letter, length = token[0].lower(), len(token)
    if token.lower() == "am/pm":
        return "AM" if moment.hour < 12 else "PM"
    if letter == "y":
        return f"{moment.year:04d}" if length > 2 else f"{moment.year % 100:02d}"
    if letter == "m" and not minutes and length >= 3:
        month = _MONTHS[moment.month - 1]
        return month if length > 3 else month[:3]
    if letter == "d" and length >= 3:
        day = _DAYS[moment.weekday()]
        return day if length > 3 else day[:3]
    hour = (moment.hour % 12 or 12) if half_day else moment.hour
    number = {"m": moment.minute if minutes else moment.month, "d": moment.day, "h": hour, "s": moment.second}
    if letter in number:
        return f"{number[letter]:0{min(length, 2)}d}"
    return token.strip('"').removeprefix("\\")
