"""The Google on this machine that other tests stand on: asked by real gspread and google-auth over a real socket."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import gspread
import jsonschema
import openpyxl
import pytest
import requests
from conftest import District, penilaian, write_xlsx
from google.auth import crypt, exceptions, jwt
from google.auth.transport.requests import AuthorizedSession
from google.auth.transport.requests import Request as AuthRequest
from google.oauth2.service_account import Credentials
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from sheets_server import Drive, FakeClock, Fault, Quota, SheetsServer
from sheets_server import schemas as discovery
from sheets_server.errors import ApiError
from sheets_server.masks import apply as apply_mask
from sheets_server.masks import asks
from sheets_server.masks import parse as parse_mask
from sheets_server.query import parse as parse_query

READER, WRITER = "pembaca@contoh.iam.gserviceaccount.com", "penulis@contoh.iam.gserviceaccount.com"
STRANGER = "orang-lain@contoh.iam.gserviceaccount.com"
AUTH = "https://www.googleapis.com/auth/"
READING = (f"{AUTH}spreadsheets.readonly", f"{AUTH}drive.readonly")
WRITING = (f"{AUTH}spreadsheets", f"{AUTH}drive")
SHEET_MIME = "application/vnd.google-apps.spreadsheet"
XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELLS = "sheets(properties,merges,data(rowData.values,rowMetadata.hiddenByUser,columnMetadata.hiddenByUser))"


class LocalCredentials(Credentials):
    """Without google-auth's own question, in the background, to a third address at Google."""

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


class LocalClient(gspread.HTTPClient):
    """gspread's own client, at another address."""

    root = ""

    def request(self, method: str, endpoint: str, **more: Any) -> Any:
        address = re.sub(r"https://(sheets|www|oauth2)\.googleapis\.com", self.root, endpoint)
        return super().request(method, address, **more)


@dataclass
class Google:
    """A Drive, its server, and sessions of accounts."""

    drive: Drive
    server: SheetsServer
    sessions: dict[tuple[str, Sequence[str]], AuthorizedSession] = field(default_factory=dict)

    def session(self, email: str = READER, scopes: Sequence[str] = READING) -> AuthorizedSession:
        if (email, scopes) not in self.sessions:
            credentials = LocalCredentials.from_service_account_info(self.server.account(email), scopes=list(scopes))
            self.sessions[email, scopes] = AuthorizedSession(credentials, refresh_timeout=5)
        return self.sessions[email, scopes]

    def gspread(self, email: str = READER, scopes: Sequence[str] = READING) -> gspread.Client:
        client = gspread.Client(None, session=self.session(email, scopes), http_client=LocalClient)
        client.http_client.root = self.server.endpoint
        return client

    def get(self, path: str, email: str = READER, scopes: Sequence[str] = READING, **query: Any) -> requests.Response:
        return self.session(email, scopes).get(f"{self.server.endpoint}{path}", params=query, timeout=5)

    def book(self, file_id: str, **query: Any) -> Any:
        response = self.get(f"/v4/spreadsheets/{file_id}", **query)
        assert response.status_code == 200, response.text
        return response.json()

    def update(self, file_id: str, *changes: dict[str, Any], email: str = WRITER) -> requests.Response:
        address = f"{self.server.endpoint}/v4/spreadsheets/{file_id}:batchUpdate"
        return self.session(email, WRITING).post(address, json={"requests": list(changes)}, timeout=5)

    def files(self, email: str = READER, scopes: Sequence[str] = READING, **query: Any) -> Any:
        response = self.get("/drive/v3/files", email, scopes, **query)
        assert response.status_code == 200, response.text
        return response.json()

    def upload(
        self, metadata: dict[str, Any], content: bytes, email: str = WRITER, scopes: Sequence[str] = WRITING
    ) -> requests.Response:
        parts = [
            ("application/json; charset=UTF-8", json.dumps(metadata).encode()),
            (XLSX_MIME, content),
        ]
        body = b"".join(b"--batas\r\nContent-Type: %b\r\n\r\n%b\r\n" % (kind.encode(), part) for kind, part in parts)
        query = "uploadType=multipart&supportsAllDrives=true&fields=id,name,parents,appProperties,driveId"
        return self.session(email, scopes).post(
            f"{self.server.endpoint}/upload/drive/v3/files?{query}",
            data=body + b"--batas--",
            headers={"Content-Type": "multipart/related; boundary=batas"},
            timeout=5,
        )


@pytest.fixture
def google() -> Iterator[Google]:
    drive = Drive()
    with SheetsServer(drive) as server:
        yield Google(drive, server)


@pytest.fixture
def file_id(google: Google, tmp_path: Path) -> str:
    """A small workbook that the reader reads and the writer writes."""
    rows = penilaian((2025, 1, "Kebijakan", 3, "ada", "https://bukti.example.id/1", date(2025, 3, 1)), (2025, 2))
    write_xlsx(tmp_path / "dinkes.xlsx", {**rows, "Kosong": []})
    return google.drive.add_xlsx(tmp_path / "dinkes.xlsx", readers=[READER], writers=[WRITER])


def save(path: Path, fill: Callable[[Worksheet], object]) -> Path:
    workbook = openpyxl.Workbook()
    fill(workbook.worksheets[0])
    workbook.save(path)
    return path


def cell(value: dict[str, Any], row: int = 0, column: int = 0, sheet: int = 0) -> dict[str, Any]:
    return value["sheets"][sheet]["data"][0]["rowData"][row]["values"][column]


def error_of(response: requests.Response) -> dict[str, Any]:
    return response.json()["error"]


def wrong(google: Google) -> list[str]:
    """The violations so far, taken as expected."""
    google.server.allow_violations = True
    return google.server.violations


class TestToken:
    def test_gspread_gets_one_and_keeps_it(self, google: Google, file_id: str) -> None:
        client = google.gspread()
        assert [one.title for one in client.open_by_key(file_id).worksheets()] == ["Penilaian", "Kosong"]
        assert [one["id"] for one in client.list_spreadsheet_files()] == [file_id]
        assert google.server.count("token") == 1
        assert google.server.count() == 3
        assert {one.account for one in google.server.calls if one.kind != "token"} == {READER}

    def test_google_own_audience_is_taken(self, google: Google) -> None:
        info = google.server.account(READER, google_token_uri=True)
        assert info["token_uri"] == "https://oauth2.googleapis.com/token"
        answer = self.ask(google, self.assertion(google, aud=info["token_uri"]))
        assert answer.json()["token_type"] == "Bearer"
        assert answer.json()["expires_in"] == 3599

    @pytest.mark.parametrize(
        ("claims", "description"),
        [
            ({"iss": "siapa@contoh.iam.gserviceaccount.com"}, "account not found"),
            ({"aud": "https://example.id/token"}, "audience"),
            ({"iat": 1, "exp": 3601}, "short-lived"),
            ({"exp": int(time.time()) + 9999}, "short-lived"),
            ({"scope": ""}, "scope"),
        ],
    )
    def test_refused(self, google: Google, claims: dict[str, Any], description: str) -> None:
        answer = self.ask(google, self.assertion(google, **claims))
        assert answer.status_code == 400
        assert answer.json()["error"] in ("invalid_grant", "invalid_scope")
        assert description in answer.json()["error_description"]

    def test_refused_with_another_signature_or_none(self, google: Google) -> None:
        head, claims, _ = self.assertion(google).split(".")
        forged = self.ask(google, f"{head}.{claims}.{'A' * 342}")
        assert forged.json() == {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        assert self.ask(google, "bukan-jwt").json()["error"] == "invalid_grant"
        assert requests.post(google.server.token_uri, data={"grant_type": "password"}, timeout=5).status_code == 400

    def test_disabled_account(self, google: Google, file_id: str) -> None:
        assert google.get(f"/v4/spreadsheets/{file_id}").status_code == 200
        google.server.disable(READER)
        with pytest.raises(exceptions.RefreshError, match="invalid_grant"):
            google.get(f"/v4/spreadsheets/{file_id}")

    def test_without_and_with_a_made_up_token(self, google: Google, file_id: str) -> None:
        for headers in ({}, {"Authorization": "Bearer ya29.palsu"}):
            address = f"{google.server.endpoint}/v4/spreadsheets/{file_id}"
            answer = requests.get(address, headers=headers, timeout=5)
            assert (answer.status_code, error_of(answer)["status"]) == (401, "UNAUTHENTICATED")
            assert "invalid_token" in answer.headers["WWW-Authenticate"]

    def test_scopes(self, google: Google, file_id: str) -> None:
        only_sheets, only_metadata = (f"{AUTH}spreadsheets.readonly",), (f"{AUTH}drive.metadata.readonly",)
        answer = google.get("/drive/v3/files", scopes=only_sheets)
        assert error_of(answer)["errors"][0]["reason"] == "insufficientPermissions"
        assert error_of(answer)["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        answer = google.get(f"/v4/spreadsheets/{file_id}", scopes=only_metadata)
        assert (answer.status_code, error_of(answer)["status"]) == (403, "PERMISSION_DENIED")
        assert google.files(scopes=only_metadata)["files"]
        with_reading = google.session(WRITER, READING)
        address = f"{google.server.endpoint}/v4/spreadsheets/{file_id}:batchUpdate"
        assert with_reading.post(address, json={"requests": []}, timeout=5).status_code == 403

    def test_with_drive_file_an_app_sees_what_it_made(self, google: Google, file_id: str) -> None:
        own = (f"{AUTH}drive.file",)
        assert google.files(scopes=own)["files"] == []
        assert google.get(f"/v4/spreadsheets/{file_id}", scopes=own).status_code == 404

    def test_credentials_file(self, google: Google, tmp_path: Path) -> None:
        path = google.server.write_credentials(tmp_path / "kunci.json", READER)
        assert path.stat().st_mode & 0o777 == 0o600
        credentials = LocalCredentials.from_service_account_file(str(path), scopes=list(READING))
        credentials.refresh(AuthRequest())
        assert credentials.valid

    def assertion(self, google: Google, **claims: Any) -> str:
        info = google.server.account(READER)
        now = int(time.time())
        usual = {"iss": READER, "aud": google.server.token_uri, "iat": now, "exp": now + 3600, "scope": READING[0]}
        signer = crypt.RSASigner.from_service_account_info(info)
        return jwt.encode(signer, {**usual, **claims}).decode()

    def ask(self, google: Google, assertion: str) -> requests.Response:
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        return requests.post(google.server.token_uri, data=form, timeout=5)


class TestConversion:
    """What Drive makes of the cells of a workbook."""

    @pytest.mark.parametrize(
        ("entered", "code", "value", "shown", "form"),
        [
            ("Dinas Kesehatan", "General", {"stringValue": "Dinas Kesehatan"}, "Dinas Kesehatan", None),
            ("01", "@", {"stringValue": "01"}, "01", {"type": "TEXT", "pattern": "@"}),
            (3, "General", {"numberValue": 3}, "3", None),
            (0, "General", {"numberValue": 0}, "0", None),
            (2.5, "General", {"numberValue": 2.5}, "2,5", None),
            (-1234567.891, "#,##0.00", {"numberValue": -1234567.891}, "-1.234.567,89", {"type": "NUMBER"}),
            (3, "0.00", {"numberValue": 3}, "3,00", {"type": "NUMBER", "pattern": "0.00"}),
            (0.125, "0.0%", {"numberValue": 0.125}, "12,5%", {"type": "PERCENT", "pattern": "0.0%"}),
            (1500, '"Rp"#,##0', {"numberValue": 1500}, "Rp1.500", {"type": "CURRENCY"}),
            (True, "General", {"boolValue": True}, "TRUE", None),
            (False, "General", {"boolValue": False}, "FALSE", None),
            (date(2025, 3, 1), "yyyy-mm-dd", {"numberValue": 45717}, "2025-03-01", {"type": "DATE"}),
            (date(2025, 3, 1), "d mmmm yyyy", {"numberValue": 45717}, "1 Maret 2025", {"type": "DATE"}),
            (date(1900, 3, 2), "dd/mm/yy", {"numberValue": 62}, "02/03/00", {"type": "DATE"}),
            (datetime(2025, 3, 1, 18), "yyyy-mm-dd hh:mm", {"numberValue": 45717.75}, "2025-03-01 18:00", None),  # noqa: DTZ001
            (timedelta(hours=36), "[h]:mm:ss", {"numberValue": 1.5}, None, None),
        ],
    )
    def test_values(
        self,
        google: Google,
        tmp_path: Path,
        entered: Any,
        code: str,
        value: dict[str, Any],
        shown: str | None,
        form: dict[str, str] | None,
    ) -> None:
        def fill(sheet: Worksheet) -> None:
            sheet["A1"] = entered
            sheet["A1"].number_format = code

        found = self.only_cell(google, save(tmp_path / "a.xlsx", fill))
        assert found["effectiveValue"] == found["userEnteredValue"] == value
        if shown is not None:
            assert found["formattedValue"] == shown
        if form is not None:
            assert form.items() <= found["effectiveFormat"]["numberFormat"].items()
            assert found["userEnteredFormat"]["numberFormat"] == found["effectiveFormat"]["numberFormat"]
        if code == "General":
            assert "numberFormat" not in found["effectiveFormat"]
            assert "userEnteredFormat" not in found

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("#REF!", "REF"),
            ("#DIV/0!", "DIVIDE_BY_ZERO"),
            ("#VALUE!", "VALUE"),
            ("#NAME?", "NAME"),
            ("#NUM!", "NUM"),
            ("#N/A", "N_A"),
            ("#NULL!", "NULL_VALUE"),
        ],
    )
    def test_errors(self, google: Google, tmp_path: Path, text: str, kind: str) -> None:
        found = self.only_cell(google, save(tmp_path / "a.xlsx", lambda sheet: sheet.append([text])))
        assert found["effectiveValue"]["errorValue"]["type"] == kind
        assert found["formattedValue"] == text
        assert google.drive.values(google.drive.files()[0].id, "Sheet") == [[text]]

    def test_formulas_with_and_without_a_result(self, google: Google, tmp_path: Path) -> None:
        path = tmp_path / "a.xlsx"
        save(path, lambda sheet: sheet.append(["=1+2", '=HYPERLINK("https://a.example.id/x","Bukti")', "x"]))
        found = google.book(google.drive.add_xlsx(path, readers=[READER]), fields="*")
        first, link = cell(found), cell(found, column=1)
        assert first["userEnteredValue"] == {"formulaValue": "=1+2"}
        assert "effectiveValue" not in first
        assert "formattedValue" not in first
        assert link["hyperlink"] == "https://a.example.id/x"
        assert link["effectiveValue"] == {"stringValue": "Bukti"}
        assert link["effectiveFormat"]["hyperlinkDisplayType"] == "LINKED"

    def test_a_formula_s_cached_result(self, google: Google, tmp_path: Path) -> None:
        path = save(tmp_path / "a.xlsx", lambda sheet: sheet.append(["=1+2", "=1/0", '="a"&"b"']))
        with_results(path, {"A1": ("n", "3"), "B1": ("e", "#DIV/0!"), "C1": ("str", "ab")})
        found = google.book(google.drive.add_xlsx(path, readers=[READER]), fields="*")
        values = [cell(found, column=column)["effectiveValue"] for column in range(3)]
        assert values[0] == {"numberValue": 3}
        assert values[1]["errorValue"]["type"] == "DIVIDE_BY_ZERO"
        assert values[2] == {"stringValue": "ab"}
        assert cell(found)["userEnteredValue"] == {"formulaValue": "=1+2"}

    def test_links(self, google: Google, tmp_path: Path) -> None:
        def fill(sheet: Worksheet) -> None:
            sheet.append(["Bukti", "https://b.example.id/2", "lihat https://b.example.id/3", "ftp://x.example.id"])
            sheet["A1"].hyperlink = "https://a.example.id/1"

        found = google.book(google.drive.add_xlsx(save(tmp_path / "a.xlsx", fill), readers=[READER]), fields="*")
        links = [cell(found, column=column).get("hyperlink") for column in range(4)]
        assert links == ["https://a.example.id/1", "https://b.example.id/2", None, None]

    def test_merges_hiding_freezing_notes_and_choices(self, google: Google, tmp_path: Path) -> None:
        def fill(sheet: Worksheet) -> None:
            sheet.append(["Judul", "hilang"])
            sheet.append([None, None, "x"])
            sheet.merge_cells("A1:B2")
            sheet.row_dimensions[2].hidden = True
            sheet.column_dimensions["C"].hidden = True
            sheet.freeze_panes = "B3"
            sheet["C2"].comment = Comment("Catatan", "Asesor")
            choices = DataValidation(type="list", formula1='"1,2,3"', allow_blank=True)
            choices.add("D1:D3")
            sheet.add_data_validation(choices)

        path = save(tmp_path / "a.xlsx", fill)
        second = openpyxl.load_workbook(path)
        other = second.create_sheet("Tersembunyi")
        other.sheet_state = "hidden"
        other.merge_cells("C3:C5")
        second.save(path)
        found = google.book(google.drive.add_xlsx(path, readers=[READER]), fields="*")
        sheet, hidden = found["sheets"]
        assert sheet["merges"] == [{"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}]
        assert hidden["merges"][0]["sheetId"] == hidden["properties"]["sheetId"] > 0
        assert hidden["merges"][0]["endRowIndex"] == 5
        assert hidden["properties"]["hidden"] is True
        assert "hidden" not in sheet["properties"]
        assert sheet["properties"]["gridProperties"] == {
            "rowCount": 1000,
            "columnCount": 26,
            "frozenRowCount": 2,
            "frozenColumnCount": 1,
        }
        data = sheet["data"][0]
        assert [index for index, one in enumerate(data["rowMetadata"]) if one.get("hiddenByUser")] == [1]
        assert [index for index, one in enumerate(data["columnMetadata"]) if one.get("hiddenByUser")] == [2]
        assert (len(data["rowMetadata"]), len(data["columnMetadata"])) == (1000, 26)
        assert [len(row["values"]) for row in data["rowData"]] == [4, 4, 4]
        assert cell(found, 0, 1) == {}
        assert cell(found, 1, 2)["note"] == "Catatan"
        assert cell(found, 2, 3)["dataValidation"]["condition"] == {
            "type": "ONE_OF_LIST",
            "values": [{"userEnteredValue": "1"}, {"userEnteredValue": "2"}, {"userEnteredValue": "3"}],
        }

    def test_empty_rows_and_cells_at_the_end_are_left_out(self, google: Google, file_id: str) -> None:
        found = google.book(file_id, fields="sheets.data.rowData.values.formattedValue")
        rows = found["sheets"][0]["data"][0]["rowData"]
        assert [len(row["values"]) for row in rows] == [7, 7, 2]
        assert found["sheets"][1]["data"] == [{}]

    def test_a_large_sheet_keeps_its_size(self, google: Google, tmp_path: Path) -> None:
        path = save(tmp_path / "a.xlsx", lambda sheet: sheet.cell(1200, 30, "jauh"))
        found = google.book(google.drive.add_xlsx(path, readers=[READER]))
        assert found["sheets"][0]["properties"]["gridProperties"] == {"rowCount": 1200, "columnCount": 30}

    def only_cell(self, google: Google, path: Path) -> dict[str, Any]:
        found = google.book(google.drive.add_xlsx(path, readers=[READER]), fields="*")
        return cell(found)


def with_results(path: Path, results: dict[str, tuple[str, str]]) -> None:
    """Put results beside the formulas of a workbook's first worksheet, as Excel would."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    xml = parts[name].decode()
    for place, (kind, text) in results.items():
        xml = re.sub(
            rf'<c r="{place}"><f>(.*?)</f><v ?/?>(</v>)?', rf'<c r="{place}" t="{kind}"><f>\1</f><v>{text}</v>', xml
        )
    parts[name] = xml.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for entry, content in parts.items():
            archive.writestr(entry, content)


class TestReading:
    def test_grid_data_only_when_asked_for(self, google: Google, file_id: str) -> None:
        assert "data" not in google.book(file_id)["sheets"][0]
        assert "data" in google.book(file_id, includeGridData="true")["sheets"][0]
        masked = google.book(file_id, includeGridData="true", fields="sheets.properties.title")
        assert masked == {"sheets": [{"properties": {"title": "Penilaian"}}, {"properties": {"title": "Kosong"}}]}
        assert "data" in google.book(file_id, fields="*")["sheets"][0]
        assert google.book(file_id, fields="properties(title,locale),spreadsheetId") == {
            "spreadsheetId": file_id,
            "properties": {"title": "dinkes", "locale": "in_ID"},
        }

    def test_ranges(self, google: Google, file_id: str) -> None:
        fields = "sheets(properties.title,data(startRow,startColumn,rowData.values.formattedValue))"
        found = google.book(file_id, fields=fields, ranges="Penilaian!B2:C3")
        (part,) = found["sheets"][0]["data"]
        assert (part["startRow"], part["startColumn"]) == (1, 1)
        assert part["rowData"] == [
            {"values": [{"formattedValue": "1"}, {"formattedValue": "Kebijakan"}]},
            {"values": [{"formattedValue": "2"}]},
        ]
        both = google.book(file_id, fields="sheets.properties.title", ranges=["Kosong", "'Penilaian'!A:A"])
        assert len(both["sheets"]) == 2
        assert google.get(f"/v4/spreadsheets/{file_id}", ranges="Tidak Ada!A1").status_code == 400

    def test_who_may_not(self, google: Google, file_id: str, tmp_path: Path) -> None:
        office = google.drive.add_xlsx(
            save(tmp_path / "lama.xlsx", lambda sheet: None), readers=[READER], mime=XLSX_MIME
        )
        cases = [
            (file_id, STRANGER, 403, "PERMISSION_DENIED", "The caller does not have permission"),
            ("1" + "x" * 43, READER, 404, "NOT_FOUND", "Requested entity was not found."),
            (office, READER, 400, "FAILED_PRECONDITION", "This operation is not supported for this document"),
        ]
        for wanted, email, code, status, message in cases:
            answer = google.get(f"/v4/spreadsheets/{wanted}", email)
            assert answer.status_code == code
            assert error_of(answer) == {"code": code, "message": message, "status": status}
        with pytest.raises(PermissionError):
            google.gspread(STRANGER).open_by_key(file_id)
        with pytest.raises(gspread.SpreadsheetNotFound):
            google.gspread().open_by_key("1" + "x" * 43)

    def test_trashed_unshared_deleted(self, google: Google, file_id: str) -> None:
        google.drive.trash(file_id)
        assert google.get(f"/v4/spreadsheets/{file_id}").status_code == 200
        google.drive.unshare(file_id, READER)
        assert google.get(f"/v4/spreadsheets/{file_id}").status_code == 403
        google.drive.delete(file_id)
        assert google.get(f"/v4/spreadsheets/{file_id}").status_code == 404

    def test_gspread_reads_metadata_with_a_mask(self, google: Google, file_id: str) -> None:
        found = google.gspread().http_client.fetch_sheet_metadata(file_id, {"fields": CELLS})
        assert cell(found, 1, 6)["effectiveValue"] == {"numberValue": 45717}

    def test_an_answer_is_compressed_and_chunked_as_google_s(self, google: Google, file_id: str) -> None:
        answer = google.get(f"/v4/spreadsheets/{file_id}", fields="*")
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert "Content-Length" not in answer.headers


class TestMasks:
    @pytest.mark.parametrize(
        ("text", "tree"),
        [
            ("a", {"a": {}}),
            ("a,b", {"a": {}, "b": {}}),
            ("a.b.c", {"a": {"b": {"c": {}}}}),
            ("a/b,a(c,d/e)", {"a": {"b": {}, "c": {}, "d": {"e": {}}}}),
            ("a,b(c,d/e),f.g", {"a": {}, "b": {"c": {}, "d": {"e": {}}}, "f": {"g": {}}}),
            ("a(b),a", {"a": {}}),
            ("a,a.b", {"a": {}}),
            (" a , b ", {"a": {}, "b": {}}),
            ("*", {"*": {}}),
            ("a/*", {"a": {"*": {}}}),
            ("a.b(c),a.b(d)", {"a": {"b": {"c": {}, "d": {}}}}),
        ],
    )
    def test_read(self, text: str, tree: dict[str, Any]) -> None:
        assert parse_mask(text) == tree

    @pytest.mark.parametrize("text", ["", "a,", "a(", "a(b", "a)b", "a..b", ",", "a b", "1a"])
    def test_not_masks(self, text: str) -> None:
        with pytest.raises(ApiError):
            parse_mask(text)

    def test_positions_stay(self) -> None:
        value = {"rows": [{"a": 1, "b": {"c": 2}}, {}, {"b": {"d": 3}}], "x": 1}
        assert apply_mask(parse_mask("rows.b.c"), value) == {"rows": [{"b": {"c": 2}}, {}, {"b": {}}]}
        assert apply_mask(parse_mask("*"), value) == value
        assert apply_mask(parse_mask("rows/*"), value)["rows"] == value["rows"]

    def test_asks(self) -> None:
        assert asks(parse_mask("sheets(properties,data.rowData)"), "sheets", "data")
        assert asks(parse_mask("sheets"), "sheets", "data")
        assert not asks(parse_mask("sheets.properties"), "sheets", "data")

    def test_a_name_that_no_schema_has(self, google: Google, file_id: str) -> None:
        answer = google.get(f"/v4/spreadsheets/{file_id}", fields="sheets.data.rowData.values.value")
        assert (answer.status_code, error_of(answer)["message"]) == (400, "Request contains an invalid argument.")
        assert "path 'sheets.data.rowData.values.value'" in json.dumps(error_of(answer)["details"])
        answer = google.get("/drive/v3/files", fields="files(id,nama)")
        assert error_of(answer)["message"] == "Invalid field selection nama"
        assert error_of(answer)["errors"][0]["location"] == "fields"
        assert len(wrong(google)) == 2


class TestBatchUpdate:
    def test_gspread_adds_a_sheet_and_writes_nothing_else(self, google: Google, file_id: str) -> None:
        before = google.drive.copy_json(file_id)
        sheet = google.gspread(WRITER, WRITING).open_by_key(file_id).add_worksheet("Catatan", 50, 8, index=1)
        assert (sheet.title, sheet.row_count, sheet.col_count, sheet.index) == ("Catatan", 50, 8, 1)
        after = google.drive.spreadsheet(file_id)
        assert [one["properties"]["title"] for one in after["sheets"]] == ["Penilaian", "Catatan", "Kosong"]
        assert [one["properties"]["index"] for one in after["sheets"]] == [0, 1, 2]
        assert after["sheets"][0] == before["sheets"][0]

    def test_replies_mirror_requests(self, google: Google, file_id: str) -> None:
        answer = google.update(
            file_id,
            {"updateSheetProperties": {"properties": {"sheetId": 0, "title": "Baru"}, "fields": "title"}},
            {"addSheet": {"properties": {"title": "Lain", "sheetId": 77}}},
        ).json()
        assert answer["spreadsheetId"] == file_id
        assert answer["replies"][0] == {}
        assert answer["replies"][1]["addSheet"]["properties"] == {
            "sheetId": 77,
            "title": "Lain",
            "index": 2,
            "sheetType": "GRID",
            "gridProperties": {"rowCount": 1000, "columnCount": 26},
        }

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"addSheet": {"properties": {"title": "Penilaian"}}}, "already exists"),
            ({"addSheet": {"properties": {"title": "kosong"}}}, "already exists"),
            ({"addSheet": {"properties": {"sheetId": 0}}}, "already exists"),
            ({"addSheet": {"properties": {"gridProperties": {"rowCount": 1_000_000}}}}, "limit of 10000000 cells"),
            ({"deleteSheet": {"sheetId": 5}}, "No sheet with id: 5"),
            ({"updateSheetProperties": {"properties": {"title": "X"}}}, "At least one field must be listed"),
            ({"updateSheetProperties": {"properties": {"title": "Kosong"}, "fields": "title"}}, "already exists"),
            ({"updateCells": {"start": {"rowIndex": 1000}, "rows": [], "fields": "*"}}, "after last row in grid[999]"),
            (
                {
                    "updateCells": {
                        "start": {"columnIndex": 25},
                        "rows": [{"values": [{}, {}]}],
                        "fields": "userEnteredValue",
                    }
                },
                "Attempting to write column: 26",
            ),
            (
                {
                    "updateCells": {
                        "range": {"startRowIndex": 1, "endRowIndex": 2},
                        "rows": [{}, {}],
                        "fields": "userEnteredValue",
                    }
                },
                "Attempting to write row: 2, beyond the last requested row of: 1",
            ),
            ({"updateCells": {"rows": [], "fields": "*"}}, "Exactly one of"),
            ({"repeatCell": {"range": {"endRowIndex": 2000}, "cell": {}, "fields": "note"}}, "endRowIndex[2000]"),
            ({"repeatCell": {"range": {"sheetId": 9}, "cell": {}, "fields": "note"}}, "No grid with id: 9"),
            ({"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 0}}, "length"),
            (
                {"insertDimension": {"range": {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 1},
                                     "inheritFromBefore": True}},
                "inheritFromBefore",
            ),
            ({"updateCells": {"start": {}, "rows": [{"values": [{"userEnteredValue": {"numberValue": 1,
                "stringValue": "1"}}]}], "fields": "*"}}, "oneof"),
            ({"updateCells": {"start": {}, "rows": [{"values": [{"userEnteredValue":
                {"stringValue": "x" * 50_001}}]}], "fields": "*"}}, "50000 characters"),
        ],
    )  # fmt: skip
    def test_one_wrong_request_undoes_all(
        self, google: Google, file_id: str, change: dict[str, Any], message: str
    ) -> None:
        before, modified = google.drive.copy_json(file_id), google.drive.file(file_id).modified
        answer = google.update(file_id, {"addSheet": {"properties": {"title": "Pertama"}}}, change)
        assert (answer.status_code, error_of(answer)["status"]) == (400, "INVALID_ARGUMENT")
        ((kind, _),) = change.items()
        assert error_of(answer)["message"].startswith(f"Invalid requests[1].{kind}: ")
        assert message in error_of(answer)["message"]
        assert google.drive.spreadsheet(file_id) == before
        assert google.drive.file(file_id).modified == modified

    def test_no_requests_and_two_kinds_in_one(self, google: Google, file_id: str) -> None:
        assert "Must specify" in error_of(google.update(file_id))["message"]
        answer = google.update(file_id, {"addSheet": {}, "deleteSheet": {"sheetId": 0}})
        assert answer.status_code == 400
        assert len(wrong(google)) == 1

    def test_readers_do_not_write(self, google: Google, file_id: str) -> None:
        answer = google.update(file_id, {"addSheet": {}}, email=READER)
        assert error_of(answer)["message"] == "The caller does not have permission"

    def test_update_cells_changes_what_the_mask_names(self, google: Google, file_id: str) -> None:
        google.drive.set_cell(file_id, "Kosong", "A1", date(2025, 1, 1))
        rows = [{"values": [{"userEnteredValue": {"numberValue": 45717.0}, "note": "tak diminta"}]}]
        sheet_id = google.drive.sheet(file_id, "Kosong")["properties"]["sheetId"]
        area = {"sheetId": sheet_id, "startRowIndex": 0, "endRowIndex": 1}
        google.update(file_id, {"updateCells": {"range": area, "rows": rows, "fields": "userEnteredValue"}})
        found = cell(google.book(file_id, fields="*"), sheet=1)
        assert found["effectiveValue"] == {"numberValue": 45717}
        assert found["userEnteredFormat"] == {"numberFormat": {"type": "DATE"}}
        assert found["formattedValue"] == "01/03/2025"
        assert "note" not in found

    def test_text_stays_text_and_formulas_are_told_apart(self, google: Google, file_id: str) -> None:
        values = [
            {"userEnteredValue": {"stringValue": "=1+1"}},
            {"userEnteredValue": {"formulaValue": "=1+1"}},
            {"userEnteredValue": {"stringValue": "12"}},
            {"userEnteredValue": {"boolValue": False}},
            {},
            {"userEnteredValue": {"stringValue": ""}},
            {"userEnteredValue": {"stringValue": "https://bukti.example.id/9"}},
        ]
        self.write(google, file_id, [{"values": values}])
        found = google.book(file_id, fields="*")
        assert cell(found)["effectiveValue"] == cell(found)["userEnteredValue"] == {"stringValue": "=1+1"}
        assert cell(found, column=1)["userEnteredValue"] == {"formulaValue": "=1+1"}
        assert "effectiveValue" not in cell(found, column=1)
        assert cell(found, column=2)["effectiveValue"] == {"stringValue": "12"}
        assert cell(found, column=3)["effectiveValue"] == {"boolValue": False}
        assert cell(found, column=4) == cell(found, column=5) == {}
        assert cell(found, column=6)["hyperlink"] == "https://bukti.example.id/9"

    def test_a_range_is_cleared_where_no_row_covers_it(self, google: Google, file_id: str) -> None:
        area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1000, "startColumnIndex": 0, "endColumnIndex": 26}
        rows = [{"values": [{"userEnteredValue": {"stringValue": "satu"}}]}]
        google.update(file_id, {"updateCells": {"range": area, "rows": rows, "fields": "userEnteredValue"}})
        assert google.drive.values(file_id, "Penilaian") == [["satu"], [None] * 7]
        google.update(file_id, {"updateCells": {"range": area, "fields": "*"}})
        assert google.drive.values(file_id, "Penilaian") == []

    def test_repeat_cell(self, google: Google, file_id: str) -> None:
        form = {"numberFormat": {"type": "NUMBER", "pattern": "0.00"}}
        area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 2}
        mask = "userEnteredFormat.numberFormat"
        google.update(file_id, {"repeatCell": {"range": area, "cell": {"userEnteredFormat": form}, "fields": mask}})
        found = google.book(file_id, fields="*")
        assert [cell(found, row, 1)["formattedValue"] for row in (1, 2)] == ["1,00", "2,00"]
        assert cell(found, 1, 0)["effectiveFormat"]["numberFormat"]["pattern"] == "0.00"

    def test_rows_and_columns_grow_and_move(self, google: Google, file_id: str) -> None:
        columns = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
        rows = {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}
        merged = {"startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 4, "endColumnIndex": 6}
        google.update(
            file_id,
            {"mergeCells": {"range": merged, "mergeType": "MERGE_ALL"}},
            {"insertDimension": {"range": columns, "inheritFromBefore": True}},
            {"insertDimension": {"range": rows}},
            {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 10}},
            {
                "updateDimensionProperties": {
                    "range": rows,
                    "properties": {"hiddenByUser": True},
                    "fields": "hiddenByUser",
                }
            },
        )
        found = google.book(file_id, fields="*")["sheets"][0]
        assert found["properties"]["gridProperties"] == {"rowCount": 1012, "columnCount": 27}
        assert found["merges"] == [{"startRowIndex": 3, "endRowIndex": 4, "startColumnIndex": 5, "endColumnIndex": 7}]
        assert len(found["data"][0]["rowMetadata"]) == 1012
        assert found["data"][0]["rowMetadata"][2] == {"pixelSize": 21, "hiddenByUser": True}
        values = google.drive.values(file_id, "Penilaian")
        assert values[0][:3] == ["Tahun", None, "No Indikator"]
        assert values[1:3] == [[], []]
        assert values[3][:3] == [2025, None, 1]

    def test_what_is_only_kept(self, google: Google, file_id: str) -> None:
        area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1}
        rule = {
            "ranges": [area],
            "booleanRule": {
                "condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=$A1=1"}]},
                "format": {"backgroundColor": {"red": 1}},
            },
        }
        choice = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Ya"}]}, "strict": True}
        answer = google.update(
            file_id,
            {"addProtectedRange": {"protectedRange": {"range": area, "warningOnly": True, "description": "Terisi"}}},
            {"addConditionalFormatRule": {"rule": rule, "index": 0}},
            {"setDataValidation": {"range": {**area, "endColumnIndex": 1}, "rule": choice}},
        ).json()
        assert answer["replies"][0]["addProtectedRange"]["protectedRange"]["protectedRangeId"] > 0
        found = google.book(file_id, fields="*")
        assert found["sheets"][0]["protectedRanges"][0]["description"] == "Terisi"
        assert found["sheets"][0]["conditionalFormats"] == [rule]
        assert cell(found)["dataValidation"] == choice
        assert cell(found)["effectiveValue"] == {"stringValue": "Tahun"}

    def test_protected_cells(self, google: Google, file_id: str) -> None:
        google.drive.protect(file_id, "Penilaian", "A1:G1")
        google.drive.protect(file_id, "Penilaian", "A3:G3", warning_only=True)
        rows = [{"values": [{"userEnteredValue": {"numberValue": 1}}]}]

        def write(row: int) -> requests.Response:
            start = {"sheetId": 0, "rowIndex": row, "columnIndex": 2}
            return google.update(file_id, {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}})

        assert [write(row).status_code for row in range(3)] == [400, 200, 200]
        assert "trying to edit a protected cell or object" in error_of(write(0))["message"]
        columns = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 7, "endIndex": 8}
        assert google.update(file_id, {"insertDimension": {"range": columns}}).status_code == 200
        protected = google.book(file_id)["sheets"][0]["protectedRanges"]
        assert ["editors" in one or "requestingUserCanEdit" in one for one in protected] == [False, True]
        area = {"sheetId": 0, "startRowIndex": 4, "endRowIndex": 5}
        answer = google.update(file_id, {"addProtectedRange": {"protectedRange": {"range": area}}}).json()
        assert WRITER in answer["replies"][0]["addProtectedRange"]["protectedRange"]["editors"]["users"]
        assert write(4).status_code == 200

    def test_sheets_are_renamed_hidden_moved_shrunk_and_deleted(self, google: Google, file_id: str) -> None:
        other = google.drive.sheet(file_id, "Kosong")["properties"]["sheetId"]
        smaller = {"sheetId": 0, "gridProperties": {"rowCount": 2, "columnCount": 3, "frozenRowCount": 1}}
        google.update(
            file_id,
            {"updateSheetProperties": {"properties": {"sheetId": other, "index": 0}, "fields": "index"}},
            {"updateSheetProperties": {"properties": {"sheetId": other, "hidden": True}, "fields": "hidden"}},
            {"updateSheetProperties": {"properties": smaller, "fields": "gridProperties(rowCount,columnCount)"}},
        )
        first, second = google.book(file_id)["sheets"]
        assert first["properties"]["hidden"] is True
        assert second["properties"]["gridProperties"] == {"rowCount": 2, "columnCount": 3}
        assert google.drive.values(file_id, "Penilaian")[1] == [2025, 1, "Kebijakan"]
        assert google.update(file_id, {"deleteSheet": {"sheetId": 0}}).status_code == 400
        assert google.update(file_id, {"deleteSheet": {"sheetId": other}}).status_code == 200

    def test_a_change_is_seen_in_drive(self, google: Google, file_id: str) -> None:
        fields = "modifiedTime,version,lastModifyingUser.emailAddress"
        before = google.get(f"/drive/v3/files/{file_id}", fields=fields).json()
        google.update(file_id, {"addSheet": {}})
        after = google.get(f"/drive/v3/files/{file_id}", fields=fields).json()
        assert after["modifiedTime"] > before["modifiedTime"]
        assert int(after["version"]) > int(before["version"])
        assert after["lastModifyingUser"] == {"emailAddress": WRITER}

    def write(self, google: Google, file_id: str, rows: list[dict[str, Any]]) -> None:
        change = {"updateCells": {"start": {"sheetId": 0}, "rows": rows, "fields": "userEnteredValue"}}
        assert google.update(file_id, change).status_code == 200


class TestListing:
    @pytest.fixture
    def ids(self, google: Google, tmp_path: Path) -> list[str]:
        path = save(tmp_path / "a.xlsx", lambda sheet: None)
        return [google.drive.add_xlsx(path, title=f"Buku {number}", readers=[READER]) for number in range(7)]

    def test_pages(self, google: Google, ids: list[str]) -> None:
        google.server.drive_api.page_size = 3
        found, token, pages = [], None, 0
        while token or not pages:
            query = {"pageToken": token} if token else {}
            page = google.files(pageSize=1000, fields="nextPageToken,files(id)", **query)
            found += [one["id"] for one in page["files"]]
            token, pages = page.get("nextPageToken"), pages + 1
        assert (found, pages) == (ids, 3)
        google.server.drive_api.page_size = None
        assert [len(google.files(pageSize=size)["files"]) for size in (2, 1000)] == [2, 7]
        assert {one["id"] for one in google.gspread().list_spreadsheet_files()} == set(ids)

    def test_a_page_token_is_good_for_its_own_question(self, google: Google, ids: list[str]) -> None:
        token = google.files(pageSize=2)["nextPageToken"]
        answer = google.get("/drive/v3/files", pageSize=2, pageToken=token, q="trashed = false")
        assert error_of(answer)["errors"][0]["location"] == "pageToken"
        assert google.get("/drive/v3/files", pageToken="x").status_code == 400
        assert len(wrong(google)) == 2

    def test_fields(self, google: Google, ids: list[str]) -> None:
        assert google.files(pageSize=1, q="name = 'Buku 3'") == {
            "kind": "drive#fileList",
            "incompleteSearch": False,
            "files": [{"kind": "drive#file", "id": ids[3], "name": "Buku 3", "mimeType": SHEET_MIME}],
        }
        (one,) = google.files(q="name = 'Buku 3'", fields="files(id,modifiedTime,version,trashed)")["files"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one["modifiedTime"])
        assert (one["version"], one["trashed"]) == ("1", False)
        assert google.get(f"/drive/v3/files/{ids[0]}").json()["name"] == "Buku 0"
        google.server.drive_api.incomplete_search = True
        assert google.files(fields="incompleteSearch") == {"incompleteSearch": True}

    def test_only_what_the_account_can_see(self, google: Google, ids: list[str], tmp_path: Path) -> None:
        open_to_all = google.drive.add_xlsx(tmp_path / "a.xlsx", readers="anyone")
        google.drive.unshare(ids[0], READER)
        assert [one["id"] for one in google.files()["files"]] == ids[1:]
        assert google.files(STRANGER)["files"] == []
        assert google.get(f"/v4/spreadsheets/{open_to_all}", STRANGER).status_code == 200
        answer = google.get(f"/drive/v3/files/{ids[0]}")
        assert error_of(answer)["message"] == f"File not found: {ids[0]}."
        assert error_of(answer)["errors"][0]["reason"] == "notFound"

    def test_trashed_files_are_listed_unless_asked_not_to(self, google: Google, ids: list[str]) -> None:
        google.drive.trash(ids[0])
        assert len(google.files()["files"]) == 7
        assert len(google.files(q="trashed = false")["files"]) == 6
        assert [one["id"] for one in google.files(q="trashed=true")["files"]] == ids[:1]

    def test_shared_drives_need_both_flags(self, google: Google, ids: list[str], tmp_path: Path) -> None:
        top = google.drive.shared_drive("Bersama", [WRITER], [READER])
        inside = google.drive.add_xlsx(tmp_path / "a.xlsx", title="Di dalam", parents=[top])
        both = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}
        assert len(google.files(supportsAllDrives="true")["files"]) == 7
        assert len(google.files(**both)["files"]) == 8
        (one,) = google.files(**both, corpora="drive", driveId=top, fields="files(id,driveId,parents)")["files"]
        assert one == {"id": inside, "driveId": top, "parents": [top]}
        assert [one["id"] for one in google.files(**both, q=f"'{top}' in parents")["files"]] == [inside]
        for wrong_query in ({"includeItemsFromAllDrives": "true"}, {"corpora": "allDrives"}, {"corpora": "drive"}):
            assert google.get("/drive/v3/files", **wrong_query).status_code == 403
        assert google.get(f"/drive/v3/files/{inside}").status_code == 404
        assert google.get(f"/drive/v3/files/{inside}", supportsAllDrives="true").status_code == 200

    @pytest.mark.parametrize(
        ("text", "fits"),
        [
            (f"mimeType = '{SHEET_MIME}'", True),
            (f'mimeType="{SHEET_MIME}"', True),
            (f"mimeType != '{SHEET_MIME}'", False),
            (f"mimeType = '{SHEET_MIME}' and trashed = false", True),
            ("'folder-1' in parents", True),
            ("not 'folder-1' in parents", False),
            ("('x' in parents or 'folder-1' in parents) and not trashed = true", True),
            ("appProperties has { key='spbe' and value='opd' }", True),
            ("appProperties has { key='spbe' and value='lain' }", False),
            (r"name = 'Dinas \'A\''", True),
            ("name contains 'dinas'", True),
            ("modifiedTime > '2025-01-01T00:00:00'", True),
            ("modifiedTime < '2025-01-01T00:00:00Z'", False),
        ],
    )
    def test_queries(self, tmp_path: Path, text: str, fits: bool) -> None:
        drive = Drive()
        path = save(tmp_path / "a.xlsx", lambda sheet: None)
        file = drive.file(drive.add_xlsx(path, title="Dinas 'A'", parents=["folder-1"]))
        file.app_properties["spbe"] = "opd"
        assert parse_query(text)(file) is fits

    @pytest.mark.parametrize("text", ["name", "name =", "name = 'a' and", "nama = 'a'", "name = 'a", "(trashed = true"])
    def test_not_queries(self, google: Google, text: str) -> None:
        answer = google.get("/drive/v3/files", q=text)
        assert (answer.status_code, error_of(answer)["errors"][0]["location"]) == (400, "q")
        assert wrong(google)


class TestUpload:
    @pytest.fixture
    def content(self, tmp_path: Path) -> bytes:
        write_xlsx(tmp_path / "templat.xlsx", penilaian((2025, 1, None, "x\r\n--batas\ny")))
        return (tmp_path / "templat.xlsx").read_bytes()

    def test_a_workbook_becomes_a_spreadsheet(self, google: Google, content: bytes) -> None:
        top = google.drive.shared_drive("Bersama", [WRITER], [READER])
        metadata = {"name": "Dinas A", "mimeType": SHEET_MIME, "parents": [top], "appProperties": {"spbe": "A"}}
        made = google.upload(metadata, content).json()
        assert made == {
            "id": made["id"],
            "name": "Dinas A",
            "parents": [top],
            "appProperties": {"spbe": "A"},
            "driveId": top,
        }
        assert cell(google.book(made["id"], fields="*"), 1, 1)["effectiveValue"] == {"numberValue": 1}
        query = "appProperties has { key='spbe' and value='A' }"
        found = google.files(q=query, supportsAllDrives="true", includeItemsFromAllDrives="true")
        assert [one["id"] for one in found["files"]] == [made["id"]]

    def test_refused(self, google: Google, content: bytes) -> None:
        own = google.drive.folder("Milik sendiri", writers=[WRITER])
        drive = google.drive.shared_drive("Bersama", ["lain@contoh.go.id"], [WRITER])
        unseen = google.drive.shared_drive("Tertutup", ["lain@contoh.go.id"])
        cases = [
            ([], 403, "storageQuotaExceeded"),
            ([own], 403, "storageQuotaExceeded"),
            ([drive], 403, "insufficientFilePermissions"),
            ([unseen], 404, "notFound"),
            (["tidak-ada"], 404, "notFound"),
        ]
        for parents, code, reason in cases:
            answer = google.upload({"name": "A", "mimeType": SHEET_MIME, "parents": parents}, content)
            assert (answer.status_code, error_of(answer)["errors"][0]["reason"]) == (code, reason)
        assert error_of(google.upload({"name": "A", "mimeType": SHEET_MIME}, content))["message"].startswith(
            "Service Accounts do not have storage quota."
        )
        assert len(google.drive.files()) == 3

    def test_what_is_not_a_workbook(self, google: Google) -> None:
        top = google.drive.shared_drive("Bersama", [WRITER])
        answer = google.upload({"name": "A", "mimeType": SHEET_MIME, "parents": [top]}, b"bukan xlsx")
        assert answer.status_code == 400
        answer = google.upload({"name": "A", "mimeTipe": SHEET_MIME, "parents": [top]}, b"")
        assert answer.status_code == 400
        assert len(wrong(google)) == 2

    def test_gspread_creates_an_empty_one(self, google: Google) -> None:
        top = google.drive.shared_drive("Bersama", [WRITER])
        book = google.gspread(WRITER, WRITING).create("Baru", folder_id=top)
        assert [one.title for one in book.worksheets()] == ["Sheet1"]


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "code"),
        [("429", 429), ("429_retry_after", 429), ("500", 500), ("502", 502), ("503", 503), ("408", 408)],
    )
    def test_codes(self, google: Google, file_id: str, kind: str, code: int) -> None:
        google.server.faults.append(Fault(kind, times=2, retry_after=7 if kind == "429_retry_after" else None))
        answers = [google.get(f"/v4/spreadsheets/{file_id}") for _ in range(3)]
        assert [one.status_code for one in answers] == [code, code, 200]
        assert answers[0].headers.get("Retry-After") == ("7" if kind == "429_retry_after" else None)
        assert [one.fault for one in google.server.calls if one.kind != "token"] == [kind, kind, None]
        if code == 429:
            assert error_of(answers[0])["status"] == "RESOURCE_EXHAUSTED"
            assert error_of(answers[0])["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"
        if code == 502:
            assert answers[0].text.startswith("<!DOCTYPE html>")

    def test_matching_by_path_and_by_function(self, google: Google, file_id: str) -> None:
        google.server.faults.append(Fault("503", match="/drive/"))
        google.server.faults.append(Fault("500", match=lambda call: call.query.get("fields") == ["spreadsheetId"]))
        assert google.get(f"/v4/spreadsheets/{file_id}").status_code == 200
        assert google.get(f"/v4/spreadsheets/{file_id}", fields="spreadsheetId").status_code == 500
        assert google.get("/drive/v3/files").status_code == 503
        assert google.server.faults == []

    @pytest.mark.parametrize("kind", ["cut", "cut_chunked", "refuse"])
    def test_answers_that_never_arrive_whole(self, google: Google, file_id: str, kind: str) -> None:
        google.get(f"/v4/spreadsheets/{file_id}")
        google.server.faults.append(Fault(kind))
        with pytest.raises(requests.RequestException):
            google.get(f"/v4/spreadsheets/{file_id}", fields="*")
        assert google.book(file_id)

    @pytest.mark.parametrize("kind", ["invalid_json", "html"])
    def test_answers_that_are_not_json(self, google: Google, file_id: str, kind: str) -> None:
        google.server.faults.append(Fault(kind))
        answer = google.get(f"/v4/spreadsheets/{file_id}")
        assert answer.status_code == 200
        with pytest.raises(requests.JSONDecodeError):
            answer.json()

    def test_an_empty_object(self, google: Google, file_id: str) -> None:
        google.server.faults.append(Fault("empty"))
        assert google.book(file_id) == {}

    def test_slow(self, google: Google, file_id: str) -> None:
        google.get(f"/v4/spreadsheets/{file_id}")
        google.server.faults.append(Fault("slow", delay=0.5))
        with pytest.raises(requests.ReadTimeout):
            google.session().get(f"{google.server.endpoint}/v4/spreadsheets/{file_id}", timeout=0.1)

    def test_a_drip_outlasts_a_read_timeout(self, google: Google, file_id: str) -> None:
        google.get(f"/v4/spreadsheets/{file_id}")
        google.server.faults.append(Fault("drip", delay=0.005))
        started = time.monotonic()
        address = f"{google.server.endpoint}/v4/spreadsheets/{file_id}?fields=properties.title"
        answer = google.session().get(address, timeout=0.1)
        assert answer.json() == {"properties": {"title": "dinkes"}}
        assert time.monotonic() - started > 0.15

    def test_an_expired_token_is_renewed(self, google: Google, file_id: str) -> None:
        google.get(f"/v4/spreadsheets/{file_id}")
        google.server.faults.append(Fault("expired_token"))
        assert google.book(file_id)
        assert [one.status for one in google.server.calls] == [200, 200, 401, 200, 200]
        assert google.server.count("token") == 2

    def test_revoked_until_lifted(self, google: Google, file_id: str) -> None:
        google.server.faults.append(Fault("revoked", match=file_id))
        assert [google.get(f"/v4/spreadsheets/{file_id}").status_code for _ in range(2)] == [403, 403]
        assert google.get(f"/drive/v3/files/{file_id}").status_code == 404
        google.server.lift(file_id)
        assert google.book(file_id)

    def test_changes_after_the_answer_was_made(self, google: Google, file_id: str) -> None:
        google.server.faults.append(Fault("changes", match=file_id))
        google.server.faults.append(
            Fault("changes", change=lambda call: google.drive.set_cell(file_id, "Kosong", "A1", "baru"))
        )
        version = google.drive.file(file_id).version
        google.book(file_id)
        assert google.drive.file(file_id).version == version + 1
        assert google.book(file_id, fields="sheets.data.rowData")["sheets"][1]["data"] == [{}]
        assert google.drive.values(file_id, "Kosong") == [["baru"]]

    def test_drive_s_own_rate_limit(self, google: Google) -> None:
        google.server.faults.append(Fault("drive_rate_limit"))
        answer = google.get("/drive/v3/files")
        assert (answer.status_code, error_of(answer)["errors"][0]["reason"]) == (403, "userRateLimitExceeded")

    def test_an_api_that_is_switched_off(self, google: Google, file_id: str) -> None:
        google.server.faults.append(Fault("service_disabled", times=2))
        answer = google.get(f"/v4/spreadsheets/{file_id}")
        assert error_of(answer)["details"][0]["reason"] == "SERVICE_DISABLED"
        answer = google.get("/drive/v3/files")
        assert error_of(answer)["errors"][0]["reason"] == "accessNotConfigured"

    def test_the_token_endpoint(self, google: Google, file_id: str) -> None:
        google.server.faults.append(Fault("502", match="/token", times=math.inf))
        with pytest.raises(exceptions.RefreshError):
            google.get(f"/v4/spreadsheets/{file_id}")
        assert google.server.count() == 0
        google.server.faults.clear()
        assert google.book(file_id)

    def test_unknown_kinds_are_not_taken(self) -> None:
        with pytest.raises(ValueError, match="unknown kind"):
            Fault("503x")


class TestQuota:
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def limited(self, clock: FakeClock, tmp_path: Path) -> Iterator[tuple[Google, str]]:
        drive = Drive()
        path = save(tmp_path / "a.xlsx", lambda sheet: None)
        file_id = drive.add_xlsx(path, readers=[READER, STRANGER], writers=[WRITER])
        quota = Quota(reads_per_minute_user=3, writes_per_minute_user=2, per_minute_project=5, clock=clock)
        with SheetsServer(drive, quota=quota) as server:
            yield Google(drive, server), file_id

    def test_any_sixty_seconds(self, limited: tuple[Google, str], clock: FakeClock) -> None:
        google, file_id = limited
        path = f"/v4/spreadsheets/{file_id}"
        codes = []
        for _ in range(4):
            codes.append(google.get(path).status_code)
            clock.sleep(10)
        assert codes == [200, 200, 200, 429]
        clock.sleep(19.9)
        assert google.get(path).status_code == 429
        clock.sleep(0.1)
        assert [google.get(path).status_code for _ in range(2)] == [200, 429]
        error = error_of(google.get(path))
        assert error["message"].startswith(
            "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' "
            "of service 'sheets.googleapis.com' for consumer"
        )
        assert error["details"][0]["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerUser"
        assert google.server.quota
        assert google.server.quota.refused == 4
        assert [one.at for one in google.server.calls if one.kind == "sheets.read"][:2] == [1_000_000.0, 1_000_010.0]

    def test_users_apart_and_the_project_over_all(self, limited: tuple[Google, str]) -> None:
        google, file_id = limited
        path = f"/v4/spreadsheets/{file_id}"
        assert [google.get(path).status_code for _ in range(3)] == [200] * 3
        assert [google.get(path, STRANGER).status_code for _ in range(3)] == [200, 200, 429]
        assert "'Read requests per minute' of" in error_of(google.get(path, STRANGER))["message"]

    def test_writes_and_drive_count_apart(self, limited: tuple[Google, str]) -> None:
        google, file_id = limited
        assert [google.update(file_id, {"addSheet": {}}).status_code for _ in range(3)] == [200, 200, 429]
        assert [google.get("/drive/v3/files").status_code for _ in range(10)] == [200] * 10
        assert google.get(f"/v4/spreadsheets/{file_id}").status_code == 200

    def test_drive_may_be_limited_too(self, clock: FakeClock) -> None:
        with SheetsServer(Drive(), quota=Quota(drive_per_minute_user=1, clock=clock)) as server:
            google = Google(server.drive, server)
            assert [google.get("/drive/v3/files").status_code for _ in range(2)] == [200, 429]

    def test_many_at_once_are_counted_one_by_one(self, limited: tuple[Google, str]) -> None:
        google, file_id = limited
        token = google.session()
        google.get("/drive/v3/files")
        codes: list[int] = []

        def ask() -> None:
            headers = {"Authorization": f"Bearer {token.credentials.token}"}
            address = f"{google.server.endpoint}/v4/spreadsheets/{file_id}"
            codes.append(requests.get(address, headers=headers, timeout=5).status_code)

        threads = [threading.Thread(target=ask) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes) == [200] * 3 + [429] * 9


class TestViolations:
    """What the discovery documents don't allow makes the server's end an error."""

    def test_each_is_on_record(self, google: Google, file_id: str) -> None:
        session, root = google.session(WRITER, WRITING), google.server.endpoint
        path = f"{root}/v4/spreadsheets/{file_id}"
        answers = [
            session.get(path, params={"includeGridDatas": "true"}, timeout=5),
            session.get(path, params={"includeGridData": "ya"}, timeout=5),
            session.get(f"{path}/values/A1", timeout=5),
            session.put(path, json={}, timeout=5),
            session.post(f"{path}:batchUpdate", json={"requests": [{"addSheat": {}}]}, timeout=5),
            session.post(f"{path}:batchUpdate", json={"requests": [{"deleteSheet": {"sheetId": "0"}}]}, timeout=5),
            session.post(f"{path}:batchUpdate", data=b"{", headers={"Content-Type": "application/json"}, timeout=5),
            session.post(f"{path}:batchUpdate", json={"requests": [{"findReplace": {"find": "a"}}]}, timeout=5),
            session.get(f"{root}/drive/v3/files", params={"pageSize": "5000", "quux": "1"}, timeout=5),
        ]
        codes = [one.status_code for one in answers]
        assert codes == [400, 400, 404, 404, 400, 400, 400, 400, 200]
        assert "Unknown name \"addSheat\" at 'requests[0]': Cannot find field." in error_of(answers[4])["message"]
        assert "Cannot bind query parameter" in error_of(answers[0])["message"]
        assert answers[2].text.startswith("<!DOCTYPE html>")
        assert len(wrong(google)) == 10

    def test_an_answer_that_does_not_fit(self, google: Google, file_id: str) -> None:
        google.drive.spreadsheet(file_id)["sheets"][0]["properties"]["judul"] = 1
        google.book(file_id)
        assert "unknown property 'judul'" in wrong(google)[0]

    def test_leaving_raises(self) -> None:
        with pytest.raises(AssertionError, match="not a method that is served"), SheetsServer(Drive()) as server:
            requests.get(f"{server.endpoint}/v4/spreadsheets", timeout=5)

    def test_another_failure_is_not_covered_up(self) -> None:
        def fail() -> None:
            with SheetsServer(Drive()) as server:
                requests.get(f"{server.endpoint}/salah", timeout=5)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()


@pytest.fixture(scope="module")
def validator() -> Any:
    """The same schemas, as a general validator reads them."""
    sheets = json.loads(json.dumps(discovery.load("sheets.v4").document["schemas"]))

    def closed(node: Any) -> Any:
        if isinstance(node, list):
            return [closed(one) for one in node]
        if not isinstance(node, dict):
            return node
        made = {key: closed(value) for key, value in node.items() if key not in ("enumDescriptions", "format", "id")}
        if isinstance(made.get("$ref"), str):
            made["$ref"] = f"#/$defs/{made['$ref']}"
        if made.get("type") == "any":
            del made["type"]
        if isinstance(made.get("properties"), dict) and made.get("type") == "object":
            made.setdefault("additionalProperties", False)
        return made

    return jsonschema.Draft202012Validator({"$ref": "#/$defs/Spreadsheet", "$defs": closed(sheets)})


class TestSchemas:
    def test_agree_with_a_general_validator(self, google: Google, file_id: str, validator: Any) -> None:
        book = google.drive.copy_json(file_id)
        assert not list(validator.iter_errors(book))
        schemas = discovery.load("sheets.v4")
        assert schemas.problems("Spreadsheet", book) == []
        values = book["sheets"][0]["data"][0]["rowData"][1]["values"]
        broken: list[tuple[dict[str, Any], str, Any]] = [
            (values[0], "effectiveValue", {"numberValue": "2025"}),
            (values[1], "effectiveValue", {"intValue": 1}),
            (values[2], "formattedValue", 3),
            (values[3], "effectiveValue", {"errorValue": {"type": "DIV"}}),
            (values[4], "effectiveFormat", {"numberFormat": []}),
            (book["sheets"][0]["properties"], "hidden", "ya"),
            (book["sheets"][0]["properties"]["gridProperties"], "rowCount", 1.5),
            (book["sheets"][0], "merges", {}),
        ]
        for place, name, value in broken:
            place[name] = value
        assert len(schemas.problems("Spreadsheet", book)) == len(list(validator.iter_errors(book))) == len(broken)

    def test_a_whole_workbook_is_checked_at_once(self, google: Google, tmp_path: Path) -> None:
        row = (2025, 1, "Kebijakan internal", 3, "sudah", "https://bukti.example.id/1", date(2025, 3, 1))
        write_xlsx(tmp_path / "a.xlsx", penilaian(*[row] * 47))
        file_id = google.drive.add_xlsx(tmp_path / "a.xlsx")
        book, schemas = google.drive.spreadsheet(file_id), discovery.load("sheets.v4")
        times = []
        for _ in range(3):
            started = time.perf_counter()
            assert schemas.problems("Spreadsheet", book) == []
            times.append(time.perf_counter() - started)
        assert min(times) < 0.03


class TestDrive:
    def test_an_institution_s_register_names_ids(self, google: Google, tmp_path: Path) -> None:
        opd = [
            ("A", "Dinas A", "Dinas", "a", "Ya"),
            ("B", "Dinas B", "Dinas", "b.xlsx", "Ya"),
            ("C", "Dinas C", "Dinas", "tidak-ada", "Ya"),
            ("D", "Dinas D", "Dinas", None, "Ya"),
        ]
        folder = District(opd=opd, books={"a": penilaian(), "b": penilaian()}).write_xlsx(tmp_path / "kab")
        register = google.drive.add_institution(folder, [READER], [WRITER])
        ids = google.drive.institution(register)
        assert set(ids) == {"register.xlsx", "a.xlsx", "b.xlsx"}
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{44}", one) for one in ids.values())
        column = [row[3] for row in google.drive.values(register, "OPD")[1:]]
        assert column == [
            ids["a.xlsx"],
            f"https://docs.google.com/spreadsheets/d/{ids['b.xlsx']}/edit#gid=0",
            "tidak-ada",
            None,
        ]
        assert len(google.files()["files"]) == 3
        again = Drive()
        assert again.add_institution(folder, [READER]) == register

    def test_an_opd_types(self, google: Google, file_id: str) -> None:
        before = google.drive.file(file_id).modified
        typed = {"D2": 4, "E2": "sudah", "F2": "=SUM(1)", "G2": date(2026, 1, 2), "AA1": "jauh"}
        for place, value in list(typed.items())[:4]:
            google.drive.set_cell(file_id, "Penilaian", place, value)
        google.drive.set_cell(file_id, "Penilaian", "C2", None)
        assert google.drive.values(file_id, "Penilaian")[1] == [2025, 1, None, 4, "sudah", None, 46024]
        assert google.drive.file(file_id).modified >= before + 5
        with pytest.raises(ValueError, match="outside"):
            google.drive.set_cell(file_id, "Penilaian", "AA1", "jauh")

    def test_folders_pass_on_what_they_are_shared_with(self, google: Google, tmp_path: Path) -> None:
        folder = google.drive.folder("OPD", readers=[READER])
        inside = google.drive.add_xlsx(save(tmp_path / "a.xlsx", lambda sheet: None), parents=[folder])
        assert google.get(f"/v4/spreadsheets/{inside}").status_code == 200
        assert google.files(q=f"'{folder}' in parents")["files"][0]["id"] == inside
        google.drive.unshare(inside, READER)
        assert google.get(f"/v4/spreadsheets/{inside}").status_code == 403


def test_as_a_program(tmp_path: Path) -> None:
    District(books={"a": penilaian((2025, 1))}).write_xlsx(tmp_path / "data" / "kab")
    program = [sys.executable, str(Path(__file__).parent / "sheets_server"), str(tmp_path / "data")]
    options = ["--credentials", str(tmp_path / "kunci"), "--until-stdin-closes"]
    process = subprocess.Popen([*program, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        served = json.loads(process.stdout.readline())
        credentials = LocalCredentials.from_service_account_file(served["reader"], scopes=list(READING))
        client = gspread.Client(credentials, http_client=LocalClient)
        client.http_client.root = served["endpoint"]
        (register,) = served["registers"]
        assert client.open_by_key(register).worksheets()[1].title == "OPD"
        process.stdin.close()
        assert process.wait(10) == 0
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        process.stdout.close()
