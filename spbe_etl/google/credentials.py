"""Who we are at Google: a service account's key, kept out of every text that could be shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.auth.exceptions import GoogleAuthError
from google.oauth2.service_account import Credentials

from spbe_etl.errors import ConfigurationError

READ_SCOPES = (
    "https://www.googleapis.com/auth/spreadsheets.readonly",
    "https://www.googleapis.com/auth/drive.metadata.readonly",
)
WRITE_SCOPES = (
    "https://www.googleapis.com/auth/spreadsheets",
    "https://www.googleapis.com/auth/drive.metadata.readonly",
)
CREATE_SCOPES = ("https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive")
SECRET = "secret:"  # noqa: S105 - a prefix

LOOKS_LIKE_A_KEY = re.compile(r"[{}\n\r\"]|PRIVATE KEY")
LONGEST_WHERE = 1000

ReadSecret = Callable[[str], str]
"""The text of a secret by its name; raises ConfigurationError."""


class _Credentials(Credentials):  # type: ignore[misc]
    """Without google-auth's own question, in the background and with our token, to a third host that we don't need."""

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


@dataclass(frozen=True)
class Account:
    """A service account. Its key is in no repr, so in no log and no traceback."""

    email: str
    key: dict[str, Any] = field(repr=False)

    def credentials(self, scopes: tuple[str, ...], token_uri: str = "") -> Credentials:
        """Credentials limited to `scopes`; raises ConfigurationError when the key can't be used."""
        key = {**self.key, "token_uri": token_uri} if token_uri else self.key
        try:
            return _Credentials.from_service_account_info(key, scopes=list(scopes))
        except (ValueError, TypeError, GoogleAuthError) as error:
            raise ConfigurationError(
                f"The key of {self.email} can't be used ({type(error).__name__}). "
                f"Make a new one in Google Cloud Console."
            ) from None


def no_secrets(name: str) -> str:
    """Where no secret store is at hand."""
    raise ConfigurationError(
        f"{SECRET}{name} is a Prefect secret block; it can be read by a flow only, not with --bare."
    )


def load_account(where: str, setting: str, read_secret: ReadSecret = no_secrets) -> Account:
    """The account in a key file, or in the secret named after `secret:`; raises ConfigurationError."""
    if not where:
        raise ConfigurationError(f"No credentials are set. Set {setting} to a service account's key file (JSON).")
    if LOOKS_LIKE_A_KEY.search(where) or len(where) > LONGEST_WHERE:
        raise ConfigurationError(f"{setting} holds a key itself. Put it into a file, and set {setting} to its path.")
    text = read_secret(where.removeprefix(SECRET)) if where.startswith(SECRET) else _read_file(Path(where), setting)
    try:
        key = json.loads(text)
        email = key["client_email"]
        if key["type"] != "service_account" or not isinstance(email, str) or "private_key" not in key:
            raise KeyError("type")
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError(
            f"{setting}={where} isn't a service account's key. "
            f"Make a JSON key in Google Cloud Console, IAM > Service Accounts."
        ) from None  # the error would carry a part of the text
    return Account(email, key)


def _read_file(path: Path, setting: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ConfigurationError(f"{setting}={path} can't be read: {reason}.") from None
