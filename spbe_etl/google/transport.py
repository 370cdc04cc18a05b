"""One request on its way: counted as it goes out, bounded in time and size, read to its last byte."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import google.auth.transport
import requests
import urllib3
from requests.adapters import HTTPAdapter

from spbe_etl.errors import ConfigurationError
from spbe_etl.google.problems import GoogleRefusedError, problem_text
from spbe_etl.google.quota import Clock

CONNECT_SECONDS = 10
MOST_BYTES = 200 * 1024**2
CHUNK = 1024**2
THREADS = 4

Json = dict[str, Any]


class PassingError(Exception):
    """A fault that may be gone at the next try. `was_refused`: for lack of quota, so nothing was done."""

    def __init__(
        self, detail: str, retry_after: float | None = None, *, was_refused: bool = False, is_final: bool = False
    ) -> None:
        super().__init__(detail)
        self.is_final = is_final
        self.retry_after = retry_after
        self.was_refused = was_refused


class CountingAdapter(HTTPAdapter):
    """Sees every request that really goes out, also those that google-auth repeats with a new token."""

    def __init__(self, before_sending: Callable[[str], None]) -> None:
        super().__init__(pool_maxsize=THREADS, max_retries=0)
        self._before_sending = before_sending

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send it when it may go."""
        self._before_sending(request.method or "GET")
        return super().send(request, *args, **kwargs)


@dataclass(frozen=True)
class TokenAnswer:
    """An answer of the token endpoint, as google-auth wants it."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class TokenRequest(google.auth.transport.Request):  # type: ignore[misc]
    """How google-auth asks for a token: within the same bounds as everything else, and in no log."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._session = requests.Session()
        self._seconds = seconds
        self._clock = clock

    def __call__(
        self, url: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None,
        timeout: float | None = None, **_: Any,
    ) -> TokenAnswer:  # fmt: skip
        """Ask once; raises PassingError unless there's an answer that's whole and an object."""
        try:
            response = self._session.request(
                method, url, data=body, headers=headers, stream=True, allow_redirects=False,
                timeout=(CONNECT_SECONDS, self._seconds),
            )  # fmt: skip
            content = whole_body(response, "token", self._seconds, self._clock)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, GoogleRefusedError) as error:
            raise PassingError(type(error).__name__) from None
        answer = json_object(content)
        if answer is None or (response.status_code == requests.codes.ok and not _is_token(answer)):
            raise PassingError("token")
        return TokenAnswer(response.status_code, response.headers, content)


def _is_token(answer: Json) -> bool:
    return isinstance(answer.get("access_token"), str) and str(answer.get("expires_in", "0")).isdecimal()


def checked_endpoint(endpoint: str) -> str:
    """Another root for all calls; raises ConfigurationError unless it's encrypted or on this machine."""
    if not endpoint:
        return ""
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        return endpoint.rstrip("/")
    raise ConfigurationError(
        f"SPBE_GOOGLE_ENDPOINT={endpoint}: give https://..., or http:// on this machine only; tokens go there."
    )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def whole_body(response: requests.Response, subject: str, seconds: float, clock: Clock) -> bytes:
    """Every byte that was promised, within the time that a request has and the size that we hold."""
    body = bytearray()
    deadline = clock.now() + seconds
    with response:
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            body += chunk
            if len(body) > MOST_BYTES:
                detail = f"lebih dari {MOST_BYTES // 1024**2} MB"
                raise GoogleRefusedError(problem_text(subject, "too_large", detail=detail), "too_large")
            if clock.now() >= deadline:
                raise PassingError("Timeout")
    return bytes(body)


def json_object(body: bytes) -> Json | None:
    """A body as the JSON object that it should be, or None."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def object_in(answer: Json | None, name: str) -> Json:
    """An object within an object; an empty one where there's none."""
    inner = (answer or {}).get(name)
    return inner if isinstance(inner, dict) else {}


def retry_after(response: requests.Response) -> float | None:
    """Seconds that an answer asks us to wait, if it does."""
    header = response.headers.get("Retry-After")
    if header is None:
        return None
    try:
        return urllib3.Retry().parse_retry_after(header)
    except urllib3.exceptions.HTTPError:
        return None
