"""Loading: one received file into one contract table, and all that is due into raw.

Landing files is in `landing.py`, reading them as text in `reading.py`, casting in `casting.py`, what is in force
in `ledger.py`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.sources.casting import typed_rows, usable_columns
from dagster_project.sources.home import Home
from dagster_project.sources.landing import land_new_files
from dagster_project.sources.ledger import Delivery, Ledger, ReceivedFile, in_force
from dagster_project.sources.lookups import fill_lookup, lookup_files
from dagster_project.sources.mapping import Feed, Mapping
from dagster_project.sources.reading import UnreadableFileError, land
from dagster_project.sources.warehouse import literal, quoted

BLOCKED_ABOVE_SHARE = 0.05
BLOCKED_FROM_ROWS = 20
CURRENCIES = Path(__file__).resolve().parents[2] / "dbt" / "seeds" / "currencies.csv"


def connect(home: Home, threads: int = 2, memory: str = "3GB") -> duckdb.DuckDBPyConnection:
    """A private in-memory DuckDB for loading; it spills below the data folder and loads no extension by itself."""
    home.temporary.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        config={
            "threads": threads,
            "memory_limit": memory,
            "temp_directory": str(home.temporary),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(
        f"create temp table currencies as select currency as code, exponent from read_csv({literal(str(CURRENCIES))}, "
        "columns = {'currency': 'varchar', 'exponent': 'integer'}, header = true)"
    )
    return connection


@dataclass(frozen=True)
class LoadedFile:
    """One file of one feed, as reported while loading."""

    feed: Feed
    file: ReceivedFile
    deliveries: list[Delivery]


def _content_hashes(connection: duckdb.DuckDBPyConnection, have: list[str]) -> str:
    columns = ", ".join(quoted(name) for name in have)
    row = connection.execute(f"select count(*) || '-' || coalesce(sum(hash({columns})), 0) from landed").fetchone()
    return str(row[0]) if row else ""


def _write(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    connection.execute(f"copy ({query}) to {literal(str(partial))} (format parquet, compression zstd)")
    with partial.open("rb") as stream:
        os.fsync(stream.fileno())
    os.replace(partial, target)


def _refused(feed: Feed, file: ReceivedFile, slot: str, status: str, message: str, rows: int = 0) -> Delivery:
    return Delivery(
        delivery_id=hashlib.sha256(f"{feed.table.name}|{feed.name}|{file.sequence}|{slot}".encode()).hexdigest()[:16],
        file_sequence=file.sequence,
        table_name=feed.table.name,
        feed=feed.name,
        fingerprint=feed.fingerprint,
        slot=slot,
        known_on=file.known_on,
        revision=file.order,
        file_name=file.name,
        content="",
        status=status,
        message=message,
        received=rows,
        loaded=0,
        unchanged=0,
        quarantined=0,
        duplicates=0,
        blocked=rows,
        raw_path=None,
        quarantine_path=None,
        event_days="{}",
        lookup_hash=None,
        lookup_misses=0,
    )


def _slot_of(feed: Feed, file: ReceivedFile) -> str:
    if feed.source.slot.where == "received":
        return file.known_on
    return file.slot or "column"


def load_file(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    file: ReceivedFile,
    mapping: Mapping,
    home: Home,
    current: dict[str, str],
    lookup_hash: str | None,
) -> list[Delivery]:
    """Load one received file into one table; returns one delivery per slot.

    `current` is the content in force of each slot. Lookup tables must already be in the connection.
    """
    slot = _slot_of(feed, file)
    if file.problem:
        return [_refused(feed, file, file.known_on, "unreadable", file.problem)]
    try:
        have = land(connection, feed.source, home.landing / file.landed, home.temporary)
        used, notes = usable_columns(feed, have)
        sql = typed_rows(feed, used, have, mapping, slot if slot == "column" else literal(slot))
        connection.execute(f"create or replace temp table typed as {sql}")
    except UnreadableFileError as error:
        return [_refused(feed, file, file.known_on if slot == "column" else slot, "unreadable", str(error))]
    except duckdb.Error as error:
        message = f"the mapping does not fit the file: {str(error).splitlines()[0]}"
        return [_refused(feed, file, file.known_on if slot == "column" else slot, "unreadable", message)]
    content = _content_hashes(connection, have)
    if slot != "column":
        slots = [slot]
    else:
        slots = [str(s) for (s,) in connection.execute(
                f"select distinct coalesce(_slot, cast({literal(file.known_on)} as date)) from typed order by 1"
            ).fetchall()
        ]
    return [
        _load_slot(connection, feed, file, home, s, content, current.get(s), notes, lookup_hash, len(slots) > 1)
        for s in slots or [file.known_on]
    ]


def _load_slot(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    file: ReceivedFile,
    home: Home,
    slot: str,
    content: str,
    current: str | None,
    notes: list[str],
    lookup_hash: str | None,
    many_slots: bool,
) -> Delivery:
    mine = f"_slot is not distinct from cast({literal(slot)} as date)"
    if feed.source.slot.where == "column":
        mine = f"coalesce(_slot, cast({literal(file.known_on)} as date)) = cast({literal(slot)} as date)"
        content = str(_scalar(connection, f"select count(*) || '-' || coalesce(sum(hash(_text)), 0) from typed where {mine}"))
    malformed = 0 if many_slots else int(_scalar(connection, "select count(*) from malformed"))
    rows, rejected, misses = connection.execute(
        "select count(*), count(_reason), count(*) filter (_reason like '%no match in the lookup%') "
        f"from typed where {mine}"
    ).fetchone() or (0, 0, 0)
    received, rejected = rows + malformed, rejected + malformed
    contract_columns = list(feed.table.raw_types())
    own = [c for c in contract_columns if not c.startswith("_")]
    delivery_id = hashlib.sha256(f"{feed.table.name}|{feed.name}|{slot}|{content}".encode()).hexdigest()[:16]
    schema, name = feed.table.name.split(".")
    place = Path(schema) / name / feed.name / slot / f"{delivery_id}-{feed.fingerprint}"
    if lookup_hash:
        place = place.with_name(f"{place.name}-{hashlib.sha256(lookup_hash.encode()).hexdigest()[:8]}")
    quarantine_path = None
    if rejected:
        quarantine_path = f"{place}.parquet"
        _write(
            connection,
            f"select {literal(feed.name)} as _feed, cast({literal(slot)} as date) as _slot, {literal(file.name)} as _file, "
            f"_row, _reason, _text from typed where _reason is not null and {mine}"
            + (
                f" union all select {literal(feed.name)}, cast({literal(slot)} as date), {literal(file.name)}, _row, "
                "'malformed line: ' || _reason, _text from malformed"
                if malformed
                else ""
            ),
            home.quarantine / quarantine_path,
        )
    if rejected >= BLOCKED_FROM_ROWS and rejected > BLOCKED_ABOVE_SHARE * received:
        reasons = connection.execute(
            f"select regexp_replace(_reason, '''.*''', '...') as reason, count(*) as n from typed "
            f"where _reason is not null and {mine} group by reason order by n desc, reason limit 3"
        ).fetchall()
        worst = "; ".join(f"{reason} ({n} rows)" for reason, n in reasons) or "malformed lines"
        message = f"{rejected} of {received} rows rejected, so the delivery is blocked: {worst}"
        refused = _refused(feed, file, slot, "blocked", message, received)
        return Delivery(**{**refused.__dict__, "quarantine_path": quarantine_path, "lookup_hash": lookup_hash,
                           "lookup_misses": misses})  # fmt: skip
    good = f"_reason is null and {mine}"
    duplicates = 0
    kept = f"from typed where {good}"
    key = feed.table.key[0]
    if feed.table.kind == "append" and key in feed.columns:
        repeated = _scalar(connection, f"select count({quoted(key)}) - count(distinct {quoted(key)}) {kept}")
        if repeated:
            partition = ", ".join(quoted(c) for c in own)
            copies = f"(select *, row_number() over (partition by {partition} order by _row) as copy {kept})"
            kept = f"from {copies} where copy = 1 or {quoted(key)} is null"
            duplicates = rows + malformed - rejected - int(_scalar(connection, f"select count(*) {kept}"))
    loaded = rows + malformed - rejected - duplicates
    is_redelivery = current == content
    raw_path = f"{place}.parquet"
    if not (home.raw / raw_path).exists():
        selected = ", ".join(quoted(c) for c in own)
        _write(
            connection,
            f"select {selected}, {literal(feed.name)} as _feed, cast({literal(slot)} as date) as _slot, "
            f"cast({literal(file.known_on)} as date) as _known_on, {literal(delivery_id)} as _delivery, "
            f"{literal(file.name)} as _file, _row {kept}",
            home.raw / raw_path,
        )
    days: list[tuple[dt.date, int]] = []
    if feed.table.event_day:
        event_day = quoted(feed.table.event_day)
        days = connection.execute(
            f"select {event_day}, count(*) {kept} and {event_day} is not null group by 1 order by 1"
            if " where " in kept
            else f"select {event_day}, count(*) {kept} group by 1 order by 1"
        ).fetchall()
    if received == 0:
        notes = [*notes, "no rows"]
    return Delivery(
        delivery_id=delivery_id,
        file_sequence=file.sequence,
        table_name=feed.table.name,
        feed=feed.name,
        fingerprint=feed.fingerprint,
        slot=slot,
        known_on=file.known_on,
        revision=file.order,
        file_name=file.name,
        content=content,
        status="redelivered" if is_redelivery else "loaded",
        message="; ".join(notes) or None,
        received=received,
        loaded=0 if is_redelivery else loaded,
        unchanged=loaded if is_redelivery else 0,
        quarantined=rejected,
        duplicates=duplicates,
        blocked=0,
        raw_path=raw_path,
        quarantine_path=quarantine_path,
        event_days=json.dumps({str(day): n for day, n in days}),
        lookup_hash=lookup_hash,
        lookup_misses=misses,
    )


def _scalar(connection: duckdb.DuckDBPyConnection, query: str) -> int | str:
    row = connection.execute(query).fetchone()
    return row[0] if row else 0


def _load_feed(
    connection: duckdb.DuckDBPyConnection, feed: Feed, mapping: Mapping, home: Home, ledger: Ledger, as_of: dt.date
) -> Iterable[LoadedFile]:
    known = ledger.deliveries([feed], as_of)
    done: dict[int, list[Delivery]] = {}
    for delivery in known:
        done.setdefault(delivery.file_sequence, []).append(delivery)
    lookup_hash: str | None = None
    if feed.lookups:
        hashes = []
        for number, lookup in enumerate(feed.lookups):
            source = mapping.sources[lookup.source]
            received = [f for f in ledger.files(source.name) if f.known_on <= as_of.isoformat()]
            paths = [home.landing / f.landed for f in lookup_files(source, received)]
            hashes.append(fill_lookup(connection, f"lookup_{number}", lookup, source, paths, home.temporary))
        lookup_hash = "|".join(hashes)
    for file in ledger.files(feed.source.name):
        if file.known_on > as_of.isoformat():
            continue
        before = done.get(file.sequence)
        if before and not any(d.lookup_misses and d.lookup_hash != lookup_hash for d in before):
            continue
        current = {} if before else {d.slot: d.content for d in in_force(feed, known)}
        deliveries = load_file(connection, feed, file, mapping, home, current, lookup_hash)
        with ledger.transaction():
            ledger.record_deliveries(deliveries)
        known.extend(deliveries)
        yield LoadedFile(feed, file, deliveries)


def take_in(
    mapping: Mapping, home: Home, as_of: dt.date, report: Callable[[LoadedFile], None] = lambda loaded: None
) -> list[LoadedFile]:
    """Land and load everything that is due by `as_of` and not yet in the ledger."""
    ledger = Ledger(home.ledger)
    connection = connect(home)
    try:
        land_new_files(mapping, home, ledger, as_of)
        loaded_files: list[LoadedFile] = []
        for feed in mapping.feeds:
            for loaded in _load_feed(connection, feed, mapping, home, ledger, as_of):
                report(loaded)
                loaded_files.append(loaded)
        return loaded_files
    finally:
        connection.close()
        ledger.close()
