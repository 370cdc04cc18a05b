"""The search language of files.list: terms joined by and, or, not and parentheses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .errors import ApiError
from .files import File, moment

Test = Callable[[File], bool]
_TOKEN = re.compile(r"""\s*('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|<=|>=|!=|[=<>(){}]|[A-Za-z][\w.]*)""")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


def parse(text: str) -> Test:
    """A test of files; raises ApiError (400) as Drive does for a query that it can't read."""
    tokens, at = [], 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _invalid(text)
        tokens.append(found[1])
        at = found.end()
    parser = _Parser(tokens, text)
    test = parser.either()
    if parser.tokens:
        raise _invalid(text)
    return test


def _invalid(text: str) -> ApiError:
    violation = f"search query can't be read: {text!r}"
    return ApiError(400, "Invalid Value", reason="invalid", location="q", violation=violation)


class _Parser:
    def __init__(self, tokens: list[str], text: str) -> None:
        self.tokens = tokens
        self.text = text

    def either(self) -> Test:
        tests = [self.both()]
        while self.next_is("or"):
            tests.append(self.both())
        return lambda file: any(test(file) for test in tests)

    def both(self) -> Test:
        tests = [self.one()]
        while self.next_is("and"):
            tests.append(self.one())
        return lambda file: all(test(file) for test in tests)

    def one(self) -> Test:
        if self.next_is("not"):
            negated = self.one()
            return lambda file: not negated(file)
        if self.next_is("("):
            inner = self.either()
            self.expect(")")
            return inner
        return self.term()

    def term(self) -> Test:
        first = self.take()
        if first[0] in "'\"":
            self.expect("in")
            return self.member(_unquoted(first), self.take())
        if first in ("appProperties", "properties"):
            self.expect("has")
            return self.has(first)
        operator = self.take()
        if first in ("trashed", "starred"):
            wanted = self.take()
            if operator not in ("=", "!=") or wanted not in ("true", "false"):
                raise _invalid(self.text)
            state = (wanted == "true") == (operator == "=")
            return lambda file: (file.trashed if first == "trashed" else False) == state
        return self.comparison(first, operator, self.quoted())

    def comparison(self, field: str, operator: str, wanted: str) -> Test:
        if operator == "contains" and field in ("name", "mimeType"):
            return lambda file: wanted.lower() in _field(file, field).lower()
        times = field in ("modifiedTime", "createdTime")
        if operator not in _COMPARE or not (times or (field in ("name", "mimeType") and operator in ("=", "!="))):
            raise _invalid(self.text)
        compare = _COMPARE[operator]
        if times:
            wanted = wanted.removesuffix("Z") + ("" if "." in wanted else ".000") + "Z"
        return lambda file: compare(_field(file, field), wanted)

    def member(self, value: str, field: str) -> Test:
        if field == "parents":
            return lambda file: value in file.parents
        if field == "writers":
            return lambda file: value in file.writers
        if field == "readers":
            return lambda file: value in file.readers | file.writers
        raise _invalid(self.text)

    def has(self, field: str) -> Test:
        found: dict[str, str] = {}
        self.expect("{")
        for number, name in enumerate(("key", "value")):
            if number:
                self.expect("and")
            self.expect(name)
            self.expect("=")
            found[name] = self.quoted()
        self.expect("}")
        if field == "properties":
            return lambda file: False
        return lambda file: file.app_properties.get(found["key"]) == found["value"]

    def quoted(self) -> str:
        token = self.take()
        if token[0] not in "'\"":
            raise _invalid(self.text)
        return _unquoted(token)

    def take(self) -> str:
        if not self.tokens:
            raise _invalid(self.text)
        return self.tokens.pop(0)

    def next_is(self, wanted: str) -> bool:
        if self.tokens and self.tokens[0].lower() == wanted:
            self.tokens.pop(0)
            return True
        return False

    def expect(self, wanted: str) -> None:
        if not self.next_is(wanted):
            raise _invalid(self.text)


def _field(file: File, name: str) -> str:
    if name == "name":
        return file.name
    if name == "mimeType":
        return file.mime
    return moment(file.modified if name == "modifiedTime" else file.created)


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])
