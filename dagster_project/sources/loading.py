"""Loading: one received file into one contract table, and all that is due into raw.

Landing files is in `landing.py`, reading them as text in `reading.py`, casting in `casting.py`, what is in force
in `ledger.py`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.sources.casting import typed_rows, usable_columns
from dagster_project.sources.home import Home
from dagster_project.sources.landing import land_new_files
from dagster_project.sources.ledger import Delivery, Ledger, ReceivedFile, in_force
from dagster_project.sources.lookups import fill_lookup, lookup_files
from dagster_project.sources.mapping import Feed, Mapping
from dagster_project.sources.reading import UnreadableFileError, land, shape_of
from dagster_project.sources.warehouse import literal, quoted

BLOCKED_ABOVE_SHARE = 0.05
BLOCKED_FROM_ROWS = 20
BATCH_FILES = 60
BATCH_BYTES = 256 << 20
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
class _Slot:
    """The rows of one file for one slot, counted."""

    file: ReceivedFile
    slot: str
    content: str
    rows: int
    rejected: int
    misses: int
    repeated: int
    malformed: int
    days: dict[str, int]

    @property
    def received(self) -> int:
        return self.rows + self.malformed

    @property
    def all_rejected(self) -> int:
        return self.rejected + self.malformed

    @property
    def is_blocked(self) -> bool:
        return self.all_rejected >= BLOCKED_FROM_ROWS and self.all_rejected > BLOCKED_ABOVE_SHARE * self.received


def _delivery_id(feed: Feed, slot: str, content: str) -> str:
    return hashlib.sha256(f"{feed.table.name}|{feed.name}|{slot}|{content}".encode()).hexdigest()[:16]


def _slot_of(feed: Feed, file: ReceivedFile) -> str | None:
    """The slot of a whole file; None where each row says it."""
    return file.known_on if feed.source.slot.where == "received" else file.slot


def _unreadable(feed: Feed, file: ReceivedFile, message: str) -> Delivery:
    slot = _slot_of(feed, file) or file.known_on
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
    shape: tuple[str, ...],
    reporting_timezone: str,
    home: Home,
    current: dict[str, str],
    lookup_hash: str | None,
) -> list[Delivery]:
    """Load received files of one shape into one table; returns one delivery per file and slot, in order.

    `current` is the content in force of each slot. Lookup tables must already be in the connection.
    Raises UnreadableFileError when the files cannot be read or do not fit the mapping.
    """
    paths = [home.landing / file.landed for file in files]
    have = land(connection, feed.source, paths, shape, home.temporary)
    used, notes = usable_columns(feed, have)
    _describe_batch(connection, feed, files, paths)
    try:
        connection.execute(f"create or replace temp table typed as {typed_rows(feed, used, have, reporting_timezone)}")
    except duckdb.Error as error:
        raise UnreadableFileError(f"the mapping does not fit the file: {str(error).splitlines()[0]}") from None
    slots = _count(connection, feed, files)
    _mark_copies(connection, feed, any(slot.repeated for slot in slots))
    _write_rejected(connection, feed, slots, have, home, lookup_hash)
    _write_good(connection, feed, [slot for slot in slots if not slot.is_blocked], home, lookup_hash)
    return _deliveries(connection, feed, slots, notes, current, lookup_hash)


def _describe_batch(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: list[ReceivedFile], paths: list[Path]
) -> None:
    rows = ", ".join(
        f"({literal(str(path))}, {number}, cast({literal(slot) if slot else 'null'} as date), "
        f"cast({literal(file.known_on)} as date))"
        for number, (file, path) in enumerate(zip(files, paths, strict=True))
        for slot in [_slot_of(feed, file)]
    )
    connection.execute(
        "create or replace temp table batch as select files._path, file_number, slot, known_on, "
        f"coalesce(first_row, 1) as first_row from (values {rows}) as files (_path, file_number, slot, known_on) "
        "left join (select _path, min(_row) as first_row from landed group by _path) as starts on starts._path = files._path"
    )


def _count(connection: duckdb.DuckDBPyConnection, feed: Feed, files: list[ReceivedFile]) -> list[_Slot]:
    """Every file and slot of the batch with its counts; a file without rows still speaks for its slot."""
    key = feed.table.key[0]
    counts_copies = feed.table.kind == "append" and key in feed.columns
    repeated = f"count({quoted(key)}) - count(distinct {quoted(key)})" if counts_copies else "0"
    rows = connection.execute(
        "select file_number, cast(coalesce(_slot, known_on) as varchar) as its_slot, "
        "count(*) || '-' || sum(_hash), count(*), count(_reason), "
        f"count(*) filter (_reason like '%no match in the lookup%'), {repeated} "
        "from typed inner join batch using (file_number) group by file_number, its_slot order by file_number, its_slot"
    ).fetchall()
    malformed = dict(
        connection.execute(
            "select file_number, count(*) from malformed inner join batch using (_path) group by file_number"
        ).fetchall()
    )
    days: dict[tuple[int, str], dict[str, int]] = {}
    if feed.table.event_day:
        for number, slot, day, count in connection.execute(
            f"select file_number, cast(coalesce(_slot, known_on) as varchar) as its_slot, {quoted(feed.table.event_day)}, "
            "count(*) from typed inner join batch using (file_number) "
            f"where _reason is null and {quoted(feed.table.event_day)} is not null group by all order by all"
        ).fetchall():
            days.setdefault((number, slot), {})[str(day)] = count
    found: list[_Slot] = []
    for number, file in enumerate(files):
        mine = [row for row in rows if row[0] == number] or [
            (number, _slot_of(feed, file) or file.known_on, "0-", 0, 0, 0, 0)
        ]
        for n, (_, slot, content, count, rejected, misses, copies) in enumerate(mine):
            lines = malformed.get(number, 0) if n == 0 else 0
            found.append(
                _Slot(file, slot, content, count, rejected, misses, copies, lines, days.get((number, slot), {}))
            )
    return found


def _mark_copies(connection: duckdb.DuckDBPyConnection, feed: Feed, has_copies: bool) -> None:
    """Number the identical rows of a file that carry an id, so that only the first is loaded."""
    if not has_copies:
        connection.execute("alter table typed add column _copy integer default 1")
        return
    key = quoted(feed.table.key[0])
    columns = ", ".join(quoted(c) for c in feed.table.raw_types() if not c.startswith("_"))
    connection.execute(
        f"create or replace temp table typed as select *, case when {key} is null then 1 else row_number() over "
        f"(partition by file_number, _slot, _reason, {columns} order by _row) end as _copy from typed"
    )


def _place(feed: Feed, slot: _Slot, lookup_hash: str | None) -> str:
    schema, name = feed.table.name.split(".")
    parts = [_delivery_id(feed, slot.slot, slot.content), feed.fingerprint]
    if lookup_hash:
        parts.append(hashlib.sha256(lookup_hash.encode()).hexdigest()[:8])
    return f"{schema}/{name}/{feed.name}/{slot.slot}/{'-'.join(parts)}.parquet"


def _write_partitioned(
    connection: duckdb.DuckDBPyConnection, query: str, targets: dict[int, Path], folder: Path
) -> None:
    """Write each `part` of a query to its own file, complete or not at all."""
    if not targets:
        return
    working = Path(tempfile.mkdtemp(dir=folder))
    parts = working / "parts"
    connection.execute(
        f"copy ({query}) to {literal(str(parts))} (format parquet, compression zstd, partition_by (part))"
    )
    for part, target in targets.items():
        (written,) = (parts / f"part={part}").iterdir()
        target.parent.mkdir(parents=True, exist_ok=True)
        with written.open("rb") as stream:
            os.fsync(stream.fileno())
        os.replace(written, target)
    shutil.rmtree(working)


def _outputs(slots: dict[int, _Slot], feed: Feed) -> str:
    """SQL values: the part's number, its file and slot, and the provenance that every row carries."""
    rows = ", ".join(
        f"({part}, {literal(slot.file.landed)}, cast({literal(slot.slot)} as date), "
        f"cast({literal(slot.file.known_on)} as date), {literal(_delivery_id(feed, slot.slot, slot.content))}, "
        f"{literal(slot.file.name)})"
        for part, slot in slots.items()
    )
    return f"(values {rows}) as outputs (part, landed, slot, known_on, delivery, file)"


def _write_good(
    connection: duckdb.DuckDBPyConnection, feed: Feed, slots: list[_Slot], home: Home, lookup_hash: str | None
) -> None:
    by_target: dict[Path, int] = {}
    for number, slot in enumerate(slots):
        target = home.raw / _place(feed, slot, lookup_hash)
        if slot.rows > slot.rejected and not target.exists():
            by_target.setdefault(target, number)
    targets = {number: target for target, number in by_target.items()}
    if not targets:
        return
    own = ", ".join(f"typed.{quoted(c)}" for c in feed.table.raw_types() if not c.startswith("_"))
    query = (
        f"select {own}, {literal(feed.name)} as _feed, outputs.slot as _slot, outputs.known_on as _known_on, "
        "outputs.delivery as _delivery, outputs.file as _file, typed._row, outputs.part "
        f"from typed inner join batch using (file_number) inner join {_outputs({n: slots[n] for n in targets}, feed)} "
        "on ends_with(batch._path, outputs.landed) and coalesce(typed._slot, batch.known_on) = outputs.slot "
        "where typed._reason is null and typed._copy = 1"
    )
    _write_partitioned(connection, query, targets, home.temporary)


def _write_rejected(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    slots: list[_Slot],
    have: list[str],
    home: Home,
    lookup_hash: str | None,
) -> None:
    targets = {
        n: home.quarantine / _place(feed, slot, lookup_hash) for n, slot in enumerate(slots) if slot.all_rejected
    }
    if not targets:
        return
    record = ", ".join(f"{literal(name)}: landed.{quoted(name)}" for name in have)
    provenance = (
        f"{literal(feed.name)} as _feed, outputs.slot as _slot, outputs.known_on as _known_on, outputs.file as _file"
    )
    outputs = _outputs({n: slots[n] for n in targets}, feed)
    with_lines = ", ".join(str(n) for n in targets if slots[n].malformed) or "null"
    query = (
        f"select {provenance}, typed._row, typed._reason, cast(to_json({{{record}}}) as varchar) as _text, outputs.part "
        "from typed inner join batch using (file_number) inner join landed on landed._row = typed._landed_row "
        f"inner join {outputs} on ends_with(batch._path, outputs.landed) "
        "and coalesce(typed._slot, batch.known_on) = outputs.slot where typed._reason is not null "
        f"union all select {provenance}, malformed._row, 'malformed line: ' || malformed._reason, malformed._text, "
        f"outputs.part from malformed inner join {outputs} on ends_with(malformed._path, outputs.landed) "
        f"where outputs.part in ({with_lines})"
    )
    _write_partitioned(connection, query, targets, home.temporary)


def _worst_reasons(connection: duckdb.DuckDBPyConnection, number: int) -> str:
    rows = connection.execute(
        "select regexp_replace(_reason, '''.*''', '...') as reason, count(*) as n, min_by(_reason, _row) as example "
        "from typed where _reason is not null and file_number = ? group by reason order by n desc, reason limit 3",
        [number],
    ).fetchall()
    return "; ".join(f"{example} ({count} such rows)" for _, count, example in rows) or "malformed lines"


def _duplicates(connection: duckdb.DuckDBPyConnection, slots: list[_Slot]) -> dict[tuple[int, str], int]:
    if not any(slot.repeated for slot in slots):
        return {}
    return {
        (number, slot): count
        for number, slot, count in connection.execute(
            "select file_number, cast(coalesce(_slot, known_on) as varchar) as its_slot, count(*) from typed "
            "inner join batch using (file_number) where _reason is null and _copy > 1 group by all"
        ).fetchall()
    }


def _deliveries(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    slots: list[_Slot],
    notes: list[str],
    current: dict[str, str],
    lookup_hash: str | None,
) -> list[Delivery]:
    files = list(dict.fromkeys(slot.file for slot in slots))
    copies = _duplicates(connection, slots)
    in_slot = dict(current)
    made: list[Delivery] = []
    for slot in slots:
        number = files.index(slot.file)
        duplicates = copies.get((number, slot.slot), 0)
        good = slot.rows - slot.rejected - duplicates
        status = "redelivered" if in_slot.get(slot.slot) == slot.content else "loaded"
        message = "; ".join([*notes, "no rows"] if slot.received == 0 else notes) or None
        if slot.is_blocked:
            status, good, duplicates = "blocked", 0, 0
            worst = _worst_reasons(connection, number)
            message = f"{slot.all_rejected} of {slot.received} rows rejected, so the delivery is blocked: {worst}"
        else:
            in_slot[slot.slot] = slot.content
        place = _place(feed, slot, lookup_hash)
        made.append(
            Delivery(
                delivery_id=_delivery_id(feed, slot.slot, slot.content),
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
                message=message,
                received=slot.received,
                loaded=good if status == "loaded" else 0,
                unchanged=good if status == "redelivered" else 0,
                quarantined=0 if slot.is_blocked else slot.all_rejected,
                duplicates=duplicates,
                blocked=slot.received if slot.is_blocked else 0,
                raw_path=place if good else None,
                quarantine_path=place if slot.all_rejected else None,
                event_days="{}" if slot.is_blocked else json.dumps(slot.days),
                lookup_hash=lookup_hash,
                lookup_misses=slot.misses,
            )
        )
    return made


def _lookup(
    connection: duckdb.DuckDBPyConnection, feed: Feed, mapping: Mapping, home: Home, ledger: Ledger, as_of: dt.date
) -> str | None:
    """Fill the feed's lookup tables; returns a hash of their content, None without lookups."""
    hashes = []
    for number, lookup in enumerate(feed.lookups):
        source = mapping.sources[lookup.source]
        received = [f for f in ledger.files(source.name) if f.known_on <= as_of.isoformat()]
        paths = [home.landing / f.landed for f in lookup_files(source, received)]
        hashes.append(fill_lookup(connection, f"lookup_{number}", lookup, source, paths, home.temporary))
    return "|".join(hashes) or None


def _batches(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: list[ReceivedFile], home: Home
) -> Iterator[tuple[list[ReceivedFile], tuple[str, ...] | UnreadableFileError]]:
    """Consecutive files of one shape together, up to a size; a file that cannot be opened comes alone with its error."""
    batch: list[ReceivedFile] = []
    shape: tuple[str, ...] = ()
    for file in files:
        try:
            if file.problem:
                raise UnreadableFileError(file.problem)
            its_shape = shape_of(connection, feed.source, home.landing / file.landed)
        except UnreadableFileError as error:
            if batch:
                yield batch, shape
                batch = []
            yield [file], error
            continue
        is_full = len(batch) >= BATCH_FILES or sum(f.bytes for f in batch) >= BATCH_BYTES
        if batch and (its_shape != shape or is_full):
            yield batch, shape
            batch = []
        batch, shape = [*batch, file], its_shape
    if batch:
        yield batch, shape


def _load_feed(
    connection: duckdb.DuckDBPyConnection, feed: Feed, mapping: Mapping, home: Home, ledger: Ledger, as_of: dt.date
) -> Iterator[Delivery]:
    known = ledger.deliveries([feed], as_of)
    done: dict[int, list[Delivery]] = {}
    for delivery in known:
        done.setdefault(delivery.file_sequence, []).append(delivery)
    received = [f for f in ledger.files(feed.source.name) if f.known_on <= as_of.isoformat()]
    lookup_hash = _lookup(connection, feed, mapping, home, ledger, as_of) if feed.lookups else None
    due = [
        file
        for file in received
        if file.sequence not in done
        or any(d.lookup_misses and d.lookup_hash != lookup_hash for d in done[file.sequence])
    ]
    for files, shape in _batches(connection, feed, due, home):
        current = {d.slot: d.content for d in in_force(feed, known)}
        made = _load_or_refuse(connection, feed, files, shape, mapping.timezone, home, current, lookup_hash)
        with ledger.transaction():
            ledger.record_deliveries(made)
        known.extend(made)
        yield from made


def _load_or_refuse(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    files: list[ReceivedFile],
    shape: tuple[str, ...] | UnreadableFileError,
    reporting_timezone: str,
    home: Home,
    current: dict[str, str],
    lookup_hash: str | None,
) -> list[Delivery]:
    """Load files together; when together they cannot be read, one by one, so that only the bad one is refused."""
    if isinstance(shape, UnreadableFileError):
        return [_unreadable(feed, files[0], str(shape))]
    try:
        return load_batch(connection, feed, files, shape, reporting_timezone, home, current, lookup_hash)
    except UnreadableFileError as error:
        if len(files) == 1:
            return [_unreadable(feed, files[0], str(error))]
    made: list[Delivery] = []
    for file in files:
        slots = {**current, **{d.slot: d.content for d in made if d.status == "loaded"}}
        made += _load_or_refuse(connection, feed, [file], shape, reporting_timezone, home, slots, lookup_hash)
    return made


def take_in(
    mapping: Mapping, home: Home, as_of: dt.date, report: Callable[[Delivery], None] = lambda delivery: None
) -> list[Delivery]:
    """Land and load everything that is due by `as_of` and not yet in the ledger; returns the new deliveries."""
    ledger = Ledger(home.ledger)
    connection = connect(home)
    try:
        land_new_files(mapping, home, ledger, as_of)
        made: list[Delivery] = []
        for feed in mapping.feeds:
            for delivery in _load_feed(connection, feed, mapping, home, ledger, as_of):
                report(delivery)
                made.append(delivery)
        return made
    finally:
        connection.close()
        ledger.close()
