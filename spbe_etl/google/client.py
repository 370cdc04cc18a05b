"""The one module that knows gspread: requests to Sheets and Drive, counted, throttled, tried again where that helps.

A request ends in an answer that's whole and valid JSON, in GoogleRefusedError (asking again gives the same), or in
GoogleUnreachableError (the run's retries are used up). Never in less than was sent.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import gspread
import requests
import urllib3
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.auth.transport.requests import AuthorizedSession
from gspread.urls import DRIVE_FILES_API_V3_URL, SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_URL
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from spbe_etl.google.credentials import READ_SCOPES, Account
from spbe_etl.google.problems import GoogleRefusedError, GoogleUnreachableError, problem_text, refusal_reason
from spbe_etl.google.quota import Budget, Clock, Throttle
from spbe_etl.google.transport import (
    CONNECT_SECONDS,
    CountingAdapter,
    Json,
    PassingError,
    TokenRequest,
    checked_endpoint,
    json_object,
    object_in,
    retry_after,
    whole_body,
)
from spbe_etl.references import is_id

FILES = "mimeType = 'application/vnd.google-apps.spreadsheet'"
"""Drive's query for every spreadsheet that an account can see."""
UPLOAD_URL = "https://www.googleapis.com/upload/drive/v3/files"
MOST_WAIT_SECONDS = 120
MOST_PAGES = 100
PASSING_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
RATE_REASONS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})


@dataclass(frozen=True)
class Limits:
    """What a run's requests share: throttles, faults that it may try again, time."""

    reads: Throttle
    writes: Throttle
    budget: Budget
    seconds_a_request: float = 60
    clock: Clock = field(default_factory=Clock)


class Google:
    """Sheets and Drive as one account sees them."""

    def __init__(
        self, account: Account, limits: Limits, endpoint: str = "", scopes: tuple[str, ...] = READ_SCOPES
    ) -> None:
        self.account = account
        self._limits = limits
        self._endpoint = checked_endpoint(endpoint)
        self._lock = threading.Lock()
        self._calls = 0
        credentials = account.credentials(scopes, f"{self._endpoint}/token" if self._endpoint else "")
        session = AuthorizedSession(credentials, auth_request=TokenRequest(limits.seconds_a_request, limits.clock))
        for root in {"https://", self._endpoint or "https://"}:
            session.mount(root, CountingAdapter(self._before_sending))
        self._http = gspread.Client(auth=None, session=session).http_client

    @property
    def calls(self) -> int:
        """Requests sent to Sheets and Drive, retries included, tokens not."""
        return self._calls

    def spreadsheet(self, spreadsheet_id: str, fields: str) -> Json:
        """A spreadsheet with what `fields` (a field mask) names."""
        self._check_id(spreadsheet_id)
        params = {"includeGridData": "true", "fields": fields}
        return self.ask("get", SPREADSHEET_URL % spreadsheet_id, spreadsheet_id, params=params)

    def change(self, spreadsheet_id: str, changes: list[Json]) -> Json:
        """All changes in one request, or none of them."""
        self._check_id(spreadsheet_id)
        url = SPREADSHEET_BATCH_UPDATE_URL % spreadsheet_id
        return self.ask("post", url, spreadsheet_id, role="Editor", json={"requests": changes})

    @staticmethod
    def _check_id(spreadsheet_id: str) -> None:
        """Nothing but an id is ever put into an address."""
        if not is_id(spreadsheet_id):
            raise GoogleRefusedError(problem_text(spreadsheet_id[:60], "not_an_id"), "not_an_id")

    def files(self, query: str, fields: str, *, is_whole: bool = False) -> list[Json]:
        """Files that this account can see, page by page; `fields` of each. `is_whole`: all of them, or raise."""
        params = {
            "q": query,
            "fields": f"nextPageToken,incompleteSearch,files({fields})",
            "pageSize": "1000",
            "corpora": "allDrives",
            "supportsAllDrives": "true",
            "includeItemsFromAllDrives": "true",
        }
        found: list[Json] = []
        for _ in range(MOST_PAGES):
            page = self.ask("get", DRIVE_FILES_API_V3_URL, "Google Drive", params=params)
            listed = page.get("files", [])
            if not isinstance(listed, list) or (is_whole and page.get("incompleteSearch")):
                break
            found.extend(one for one in listed if isinstance(one, dict) and isinstance(one.get("id"), str))
            if not page.get("nextPageToken"):
                return found
            params = {**params, "pageToken": str(page["nextPageToken"])}
        raise GoogleUnreachableError(problem_text("Google Drive", "incomplete", detail="files.list"))

    def upload(self, subject: str, about: Json, content: bytes, content_type: str) -> Json:
        """A new file from `content`, turned into the type that `about` names."""
        body, boundary = urllib3.encode_multipart_formdata(
            [
                _part(json.dumps(about).encode(), "application/json; charset=UTF-8"),
                _part(content, content_type),
            ]
        )
        kind = boundary.replace("multipart/form-data", "multipart/related")
        params = {"uploadType": "multipart", "supportsAllDrives": "true", "fields": "id"}
        return self.ask(
            "post", UPLOAD_URL, subject, role="Editor", params=params, data=body, headers={"Content-Type": kind}
        )

    def ask(self, method: str, url: str, subject: str, role: str = "Pelihat (Viewer)", **request: Any) -> Json:
        """One question until it's answered. `subject`: what an error is said to be about."""
        return self._until_answered(lambda: self._once(method, url, subject, role, request), subject, method == "get")

    def _until_answered(self, call: Callable[[], Json], subject: str, is_safe: bool) -> Json:
        """Try again what may pass, as long as the run's budget lasts; what isn't safe only if nothing was done."""

        def stop(state: RetryCallState) -> bool:
            fault = _fault(state)
            if fault.was_refused:
                return fault.is_final
            waits_too_long = fault.retry_after is not None and fault.retry_after > MOST_WAIT_SECONDS
            return waits_too_long or not is_safe or not self._limits.budget.take()

        tries = Retrying(
            retry=retry_if_exception_type(PassingError),
            stop=stop,
            wait=_wait,
            sleep=self._limits.clock.sleep,
            reraise=True,
        )
        try:
            return tries(call)
        except PassingError as fault:
            text = problem_text(subject, "quota" if fault.was_refused else "unreachable", detail=str(fault))
            raise GoogleUnreachableError(text, may_be_done=not is_safe and not fault.was_refused) from None

    def _once(self, method: str, url: str, subject: str, role: str, request: Mapping[str, Any]) -> Json:
        limits = self._limits
        with self._in_our_words(subject):
            response = self._http.session.request(
                method,
                self._at(url),
                timeout=(CONNECT_SECONDS, limits.seconds_a_request),
                stream=True,
                allow_redirects=False,
                **request,
            )
            body = whole_body(response, subject, limits.seconds_a_request, limits.clock)
        return self._judge(response, body, subject, role)

    @contextmanager
    def _in_our_words(self, subject: str) -> Iterator[None]:
        """What the libraries raise, as a passing fault or a refusal. Their texts may hold a token: none is kept."""
        refused = problem_text(subject, "token", account=self.account.email)
        try:
            yield
        except RefreshError as error:
            raise (PassingError("token") if error.retryable else GoogleRefusedError(refused, "token")) from None
        except (TransportError, requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise PassingError(type(error).__name__) from None
        except GoogleAuthError as error:
            raise GoogleRefusedError(refused, "token", type(error).__name__) from None

    def _judge(self, response: requests.Response, body: bytes, subject: str, role: str) -> Json:
        """The answer as it was meant: an object, a fault that passes, or a refusal."""
        status = response.status_code
        answer = json_object(body)
        error = object_in(answer, "error")
        reason = refusal_reason(error)
        if status == requests.codes.ok and answer is not None and not error:
            self._throttle(response.request.method).passed()
            return answer
        if status == requests.codes.ok or status in PASSING_STATUSES or reason in RATE_REASONS:
            was_refused = status == requests.codes.too_many_requests or reason in RATE_REASONS
            wait = retry_after(response)
            is_final = was_refused and not self._throttle(response.request.method).refused(wait)
            detail = f"HTTP {status}" if status != requests.codes.ok else "JSON"
            raise PassingError(detail, wait, was_refused=was_refused, is_final=is_final)
        is_protected = status == requests.codes.bad_request and "protected" in str(error.get("message"))
        known = "protected" if is_protected else str(status)
        detail = f"HTTP {status} {reason}".strip()
        text = problem_text(subject, known, reason, account=self.account.email, role=role, detail=detail)
        raise GoogleRefusedError(text, known, reason)

    def _at(self, url: str) -> str:
        """The address under the endpoint that's set, if any."""
        if not self._endpoint:
            return url
        parts = urlsplit(url)
        return f"{self._endpoint}{parts.path}"

    def _throttle(self, method: str | None) -> Throttle:
        return self._limits.reads if method == "GET" else self._limits.writes

    def _before_sending(self, method: str) -> None:
        self._throttle(method).wait()
        with self._lock:
            self._calls += 1


def _part(content: bytes, content_type: str) -> urllib3.fields.RequestField:
    return urllib3.fields.RequestField(name="", data=content, headers={"Content-Type": content_type})


def _fault(state: RetryCallState) -> PassingError:
    fault = state.outcome.exception() if state.outcome else None
    if not isinstance(fault, PassingError):
        raise TypeError(f"only a passing fault is tried again, not {fault!r}")
    return fault


_backoff = wait_random_exponential(multiplier=0.5, max=16)


def _wait(state: RetryCallState) -> float:
    """What Google asks for, else a random time that grows with each try. For quota the throttle waits, for all."""
    fault = _fault(state)
    if fault.was_refused:
        return 0
    return _backoff(state) if fault.retry_after is None else fault.retry_after
