"""A file's name says its slot, when it was received and its revision; only files of the exports folder are opened."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from dagster_project.sources.discovery import ALL_TIME, discover, parse_day, place
from dagster_project.sources.mapping import Source
from tests.unit.intake import Intake, document, events_source


def source(folder: Path, **changes: Any) -> Source:
    """A source of events with changes."""
    return Intake(folder, document({"events": events_source(**changes)})).mapping.sources["events"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-31", dt.date(2026, 1, 31)), ("20260131", dt.date(2026, 1, 31)), ("2026_01_31", dt.date(2026, 1, 31)),
        ("2026-02", dt.date(2026, 2, 28)), ("202802", dt.date(2028, 2, 29)), ("2026-02-30", None), ("2026-13", None),
        ("31.01.26", None), ("2026", None), ("", None), ("2026-01-x1", None),
    ],
)  # fmt: skip
def test_a_day_is_written_in_full_and_a_month_is_its_last_day(text: str, day: dt.date | None) -> None:
    assert parse_day(text) == day


def test_slot_received_day_and_revision_come_from_the_name(tmp_path: Path) -> None:
    made = source(
        tmp_path,
        known_on={"from": "path", "pattern": r"received=(\d{4}-\d{2}-\d{2})"},
        revision={"from": "file_name", "pattern": r"_v(\d+)"},
    )
    found = place(made, "events/received=2026-01-09/events_2026-01-07_v12.csv")
    assert (found.slot, found.known_on, found.revision, found.problem) == (
        dt.date(2026, 1, 7),
        dt.date(2026, 1, 9),
        12,
        None,
    )
    assert place(made, "received=2026-01-09/events_2026-01-07.csv").revision == 0


def test_a_whole_file_speaks_for_all_time_and_rows_may_say_their_slot(tmp_path: Path) -> None:
    assert place(source(tmp_path, slot="whole"), "x.csv").slot == ALL_TIME
    assert place(source(tmp_path, slot="received"), "x.csv").slot is None
    assert place(source(tmp_path, slot={"from": "column", "column": "d"}), "x.csv").slot is None


def test_a_name_without_its_day_says_which_pattern_missed(tmp_path: Path) -> None:
    assert place(source(tmp_path), "events/latest.csv").problem == (
        r"the file_name 'events/latest.csv' has no day by pattern '(\d{4}-\d{2}-\d{2})'"
    )


def test_hidden_files_and_folders_are_passed_over_but_a_hidden_root_is_not(tmp_path: Path) -> None:
    root = tmp_path / ".exports"
    for name in ("e/a.csv", "e/.b.csv.partial", "e/.git/c.csv", "e/sub/d.csv"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    for path in ("e", "e/**/*", "**/*.csv*"):
        assert [f.name for f in discover(source(tmp_path, path=path), root)] == ["e/a.csv", "e/sub/d.csv"]


def test_nothing_found_is_nothing_not_an_error(tmp_path: Path) -> None:
    assert discover(source(tmp_path, path="none.csv"), tmp_path) == []
    assert discover(source(tmp_path, path="none/*.csv"), tmp_path) == []


def test_a_link_out_of_the_exports_is_marked_and_one_within_is_not(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "e").mkdir(parents=True)
    (tmp_path / "secret_2026-01-01.csv").write_text("x")
    (root / "kept_2026-01-01.csv").write_text("x")
    (root / "e" / "a_2026-01-01.csv").symlink_to(tmp_path / "secret_2026-01-01.csv")
    (root / "e" / "b_2026-01-01.csv").symlink_to(root / "kept_2026-01-01.csv")
    found = {f.name: f.leaves_exports for f in discover(source(tmp_path, path="e/*.csv"), root)}
    assert found == {"e/a_2026-01-01.csv": True, "e/b_2026-01-01.csv": False}


def test_exports_may_themselves_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a_2026-01-01.csv").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert [f.leaves_exports for f in discover(source(tmp_path, path="*.csv"), tmp_path / "link")] == [False]
