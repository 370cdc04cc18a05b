"""One file in Drive, and how Drive describes it to one account."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
FOLDER = "application/vnd.google-apps.folder"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ANYONE = "anyone"
OWNER = "dinas.kominfo@contoh.go.id"
"""The person whose My Drive everything lies in that isn't in a shared drive."""


@dataclass
class File:
    """`content`: bytes not yet converted, or of an Office file; `book`: the Spreadsheet resource once asked for."""

    id: str
    name: str
    mime: str
    parents: list[str] = field(default_factory=list)
    drive_id: str | None = None
    readers: set[str] = field(default_factory=set)
    writers: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)
    trashed: bool = False
    created: int = 0
    modified: int = 0
    version: int = 1
    app_properties: dict[str, str] = field(default_factory=dict)
    description: str = ""
    content: bytes = b""
    book: dict[str, Any] | None = None
    made_by_app: bool = False
    is_drive_root: bool = False
    last_editor: str = OWNER

    @property
    def is_spreadsheet(self) -> bool:
        return self.mime == SPREADSHEET


def file_id_for(seed: str) -> str:
    """44 characters, as Google's: the same for the same seed."""
    return "1" + urlsafe_b64encode(sha256(seed.encode()).digest()).decode().rstrip("=")


def drive_id_for(seed: str) -> str:
    """19 characters, as a shared drive's."""
    return "0A" + file_id_for(seed)[1:15] + "PVA"


def moment(milliseconds: int) -> str:
    """RFC 3339 with milliseconds."""
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def described(file: File, can_write: bool, visible_parents: Collection[str]) -> dict[str, Any]:
    """The File resource; parents that the account can't see are left out."""
    resource: dict[str, Any] = {
        "kind": "drive#file",
        "id": file.id,
        "name": file.name,
        "mimeType": file.mime,
        "starred": False,
        "trashed": file.trashed,
        "explicitlyTrashed": file.trashed,
        "spaces": ["drive"],
        "version": str(file.version),
        "createdTime": moment(file.created),
        "modifiedTime": moment(file.modified),
        "shared": bool(file.readers or file.writers),
        "ownedByMe": False,
        "writersCanShare": True,
        "viewersCanCopyContent": True,
        "lastModifyingUser": _user(file.last_editor),
        "capabilities": {
            "canEdit": can_write,
            "canDownload": True,
            "canCopy": True,
            "canAddChildren": can_write and file.mime == FOLDER,
            "canListChildren": file.mime == FOLDER,
        },
        "webViewLink": _link(file),
        "iconLink": f"https://drive-thirdparty.googleusercontent.com/16/type/{file.mime}",
        "quotaBytesUsed": str(len(file.content) or 1024),
    }
    if visible_parents:
        resource["parents"] = list(visible_parents)
    if file.app_properties:
        resource["appProperties"] = dict(file.app_properties)
    if file.description:
        resource["description"] = file.description
    if file.drive_id:
        resource |= {"driveId": file.drive_id, "teamDriveId": file.drive_id}
    else:
        resource["owners"] = [_user(OWNER)]
    if not file.mime.startswith("application/vnd.google-apps."):
        digest = sha256(file.content).hexdigest()
        resource |= {"size": str(len(file.content)), "sha256Checksum": digest, "md5Checksum": digest[:32]}
        resource |= {"originalFilename": file.name, "fileExtension": file.name.rpartition(".")[2]}
    return resource


def _user(email: str) -> dict[str, Any]:
    return {"kind": "drive#user", "displayName": email, "me": False, "emailAddress": email}


def _link(file: File) -> str:
    if file.is_spreadsheet:
        return f"https://docs.google.com/spreadsheets/d/{file.id}/edit?usp=drivesdk"
    if file.mime == FOLDER:
        return f"https://drive.google.com/drive/folders/{file.id}"
    return f"https://docs.google.com/spreadsheets/d/{file.id}/edit?usp=drivesdk&rtpof=true&sd=true"
