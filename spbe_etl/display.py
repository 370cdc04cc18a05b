"""Figures and names as people read them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def number(value: Decimal | int | None, digits: int = 2, mark: str = ",") -> str:
    """A figure as Indonesians write it: decimal comma, a half upwards as published figures are, a dash for none."""
    if value is None:
        return "-"
    return f"{Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}".replace(".", mark)


def figure(value: Decimal | None, mark: str = ",") -> str:
    """A figure with every decimal that it has, as Indonesians write it."""
    if value is None:
        return "-"
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", mark)


def short_name(indicator_name: str) -> str:
    """An indicator's name without what all of them have, fit for a table."""
    return indicator_name.removeprefix("Tingkat Kematangan ").removesuffix(" Instansi Pusat/Pemerintah Daerah")
