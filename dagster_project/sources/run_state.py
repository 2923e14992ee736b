"""What a run is asked for and what the last complete run applied, as the `ops` tables that the models read.

`prepare` runs before the models, `finish` after publishing. Between them nothing is forgotten: days touched by a
run that died stay touched until a run finishes.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.sources.contract import CONTRACT_FILE, contract
from dagster_project.sources.engine import open_duckdb
from dagster_project.sources.home import Home
from dagster_project.sources.ledger import Delivery, Ledger
from dagster_project.sources.mapping import Mapping, MappingError
from dagster_project.sources.precedence import in_force, open_refusals
from dagster_project.sources.warehouse import (
    create_ops_tables,
    create_raw_view,
    create_rejected_keys_view,
    literal,
)

DBT = Path(__file__).resolve().parents[2] / "dbt"
REFERENCE_COLUMNS = ("scoring_version", "reference", "reference_group", "value", "n", "from_on", "to_on")
CATALOGUE_COLUMNS = ("event_name", "kind", "is_value", "is_core", "plans")


@dataclass(frozen=True)
class Published:
    """What earlier runs published: number, day and definitions of each publication, and the files kept for good."""

    publications: list[tuple[int, dt.date, str]]
    as_published: list[Path]


@dataclass(frozen=True)
class Prepared:
    """What `prepare` found: whether everything must be rebuilt, and how many event days changed."""

    is_full_rebuild: bool
    touched_days: int
    definitions_hash: str


def definitions_hash(mapping: Mapping) -> str:
    """Hash of everything but the data that a current table depends on: models, macros, seeds, contract, settings."""
    digest = hashlib.sha256()
    files = sorted(
        path
        for folder in ("models", "macros", "seeds")
        for path in (DBT / folder).rglob("*")
        if path.suffix in (".sql", ".csv") and path.is_file()
    )
    files += [*sorted((DBT / "seeds").glob("*.yml")), DBT / "dbt_project.yml", CONTRACT_FILE]
    files += [file for file in (mapping.event_catalogue, mapping.score_references) if file and file.exists()]
    for file in files:
        name = file.relative_to(DBT).as_posix() if file.is_relative_to(DBT) else file.name
        digest.update(f"{name} {file.stat().st_size}\n".encode())
        digest.update(file.read_bytes())
    settings = [mapping.timezone, mapping.first_day.isoformat(), mapping.reporting_currency]
    feeds = sorted([f.table.name, f.name, f.source.delivery] for f in mapping.feeds)
    digest.update(json.dumps([settings, feeds]).encode())
    return digest.hexdigest()[:16]


def _rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    connection.execute(f"delete from {table}")
    listed = list(rows)
    if listed:
        connection.executemany(f"insert into {table} values ({', '.join('?' for _ in listed[0])})", listed)


def _bulk(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    """Insert many rows at once; executemany costs a millisecond a row."""
    connection.execute(f"delete from {table}")
    if rows:
        columns = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
        types = [row[1] for row in connection.execute(f"describe {table}").fetchall()]
        fields = ", ".join(f"cast(r ->> '$.{c}' as {t})" for c, t in zip(columns, types, strict=True))
        connection.execute(
            f"insert into {table} select {fields} from (select unnest(cast(? as json[])) as r)", [json.dumps(rows)]
        )


def _read_configuration(path: Path | None, columns: tuple[str, ...], key: int, place: str) -> list[tuple[object, ...]]:
    """The rows of a file of the company, none where it has none yet; the first `key` columns name a row.

    Raises MappingError for other columns than these, and for a row that is named twice: it would count twice.
    """
    if path is None or not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        unknown = [c for c in reader.fieldnames or [] if c not in columns]
        missing = [c for c in columns if c not in (reader.fieldnames or []) and c != "plans"]
        if unknown or missing:
            raise MappingError(
                path, [f"{place} needs the columns {', '.join(columns)}; unknown {unknown}, missing {missing}"]
            )
        rows = [tuple(row.get(column) or None for column in columns) for row in reader]
    lines: dict[tuple[object, ...], list[int]] = {}
    for number, row in enumerate(rows, start=2):
        lines.setdefault(row[:key], []).append(number)
    repeated = [
        f"{place}: {', '.join(map(str, named))} stands in lines {', '.join(map(str, at))}; keep one of them"
        for named, at in lines.items()
        if len(at) > 1
    ]
    if repeated:
        raise MappingError(path, repeated)
    return rows


def _key(delivery: Delivery) -> tuple[int, str, str, str]:
    return delivery.file_sequence, delivery.table_name, delivery.feed, delivery.slot


def event_catalogue(mapping: Mapping) -> list[tuple[object, ...]]:
    """The rows of the company's event catalogue; raises MappingError."""
    return _read_configuration(mapping.event_catalogue, CATALOGUE_COLUMNS, 1, "event_catalogue")


def score_references(mapping: Mapping) -> list[tuple[object, ...]]:
    """The rows of the company's frozen references; raises MappingError."""
    return _read_configuration(mapping.score_references, REFERENCE_COLUMNS, 3, "score_references")


def _delivery_row(delivery: Delivery, is_in_force: bool, is_open_refusal: bool) -> dict[str, object]:
    days = sorted(delivery.days)
    return {
        "delivery_id": delivery.delivery_id,
        "table_name": delivery.table_name,
        "feed": delivery.feed,
        "slot": delivery.slot,
        "known_on": delivery.known_on,
        "revision": delivery.revision,
        "file_name": delivery.file_name,
        "status": delivery.status,
        "message": delivery.message,
        "received": delivery.received,
        "loaded": delivery.loaded,
        "unchanged": delivery.unchanged,
        "quarantined": delivery.quarantined,
        "duplicates": delivery.duplicates,
        "blocked": delivery.blocked,
        "first_event_on": days[0] if days else None,
        "last_event_on": days[-1] if days else None,
        "is_in_force": is_in_force,
        "is_open_refusal": is_open_refusal,
    }


def _create_quarantine_views(connection: duckdb.DuckDBPyConnection, home: Home, deliveries: list[Delivery]) -> None:
    connection.execute("create schema if not exists quarantine")
    for name in contract():
        files = sorted(
            {str(home.quarantine / d.quarantine_path) for d in deliveries if d.table_name == name and d.quarantine_path}
        )
        body = (
            f"select * exclude (_keys) from read_parquet([{', '.join(literal(f) for f in files)}])"
            if files
            else "select null::varchar as _feed, null::date as _slot, null::varchar as _file, null::bigint as _row, "
            "null::varchar as _reason, null::varchar as _text where false"
        )
        connection.execute(f"create or replace view quarantine.{name.replace('.', '_')} as {body}")


def create_published_views(connection: duckdb.DuckDBPyConnection, published: Published) -> None:
    """`published.account_segments_as_published`, every published day's rows as text, and `published.publications`."""
    connection.execute("create schema if not exists published")
    columns = "as_of_on, account_id, scoring_version"
    body = (
        "select cast(null as date) as as_of_on, cast(null as varchar) as account_id, "
        "cast(null as varchar) as scoring_version where false"
    )
    if published.as_published:
        files = ", ".join(literal(str(file)) for file in published.as_published)
        relation = f"read_parquet([{files}], union_by_name = true, hive_partitioning = false)"
        body = f"select {columns}, cast(columns(* exclude ({columns})) as varchar) from {relation}"
    connection.execute(f"create or replace view published.account_segments_as_published as {body}")
    connection.execute(
        "create or replace table published.publications (publication integer, as_of_on date, definitions_hash varchar)"
    )
    if published.publications:
        connection.executemany("insert into published.publications values (?, ?, ?)", published.publications)


def _applied_delivery(delivery: Delivery) -> dict[str, str]:
    """What a delivery in force brings: the event days of an append table, the slot of a state table."""
    kind = contract()[delivery.table_name].kind
    days = delivery.event_days if kind == "append" else json.dumps({delivery.slot: delivery.loaded})
    path = delivery.raw_path or f"{delivery.feed}/{delivery.slot} without rows"
    return {"table_name": delivery.table_name, "raw_path": path, "event_days": days}


def _touched_days(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Event days and slots whose rows in force differ from those of the last complete run."""
    applied, now = (
        set(connection.execute(f"select table_name, raw_path, event_days from ops.{name}_deliveries").fetchall())
        for name in ("applied", "prepared")
    )
    return {(str(table), str(day)) for table, _, days in applied.symmetric_difference(now) for day in json.loads(days)}


def _add_touched(connection: duckdb.DuckDBPyConnection, name: str, kind: str, touched: set[tuple[str, str]]) -> int:
    """Add what changed in tables of one kind to what a run that died left; how many there are now."""
    left = connection.execute(f"select table_name, cast(touched_on as varchar) from ops.{name}").fetchall()
    all_of_kind = sorted({*left, *((table, day) for table, day in touched if contract()[table].kind == kind)})
    _bulk(connection, f"ops.{name}", [{"table_name": table, "touched_on": day} for table, day in all_of_kind])
    return len(all_of_kind)


def prepare(mapping: Mapping, home: Home, as_of: dt.date, published: Published) -> Prepared:
    """Write the raw views and the `ops` tables for a run as of one day, in one transaction: what a run that died left
    to be rebuilt is not lost when this one dies too."""
    ledger = Ledger(home.ledger)
    known = ledger.deliveries(mapping.feeds, as_of)
    sequence = ledger.last_sequence()
    ledger.close()
    hash_now = definitions_hash(mapping)
    with open_duckdb(home, home.warehouse) as connection:
        connection.execute("begin")
        create_ops_tables(connection)
        before = connection.execute("select as_of_on, definitions_hash from ops.applied").fetchone()
        is_full_rebuild = before is None or before[1] != hash_now or before[0] > as_of
        if is_full_rebuild:
            for name in (
                "applied",
                "applied_deliveries",
                "applied_state_intervals",
                "touched_days",
                "touched_slots",
                "attempted_windows",
            ):
                connection.execute(f"delete from ops.{name}")
        current = [d for feed in mapping.feeds for d in in_force(feed, known)]
        for table in contract().values():
            files = [home.raw / d.raw_path for d in current if d.table_name == table.name and d.raw_path]
            create_raw_view(connection, table, files)
        _create_quarantine_views(connection, home, known)
        create_rejected_keys_view(
            connection, [(d.table_name, home.quarantine / d.quarantine_path) for d in current if d.quarantine_path]
        )
        create_published_views(connection, published)
        _rows(
            connection,
            "ops.run",
            [
                (
                    as_of,
                    mapping.first_day,
                    mapping.reporting_currency,
                    mapping.timezone,
                    mapping.company,
                    hash_now,
                    sequence,
                )
            ],
        )
        connected = {feed.table.name for feed in mapping.feeds}
        _rows(
            connection,
            "ops.inputs",
            [(t.name, t.name in connected, t.required, t.needed_by) for t in contract().values()],
        )
        _rows(
            connection,
            "ops.feeds",
            [(f.table.name, f.name, f.source.delivery, f.source.expected) for f in mapping.feeds],
        )
        chosen = {_key(d) for d in current}
        refused = {_key(d) for feed in mapping.feeds for d in open_refusals(feed, known)}
        rows = [_delivery_row(d, _key(d) in chosen, _key(d) in refused) for d in known]
        _bulk(connection, "ops.deliveries", rows)
        _bulk(connection, "ops.prepared_deliveries", [_applied_delivery(delivery) for delivery in current])
        touched = _touched_days(connection)
        touched_days = _add_touched(connection, "touched_days", "append", touched)
        _add_touched(connection, "touched_slots", "state", touched)
        _rows(connection, "ops.event_catalogue", event_catalogue(mapping))
        _rows(connection, "ops.score_references", score_references(mapping))
        connection.execute("commit")
    return Prepared(is_full_rebuild, touched_days, hash_now)


def load_references(mapping: Mapping, home: Home) -> None:
    """Load the frozen references from the file that `sources.yml` names; they are definitions of this run now."""
    with duckdb.connect(str(home.warehouse)) as connection:
        _rows(connection, "ops.score_references", score_references(mapping))
        connection.execute("update ops.run set definitions_hash = ?", [definitions_hash(mapping)])


def definitions_of_run(home: Home) -> str:
    """Hash of the definitions that the run under way builds with; what is edited meanwhile belongs to the next run."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        row = connection.execute("select definitions_hash from ops.run").fetchone()
    assert row is not None
    return str(row[0])


def rebuilds_everything(home: Home) -> bool:
    """Whether the run under way finds nothing complete to build upon, so that every table is rebuilt."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute("select 1 from ops.applied").fetchone() is None


def first_event_on(home: Home) -> dt.date:
    """The first day of use that is in force; the first of days where there is none."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        row = connection.execute(
            "select min(first_event_on) from ops.deliveries where table_name = 'usage.events' and is_in_force"
        ).fetchone()
    return row[0] if row and row[0] else dt.date.min


def recomputed_from(home: Home) -> dt.date:
    """The first day that any daily table was recomputed from since the last complete run."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        row = connection.execute(
            "select least((select min(from_on) from ops.attempted_windows), "
            "(select min(touched_on) from ops.touched_days))"
        ).fetchone()
    return row[0] if row and row[0] else dt.date.min


def finish(home: Home) -> None:
    """Record that what this run prepared is applied, in one transaction: from now on only differences from it are
    recomputed. What was received or configured meanwhile is for the next run."""
    with open_duckdb(home, home.warehouse) as connection:
        connection.execute("begin")
        connection.execute("delete from ops.applied_deliveries")
        connection.execute("insert into ops.applied_deliveries by name from ops.prepared_deliveries")
        changed = "table_name in (select table_name from ops.changed_tables)"
        connection.execute(f"delete from ops.applied_state_intervals where {changed}")
        connection.execute(
            "insert into ops.applied_state_intervals "
            "select domain, table_name, row_key, valid_from, valid_to, content "
            f"from intermediate.int_state_intervals where {changed}"
        )
        for name in ("touched_days", "touched_slots", "attempted_windows", "applied"):
            connection.execute(f"delete from ops.{name}")
        connection.execute("insert into ops.applied select as_of_on, definitions_hash from ops.run")
        connection.execute("commit")
