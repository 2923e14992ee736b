"""Which files a source has, and what each one's name says: its slot, when it was received, its revision.

Only files below the exports folder are opened. Reading the content lives in `reading.py`.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

from dagster_project.sources.mapping import PathRule, Source

ALL_TIME = dt.date(9999, 12, 31)
"""Slot of a file that speaks for all time."""


@dataclass(frozen=True)
class Placement:
    """What a file's name says by the rules of its source.

    `slot` is null when the rows say it, `known_on` when the day of the refresh counts; `problem` says why the file
    cannot be placed.
    """

    slot: dt.date | None
    known_on: dt.date | None
    revision: int
    problem: str | None


@dataclass(frozen=True)
class FoundFile:
    """One file of a source; `leaves_exports` when it is a link to a place outside the exports folder."""

    source: str
    path: Path
    name: str  # relative to the exports folder, as text that can be stored
    placement: Placement
    leaves_exports: bool


def parse_day(text: str) -> dt.date | None:
    """A day from 2026-01-31, 20260131, or a month (its last day) from 2026-01; None if it is none of these."""
    digits = re.sub(r"[-_./]", "", text)
    try:
        if len(digits) == 8:
            return dt.datetime.strptime(digits, "%Y%m%d").date()
        if len(digits) == 6:
            year, month = int(digits[:4]), int(digits[4:])
            return dt.date(year, month, calendar.monthrange(year, month)[1])
    except ValueError:
        return None
    return None


def _value(rule: PathRule, name: str) -> str | None:
    text = name if rule.where == "path" else name.rsplit("/", 1)[-1]
    match = re.search(rule.pattern, text)
    return match.group(1) if match else None


def place(source: Source, name: str) -> Placement:
    """What the name of a file, relative to the exports folder, says by the rules of its source."""
    problem: str | None = None
    slot: dt.date | None = None
    known_on: dt.date | None = None
    revision = 0
    if source.known_on:
        text = _value(source.known_on, name)
        known_on = parse_day(text) if text else None
        if known_on is None:
            problem = f"the {source.known_on.where} {name!r} has no received day by pattern '{source.known_on.pattern}'"
    if source.slot.where == "whole":
        slot = ALL_TIME
    elif source.slot.where in ("file_name", "path"):
        pattern = source.slot.pattern or ""
        text = _value(PathRule(source.slot.where, pattern), name)
        slot = parse_day(text) if text else None
        if slot is None:
            problem = f"the {source.slot.where} {name!r} has no day by pattern '{pattern}'"
    if source.revision:
        text = _value(source.revision, name)
        revision = int(text) if text and re.fullmatch("[0-9]{1,8}", text) else 0
    return Placement(slot, known_on, revision, problem)


def _storable(path: Path) -> str:
    """A path as text that a database takes; bytes that are not UTF-8 become question marks."""
    return path.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _is_hidden(path: Path) -> bool:
    """A file or folder whose name starts with a dot: what tools leave beside exports, or write while copying."""
    return any(part.startswith(".") for part in path.parts)


def discover(source: Source, root: Path) -> list[FoundFile]:
    """Files of the source in the order of their names; none when nothing matches its path."""
    if any(mark in source.path for mark in "*?["):
        paths = list(root.glob(source.path))
    elif (root / source.path).is_dir():
        paths = list((root / source.path).rglob("*"))
    else:
        paths = [root / source.path]
    found: list[FoundFile] = []
    for path in sorted(paths):
        relative = path.relative_to(root)
        if path.is_file() and not _is_hidden(relative):
            name = _storable(relative)
            leaves = not path.resolve().is_relative_to(root.resolve())
            found.append(FoundFile(source.name, path, name, place(source, name), leaves))
    return found
