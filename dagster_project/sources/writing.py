"""Rows of a batch written as Parquet: good ones to raw, rejected ones to quarantine, one file per file and slot.

Also how any file is put in its place to stay there: before something refers to it, it and its folder are on disk.

Reads the temp tables `typed`, `landed`, `malformed`, `batch` and `copies`; which path a file has is decided in
`batch.py`.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import duckdb

from dagster_project.sources.mapping import Feed
from dagster_project.sources.slot_rows import SlotRows
from dagster_project.sources.warehouse import literal, quoted

FILES_AT_ONCE = 64
"""DuckDB splits a partition over several files when it writes more than a hundred at once."""

ENDS_OF_VALUES = r',;|\t"\[\]'
"""What stands between the values of a malformed line, besides the delimiter."""

Targets = dict[Path, tuple[SlotRows, str]]
"""Where the rows of a file and slot go, and their delivery's id."""


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, on disk."""
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


def put_in_place(written: Path, target: Path) -> None:
    """Move a file to its place, complete and on disk or not at all."""
    sync(written)
    os.replace(written, target)
    sync(target.parent)


def _some_at_once(targets: Targets) -> Iterator[Targets]:
    items = iter(targets.items())
    while chunk := dict(islice(items, FILES_AT_ONCE)):
        yield chunk


def _write_parts(connection: duckdb.DuckDBPyConnection, query: str, targets: Targets, folder: Path) -> None:
    """Write each `part` of a query to its own file, complete or not at all."""
    with tempfile.TemporaryDirectory(dir=folder) as working:
        parts = Path(working) / "parts"
        connection.execute(
            f"copy ({query}) to {literal(str(parts))} (format parquet, compression zstd, partition_by (part))"
        )
        for part, target in enumerate(targets):
            (written,) = (parts / f"part={part}").iterdir()
            make_folder(target.parent)
            put_in_place(written, target)


def _outputs(targets: Targets) -> str:
    """SQL values: the part's number, its file and slot, and the provenance that every row carries."""
    rows = ", ".join(
        f"({part}, {slot.number}, cast({literal(slot.slot)} as date), cast({literal(slot.file.known_on)} as date), "
        f"{literal(delivery)}, {literal(slot.file.name)}, {str(slot.malformed > 0).lower()})"
        for part, (slot, delivery) in enumerate(targets.values())
    )
    return f"(values {rows}) as outputs (part, file_number, _slot, known_on, delivery, file, has_malformed)"


def write_good(connection: duckdb.DuckDBPyConnection, feed: Feed, targets: Targets, folder: Path) -> None:
    """Write the good rows of every file and slot whose Parquet file does not exist yet."""
    own = ", ".join(f"typed.{quoted(c)}" for c in feed.table.raw_types() if not c.startswith("_"))
    for chunk in _some_at_once({path: target for path, target in targets.items() if not path.exists()}):
        copies = " anti join copies using (_landed_row)" if any(slot.duplicates for slot, _ in chunk.values()) else ""
        query = (
            f"select {own}, {literal(feed.name)} as _feed, typed._slot, outputs.known_on as _known_on, "
            "outputs.delivery as _delivery, outputs.file as _file, typed._row, outputs.part "
            f"from typed inner join {_outputs(chunk)} using (file_number, _slot){copies} where typed._reason is null"
        )
        _write_parts(connection, query, chunk, folder)


def write_rejected(
    connection: duckdb.DuckDBPyConnection, feed: Feed, targets: Targets, have: list[str], folder: Path
) -> None:
    """Write the rejected rows as received, with reason, file and row; `have` names the columns of `landed`.

    `_keys` lists the keys that a row may have had, as texts in the order of the contract's key: that of a row that
    could be split, and each value of a line that could not, as the first part of a key.
    """
    record = ", ".join(f"{literal(name)}: landed.{quoted(name)}" for name in have)
    text = f"cast(to_json({{{record}}}) as varchar)" if have else "null"  # of no record at all there are no columns
    provenance = f"{literal(feed.name)} as _feed, outputs._slot, outputs.known_on as _known_on, outputs.file as _file"
    key = ", ".join(f"cast(typed.{quoted(column)} as varchar)" for column in feed.table.key)
    ends_of_values = literal(f"[{re.escape(feed.source.delimiter or ',')}{ENDS_OF_VALUES}]+")
    values = f"list_transform(regexp_split_to_array(malformed._text, {ends_of_values}), lambda v: [trim(v, ' :{{}}')])"
    for chunk in _some_at_once(targets):
        rejected = (
            f"select {provenance}, typed._row, typed._reason, {text} as _text, [[{key}]] as _keys, outputs.part "
            f"from typed inner join {_outputs(chunk)} using (file_number, _slot) "
            "inner join landed using (_landed_row) where typed._reason is not null"
        )
        malformed = (
            f"select {provenance}, malformed._row, 'malformed line: ' || malformed._reason, malformed._text, "
            f"{values}, outputs.part from malformed inner join batch using (_landed_path) "
            f"inner join {_outputs(chunk)} using (file_number) where outputs.has_malformed"
        )
        _write_parts(connection, f"{rejected} union all {malformed}", chunk, folder)
