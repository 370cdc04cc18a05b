"""A request as the APIs see it, and the ways to read its query and body against the discovery documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import ApiError, bad_request, unknown_name
from .masks import Mask, check, parse
from .schemas import Method
from .tokens import Grant


@dataclass(frozen=True)
class Request:
    """`path_id`: the id in the path, where there is one."""

    method: Method
    path_id: str
    query: Mapping[str, list[str]]
    body: bytes
    content_type: str
    grant: Grant

    def text(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]

    def flag(self, name: str) -> bool:
        return self.text(name, "false").lower() == "true"

    def mask(self) -> Mask | None:
        """The mask of the answer; None when the request has none. Raises ApiError (400)."""
        text = self.text("fields")
        if not text:
            return None
        mask = parse(text)
        schemas = self.method.schemas
        check(mask, schemas, schemas.named(self.method.response), text)
        return mask

    def message(self) -> dict[str, Any]:
        """The JSON body; raises ApiError (400) when it isn't what the method takes."""
        if not self.content_type.startswith("application/json"):
            raise bad_request("Invalid JSON payload received.", f"body of type {self.content_type!r} where JSON is due")
        return read_message(self.method, self.body)


def read_message(method: Method, body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body or b"{}")
    except ValueError as error:
        text = f"Invalid JSON payload received. Unexpected token.\n{error}"
        raise bad_request(text, "body isn't JSON") from error
    problems = method.schemas.problems(method.request or "", message)
    if problems:
        raise _message_error(problems[0])
    return message


def _message_error(problem: str) -> ApiError:
    path, _, what = problem.partition(": ")
    if what.startswith("unknown property "):
        error = unknown_name(what.removeprefix("unknown property ").strip("'"), path)
        error.violation = f"request body: {problem}"
        return error
    return bad_request(f"Invalid value at '{path}': {what}", f"request body: {problem}")
