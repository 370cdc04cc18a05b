"""Google Drive v3: listing files, describing one, and making one from a workbook."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import Any

from . import query
from .convert import blank_sheet, resource, spreadsheet
from .drive import Drive
from .errors import ApiError, bad_request, file_not_found, no_storage
from .files import FOLDER, SPREADSHEET, File, described, file_id_for
from .masks import Mask, apply
from .request import Request, read_message

ALL_FILES = frozenset(
    f"https://www.googleapis.com/auth/{name}"
    for name in ("drive", "drive.readonly", "drive.metadata", "drive.metadata.readonly")
)
MOST_ON_A_PAGE, USUAL_PAGE = 1000, 100
_ONE: Mask = {"kind": {}, "id": {}, "name": {}, "mimeType": {}}
_LIST: Mask = {"kind": {}, "incompleteSearch": {}, "nextPageToken": {}, "files": _ONE}
_CONVERTED = ("spreadsheetml", "ms-excel", "text/csv", "octet-stream")


class DriveApi:
    """Answers requests that have a valid token with the right scope."""

    def __init__(self, drive: Drive) -> None:
        self.drive = drive
        self.page_size: int | None = None
        self.incomplete_search = False
        self._made = 0

    def list(self, request: Request) -> dict[str, Any]:
        """One page of the files that the account can see and the query fits, trashed ones too."""
        mask = _mask(request, _LIST)
        _check_corpora(request)
        test = query.parse(request.text("q")) if request.text("q") else lambda file: True
        asked = min(int(request.text("pageSize", str(USUAL_PAGE))), MOST_ON_A_PAGE)
        count = min(asked, self.page_size or asked)
        with self.drive.lock:
            files = [file for file in self.drive.files() if self._listed(file, request) and test(file)]
            start = _start(request)
            page = [self._described(file, request) for file in files[start : start + count]]
        answer = {"kind": "drive#fileList", "incompleteSearch": self.incomplete_search, "files": page}
        if start + count < len(files):
            answer["nextPageToken"] = _page_token(request, start + count)
        return apply(mask, answer)

    def get(self, request: Request) -> dict[str, Any]:
        mask = _mask(request, _ONE)
        with self.drive.lock:
            return apply(mask, self._described(self._visible(request, request.path_id), request))

    def create(self, request: Request) -> dict[str, Any]:
        """A file from metadata and, for an upload, a workbook; a service account needs a shared drive for it."""
        mask = _mask(request, _ONE)
        uploads = bool(request.text("uploadType"))
        metadata, media, media_type = _parts(request) if uploads else (request.message(), b"", "")
        parents = metadata.get("parents", [])
        if len(parents) > 1:
            message = "A shared drive item must have exactly one parent."
            raise ApiError(403, message, reason="teamDrivesParentLimit", location="parents")
        with self.drive.lock:
            for parent in parents:
                self._check_parent(request, parent)
            file = self._new_file(metadata, media, media_type)
            if file.mime != FOLDER and not any(self.drive.file(parent).drive_id for parent in parents):
                raise no_storage()
            file.last_editor = request.grant.email
            if not parents:
                file.writers.add(request.grant.email)
            return apply(mask, self._described(self.drive.put(file), request))

    def _check_parent(self, request: Request, parent: str) -> None:
        folder = self._visible(request, parent)
        if not self.drive.can_write(folder, request.grant.email):
            message = "The user does not have sufficient permissions for this file."
            raise ApiError(403, message, reason="insufficientFilePermissions")

    def _new_file(self, metadata: dict[str, Any], media: bytes, media_type: str) -> File:
        self._made += 1
        file = File(
            metadata.get("id") or file_id_for(f"created/{self._made}/{metadata.get('name')}"),
            metadata.get("name", "Untitled"),
            metadata.get("mimeType") or media_type or "application/octet-stream",
            list(metadata.get("parents", [])),
            app_properties=dict(metadata.get("appProperties", {})),
            description=metadata.get("description", ""),
            content=media,
            made_by_app=True,
        )
        if file.mime == SPREADSHEET:
            file.book = _converted(file, media, media_type)
        return file

    def _visible(self, request: Request, file_id: str) -> File:
        """Drive doesn't tell a file that's closed from one that isn't there."""
        file = self.drive.find(file_id)
        hidden = file is None or not self.drive.can_read(file, request.grant.email) or not _in_scope(file, request)
        if file is None or hidden or (file.drive_id and not request.flag("supportsAllDrives")):
            raise file_not_found(file_id)
        return file

    def _listed(self, file: File, request: Request) -> bool:
        if file.drive_id and not (request.flag("supportsAllDrives") and request.flag("includeItemsFromAllDrives")):
            return False
        if request.text("corpora") == "drive" and file.drive_id != request.text("driveId"):
            return False
        return self.drive.lists(file, request.grant.email) and _in_scope(file, request)

    def _described(self, file: File, request: Request) -> dict[str, Any]:
        email = request.grant.email
        parents = [
            one for one in file.parents if (folder := self.drive.find(one)) and self.drive.can_read(folder, email)
        ]
        return described(file, self.drive.can_write(file, email), parents)


def _in_scope(file: File, request: Request) -> bool:
    """With `drive.file` alone an app sees only what it made itself."""
    return bool(request.grant.scopes & ALL_FILES) or file.made_by_app


def _mask(request: Request, usual: Mask) -> Mask:
    """Drive words a wrong mask in its own way, and answers four fields when none is given."""
    try:
        mask = request.mask()
    except ApiError as error:
        path = error.violation.split(": ", 1)[1].split("'")[1]
        message = f"Invalid field selection {path.rpartition('.')[2]}"
        raise ApiError(400, message, reason="invalidParameter", location="fields", violation=error.violation) from error
    return usual if mask is None else mask


def _check_corpora(request: Request) -> None:
    corpora, drive_id = request.text("corpora", "user"), request.text("driveId")
    if corpora not in ("user", "domain", "drive", "allDrives"):
        violation = f"corpora={corpora!r} isn't known"
        raise ApiError(400, "Invalid Value", reason="invalid", location="corpora", violation=violation)
    if (corpora == "drive") != bool(drive_id):
        message = "The driveId parameter must be specified if and only if corpora is set to drive."
        raise ApiError(403, message, reason="teamDriveIdRequired", location="driveId")
    if corpora in ("drive", "allDrives") and not request.flag("includeItemsFromAllDrives"):
        message = (
            "The includeItemsFromAllDrives parameter must be set to true when corpora is set to drive or allDrives."
        )
        raise ApiError(403, message, reason="includeItemsFromAllDrivesRequired", location="includeItemsFromAllDrives")
    if request.flag("includeItemsFromAllDrives") and not request.flag("supportsAllDrives"):
        message = "The supportsAllDrives parameter must be set to true when includeItemsFromAllDrives is set to true."
        raise ApiError(403, message, reason="teamDrivesNotSupported", location="supportsAllDrives")


def _page_token(request: Request, start: int) -> str:
    """Opaque, full of characters that an address must encode, and good for the same question only."""
    return "~!!~" + base64.b64encode(f"{start}+/{_question(request)}".encode()).decode()


def _start(request: Request) -> int:
    token = request.text("pageToken")
    if not token:
        return 0
    try:
        start, _, question = base64.b64decode(token.removeprefix("~!!~")).decode().partition("+/")
        if question == _question(request):
            return int(start)
    except ValueError:
        pass
    violation = "pageToken isn't one that was given out for this question"
    raise ApiError(400, "Invalid Value", reason="invalid", location="pageToken", violation=violation)


def _question(request: Request) -> str:
    names = ("q", "corpora", "driveId", "orderBy", "includeItemsFromAllDrives", "supportsAllDrives", "spaces")
    asked = json.dumps([request.query.get(name) for name in names])
    return sha256(f"{request.grant.email}{asked}".encode()).hexdigest()


def _parts(request: Request) -> tuple[dict[str, Any], bytes, str]:
    """Metadata, content and its type of a multipart/related upload."""
    if request.text("uploadType") != "multipart":
        raise bad_request("Bad Request", f"uploadType {request.text('uploadType')!r} isn't served here")
    kind, _, boundary = request.content_type.partition("boundary=")
    if not kind.startswith("multipart/related") or not boundary:
        raise bad_request("Bad Request", f"an upload of type {request.content_type!r}, not multipart/related")
    mark = b"--" + boundary.split(";")[0].strip().strip('"').encode()
    body = b"\r\n" + request.body
    pieces = body.split(b"\r\n" + mark)
    if len(pieces) != 4 or not pieces[3].startswith(b"--"):
        raise bad_request("Malformed multipart body.", f"an upload of {len(pieces) - 2} parts, not 2")
    (first, metadata), (second, media) = (_part(piece) for piece in pieces[1:3])
    if not first.get("content-type", "").startswith("application/json"):
        raise bad_request("Bad Request", "the first part of an upload isn't JSON")
    if second.get("content-transfer-encoding") == "base64":
        media = base64.b64decode(media)
    return read_message(request.method, metadata), media, second.get("content-type", "").split(";")[0]


def _part(piece: bytes) -> tuple[dict[str, str], bytes]:
    head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in lines}, content


def _converted(file: File, media: bytes, media_type: str) -> dict[str, Any]:
    """What Drive makes of an uploaded workbook; an empty spreadsheet when nothing was uploaded."""
    if not media:
        return resource(file.id, file.name, [blank_sheet(0, "Sheet1", 0)])
    if not any(one in media_type for one in _CONVERTED):
        raise bad_request("Bad Request", f"{media_type!r} can't become a spreadsheet")
    try:
        return spreadsheet(media, file.id, file.name)
    except Exception as error:
        raise bad_request("Bad Request", f"the uploaded workbook can't be read: {error!r}") from error
