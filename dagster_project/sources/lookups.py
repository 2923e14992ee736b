"""Lookups: columns of one source filled from the rows of another, as temp tables `lookup_<n>` of keys and values.

The content that deliveries were made with is kept as Parquet, so that what another content changes can be told.
Which files are loaded again is decided in `loading.py`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.sources.checked_yaml import nearest
from dagster_project.sources.home import Home
from dagster_project.sources.ledger import Delivery, ReceivedFile
from dagster_project.sources.mapping import Feed, Lookup, Mapping, Source
from dagster_project.sources.reading import land, shape_of
from dagster_project.sources.text_files import UnreadableFileError, encoding_of_names, one_column
from dagster_project.sources.warehouse import literal, quoted


@dataclass(frozen=True)
class LookupContent:
    """The lookups of a feed as of a day: a hash of all keys and values, and what could not be read."""

    hash: str | None = None
    notes: tuple[str, ...] = ()


NO_LOOKUPS = LookupContent()


def _by_precedence(files: list[ReceivedFile]) -> list[ReceivedFile]:
    return sorted(files, key=lambda f: (f.slot or f.known_on, f.order, f.sequence))


def _take_rows(
    connection: duckdb.DuckDBPyConnection, table: str, lookup: Lookup, source: Source, file: ReceivedFile, home: Home
) -> None:
    """Add the keys and values of one file to a table; raises UnreadableFileError."""
    if file.problem:
        raise UnreadableFileError(file.problem)
    path = home.landing / file.landed
    have = land(connection, source, [path], shape_of(connection, source, path), home.temporary).columns
    for column in (*(there for _, there in lookup.match), lookup.take):
        if column not in have:
            raise UnreadableFileError(
                one_column(have) or f"no column {column!r}{nearest(column, have)}{encoding_of_names(have)}"
            )
    keys = ", ".join(f"trim({quoted(there)})" for _, there in lookup.match)
    connection.execute(
        f"insert into {table} select {keys}, {quoted(lookup.take)}, _landed_row + "
        f"(select coalesce(max(seen), 0) from {table}) from landed"
    )


def _fill(
    connection: duckdb.DuckDBPyConnection, name: str, lookup: Lookup, source: Source, files: list[ReceivedFile],
    home: Home,
) -> list[str]:  # fmt: skip
    """Create temp table `name`, keys and value, where a later row of a key prevails; returns what could not be read.

    Of snapshots only the last that can be read counts, else the last revision of each slot.
    """
    keys = [f"key_{n}" for n in range(len(lookup.match))]
    connection.execute(
        f"create or replace temp table seen_rows ({' varchar, '.join(keys)} varchar, value varchar, seen bigint)"
    )
    notes: list[str] = []
    ordered = _by_precedence(files)
    for file in reversed(ordered) if source.delivery == "snapshot" else ordered:
        try:
            _take_rows(connection, "seen_rows", lookup, source, file, home)
        except UnreadableFileError as error:
            notes.append(f"lookup {source.name}: {file.name}: {error}")
            continue
        if source.delivery == "snapshot":
            break
    if len(notes) == len(files):
        notes.append(f"lookup {source.name}: no file to look into")
    connection.execute(
        f"create or replace temp table {name} as select {', '.join(keys)}, max_by(value, seen) as value "
        f"from seen_rows group by {', '.join(keys)}"
    )
    return notes


def fill_lookups(
    connection: duckdb.DuckDBPyConnection, feed: Feed, mapping: Mapping, home: Home,
    files_of: Callable[[Source], list[ReceivedFile]],
) -> LookupContent:  # fmt: skip
    """Create the temp tables of a feed's lookups from the files that are known, and keep their content."""
    if not feed.looked_up:
        return NO_LOOKUPS
    notes: list[str] = []
    contents: list[str] = []
    for number, lookup in enumerate(feed.looked_up.values()):
        source = mapping.sources[lookup.source]
        notes += _fill(connection, f"lookup_{number}", lookup, source, files_of(source), home)
        keys = ", ".join(f"key_{n}" for n in range(len(lookup.match)))
        contents.append(f"select {number} as lookup, cast([{keys}] as varchar) as key, value from lookup_{number}")
    rows = " union all ".join(contents)
    row = connection.execute(
        f"select count(*) || '-' || coalesce(sum(hash(lookup, key, value)), 0) from ({rows})"
    ).fetchone()
    content = hashlib.sha256(str(row).encode()).hexdigest()[:12]
    path = content_path(home, content)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        connection.execute(f"copy ({rows}) to {literal(str(partial))} (format parquet)")
        os.replace(partial, path)
    return LookupContent(content, tuple(dict.fromkeys(notes)))


def content_path(home: Home, content: str) -> Path:
    """Where the content of lookups is kept."""
    return home.raw / "_lookups" / f"{content}.parquet"


def changed_by_lookups(
    connection: duckdb.DuckDBPyConnection, feed: Feed, home: Home, now: str, deliveries: Iterable[Delivery]
) -> list[Delivery]:
    """The deliveries of a feed that the lookups as they are now could change.

    Those are the ones with rows that were rejected or found no value, and the ones whose rows hold a value that one of
    its keys no longer has.
    """
    made_with: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        if delivery.lookup_hash and delivery.lookup_hash != now:
            made_with.setdefault(delivery.lookup_hash, []).append(delivery)
    changed: list[Delivery] = []
    for before, candidates in made_with.items():
        kept = content_path(home, before)
        gone = _values_gone(connection, kept, content_path(home, now)) if kept.exists() else None
        for delivery in candidates:
            if gone is None or delivery.lookup_misses or _holds(connection, feed, home, delivery, gone):
                changed.append(delivery)
    return changed


def _values_gone(connection: duckdb.DuckDBPyConnection, before: Path, now: Path) -> dict[int, list[str]]:
    """By lookup, the values that some key had before and has no longer."""
    gone: dict[int, list[str]] = {}
    for number, value in connection.execute(
        f"select distinct lookup, before.value from read_parquet({literal(str(before))}) as before "
        f"left join read_parquet({literal(str(now))}) as now using (lookup, key) "
        "where before.value is not null and now.value is distinct from before.value order by all"
    ).fetchall():
        gone.setdefault(number, []).append(value)
    return gone


def _holds(
    connection: duckdb.DuckDBPyConnection, feed: Feed, home: Home, delivery: Delivery, gone: dict[int, list[str]]
) -> bool:
    """Whether rows in raw hold one of the values; other types than ids and texts are not compared, but taken to."""
    if not delivery.raw_path or not gone:
        return False
    conditions: list[str] = []
    for number, name in enumerate(feed.looked_up):
        if number in gone:
            if feed.table.columns[name].type not in ("id", "text"):
                return True
            values = ", ".join(f"trim({literal(value)})" for value in gone[number])
            conditions.append(f"trim({quoted(name)}) in ({values})")
    path = literal(str(home.raw / delivery.raw_path))
    row = connection.execute(f"select 1 from read_parquet({path}) where {' or '.join(conditions)} limit 1").fetchone()
    return row is not None
