"""Which files a source has, and what each one's name says: its slot, when it was received, its revision.

Reading the content lives in `reading.py`.
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
class FoundFile:
    """One file of a source. `slot` is null when the rows say it; `problem` says why the file cannot be placed."""

    source: str
    path: Path
    name: str  # relative to the root of sources.yml
    slot: dt.date | None
    known_on: dt.date | None
    revision: int
    problem: str | None


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


def _place(source: Source, path: Path, root: Path) -> FoundFile:
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    problem: str | None = None
    slot: dt.date | None = None
    known_on: dt.date | None = None
    revision = 0
    if source.known_on:
        text = _value(source.known_on, name)
        known_on = parse_day(text) if text else None
        if known_on is None:
            problem = f"the {source.known_on.where} {name!r} has no received day by pattern {source.known_on.pattern!r}"
    if source.slot.where == "whole":
        slot = ALL_TIME
    elif source.slot.where in ("file_name", "path"):
        pattern = source.slot.pattern or ""
        text = _value(PathRule(source.slot.where, pattern), name)
        slot = parse_day(text) if text else None
        if slot is None:
            problem = f"the {source.slot.where} {name!r} has no day by pattern {pattern!r}"
    if source.revision:
        text = _value(source.revision, name)
        revision = int(text) if text and text.isdigit() else 0
    return FoundFile(source.name, path, name, slot, known_on, revision, problem)


def discover(source: Source, root: Path) -> list[FoundFile]:
    """Files of the source in the order of their names; raises FileNotFoundError when a plain path does not exist."""
    target = root / source.path
    if any(mark in source.path for mark in "*?["):
        anchor = Path(source.path)
        if anchor.is_absolute():
            paths = sorted(Path(anchor.anchor).glob(str(anchor.relative_to(anchor.anchor))))
        else:
            paths = sorted(root.glob(source.path))
    elif target.is_dir():
        paths = sorted(p for p in target.rglob("*") if not any(part.startswith(".") for part in p.parts))
    else:
        paths = [target] if target.exists() else []
    return [_place(source, path, root) for path in paths if path.is_file()]
