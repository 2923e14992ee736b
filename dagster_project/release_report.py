"""What a new release changes, table by table, before it is published.

A release is new when the definitions (models, macros, seeds, settings) are not those of the last publication.
Both sides are compared over the days that were published: new days are not a difference of definitions. Late and
corrected data of the same run are; to see the release alone, run it for the day that is published already.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import duckdb

from dagster_project.publication import AS_PUBLISHED, database_path, earlier_publications
from dagster_project.sources.engine import open_duckdb
from dagster_project.sources.home import Home
from dagster_project.sources.warehouse import literal, quoted
from dagster_project.sources.wording import counted

OPERATIONAL = ("data_status", "data_quality_results", "restatements", "segment_stability", AS_PUBLISHED)
"""Tables that say how a state was reached: they differ from run to run and by path; every other mart is a current table."""
TABLE = "ops.release_differences"


@dataclass(frozen=True)
class TableDifference:
    """One mart, as published before and as built now; rows are compared over the columns that both have."""

    table_name: str
    rows_before: int
    rows_after: int
    hash_before: str
    hash_after: str
    rows_only_before: int
    rows_only_after: int
    columns_removed: str
    columns_added: str

    @property
    def is_equal(self) -> bool:
        """Whether the release leaves the table as it is."""
        return self.hash_before == self.hash_after and not self.columns_removed and not self.columns_added

    @property
    def sentence(self) -> str:
        """The difference in words."""
        if self.is_equal:
            return f"{self.table_name}: no difference in {self.rows_after:,} rows"
        parts = [
            f"{self.rows_before:,} rows before, {self.rows_after:,} now",
            f"{self.rows_only_before:,} only before, {self.rows_only_after:,} only now",
        ]
        parts += [f"columns removed: {self.columns_removed}"] if self.columns_removed else []
        parts += [f"columns added: {self.columns_added}"] if self.columns_added else []
        return f"{self.table_name}: {'; '.join(parts)}"


@dataclass(frozen=True)
class Release:
    """New definitions against those last published."""

    definitions_before: str
    definitions_after: str
    tables: list[TableDifference]

    @property
    def changed(self) -> list[TableDifference]:
        """The tables that differ."""
        return [table for table in self.tables if not table.is_equal]

    @property
    def sentence(self) -> str:
        """The release in words."""
        return (
            "models, macros, seeds, references or settings differ from those last published: "
            f"{len(self.changed)} of {counted(len(self.tables), 'table')} differ"
        )


def _columns(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, dict[str, str]]:
    rows = connection.execute(
        "select table_name, column_name, data_type from information_schema.columns "
        "where table_catalog = ? and table_schema = 'marts' order by table_name, column_name",
        [catalog],
    ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    for table, column, data_type in rows:
        tables.setdefault(table, {})[column] = data_type
    return tables


def _compare(
    connection: duckdb.DuckDBPyConnection, table: str, before: dict[str, str], after: dict[str, str], last_day: str
) -> TableDifference:
    shared = [column for column in after if before.get(column) == after[column]]

    def row_counts(catalog: str, columns: dict[str, str]) -> str:
        if not columns:
            return "select null::ubigint as row_hash, 0 as n where false"
        hashed = f"hash({', '.join(quoted(c) for c in shared or columns)})"
        days = f"where as_of_on <= {last_day}" if "as_of_on" in columns else ""
        return (
            f"select {hashed} as row_hash, count(*) as n from {quoted(catalog)}.marts.{quoted(table)} {days} group by 1"
        )

    row = connection.execute(
        f"with before as ({row_counts('published', before)}), after as ({row_counts('warehouse', after)}), "
        "both_sides as (select row_hash, coalesce(before.n, 0) as was, coalesce(after.n, 0) as is_now "
        "from before full join after using (row_hash)) "
        "select sum(was), sum(is_now), sum(row_hash::hugeint * was)::varchar, "
        "sum(row_hash::hugeint * is_now)::varchar, "
        "sum(greatest(was - is_now, 0)), sum(greatest(is_now - was, 0)) from both_sides"
    ).fetchone()
    was, is_now, hash_before, hash_after, only_before, only_after = row or (0, 0, "0", "0", 0, 0)
    return TableDifference(
        table_name=table,
        rows_before=int(was or 0),
        rows_after=int(is_now or 0),
        hash_before=hash_before or "0",
        hash_after=hash_after or "0",
        rows_only_before=int(only_before or 0),
        rows_only_after=int(only_after or 0),
        columns_removed=", ".join(sorted(c for c in before if before[c] != after.get(c))),
        columns_added=", ".join(sorted(c for c in after if after[c] != before.get(c))),
    )


def new_release(home: Home, definitions_hash: str) -> Release | None:
    """Compare the built marts with the published ones; None when the definitions are those last published."""
    published = earlier_publications(home).publications
    if not published or published[-1][2] == definitions_hash:
        return None
    last_day = f"cast({literal(published[-1][1].isoformat())} as date)"
    with open_duckdb(home) as connection:
        connection.execute(f"attach {literal(str(database_path(home)))} as published (read_only)")
        connection.execute(f"attach {literal(str(home.warehouse))} as warehouse (read_only)")
        before, after = _columns(connection, "published"), _columns(connection, "warehouse")
        # the newest day alone, which is compared as a day of account_segments_daily
        names = sorted((before.keys() | after.keys()) - {*OPERATIONAL, "account_segments"})
        tables = [_compare(connection, n, before.get(n, {}), after.get(n, {}), last_day) for n in names]
    return Release(published[-1][2], definitions_hash, tables)


def keep(home: Home, release: Release) -> None:
    """Add the report to `ops.release_differences` in the warehouse; a repeated run replaces its own rows."""
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            f"create table if not exists {TABLE} (definitions_before varchar, definitions_after varchar, "
            "as_of_on date, table_name varchar, rows_before bigint, rows_after bigint, hash_before varchar, "
            "hash_after varchar, rows_only_before bigint, rows_only_after bigint, "
            "columns_removed varchar, columns_added varchar)"
        )
        versions = [release.definitions_before, release.definitions_after]
        connection.execute(
            f"delete from {TABLE} where definitions_before = ? and definitions_after = ? "
            "and as_of_on = (select as_of_on from ops.run)",
            versions,
        )
        for table in release.tables:
            connection.execute(
                f"insert into {TABLE} select ?, ?, as_of_on, ?, ?, ?, ?, ?, ?, ?, ?, ? from ops.run",
                [*versions, *asdict(table).values()],
            )
