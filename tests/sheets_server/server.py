"""The server: a real socket on this machine, and what each request meets on its way to an answer."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote

from .answers import NOT_FOUND, Answer, as_json, at_the_door, seconds, server_error
from .calls import AT_THE_DOOR, Call, Fault, Faults
from .clock import Clock, RealClock
from .drive import Drive
from .drive_api import DriveApi
from .errors import ApiError, file_not_found, no_permission, scope_missing, unauthenticated
from .quota import Quota
from .request import Request
from .schemas import Method, method
from .sheets_api import SheetsApi
from .tokens import GOOGLE_TOKEN_URI, Accounts, Grant, TokenError
from .transport import Listener

Headers = Mapping[str, str] | Message
_ID = r"([A-Za-z0-9_-]+)"


@dataclass(frozen=True)
class Route:
    """One method of an API at one address."""

    verb: str
    path: re.Pattern[str]
    kind: str
    method: Method
    answer: Callable[[Request], dict[str, Any]]


class SheetsServer:
    """Serves a Drive until the context is left; a broken discovery document raises there.

    `allow_violations`: don't raise. `drive_api.page_size`: forces short pages of files.list.
    """

    def __init__(self, drive: Drive, clock: Clock | None = None, quota: Quota | None = None, port: int = 0) -> None:
        self.drive = drive
        self.clock: Clock = clock or (quota.clock if quota else RealClock())
        self.quota = quota
        self.accounts = Accounts()
        self.faults = Faults()
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.allow_violations = False
        self.revoked: set[str] = set()
        self.drive_api = DriveApi(drive)
        self._lock = threading.Lock()
        self._routes = self._make_routes(SheetsApi(drive), self.drive_api)
        self._listener = Listener(self, port)
        self.endpoint = f"http://127.0.0.1:{self._listener.port}"

    def _make_routes(self, sheets: SheetsApi, drive: DriveApi) -> list[Route]:
        table = (
            ("GET", f"/v4/spreadsheets/{_ID}", "sheets.read", "sheets.spreadsheets.get", sheets.get),
            (
                "POST",
                f"/v4/spreadsheets/{_ID}:batchUpdate",
                "sheets.write",
                "sheets.spreadsheets.batchUpdate",
                sheets.batch_update,
            ),
            ("GET", "/drive/v3/files", "drive", "drive.files.list", drive.list),
            ("GET", f"/drive/v3/files/{_ID}", "drive", "drive.files.get", drive.get),
            ("POST", "/drive/v3/files", "drive", "drive.files.create", drive.create),
            ("POST", "/upload/drive/v3/files", "drive", "drive.files.create", drive.create),
        )
        return [Route(verb, re.compile(path), kind, method(name), answer) for verb, path, kind, name, answer in table]

    # Life

    def __enter__(self) -> SheetsServer:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.stop()
        if self.violations and not self.allow_violations and error is None:
            raise AssertionError("Google's discovery documents don't allow:\n" + "\n".join(self.violations))

    def start(self) -> None:
        self._listener.start()

    def stop(self) -> None:
        self._listener.stop()

    # Accounts

    @property
    def token_uri(self) -> str:
        return f"{self.endpoint}/token"

    def account(self, email: str, google_token_uri: bool = False) -> dict[str, Any]:
        """A service account's key file as a mapping."""
        return self.accounts.info(email, GOOGLE_TOKEN_URI if google_token_uri else self.token_uri)

    def write_credentials(self, path: Path, email: str, google_token_uri: bool = False) -> Path:
        """The key file, readable by its owner alone."""
        content = json.dumps(self.account(email, google_token_uri), indent=2)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(content)
        path.chmod(0o600)
        return path

    def disable(self, email: str) -> None:
        self.accounts.disable(email)

    def lift(self, file_id: str) -> None:
        """End what a fault of kind "revoked" began."""
        self.revoked.discard(file_id)

    # What came

    def count(self, kind: str | None = None) -> int:
        """Calls but those for tokens, or those of one kind."""
        with self._lock:
            return sum(one.kind != "token" if kind is None else one.kind == kind for one in self.calls)

    def violate(self, call: Call, problem: str) -> None:
        with self._lock:
            self.violations.append(f"{call.method} {call.path}: {problem}")

    # The way of a request

    def arrive(self, verb: str, target: str, headers: Headers) -> tuple[Call, Fault | None]:
        """Put the request on record, and see whether a fault awaits it."""
        raw_path, _, raw_query = target.partition("?")
        path = unquote(raw_path)
        route = self._route(verb, path)
        kind = route.kind if route else ("token" if path == "/token" else "unknown")
        grant = self.accounts.grant(headers.get("Authorization"))
        query = parse_qs(raw_query, keep_blank_values=True)
        call = Call(verb, path, query, kind, grant.email if grant else None, self.clock.now())
        with self._lock:
            self.calls.append(call)
        fault = self.faults.take(call)
        call.fault = fault.kind if fault else None
        return call, fault

    def answer(self, call: Call, fault: Fault | None, headers: Headers, body: bytes) -> Answer:
        """The answer before the socket; refusals are put into the shape of their API."""
        try:
            if call.kind == "token":
                return self._token(call, fault, headers, body)
            if fault and fault.kind in AT_THE_DOOR:
                raise at_the_door(call, fault, self.accounts)
            route = self._route(call.method, call.path)
            if route is None:
                self.violate(call, "not a method that is served")
                return Answer(404, NOT_FOUND.replace(b"PATH", call.path.encode()), "text/html; charset=UTF-8")
            return self._routed(call, fault, route, headers, body)
        except ApiError as error:
            if error.violation:
                self.violate(call, error.violation)
            call.reason = error.reason if call.kind == "drive" else error.status
            return as_json(error.code, error.body("drive" if call.kind == "drive" else "sheets"), error.headers)

    def _routed(self, call: Call, fault: Fault | None, route: Route, headers: Headers, body: bytes) -> Answer:
        grant = self._admit(call, route, headers)
        if fault and fault.kind in ("500", "503"):
            raise server_error(int(fault.kind), call.kind)
        found = route.path.fullmatch(call.path)
        path_id = found[1] if found and found.groups() else ""
        if fault and fault.kind == "revoked":
            self.revoked.add(path_id)
        if path_id in self.revoked:
            raise (no_permission() if call.kind != "drive" else file_not_found(path_id))
        self._check_query(call, route)
        content_type = headers.get("Content-Type", "")
        with self.drive.lock:  # the answer holds parts of the store, so nothing may change before it's written
            answer = route.answer(Request(route.method, path_id, call.query, body, content_type, grant))
            for problem in route.method.schemas.problems(route.method.response, answer):
                self.violate(call, f"answer of {route.method.id}: {problem}")
            return as_json(200, answer)

    def _admit(self, call: Call, route: Route, headers: Headers) -> Grant:
        """Token, scope, quota, in Google's order."""
        grant = self.accounts.grant(headers.get("Authorization"))
        if grant is None:
            raise unauthenticated()
        if not grant.scopes & route.method.scopes:
            raise scope_missing(f"{route.method.id.split('.')[0]}.googleapis.com", route.method.id)
        refusal = self.quota.refusal(grant.email, call.kind) if self.quota else None
        if refusal:
            raise refusal
        return grant

    def _check_query(self, call: Call, route: Route) -> None:
        """Sheets refuses a parameter that it doesn't know; Drive overlooks it."""
        for name, problem in route.method.query_problems(call.query):
            self.violate(call, problem)
            if call.kind != "drive":
                message = (
                    f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                    f"Field '{name}' could not be found in request message."
                )
                raise ApiError(400, message)

    def _token(self, call: Call, fault: Fault | None, headers: Headers, body: bytes) -> Answer:
        if fault and fault.kind in ("500", "502", "503", "429", "429_retry_after", "408"):
            retry = {"Retry-After": seconds(fault)} if fault.retry_after is not None else {}
            code = int(fault.kind[:3])
            return as_json(code, {"error": "internal_failure", "error_description": "Try again."}, retry)
        try:
            if call.method != "POST":
                raise TokenError("invalid_request", "Only POST is allowed.", 405)
            return as_json(200, self.accounts.exchange(body, headers.get("Content-Type", ""), self.token_uri))
        except TokenError as error:
            call.reason = error.body["error"]
            return as_json(error.code, error.body)

    def after(self, call: Call, fault: Fault | None) -> None:
        """What a fault of kind "changes" does once the answer is made."""
        if fault is None or fault.kind != "changes":
            return
        if fault.change:
            fault.change(call)
            return
        found = re.search(r"/(?:spreadsheets|files)/([A-Za-z0-9_-]+)", call.path)
        if found and self.drive.find(found[1]):
            self.drive.touch(found[1])

    def _route(self, verb: str, path: str) -> Route | None:
        return next((one for one in self._routes if one.verb == verb and one.path.fullmatch(path)), None)
