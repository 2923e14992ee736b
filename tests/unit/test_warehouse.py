"""A working database of an earlier release is brought up to date, or begun anew where that cannot be done."""

from __future__ import annotations

import duckdb

from dagster_project.sources.warehouse import OPS_TABLES, create_ops_tables


def warehouse_of(columns: str, values: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        f"create schema ops; create table ops.feeds ({columns}); insert into ops.feeds values ({values})"
    )
    return connection


def shape(connection: duckdb.DuckDBPyConnection) -> str:
    return ", ".join(f"{name} {kind.lower()}" for name, kind, *_ in connection.execute("describe ops.feeds").fetchall())


def test_columns_that_a_release_adds_at_the_end_keep_the_rows() -> None:
    with warehouse_of("table_name varchar, feed varchar", "'usage.events', 'events'") as connection:
        create_ops_tables(connection)
        assert shape(connection) == OPS_TABLES["feeds"]
        assert connection.execute("from ops.feeds").fetchall() == [("usage.events", "events", None, None)]


def test_a_table_of_another_shape_is_begun_anew() -> None:
    with warehouse_of("feed varchar, table_name varchar", "'events', 'usage.events'") as connection:
        create_ops_tables(connection)
        assert shape(connection) == OPS_TABLES["feeds"]
        assert connection.execute("from ops.feeds").fetchall() == []


def test_every_table_is_created_once_and_then_left_as_it_is() -> None:
    with duckdb.connect() as connection:
        create_ops_tables(connection)
        connection.execute("insert into ops.applied values (date '2026-03-09', 'hash')")
        create_ops_tables(connection)
        assert connection.execute("select definitions_hash from ops.applied").fetchall() == [("hash",)]
        created = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        assert created == OPS_TABLES.keys()
