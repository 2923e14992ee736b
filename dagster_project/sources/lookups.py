"""Lookups: a column of one source filled from the rows of another, as a temp table of keys and values.

Which delivery uses which lookup is decided in `loading.py`.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from dagster_project.sources.ledger import ReceivedFile
from dagster_project.sources.mapping import Lookup, Source, nearest
from dagster_project.sources.reading import UnreadableFileError, land, shape_of
from dagster_project.sources.warehouse import quoted


def lookup_files(source: Source, files: list[ReceivedFile]) -> list[ReceivedFile]:
    """The files of a source whose rows a lookup may use, the decisive one last."""
    ordered = sorted((f for f in files if not f.problem), key=lambda f: (f.slot or f.known_on, f.order))
    return ordered[-1:] if source.delivery == "snapshot" else ordered


def fill_lookup(
    connection: duckdb.DuckDBPyConnection, name: str, lookup: Lookup, source: Source, files: list[Path], folder: Path
) -> str:
    """Create temp table `name` (key columns, value) of a lookup; returns a hash of its content."""
    keys = ", ".join(f"key_{n}" for n in range(len(lookup.match)))
    columns = ", ".join(f"key_{n} varchar" for n in range(len(lookup.match)))
    connection.execute(f"create or replace temp table {name}_rows ({columns}, value varchar, seen bigint)")
    for number, path in enumerate(files):
        have = land(connection, source, [path], shape_of(connection, source, path), folder)
        for column in (*(there for _, there in lookup.match), lookup.take):
            if column not in have:
                raise UnreadableFileError(
                    f"lookup source {source.name!r} has no column {column!r}{nearest(column, have)}"
                )
        taken = ", ".join(quoted(there) for _, there in lookup.match)
        connection.execute(
            f"insert into {name}_rows select {taken}, {quoted(lookup.take)}, {number} * 1000000000 + _row from landed"
        )
    connection.execute(
        f"create or replace temp table {name} as select {keys}, max_by(value, seen) as value "
        f"from {name}_rows group by {keys}"
    )
    row = connection.execute(f"select count(*) || '-' || coalesce(sum(hash({keys}, value)), 0) from {name}").fetchone()
    return str(row[0]) if row else ""
