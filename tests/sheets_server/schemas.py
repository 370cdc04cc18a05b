"""Google's discovery documents, as shipped with google-api-python-client: what is asked and answered must fit them.

A validator of its own, since a general one takes ten times as long on a spreadsheet with its grid.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient.discovery_cache

_INT64 = re.compile(r"-?\d+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_SIMPLE = {"string": str, "boolean": bool, "array": list, "object": dict}


class Schemas:
    """The schemas of one API."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._schemas: Mapping[str, dict[str, Any]] = document["schemas"]

    def named(self, name: str) -> dict[str, Any]:
        return self._schemas[name]

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"]]
        return schema

    def below(self, schema: dict[str, Any], name: str) -> dict[str, Any] | None:
        """The schema of a property, through lists; None when there is none."""
        schema = self.resolve(schema)
        while schema.get("type") == "array":
            schema = self.resolve(schema["items"])
        if name in schema.get("properties", {}):
            return schema["properties"][name]
        return schema.get("additionalProperties")

    def properties(self, schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        schema = self.resolve(schema)
        while schema.get("type") == "array":
            schema = self.resolve(schema["items"])
        return list(schema.get("properties", {}).items())

    def problems(self, name: str, value: Any) -> list[str]:
        """Every way in which a message differs from its schema."""
        return list(self._problems(self._schemas[name], value, ""))

    def _problems(self, schema: dict[str, Any], value: Any, path: str) -> Iterator[str]:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"]]
        kind = schema.get("type", "any")
        if kind == "any":
            return
        if kind == "object":
            yield from self._object_problems(schema, value, path)
        elif kind == "array":
            if not isinstance(value, list):
                yield f"{path}: {value!r} isn't a list"
                return
            items = schema["items"]
            for index, item in enumerate(value):
                yield from self._problems(items, item, f"{path}[{index}]")
        elif problem := _scalar_problem(schema, kind, value):
            yield f"{path}: {problem}"

    def _object_problems(self, schema: dict[str, Any], value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: {value!r} isn't an object"
            return
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        for name, item in value.items():
            below = properties.get(name, others)
            if below is None:
                yield f"{path}: unknown property {name!r}"
            else:
                yield from self._problems(below, item, f"{path}.{name}" if path else name)


def _scalar_problem(schema: Mapping[str, Any], kind: str, value: Any) -> str:
    if kind == "integer":
        fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31
    elif kind == "number":
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    else:
        fits = isinstance(value, _SIMPLE[kind])
    if not fits:
        return f"{value!r} isn't of type {kind}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{value!r} isn't one of {schema['enum']}"
    form = schema.get("format")
    if form == "int64" and not _INT64.fullmatch(value):
        return f"{value!r} isn't an int64 as text"
    if form in ("date-time", "google-datetime") and not _MOMENT.fullmatch(value):
        return f"{value!r} isn't a moment in RFC 3339"
    return ""


class Method:
    """One method of an API: its parameters, scopes, and what it takes and answers."""

    def __init__(self, schemas: Schemas, method_id: str) -> None:
        self.schemas = schemas
        self.id = method_id
        node: Any = schemas.document
        *resources, name = method_id.split(".")[1:]
        for resource in resources:
            node = node["resources"][resource]
        self._method: Mapping[str, Any] = node["methods"][name]
        self.scopes: frozenset[str] = frozenset(self._method["scopes"])
        self.response: str = self._method["response"]["$ref"]
        self.request: str | None = self._method.get("request", {}).get("$ref")
        self._parameters: Mapping[str, Any] = {**schemas.document["parameters"], **self._method["parameters"]}

    def query_problems(self, query: Mapping[str, list[str]]) -> list[tuple[str, str]]:
        """Parameter and what is wrong with it."""
        found = []
        for name, values in query.items():
            parameter = self._parameters.get(name)
            if parameter is None or parameter.get("location") != "query":
                found.append((name, f"query parameter {name!r} isn't in {self.id}"))
            elif len(values) > 1 and not parameter.get("repeated"):
                found.append((name, f"query parameter {name!r} of {self.id} is given {len(values)} times"))
            else:
                found += [(name, problem) for value in values if (problem := _query_problem(name, parameter, value))]
        return found


def _query_problem(name: str, parameter: Mapping[str, Any], value: str) -> str:
    kind = parameter["type"]
    if kind == "boolean" and value.lower() not in ("true", "false"):
        return f"query parameter {name}={value!r} isn't a boolean"
    if kind == "integer":
        if not _INT64.fullmatch(value):
            return f"query parameter {name}={value!r} isn't an integer"
        if "minimum" in parameter and int(value) < int(parameter["minimum"]):
            return f"query parameter {name}={value!r} is below {parameter['minimum']}"
        if "maximum" in parameter and int(value) > int(parameter["maximum"]):
            return f"query parameter {name}={value!r} is above {parameter['maximum']}"
    if "enum" in parameter and value not in parameter["enum"]:
        return f"query parameter {name}={value!r} isn't one of {parameter['enum']}"
    return ""


@cache
def load(name: str) -> Schemas:
    """`sheets.v4` or `drive.v3`."""
    (folder,) = googleapiclient.discovery_cache.__path__
    path = Path(folder) / "documents" / f"{name}.json"
    return Schemas(json.loads(path.read_text(encoding="utf-8")))


@cache
def method(method_id: str) -> Method:
    """`sheets.spreadsheets.get`, `drive.files.list` and so on."""
    return Method(load("sheets.v4" if method_id.startswith("sheets.") else "drive.v3"), method_id)
