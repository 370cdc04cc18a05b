"""A page on paper: PDF by a Chromium that's on the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from spbe_etl.errors import ConfigurationError, PublicationError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 120


def find_chromium() -> str:
    """The browser's path; raises ConfigurationError where there's none."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    raise ConfigurationError(
        "--pdf needs Chromium, which isn't there. Install it (Debian: apt install chromium), or print from a browser."
    )


def print_pdf(browser: str, page: Path) -> Path:
    """Print a page beside itself as A4, for whoever may read the page; raises PublicationError when that can't be."""
    target = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory(prefix="spbe-etl-") as profile:
        as_root = [] if os.geteuid() else ["--no-sandbox"]
        options = ["--headless=new", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={profile}", *as_root]
        command = [browser, *options, f"--print-to-pdf={target.absolute()}", page.resolve().as_uri()]
        try:
            target.unlink(missing_ok=True)
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PublicationError(f"{target} can't be printed: {error}") from error
    if done.returncode or not target.exists():
        raise PublicationError(f"{target} can't be printed: {browser} ended with {done.returncode}")
    shutil.copymode(page, target)
    return target
