"""Service accounts, and the token endpoint that trades a signed assertion for an access token."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import exceptions, jwt

GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LONGEST_SECONDS = 3600
KEY_BITS = 1024
"""Half of Google's: a client checks its key each time that it loads it, which takes ten times as long with 2048."""
SKEW_SECONDS = 300


class TokenError(Exception):
    """A refusal in the shape of OAuth."""

    def __init__(self, error: str, description: str, code: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.body = {"error": error, "error_description": description}


@dataclass(frozen=True)
class Grant:
    """What an access token allows, and until when."""

    email: str
    scopes: frozenset[str]
    until: float


@cache
def key_pair() -> tuple[str, str]:
    """Private and public PEM; one pair for the process, since making one takes a while."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


class Accounts:
    """Known service accounts and the access tokens that were handed out."""

    def __init__(self) -> None:
        self.token_seconds = 3599
        self._known: dict[str, bool] = {}
        self._grants: dict[str, Grant] = {}
        self._lock = threading.Lock()

    def info(self, email: str, token_uri: str) -> dict[str, Any]:
        """The account's key file; asking makes the account known."""
        with self._lock:
            self._known.setdefault(email, True)
        private, _ = key_pair()
        return {
            "type": "service_account",
            "project_id": "contoh",
            "private_key_id": _key_id(email),
            "private_key": private,
            "client_email": email,
            "client_id": str(int(sha256(email.encode()).hexdigest(), 16))[:21],
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": token_uri,
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "client_x509_cert_url": f"https://www.googleapis.com/robot/v1/metadata/x509/{email.replace('@', '%40')}",
            "universe_domain": "googleapis.com",
        }

    def disable(self, email: str) -> None:
        """No new token for this account; those that are out go dead at once."""
        with self._lock:
            self._known[email] = False
            self._grants = {token: grant for token, grant in self._grants.items() if grant.email != email}

    def forget_tokens(self) -> None:
        with self._lock:
            self._grants.clear()

    def grant(self, authorization: str | None) -> Grant | None:
        """What the request's token allows; None without a token, or with one that isn't valid."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        with self._lock:
            found = self._grants.get(token.strip())
        return found if found and found.until > time.time() else None

    def exchange(self, body: bytes, content_type: str, own_uri: str) -> dict[str, Any]:
        """The token endpoint's answer; raises TokenError."""
        form = _form(body, content_type)
        if form.get("grant_type") != GRANT:
            raise TokenError("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        claims = self._verified(form.get("assertion", ""), own_uri)
        scopes = str(claims.get("scope", "")).split()
        if not scopes or not all(scope.startswith("https://www.googleapis.com/auth/") for scope in scopes):
            raise TokenError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        token = "ya29.c." + secrets.token_urlsafe(96)
        with self._lock:
            until = time.time() + self.token_seconds
            self._grants[token] = Grant(claims["iss"], frozenset(scopes), until)
        return {"access_token": token, "expires_in": self.token_seconds, "token_type": "Bearer"}

    def _verified(self, assertion: str, own_uri: str) -> Mapping[str, Any]:
        try:
            header, claims = jwt.decode_header(assertion), jwt.decode(assertion, verify=False)
        except (ValueError, exceptions.GoogleAuthError) as error:
            raise TokenError("invalid_grant", "Invalid JWT: Failed signature verification.") from error
        email = claims.get("iss", "")
        if not self._known.get(email, False) or "sub" in claims:
            raise TokenError("invalid_grant", "Invalid grant: account not found")
        if header.get("alg") != "RS256" or header.get("kid") != _key_id(email):
            raise TokenError("invalid_grant", "Invalid JWT Signature.")
        if claims.get("aud") not in (own_uri, GOOGLE_TOKEN_URI):
            raise TokenError("invalid_grant", "Invalid JWT: Failed audience check.")
        _check_times(claims)
        try:
            return jwt.decode(assertion, certs=key_pair()[1], clock_skew_in_seconds=SKEW_SECONDS)
        except (ValueError, exceptions.GoogleAuthError) as error:
            raise TokenError("invalid_grant", "Invalid JWT Signature.") from error


def _check_times(claims: Mapping[str, Any]) -> None:
    now = time.time()
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int) or not isinstance(expires, int):
        issued, expires = 0, 0
    if expires - issued > LONGEST_SECONDS or issued > now + SKEW_SECONDS or expires < now - SKEW_SECONDS:
        raise TokenError(
            "invalid_grant",
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
            "Check your iat and exp values in the JWT claim.",
        )


def _form(body: bytes, content_type: str) -> dict[str, str]:
    if content_type.startswith("application/json"):
        try:
            parsed = json.loads(body)
        except ValueError:
            parsed = {}
        return parsed if isinstance(parsed, dict) else {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _key_id(email: str) -> str:
    return sha256(f"key of {email}".encode()).hexdigest()[:40]
