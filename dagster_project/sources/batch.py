"""One batch: received files of one shape become typed rows in raw, rejected rows in quarantine, and deliveries.

Reading files is in `reading.py`, typing rows in `typed_rows.py`; which files are due is in `loading.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import duckdb

from dagster_project.sources.currencies import CURRENCIES
from dagster_project.sources.engine import open_duckdb
from dagster_project.sources.hints import add_hints
from dagster_project.sources.home import Home
from dagster_project.sources.ledger import Delivery, ReceivedFile
from dagster_project.sources.lookups import NO_LOOKUPS, LookupContent
from dagster_project.sources.mapping import ColumnMapping, Feed
from dagster_project.sources.reading import Landed, Shape, land
from dagster_project.sources.slot_rows import SlotRows, count_rows, slot_of
from dagster_project.sources.text_files import UnreadableFileError
from dagster_project.sources.typed_rows import absent_columns, named_columns, typed_rows, usable_columns
from dagster_project.sources.warehouse import literal, quoted
from dagster_project.sources.writing import write_good, write_rejected


def connect(home: Home) -> duckdb.DuckDBPyConnection:
    """A private in-memory DuckDB for loading, with the currencies; and the folder for temporary copies."""
    home.temporary.mkdir(parents=True, exist_ok=True)
    connection = open_duckdb(home)
    connection.execute(
        f"create temp table currencies as select currency as code, exponent from read_csv({literal(str(CURRENCIES))}, "
        "columns = {'currency': 'varchar', 'exponent': 'integer'}, header = true)"
    )
    return connection


def _delivery_id(feed: Feed, slot: str, content: str) -> str:
    return hashlib.sha256(f"{feed.table.name}|{feed.name}|{slot}|{content}".encode()).hexdigest()[:16]


def unreadable(feed: Feed, file: ReceivedFile, message: str) -> Delivery:
    """The delivery of a file that cannot be read or does not fit the mapping."""
    slot = slot_of(feed, file) or file.known_on
    return Delivery(
        delivery_id=_delivery_id(feed, slot, file.sha256), file_sequence=file.sequence, table_name=feed.table.name,
        feed=feed.name, fingerprint=feed.fingerprint, slot=slot, known_on=file.known_on, revision=file.order,
        file_name=file.name, content="", status="unreadable", message=message, received=0, loaded=0, unchanged=0,
        quarantined=0, duplicates=0, blocked=0, raw_path=None, quarantine_path=None, event_days="{}",
        lookup_hash=None, lookup_misses=0,
    )  # fmt: skip


def load_batch(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    files: list[ReceivedFile],
    shape: Shape,
    reporting_timezone: str,
    home: Home,
    earlier: Mapping[tuple[str, str], Delivery],
    lookups: LookupContent = NO_LOOKUPS,
) -> list[Delivery]:
    """Load received files of one shape into one table; returns one delivery per file and slot, in order.

    `earlier` has the first delivery of each (slot, content): its rows are not written again. The tables of the lookups
    must already be in the connection. Raises UnreadableFileError when the files cannot be read or do not fit the
    mapping.
    """
    paths = [home.landing / file.landed for file in files]
    landed = land(connection, feed.source, paths, shape, home.temporary)
    used, notes = _fit(connection, feed, landed, shape)
    _describe_batch(connection, feed, files, landed.paths)
    try:
        connection.execute(f"create or replace temp table typed as {typed_rows(feed, used, reporting_timezone)}")
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise
    except duckdb.Error as error:
        raise UnreadableFileError(f"the mapping does not fit the file: {str(error).splitlines()[0]}") from None
    add_hints(connection, feed, used)
    slots = count_rows(connection, feed, files, paths)
    made = [
        _delivery(
            connection, feed, slot, [*notes, *lookups.notes], lookups.hash, earlier.get((slot.slot, slot.content))
        )
        for slot in slots
    ]
    parts = list(zip(made, slots, strict=True))
    rejected = {home.quarantine / d.quarantine_path: (s, d.delivery_id) for d, s in parts if d.quarantine_path}
    write_rejected(connection, feed, rejected, landed.columns, home.temporary)
    good = {home.raw / d.raw_path: (s, d.delivery_id) for d, s in parts if d.raw_path}
    write_good(connection, feed, good, home.temporary)
    return made


def _fit(
    connection: duckdb.DuckDBPyConnection, feed: Feed, landed: Landed, shape: Shape
) -> tuple[dict[str, ColumnMapping], list[str]]:
    """The usable mappings. Records of JSON leave out what is empty: there each file is judged by its own keys, and a
    file without records by none.
    """
    if not shape.is_sparse:
        return usable_columns(feed, landed.columns, is_sparse=False)
    for columns in landed.columns_of_file:
        usable_columns(feed, columns, is_sparse=True)
    expected = named_columns(feed) if not landed.columns_of_file else absent_columns(feed, landed.columns)
    for column in expected:
        connection.execute(f"alter table landed add column {quoted(column)} varchar")
    return usable_columns(feed, [*landed.columns, *expected], is_sparse=True)


def _describe_batch(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: list[ReceivedFile], paths: list[Path]
) -> None:
    rows = ", ".join(
        f"({literal(str(path))}, {number}, cast({literal(slot) if slot else 'null'} as date), "
        f"cast({literal(file.known_on)} as date))"
        for number, (file, path) in enumerate(zip(files, paths, strict=True))
        for slot in [slot_of(feed, file)]
    )
    connection.execute(
        "create or replace temp table batch as select files.*, coalesce(first_row, 1) as first_row "
        f"from (values {rows}) as files (_landed_path, file_number, slot, known_on) "
        "left join starts using (_landed_path)"
    )


def _worst_reasons(connection: duckdb.DuckDBPyConnection, slot: SlotRows) -> str:
    rows = connection.execute(
        "select min_by(_reason, _row) as example, count(*) as n from typed where _reason is not null "
        "and file_number = ? and _slot = cast(? as date) "
        "group by regexp_replace(_reason, '''.*''', '...', 's') order by n desc, example limit 3",
        [slot.number, slot.slot],
    ).fetchall()
    lines = [("malformed lines", slot.malformed)] if slot.malformed else []
    return "; ".join(f"{example} ({count} such rows)" for example, count in [*rows, *lines])


def _place(feed: Feed, slot: SlotRows, delivery_id: str, lookup_hash: str | None) -> str:
    """Path of what a file delivers to a slot, below raw and below quarantine: a pure function of what is in it."""
    schema, name = feed.table.name.split(".")
    parts = [delivery_id, feed.fingerprint, hashlib.sha256(slot.file.order.encode()).hexdigest()[:8]]
    if lookup_hash:
        parts.append(lookup_hash)
    return f"{schema}/{name}/{feed.name}/{slot.slot}/{'-'.join(parts)}.parquet"


def _delivery(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    slot: SlotRows,
    notes: list[str],
    lookup_hash: str | None,
    first: Delivery | None,
) -> Delivery:
    """The delivery of a file to a slot; `first` is the one that brought the same content earlier, if any."""
    status = "loaded"
    if slot.ends_rows:
        status = "blocked"
        ends = f"it would end every row of {feed.table.name} that is not in it; export it again"
        notes = [f"{slot.ends_rows}, so the delivery is blocked: {ends}", *notes]
    elif slot.is_blocked:
        status = "blocked"
        worst = _worst_reasons(connection, slot)
        notes = [f"{slot.all_rejected} of {slot.received} rows rejected, so the delivery is blocked: {worst}", *notes]
    elif slot.received == 0:
        # where the rows say the slot, a file without rows speaks for none
        status = "empty" if feed.source.slot.where == "column" else "loaded"
        notes = ["no rows", *notes]
    delivery_id = _delivery_id(feed, slot.slot, slot.content)
    place = _place(feed, slot, delivery_id, lookup_hash)
    is_repeat = (
        first is not None
        and first.lookup_hash == lookup_hash
        and (first.known_on, first.revision) <= (slot.file.known_on, slot.file.order)
    )
    return Delivery(
        delivery_id=delivery_id,
        file_sequence=slot.file.sequence,
        table_name=feed.table.name,
        feed=feed.name,
        fingerprint=feed.fingerprint,
        slot=slot.slot,
        known_on=slot.file.known_on,
        revision=slot.file.order,
        file_name=slot.file.name,
        content=slot.content,
        status=status,
        message="; ".join(notes) or None,
        received=slot.received,
        loaded=slot.good,
        unchanged=0,
        quarantined=0 if slot.is_blocked else slot.all_rejected,
        duplicates=0 if slot.is_blocked else slot.duplicates,
        blocked=slot.received if slot.is_blocked else 0,
        raw_path=(first.raw_path if first and is_repeat else place) if slot.good else None,
        quarantine_path=place if slot.all_rejected else None,
        event_days="{}" if slot.is_blocked else json.dumps(slot.days),
        lookup_hash=lookup_hash,
        lookup_misses=slot.may_change,
    )
