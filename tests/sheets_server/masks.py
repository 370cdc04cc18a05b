"""Google's field masks: `a,b(c,d/e),f.g` and `*`, parsed, checked against a schema, applied."""

from __future__ import annotations

import re
from typing import Any

from .errors import invalid_mask
from .schemas import Schemas

Mask = dict[str, Any]
"""Names to what is asked beneath them; an empty mask asks for everything."""
_TOKEN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*|[*(),./]|\s+|.")


def parse(text: str) -> Mask:
    """The mask as a tree; raises ApiError (400) for text that isn't a mask."""
    tokens = [token for token in _TOKEN.findall(text) if not token.isspace()]
    mask, rest = _parse_list(tokens, text)
    if rest or not mask:
        raise invalid_mask(text, text)
    return mask


def _parse_list(tokens: list[str], text: str) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while True:
        tokens = _parse_path(mask, tokens, text)
        if not tokens or tokens[0] != ",":
            return mask, tokens
        tokens = tokens[1:]


def _parse_path(mask: Mask, tokens: list[str], text: str) -> list[str]:
    """One path into `mask`; asking for a whole and for a part of it is asking for the whole."""
    if not tokens or not (tokens[0] == "*" or re.match(r"[A-Za-z_$]", tokens[0])):
        raise invalid_mask(text, text)
    name, tokens = tokens[0], tokens[1:]
    known = name in mask
    below: Mask = mask.get(name, {})
    if not tokens or tokens[0] not in "./(":
        mask[name] = {}
        return tokens
    inner: Mask = {}
    if tokens[0] == "(":
        inner, tokens = _parse_list(tokens[1:], text)
        if not tokens or tokens[0] != ")":
            raise invalid_mask(text, text)
        tokens = tokens[1:]
    else:
        tokens = _parse_path(inner, tokens[1:], text)
    if not (known and not below):
        mask[name] = _merge(below, inner)
    return tokens


def _merge(one: Mask, other: Mask) -> Mask:
    merged = dict(one)
    for name, inner in other.items():
        if name in merged and merged[name] and inner:
            merged[name] = _merge(merged[name], inner)
        elif name in merged:
            merged[name] = {}
        else:
            merged[name] = inner
    return merged


def check(mask: Mask, schemas: Schemas, schema: dict[str, Any], text: str, path: str = "") -> None:
    """Raises ApiError (400) at the first name that the schema doesn't have."""
    for name, inner in mask.items():
        here = f"{path}.{name}" if path else name
        if name == "*":
            if inner:
                for _, each in schemas.properties(schema):
                    check(inner, schemas, each, text, here)
            continue
        below = schemas.below(schema, name)
        if below is None:
            raise invalid_mask(text, here)
        if inner:
            check(inner, schemas, below, text, here)


def apply(mask: Mask, value: Any) -> Any:
    """What the mask asks for; positions in a list stay, emptied messages stay as {}."""
    if not mask or mask.get("*") == {}:
        return value
    if isinstance(value, list):
        return [apply(mask, item) for item in value]
    if not isinstance(value, dict):
        return value
    if "*" in mask:
        return {name: apply(mask["*"], item) for name, item in value.items()}
    return {name: apply(inner, value[name]) for name, inner in mask.items() if name in value}


def asks(mask: Mask, *path: str) -> bool:
    """Whether the mask asks for this path or for a part of it."""
    for name in path:
        if not mask or mask.get("*") == {}:
            return True
        if name in mask:
            mask = mask[name]
        elif "*" in mask:
            mask = mask["*"]
        else:
            return False
    return True
