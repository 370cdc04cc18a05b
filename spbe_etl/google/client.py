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

UPLOAD_URL = "https://www.googleapis.com/upload/drive/v3/files"
MOST_WAIT_SECONDS = 120
MOST_PAGES = 100
PASSING_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
RATE_REASONS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})


@dataclass(frozen=True)
class Limits:
    """What all clients of a run share: throttles, retries left, time."""

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
        self._credentials = account.credentials(scopes, f"{self._endpoint}/token" if self._endpoint else "")
        self._token_request = TokenRequest(limits.seconds_a_request, limits.clock)
        session = AuthorizedSession(self._credentials, auth_request=self._token_request)
        for root in {"https://", self._endpoint or "https://"}:
            session.mount(root, CountingAdapter(self._before_sending))
        self._http = gspread.Client(auth=None, session=session).http_client

    @property
    def calls(self) -> int:
        """Requests sent to Sheets and Drive, retries included, tokens not."""
        return self._calls

    def spreadsheet(self, spreadsheet_id: str, fields: str) -> Json:
        """A spreadsheet with what `fields` (a field mask) names."""
        params = {"includeGridData": "true", "fields": fields}
        return self.ask("get", SPREADSHEET_URL % spreadsheet_id, spreadsheet_id, params=params)

    def change(self, spreadsheet_id: str, changes: list[Json]) -> Json:
        """All changes in one request, or none of them."""
        url = SPREADSHEET_BATCH_UPDATE_URL % spreadsheet_id
        return self.ask("post", url, spreadsheet_id, role="Editor", json={"requests": changes})

    def files(self, query: str, fields: str) -> list[Json]:
        """Files that this account can see, page by page; `fields` of each."""
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
            if not isinstance(listed, list):
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

    def sign_in(self) -> None:
        """Get a token, so that a key that Google doesn't take is known; raises SourceError."""

        def refresh() -> Json:
            with self._in_our_words(self.account.email):
                self._credentials.refresh(self._token_request)
            return {}

        self._until_answered(refresh, self.account.email, is_safe=True)

    def _until_answered(self, call: Callable[[], Json], subject: str, is_safe: bool) -> Json:
        """Try again what may pass, as long as the run's budget lasts; what isn't safe only if nothing was done."""

        def stop(state: RetryCallState) -> bool:
            fault = _fault(state)
            waits_too_long = fault.retry_after is not None and fault.retry_after > MOST_WAIT_SECONDS
            return waits_too_long or not (is_safe or fault.was_refused) or not self._limits.budget.take()

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
            text = problem_text(subject, "unreachable", detail=str(fault))
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
            return answer
        if status == requests.codes.ok or status in PASSING_STATUSES or reason in RATE_REASONS:
            was_refused = status == requests.codes.too_many_requests or reason in RATE_REASONS
            detail = f"HTTP {status}" if status != requests.codes.ok else "JSON"
            raise PassingError(detail, retry_after(response), was_refused=was_refused)
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

    def _before_sending(self, method: str) -> None:
        (self._limits.reads if method == "GET" else self._limits.writes).wait()
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
    """What Google asks for, else a random time that grows with each try."""
    asked = _fault(state).retry_after
    return _backoff(state) if asked is None else asked
