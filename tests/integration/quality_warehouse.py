"""A small warehouse to judge: the newest day is 2026-03-11, and the days from 2026-03-10 on are new.

Rows come from tests/fixtures/quality/<schema>/<table>.yml: `good` rows pass every check of the table's suite,
`bad` says for each check what the first good row has instead (or, as a list, which rows there are instead).
`beside` holds queries for other tables that the suite reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from dagster_project.sources.contract import contract
from dagster_project.sources.warehouse import create_ops_tables, quoted

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "quality"
EXPECTATIONS = ROOT / "expectations"

Rows = Sequence[Mapping[str, Any]]


def fixture(table_name: str) -> dict[str, Any]:
    """The fixture of a table."""
    file = FIXTURES / f"{table_name.replace('.', '/')}.yml"
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


def bad_rows(table_name: str, check: str) -> Rows:
    """The good rows of a table, spoilt for one check."""
    rows = fixture(table_name)
    spoilt = rows["bad"][check]
    if isinstance(spoilt, list):
        return spoilt
    return [rows["good"][0] | spoilt, *rows["good"][1:]]


def column_types(table_name: str) -> dict[str, str]:
    """Column types of a raw table from the inbound contract, of a mart from its dbt contract."""
    if table_name in contract():
        return contract()[table_name].raw_types()
    schema, name = table_name.split(".")
    for file in sorted((ROOT / "dbt" / "models" / schema).rglob("*.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", []):
            if model["name"] == name:
                return {column["name"]: column["data_type"] for column in model["columns"]}
    raise LookupError(f"{table_name}: no dbt contract describes it")


def create_warehouse(path: Path, tables: Mapping[str, Rows], queries: Mapping[str, str] | None = None) -> Path:
    """A warehouse that holds these tables, by rows or by query, and what says which days are new."""
    with duckdb.connect(str(path)) as connection:
        create_ops_tables(connection)
        connection.execute(
            "insert into ops.run values ('2026-03-11', '2026-01-01', 'EUR', 'UTC', 'Acme', 'definitions', 0)"
        )
        connection.execute("insert into ops.applied values ('2026-03-09', 'h')")
        for table in contract().values():
            connection.execute("insert into ops.touched_days values (?, '2026-03-10')", [table.name])
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_recompute_windows as select domain, date '2026-03-10' as from_on "
            "from (values ('usage'), ('money'), ('voice'), ('people'), ('scores')) as domains (domain)"
        )
        for table_name, rows in tables.items():
            create_table(connection, table_name, rows)
        for table_name, query in (queries or {}).items():
            connection.execute(f"create schema if not exists {table_name.split('.')[0]}")
            connection.execute(f"create or replace table {table_name} as {query}")
    return path


def create_table(connection: duckdb.DuckDBPyConnection, table_name: str, rows: Rows) -> None:
    """One table with its rows; a column that a row leaves out is null."""
    types = column_types(table_name)
    columns = ", ".join(f"{quoted(name)} {sql_type}" for name, sql_type in types.items())
    connection.execute(f"create schema if not exists {table_name.split('.')[0]}")
    connection.execute(f"create table {table_name} ({columns})")
    for row in rows:
        unknown = set(row) - set(types)
        if unknown:
            raise LookupError(f"{table_name} has no column {', '.join(sorted(unknown))}")
        marks = ", ".join("?" for _ in types)
        connection.execute(f"insert into {table_name} values ({marks})", [row.get(name) for name in types])
