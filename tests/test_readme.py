"""What the README says is true: commands, tables, settings, files."""

from __future__ import annotations

import re
from pathlib import Path

from spbe_etl.cli.app import app
from spbe_etl.settings import Settings
from spbe_etl.warehouse import mart_tables

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> set[str]:
    alone = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    return alone | {str(group.name) for group in app.registered_groups}


def test_every_command_is_described_and_none_that_does_not_exist() -> None:
    described = set(re.findall(r"^\| `spbe-etl (\w+)` \|", README, re.MULTILINE))
    assert described == commands()


def test_every_command_that_is_shown_exists_with_its_options() -> None:
    shown = re.findall(r"^\.venv/bin/spbe-etl (\w+)(.*)$", README, re.MULTILINE)
    assert shown
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "spbe_etl" / "cli").glob("*.py"))
    for name, rest in shown:
        assert name in commands()
        for option in re.findall(r"--([a-z-]+)", rest):
            assert option in source or option.replace("-", "_") in source


def test_every_published_table_is_listed_and_none_that_does_not_exist() -> None:
    assert re.findall(r"^\| `mart\.(\w+)` \|", README, re.MULTILINE) == list(mart_tables())


def test_every_setting_is_listed_with_its_default() -> None:
    listed = dict(re.findall(r"^\| `SPBE_(\w+)` \| (\S*) ?\|", README, re.MULTILINE))
    expected = {
        name.upper(): "" if field.default == "" else str(field.default) for name, field in Settings.model_fields.items()
    }
    assert {name: value.strip("`|") for name, value in listed.items()} == expected


def test_every_linked_or_named_file_exists() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_way_of_one_cell_takes_five_files() -> None:
    way = README.split("five files in this order")[1].split("shows the steps")[0]
    assert len(re.findall(r"\]\((?:spbe_etl|expectations|warehouse)/", way)) == 6  # five and night.py


def test_make_targets_named_exist() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make (\w+)$", README, re.MULTILINE)) <= targets
