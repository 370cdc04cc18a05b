"""What lies in Google Drive, who may see it, and what a test does to it from outside: as an OPD, or an owner."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .cells import plain_value, refresh, value_of
from .clock import Clock, RealClock
from .convert import spreadsheet
from .files import ANYONE, FOLDER, OWNER, SPREADSHEET, File, drive_id_for, file_id_for
from .grid import Sheet, area_of, cell_at, position, put_cell, size, tidy
from .institutions import register_with_ids

People = Collection[str] | str


class Drive:
    """Files by id. Everything goes through one lock; modified times only ever grow."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.lock = threading.RLock()
        self.clock: Clock = clock or RealClock()
        self._files: dict[str, File] = {}
        self._institutions: dict[str, dict[str, str]] = {}
        self._last_moment = 0

    # What a test puts in

    def add_xlsx(
        self,
        path: Path,
        file_id: str | None = None,
        title: str | None = None,
        parents: Iterable[str] = (),
        readers: People = (),
        writers: People = (),
        mime: str | None = None,
    ) -> str:
        """A workbook, converted when first asked for; with the mime type of an Office file it stays one."""
        name = title if title is not None else (path.stem if mime in (None, SPREADSHEET) else path.name)
        file = File(
            file_id or self._new_id(f"{path.parent.name}/{path.name}"),
            name,
            mime or SPREADSHEET,
            list(parents),
            readers=_people(readers),
            writers=_people(writers),
            content=path.read_bytes(),
        )
        return self.put(file).id

    def add_institution(self, folder: Path, readers: People, writers: People = ()) -> str:
        """Every .xlsx of a folder; its register names the others by id or address. Gives the register's id."""
        paths = sorted(folder.glob("*.xlsx"))
        ids = {path.name: self.add_xlsx(path, readers=readers, writers=writers) for path in paths}
        register_id = ids["register.xlsx"]
        with self.lock:
            register_with_ids(self.spreadsheet(register_id), ids)
            self._institutions[register_id] = ids
        return register_id

    def institution(self, register_id: str) -> Mapping[str, str]:
        """File names of an institution's folder to ids."""
        return dict(self._institutions[register_id])

    def shared_drive(self, name: str, members: People, readers: People = ()) -> str:
        """A shared drive; `members` may add files to it, `readers` may not. Gives the id of its top folder."""
        folder = File(drive_id_for(name), name, FOLDER, readers=_people(readers), writers=_people(members))
        folder.drive_id = folder.id
        folder.is_drive_root = True
        return self.put(folder).id

    def folder(self, name: str, parents: Iterable[str] = (), readers: People = (), writers: People = ()) -> str:
        """A folder; what lies in it can be seen by those who can see the folder."""
        file = File(self._new_id(f"folder/{name}"), name, FOLDER, list(parents))
        file.readers, file.writers = _people(readers), _people(writers)
        return self.put(file).id

    def put(self, file: File) -> File:
        """A new file; in a shared drive if its parent is."""
        with self.lock:
            file.created = file.modified = self._moment()
            file.drive_id = file.drive_id or next(
                (self._files[one].drive_id for one in file.parents if one in self._files), None
            )
            self._files[file.id] = file
        return file

    # What a test looks at

    def file(self, file_id: str) -> File:
        return self._files[file_id]

    def files(self) -> list[File]:
        with self.lock:
            return list(self._files.values())

    def find(self, file_id: str) -> File | None:
        return self._files.get(file_id)

    def spreadsheet(self, file_id: str) -> dict[str, Any]:
        """The resource itself, not a copy: what is changed in it is changed in the store."""
        with self.lock:
            file = self._files[file_id]
            if file.book is None:
                file.book = spreadsheet(file.content, file.id, file.name)
            return file.book

    def copy_json(self, file_id: str) -> dict[str, Any]:
        """A copy, to compare with later."""
        with self.lock:
            return pickle.loads(pickle.dumps(self.spreadsheet(file_id), -1))

    def sheet(self, file_id: str, title: str) -> Sheet:
        return next(one for one in self.spreadsheet(file_id)["sheets"] if one["properties"]["title"] == title)

    def values(self, file_id: str, sheet_title: str) -> list[list[Any]]:
        """Effective values, rows as long as they're filled; dates as the serial numbers that Sheets keeps."""
        with self.lock:
            rows = self.sheet(file_id, sheet_title)["data"][0].get("rowData", [])
            return [[plain_value(cell) for cell in row.get("values", [])] for row in rows]

    # What happens meanwhile

    def set_cell(self, file_id: str, sheet_title: str, reference: str, value: object) -> None:
        """Someone types into a cell; text that starts with = is a formula, None clears."""
        with self.changing(file_id):
            sheet = self.sheet(file_id, sheet_title)
            row, column = position(reference)
            rows, columns = size(sheet)
            if row >= rows or column >= columns:
                raise ValueError(f"{reference} is outside of {sheet_title}")
            cell = {**cell_at(sheet, row, column), "userEnteredValue": value_of(value)}
            is_day = hasattr(value, "isoformat")
            if is_day and "numberFormat" not in cell.get("userEnteredFormat", {}):
                kind = "DATE_TIME" if hasattr(value, "hour") else "DATE"
                cell["userEnteredFormat"] = {**cell.get("userEnteredFormat", {}), "numberFormat": {"type": kind}}
            put_cell(sheet, row, column, refresh(cell))
            tidy(sheet)

    def protect(
        self, file_id: str, sheet_title: str, cells: str = "", editors: Iterable[str] = (), warning_only: bool = False
    ) -> None:
        """The owner protects some cells (`A1:C9`) or a whole sheet; editors of the file no longer write there."""
        with self.changing(file_id):
            sheet = self.sheet(file_id, sheet_title)
            protected: dict[str, Any] = {"protectedRangeId": 1000 + len(sheet.get("protectedRanges", []))}
            protected["range"] = area_of(sheet, cells)
            protected |= {"warningOnly": True} if warning_only else {"editors": {"users": [*editors, OWNER]}}
            sheet.setdefault("protectedRanges", []).append(protected)

    @contextmanager
    def changing(self, file_id: str, editor: str = "") -> Iterator[dict[str, Any]]:
        """The resource, under the lock; the file counts as modified afterwards."""
        with self.lock:
            yield self.spreadsheet(file_id)
            self.touch(file_id, editor)

    def touch(self, file_id: str, editor: str = "") -> None:
        with self.lock:
            file = self._files[file_id]
            file.modified = self._moment()
            file.version += 1
            file.last_editor = editor or file.last_editor

    def trash(self, file_id: str) -> None:
        """Still there, and still readable: Google only marks it."""
        with self.lock:
            self._files[file_id].trashed = True
            self._files[file_id].version += 1

    def delete(self, file_id: str) -> None:
        with self.lock:
            del self._files[file_id]

    def share(self, file_id: str, email: str, writer: bool = False) -> None:
        with self.lock:
            file = self._files[file_id]
            file.blocked.discard(email)
            (file.writers if writer else file.readers).add(email)

    def unshare(self, file_id: str, email: str) -> None:
        """No longer for this account, not even through a folder."""
        with self.lock:
            file = self._files[file_id]
            file.readers.discard(email)
            file.writers.discard(email)
            if email != ANYONE:
                file.blocked.add(email)

    # Who may do what

    def can_read(self, file: File, email: str) -> bool:
        return self._holds(file, email, anyone=True, writing=False)

    def can_write(self, file: File, email: str) -> bool:
        return self._holds(file, email, anyone=True, writing=True)

    def lists(self, file: File, email: str) -> bool:
        """What is open to anyone with the link can be read, but doesn't turn up in lists."""
        return not file.is_drive_root and self._holds(file, email, anyone=False, writing=False)

    def _holds(self, file: File, email: str, *, anyone: bool, writing: bool) -> bool:
        if email in file.blocked:
            return False
        people = file.writers if writing else file.writers | file.readers
        if email in people or (anyone and ANYONE in people):
            return True
        above = [self._files[one] for one in file.parents if one in self._files]
        return any(self._holds(one, email, anyone=anyone, writing=writing) for one in above)

    def _moment(self) -> int:
        self._last_moment = max(self._last_moment + 1, int(self.clock.now() * 1000))
        return self._last_moment

    def _new_id(self, seed: str) -> str:
        with self.lock:
            number = 0
            while (found := file_id_for(f"{seed}#{number}")) in self._files:
                number += 1
            return found


def _people(people: People) -> set[str]:
    return {people} if isinstance(people, str) else set(people)
