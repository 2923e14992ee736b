"""Landing: every file copied once, exactly as received, and entered in the ledger.

What is in a file does not matter here (`reading.py`); a copy is never edited.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import replace
from pathlib import Path

from dagster_project.sources.discovery import ALL_TIME, FoundFile, Placement, discover, place
from dagster_project.sources.home import Home
from dagster_project.sources.ledger import Ledger, ReceivedFile
from dagster_project.sources.mapping import Mapping, Source
from dagster_project.sources.writing import make_folder, put_in_place

CHUNK = 1 << 20
LONGEST_NAME = 80
LEAVES_EXPORTS = "the file is a link that leads out of the exports folder; it is not read"


def _is_due(placement: Placement, as_of: dt.date) -> bool:
    if placement.known_on is not None:
        return placement.known_on <= as_of
    return placement.slot is None or placement.slot == ALL_TIME or placement.slot <= as_of


def landed_name(sha256: str, name: str) -> str:
    """Name of a copy: content, path, and the end of the file's own name without what a glob or a shell would read."""
    path = hashlib.sha256(name.encode()).hexdigest()
    plain = re.sub("[^A-Za-z0-9._-]", "_", name.rsplit("/", 1)[-1])
    return f"{sha256[:12]}-{path[:6]}-{plain[-LONGEST_NAME:]}"


def _copy(source: Path, partial: Path) -> str:
    """Copy a file; returns the sha256 of what was copied, also when the file is being replaced meanwhile."""
    digest = hashlib.sha256()
    with source.open("rb") as read, partial.open("wb") as write:
        while chunk := read.read(CHUNK):
            digest.update(chunk)
            write.write(chunk)
    return digest.hexdigest()


def _refuse(ledger: Ledger, found: FoundFile, known: ReceivedFile | None, as_of: dt.date, problem: str) -> None:
    """Enter a file that is not to be opened; it has no copy."""
    if known is None or known.problem != problem:
        _enter(ledger, found, as_of, sha256="", landed="", size=0, mtime_ns=0, problem=problem)


def _enter(
    ledger: Ledger, found: FoundFile, as_of: dt.date, sha256: str, landed: str, size: int, mtime_ns: int,
    problem: str | None,
) -> None:  # fmt: skip
    placement = found.placement
    ledger.record_file(
        ReceivedFile(
            sequence=0,
            source=found.source,
            name=found.name,
            sha256=sha256,
            bytes=size,
            mtime_ns=mtime_ns,
            slot=placement.slot.isoformat() if placement.slot else None,
            known_on=(placement.known_on or as_of).isoformat(),
            revision=placement.revision,
            landed=landed,
            problem=problem,
        )
    )


def _land_file(home: Home, ledger: Ledger, found: FoundFile, known: ReceivedFile | None, as_of: dt.date) -> bool:
    """Copy a file unless it is as it was; returns whether it is new or has changed."""
    if found.leaves_exports:
        _refuse(ledger, found, known, as_of, LEAVES_EXPORTS)
        return False
    status = found.path.stat()
    if known and (known.bytes, known.mtime_ns) == (status.st_size, status.st_mtime_ns):
        return False
    folder = home.landing / found.source / (found.placement.known_on or as_of).isoformat()
    make_folder(folder)
    partial = folder / ".partial"
    try:
        sha256 = _copy(found.path, partial)
    except PermissionError as error:
        _refuse(ledger, found, known, as_of, f"the file cannot be opened: {error.strerror}")
        return False
    if known and known.sha256 == sha256:
        partial.unlink()
        ledger.touch_file(known.sequence, status.st_mtime_ns)
        return False
    target = folder / landed_name(sha256, found.name)
    put_in_place(partial, target)
    _enter(
        ledger, found, as_of, sha256, target.relative_to(home.landing).as_posix(), status.st_size, status.st_mtime_ns,
        found.placement.problem,
    )  # fmt: skip
    return True


def _place_again(ledger: Ledger, source: Source, file: ReceivedFile) -> ReceivedFile:
    """A file under the rules as they are now, which may have been mended since it was received."""
    placement = place(source, file.name)
    placed = replace(
        file,
        slot=placement.slot.isoformat() if placement.slot else None,
        known_on=placement.known_on.isoformat() if placement.known_on else file.known_on,
        revision=placement.revision,
        problem=placement.problem if file.landed else file.problem,
    )
    if placed != file:
        ledger.place_file(placed)
    return placed


def land_new_files(mapping: Mapping, home: Home, ledger: Ledger, as_of: dt.date) -> int:
    """Copy every file not seen before or changed since into landing; returns how many."""
    count = 0
    for source in mapping.sources.values():
        latest = {file.name: _place_again(ledger, source, file) for file in ledger.files(source.name)}
        for found in discover(source, mapping.exports):
            if _is_due(found.placement, as_of):
                count += _land_file(home, ledger, found, latest.get(found.name), as_of)
    return count
