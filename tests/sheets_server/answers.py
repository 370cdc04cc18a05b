"""Answers before they meet the socket, and the refusals that a fault asks for."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .calls import Call, Fault
from .errors import ApiError, drive_rate_limit, service_disabled, too_many, unauthenticated
from .tokens import Accounts

NOT_FOUND = (
    b"<!DOCTYPE html>\n<html lang=en>\n  <title>Error 404 (Not Found)!!1</title>\n"
    b"  <p><b>404.</b> <ins>That\xe2\x80\x99s an error.</ins>\n"
    b"  <p>The requested URL <code>PATH</code> was not found on this server.\n"
)


@dataclass(frozen=True)
class Answer:
    """What goes back, before a fault has its way with it."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Answer(status, text.encode(), headers=headers or {})


def seconds(fault: Fault) -> str:
    return str(math.ceil(1 if fault.retry_after is None else fault.retry_after))


def at_the_door(call: Call, fault: Fault, accounts: Accounts) -> ApiError:
    if fault.kind.startswith("429"):
        waits = fault.kind == "429_retry_after" or fault.retry_after is not None
        headers = {"Retry-After": seconds(fault)} if waits else {}
        if call.kind == "drive":
            return too_many("drive.googleapis.com", "Queries", "Queries per minute per user", 12000, headers)
        metric = "Write requests" if call.kind == "sheets.write" else "Read requests"
        return too_many("sheets.googleapis.com", metric, f"{metric} per minute per user", 60, headers)
    if fault.kind == "drive_rate_limit":
        return drive_rate_limit()
    if fault.kind == "service_disabled":
        return service_disabled("drive.googleapis.com" if call.kind == "drive" else "sheets.googleapis.com")
    if fault.kind == "expired_token":
        accounts.forget_tokens()
        return unauthenticated()
    return server_error(int(fault.kind) if fault.kind.isdigit() else 500, call.kind)


def server_error(code: int, kind: str) -> ApiError:
    messages = {
        408: "The request timed out.",
        500: "Internal Error" if kind == "drive" else "Internal error encountered.",
        502: "Bad Gateway",
        503: "The service is currently unavailable.",
    }
    reason = "backendError" if code == 503 else "internalError"
    return ApiError(code, messages[code], reason=reason)
