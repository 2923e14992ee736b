"""Landing: every file copied once, exactly as received, and entered in the ledger.

What is in a file does not matter here (`reading.py`); a copy is never edited.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
from pathlib import Path

from dagster_project.sources.discovery import ALL_TIME, FoundFile, discover
from dagster_project.sources.home import Home
from dagster_project.sources.ledger import Ledger, ReceivedFile
from dagster_project.sources.mapping import Mapping


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _is_due(found: FoundFile, as_of: dt.date) -> bool:
    if found.known_on is not None:
        return found.known_on <= as_of
    return found.slot is None or found.slot == ALL_TIME or found.slot <= as_of


def _land_file(ledger: Ledger, home: Home, found: FoundFile, known: ReceivedFile | None, as_of: dt.date) -> None:
    status = found.path.stat()
    if known and (known.bytes, known.mtime_ns) == (status.st_size, status.st_mtime_ns):
        return
    sha256 = _sha256(found.path)
    if known and known.sha256 == sha256:
        ledger.touch_file(known.sequence, status.st_mtime_ns)
        return
    known_on = found.known_on or as_of
    landed = Path(found.source) / known_on.isoformat() / f"{sha256[:12]}-{found.path.name}"
    target = home.landing / landed
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        partial = target.with_name(f".{target.name}.partial")
        shutil.copyfile(found.path, partial)
        os.replace(partial, target)
    ledger.record_file(
        ReceivedFile(
            sequence=0,
            source=found.source,
            name=found.name,
            sha256=sha256,
            bytes=status.st_size,
            mtime_ns=status.st_mtime_ns,
            slot=found.slot.isoformat() if found.slot else None,
            known_on=known_on.isoformat(),
            revision=found.revision,
            landed=landed.as_posix(),
            problem=found.problem,
        )
    )


def land_new_files(mapping: Mapping, home: Home, ledger: Ledger, as_of: dt.date) -> int:
    """Copy every file not seen before (or changed since) into landing; returns how many."""
    count = 0
    for source in mapping.sources.values():
        latest: dict[str, ReceivedFile] = {}
        for file in ledger.files(source.name):
            latest[file.name] = file
        for found in discover(source, mapping.exports):
            if _is_due(found, as_of):
                before = latest.get(found.name)
                _land_file(ledger, home, found, before, as_of)
                count += before is None
    return count
