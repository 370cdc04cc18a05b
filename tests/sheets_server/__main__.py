"""python tests/sheets_server FOLDER"""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from sheets_server.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
