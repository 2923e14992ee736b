"""What the models read before they run: raw tables in force as views, and the `ops` tables.

The loader and the ledger decide what is in force (`ledger.py`); this module only writes it into the
warehouse file. No model's SQL lives here.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from dagster_project.sources.contract import Table, contract

OPS_TABLES = {
    "run": (
        "as_of_on date, first_day date, reporting_currency varchar, reporting_timezone varchar, company varchar, "
        "definitions_hash varchar, ledger_sequence bigint"
    ),
    "inputs": "table_name varchar, is_connected boolean, is_required boolean, needed_by varchar",
    "feeds": "table_name varchar, feed varchar, delivery varchar, expected varchar",
    "deliveries": (
        "delivery_id varchar, table_name varchar, feed varchar, slot date, known_on date, revision varchar, "
        "file_name varchar, status varchar, message varchar, received bigint, loaded bigint, unchanged bigint, "
        "quarantined bigint, duplicates bigint, blocked bigint, first_event_on date, last_event_on date, "
        "is_in_force boolean, is_open_refusal boolean"
    ),
    "touched_days": "table_name varchar, touched_on date",
    "touched_slots": "table_name varchar, touched_on date",
    "applied_state_intervals": (
        "domain varchar, table_name varchar, row_key varchar, valid_from date, valid_to date, content varchar"
    ),
    "prepared_deliveries": "table_name varchar, raw_path varchar, event_days varchar",
    "applied_deliveries": "table_name varchar, raw_path varchar, event_days varchar",
    "attempted_windows": "domain varchar, from_on date",
    "applied": "as_of_on date, definitions_hash varchar",
    "score_references": (
        "scoring_version varchar, reference varchar, reference_group varchar, value bigint, n bigint, "
        "from_on date, to_on date"
    ),
    "event_catalogue": "event_name varchar, kind varchar, is_value boolean, is_core boolean, plans varchar",
    "data_quality_results": (
        "checked_at timestamp, as_of_on date, schema_name varchar, table_name varchar, check_name varchar, "
        "severity varchar, success boolean, observed varchar, expected varchar, rows_checked bigint, "
        "rows_failed bigint, reason varchar, fix varchar"
    ),
}

# Always compared: what billing says of a line also depends on the day itself (a lapse stays pending until its grace is
# over), and first sightings and the state of the inputs follow from several tables.
CHANGED_TABLES = """
    select table_name from ops.touched_days union select table_name from ops.touched_slots
    union select unnest(['billing.subscription_items', 'accounts', 'inputs'])
"""


def quoted(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A string as a quoted SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def create_ops_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the `ops` tables that do not exist yet, and bring those of an earlier release into today's shape.

    New columns at the end are added; a table of any other shape is begun anew, and the next run rebuilds what rested
    on it.
    """
    connection.execute("create schema if not exists ops")
    shapes = dict(
        connection.execute(
            "select table_name, list(column_name || ' ' || lower(data_type) order by column_index) from duckdb_columns() "
            "where database_name = current_database() and schema_name = 'ops' group by table_name"
        ).fetchall()
    )
    for name, columns in OPS_TABLES.items():
        wanted, found = columns.split(", "), shapes.get(name, [])
        if found and found == wanted[: len(found)]:
            for column in wanted[len(found) :]:
                connection.execute(f"alter table ops.{name} add column {column}")
        elif found != wanted:
            connection.execute(f"create or replace table ops.{name} ({columns})")
    connection.execute(f"create or replace view ops.changed_tables as {CHANGED_TABLES}")


def create_raw_view(connection: duckdb.DuckDBPyConnection, table: Table, files: Iterable[Path]) -> None:
    """Point the raw table at the Parquet files in force; without any it is an empty table of the same shape."""
    schema, _ = table.name.split(".")
    types = table.raw_types()
    paths = [literal(str(file)) for file in files]
    if paths:
        columns = ", ".join(f"cast({quoted(name)} as {sql_type}) as {quoted(name)}" for name, sql_type in types.items())
        body = f"select {columns} from read_parquet([{', '.join(paths)}])"
    else:
        columns = ", ".join(f"cast(null as {sql_type}) as {quoted(name)}" for name, sql_type in types.items())
        body = f"select {columns} where false"
    connection.execute(f"create schema if not exists {schema}")
    connection.execute(f"create or replace view {table.name} as {body}")


def create_rejected_keys_view(connection: duckdb.DuckDBPyConnection, files: list[tuple[str, Path]]) -> None:
    """`ops.rejected_keys`: keys of the rows of state tables that are in quarantine; `files` pairs a table with a file
    of what its deliveries in force could not bring."""
    none = "select ''::varchar as table_name, ''::varchar as _feed, null::date as _slot, null::varchar[] as _key where false"
    parts = [none]
    for table in contract().values():
        paths = [literal(str(path)) for name, path in files if name == table.name]
        if table.kind == "state" and paths:
            parts.append(
                f"select distinct {literal(table.name)}, _feed, _slot, unnest(_keys) from "
                f"read_parquet([{', '.join(paths)}])"
            )
    connection.execute(f"create or replace view ops.rejected_keys as {' union all '.join(parts)}")


def create_empty_warehouse(path: Path) -> None:
    """A warehouse with every raw table empty: what `dbt build --empty` and the unit tests need."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        create_ops_tables(connection)
        for table in contract().values():
            create_raw_view(connection, table, [])
        create_rejected_keys_view(connection, [])
