"""The server as a program, for trials by hand and for processes of their own."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import threading
from pathlib import Path

from .drive import Drive
from .institutions import institution_folders
from .quota import Quota
from .server import SheetsServer

READER, WRITER = "pembaca@contoh.iam.gserviceaccount.com", "penulis@contoh.iam.gserviceaccount.com"


def main(arguments: list[str] | None = None) -> int:
    """Print one line of JSON about what is served, then serve until told to stop."""
    options = _parser().parse_args(arguments)
    drive = Drive()
    folders = list(institution_folders(options.folder))
    registers = [drive.add_institution(folder, [READER], [WRITER]) for folder in folders]
    drive_id = drive.shared_drive("Drive Bersama SPBE", [WRITER], [READER])
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    credentials = options.credentials or Path(tempfile.mkdtemp(prefix="sheets-server-"))
    credentials.mkdir(parents=True, exist_ok=True)
    server = SheetsServer(drive, quota=Quota() if options.quota else None, port=options.port)
    server.start()
    served = {
        "endpoint": server.endpoint,
        "registers": registers,
        "shared_drive": drive_id,
        "reader": str(server.write_credentials(credentials / "reader.json", READER)),
        "writer": str(server.write_credentials(credentials / "writer.json", WRITER)),
    }
    print(json.dumps(served), flush=True)
    if options.until_stdin_closes:
        threading.Thread(target=_wait_for_end, args=(stop,), daemon=True).start()
    stop.wait()
    server.stop()
    for violation in server.violations:
        print(violation, file=sys.stderr)
    return 1 if server.violations else 0


def _wait_for_end(stop: threading.Event) -> None:
    while sys.stdin.read(4096):
        pass
    stop.set()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python tests/sheets_server", description=__doc__)
    parser.add_argument("folder", type=Path, help="an institution's folder, or a folder of such folders")
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--quota", action="store_true", help="Google's usual quotas")
    parser.add_argument("--credentials", type=Path, help="where reader.json and writer.json go")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when standard input ends")
    return parser
