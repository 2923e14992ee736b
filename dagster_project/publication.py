"""Publishing: the audited marts of the warehouse become one read-only database that replaces the last at once.

Recent days of a daily table lie in the database itself, earlier days in immutable Parquet files beside it; a
reader sees one view. What a day looked like when it was first published is kept for good. Nothing is computed or
checked here: models compute (`dbt/models`), suites check (`expectations/`).
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.sources.engine import open_duckdb
from dagster_project.sources.home import Home
from dagster_project.sources.run_state import Published
from dagster_project.sources.warehouse import literal, quoted
from dagster_project.sources.writing import make_folder, put_in_place, sync

DAYS_IN_DATABASE = 90
DATABASE = "customer_segments.duckdb"
AS_PUBLISHED = "account_segments_as_published"
AS_PUBLISHED_FROM = "account_segments_daily"
DAYS_AT_A_TIME = 30
PUBLICATIONS_KEPT = 3
"""For so many publications more a history file stays that is no longer shown: readers have reconnected by then."""


@dataclass(frozen=True)
class Publication:
    """One completed publication."""

    number: int
    as_of: dt.date
    database: Path
    tables: int


def database_path(home: Home) -> Path:
    """The file that readers open."""
    return home.published / DATABASE


def _read_last(home: Home) -> tuple[int, dict[dt.date, int], list[tuple[str, dt.date, str]]]:
    """(number, first publication of each published day, history files in force) of the last publication."""
    path = database_path(home)
    if not path.exists():
        return 0, {}, []
    with duckdb.connect(str(path), read_only=True) as connection:
        published = connection.execute(
            "select as_of_on, min(publication), max(publication) from publishing.publications group by as_of_on"
        ).fetchall()
        files = connection.execute("select table_name, as_of_on, file from publishing.history_files").fetchall()
    return max(last for _, _, last in published), {day: first for day, first, _ in published}, files


def _read_superseded(home: Home) -> dict[str, int]:
    """History files no longer in force, with the last publication that shows each; an earlier release kept no list."""
    path = database_path(home)
    if not path.exists():
        return {}
    with duckdb.connect(str(path), read_only=True) as connection:
        if not connection.execute("from duckdb_tables() where table_name = 'superseded_files'").fetchone():
            return {}
        return dict(connection.execute("select file, last_shown_by from publishing.superseded_files").fetchall())


def published_days(home: Home) -> list[dt.date]:
    """Days that have been published, oldest first."""
    return sorted(_read_last(home)[1])


def as_published_file(home: Home, day: dt.date) -> Path:
    """The file that keeps a day's segments as they were first published."""
    return home.published / AS_PUBLISHED / f"{day.isoformat()}.parquet"


def earlier_publications(home: Home) -> Published:
    """Every publication so far, for the models to compare with; a run that died before publishing left none."""
    path = database_path(home)
    if not path.exists():
        return Published([], [])
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(
            "select publication, as_of_on, definitions_hash from publishing.publications order by publication"
        ).fetchall()
    return Published(rows, [as_published_file(home, day) for day in published_days(home)])


def ledger_sequence_of(home: Home, day: dt.date) -> int | None:
    """How far the ledger reached when a day was first published; None when it never was."""
    if not database_path(home).exists():
        return None
    with duckdb.connect(str(database_path(home)), read_only=True) as connection:
        row = connection.execute(
            "select min_by(ledger_sequence, publication) from publishing.publications where as_of_on = ?", [day]
        ).fetchone()
    return int(row[0]) if row and row[0] is not None else None


def _daily_tables(connection: duckdb.DuckDBPyConnection, marts: list[str]) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_columns() where database_name = 'warehouse' and schema_name = 'marts' "
        "and column_name = 'as_of_on' group by table_name order by table_name"
    ).fetchall()
    return [name for (name,) in rows if name in marts]


def _columns(connection: duckdb.DuckDBPyConnection, database: str, schema: str, table: str) -> list[tuple[str, str]]:
    """(name, type) of a table's columns in their order."""
    return connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = ? and schema_name = ? and table_name = ? order by column_index",
        [database, schema, table],
    ).fetchall()


def _begin(
    connection: duckdb.DuckDBPyConnection, home: Home, building: Path, daily: list[str], first: dt.date, until: dt.date
) -> set[str]:
    """Attach the next database; returns the daily tables that have their days [first, until) in it already.

    Nearly all of a day's publication was published the day before: the last database is copied as a file, and only the
    days that may differ are written anew. Days of a table that has other columns now, or another number of rows on
    any of these days, are not taken over.
    """
    if first < until and database_path(home).exists():
        shutil.copyfile(database_path(home), building)
    connection.execute(f"attach {literal(str(building))} as next; use next")
    connection.execute("drop schema if exists marts cascade; drop schema if exists publishing cascade")
    connection.execute("create schema if not exists recent; create schema marts; create schema publishing")
    taken_over = set()
    for (table,) in connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'recent'"
    ).fetchall():
        if _take_over(connection, table, daily, first, until):
            taken_over.add(table)
        else:
            connection.execute(f"drop table recent.{quoted(table)}")
    connection.execute("checkpoint next")
    return taken_over


def _take_over(
    connection: duckdb.DuckDBPyConnection, table: str, daily: list[str], first: dt.date, until: dt.date
) -> bool:
    """Whether the copied days [first, until) of a table are those of the warehouse; the other days are deleted."""
    is_same_shape = _columns(connection, "next", "recent", table) == _columns(connection, "warehouse", "marts", table)
    if table not in daily or not is_same_shape:
        return False
    connection.execute(f"delete from recent.{quoted(table)} where as_of_on < ? or as_of_on >= ?", [first, until])
    copied, built = (
        connection.execute(
            f"select as_of_on, count(*) from {relation} where as_of_on >= ? and as_of_on < ? group by as_of_on order by 1",
            [first, until],
        ).fetchall()
        for relation in (f"recent.{quoted(table)}", f"warehouse.marts.{quoted(table)}")
    )
    return copied == built


def _blocks(first: dt.date, end: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    """[first, end) in pieces of a few days: a wide table of many accounts is not sorted as a whole."""
    while first < end:
        yield first, min(first + dt.timedelta(days=DAYS_AT_A_TIME), end)
        first += dt.timedelta(days=DAYS_AT_A_TIME)


def _write_history(
    connection: duckdb.DuckDBPyConnection, home: Home, table: str, first: dt.date, before: dt.date, number: int
) -> list[tuple[str, dt.date, str]]:
    """Write the days [first, before) of a daily table as one Parquet file a day; returns the files."""
    folder = home.published / "history" / table
    make_folder(folder)
    if first == dt.date.min:
        row = connection.execute(f"select min(as_of_on) from warehouse.marts.{quoted(table)}").fetchone()
        first = row[0] if row and row[0] else before
    for block in _blocks(first, before):
        connection.execute(
            f"copy (select *, as_of_on as history_day from warehouse.marts.{quoted(table)} "
            f"where as_of_on >= ? and as_of_on < ? order by as_of_on) to {literal(str(folder))} "
            f"(format parquet, compression zstd, partition_by (history_day), filename_pattern 'p{number:06d}_{{i}}', "
            "overwrite_or_ignore true, hive_file_pattern true)",
            block,
        )
    files = sorted(folder.glob(f"history_day=*/p{number:06d}_*.parquet"))
    for path in [*files, *sorted({file.parent for file in files}), folder]:
        sync(path)
    return [
        (table, dt.date.fromisoformat(file.parent.name.split("=")[1]), file.relative_to(home.published).as_posix())
        for file in files
    ]


def _write_comments(connection: duckdb.DuckDBPyConnection) -> None:
    """Carry the descriptions of tables and their columns over to the published relations of the same names.

    Days as first published have the columns of the table that they are kept from, or of an earlier release of it.
    """
    kinds = dict(
        connection.execute(
            "select table_name, case table_type when 'VIEW' then 'view' else 'table' end from information_schema.tables "
            "where table_catalog = 'next' and table_schema = 'marts'"
        ).fetchall()
    )
    of_marts = "where database_name = 'warehouse' and schema_name = 'marts' and comment is not null"
    for table, comment in connection.execute(
        f"select table_name, comment from duckdb_tables() {of_marts} "
        f"union all select view_name, comment from duckdb_views() {of_marts}"
    ).fetchall():
        connection.execute(f"comment on {kinds[table]} marts.{quoted(table)} is {literal(comment)}")
    for table, column, comment in connection.execute(
        "select shown.table_name, shown.column_name, described.comment from duckdb_columns() as shown "
        "inner join duckdb_columns() as described on described.column_name = shown.column_name "
        f"and described.table_name = if(shown.table_name = '{AS_PUBLISHED}', '{AS_PUBLISHED_FROM}', shown.table_name) "
        "where described.database_name = 'warehouse' and described.schema_name = 'marts' "
        "and described.comment is not null and shown.database_name = 'next' and shown.schema_name = 'marts'"
    ).fetchall():
        connection.execute(f"comment on column marts.{quoted(table)}.{quoted(column)} is {literal(comment)}")


def _publish_daily(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    table: str,
    first: dt.date,
    as_of: dt.date,
    files: list[str],
) -> None:
    """Write the days [first, as_of] of a daily table, and show them with the earlier ones as one view."""
    connection.execute(
        f"create table if not exists recent.{quoted(table)} as from warehouse.marts.{quoted(table)} limit 0"
    )
    for block in _blocks(first, as_of + dt.timedelta(days=1)):
        connection.execute(
            f"insert into recent.{quoted(table)} from warehouse.marts.{quoted(table)} "
            "where as_of_on >= ? and as_of_on < ? order by as_of_on",
            block,
        )
    body = f"select * from recent.{quoted(table)}"
    if files:
        paths = ", ".join(literal(str(home.published / file)) for file in files)
        columns = ", ".join(quoted(name) for name, _ in _columns(connection, "next", "recent", table))
        body += f" union all select {columns} from read_parquet([{paths}], hive_partitioning = false)"
    connection.execute(f"create view marts.{quoted(table)} as {body}")


def publish(home: Home, as_of: dt.date, recomputed_from: dt.date, definitions_hash: str) -> Publication:
    """Build the next database aside, then put it in the place of the last in one step.

    `recomputed_from` is the first day whose rows may differ from the last publication.
    """
    last_number, days, history = _read_last(home)
    number = last_number + 1
    recent_from = as_of - dt.timedelta(days=DAYS_IN_DATABASE - 1)
    superseded = {file: last for file, last in _read_superseded(home).items() if last >= number - PUBLICATIONS_KEPT}
    _remove_unread(home, number, {*superseded, *(file for _, _, file in history)})
    make_folder(home.published)
    building = home.published / f".{DATABASE}.next"
    building.unlink(missing_ok=True)
    with open_duckdb(home) as connection:
        connection.execute(f"attach {literal(str(home.warehouse))} as warehouse (read_only)")
        marts = [
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.tables where table_catalog = 'warehouse' "
                "and table_schema = 'marts' order by table_name"
            ).fetchall()
        ]
        daily = _daily_tables(connection, marts)
        written_from = min(recomputed_from, as_of)
        taken_over = _begin(connection, home, building, daily, recent_from, written_from)
        kept_files = [(t, d, f) for t, d, f in history if t in daily and d < recent_from and d < recomputed_from]
        covered = {table: max((d for t, d, _ in kept_files if t == table), default=None) for table in daily}
        for table in daily:
            after = covered[table]
            first = dt.date.min if after is None else after + dt.timedelta(days=1)
            written = _write_history(connection, home, table, first, recent_from, number)
            kept_files += written
            files = [f for t, _, f in sorted(kept_files) if t == table]
            _publish_daily(connection, home, table, written_from if table in taken_over else recent_from, as_of, files)
        for table in marts:
            if table not in daily:
                connection.execute(
                    f"create table marts.{quoted(table)} as select * from warehouse.marts.{quoted(table)}"
                )
        _keep_as_published(connection, home, as_of, is_first=as_of not in days)
        _write_publications(connection, home, number, as_of, definitions_hash, sorted({*days, as_of}))
        _write_comments(connection)
        superseded |= {file: last_number for _, _, file in set(history) - set(kept_files)}
        _write_history_files(connection, kept_files, superseded)
        connection.execute("use memory; detach next; detach warehouse")
    put_in_place(building, database_path(home))
    return Publication(number, as_of, database_path(home), len(marts))


def _keep_as_published(connection: duckdb.DuckDBPyConnection, home: Home, as_of: dt.date, is_first: bool) -> None:
    if not is_first:
        return
    target = as_published_file(home, as_of)
    make_folder(target.parent)
    partial = target.with_name(f".{target.name}.partial")
    connection.execute(
        f"copy (select * from warehouse.marts.{AS_PUBLISHED_FROM} "
        f"where as_of_on = cast({literal(as_of.isoformat())} as date) order by account_id, scoring_version) "
        f"to {literal(str(partial))} (format parquet, compression zstd)"
    )
    put_in_place(partial, target)


def _write_publications(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    number: int,
    as_of: dt.date,
    definitions_hash: str,
    days: list[dt.date],
) -> None:
    paths = ", ".join(literal(str(as_published_file(home, day))) for day in days)
    connection.execute(
        f"create view marts.{AS_PUBLISHED} as select * from read_parquet([{paths}], union_by_name = true, "
        "hive_partitioning = false)"
    )
    connection.execute(
        f"comment on view marts.{AS_PUBLISHED} is "
        "'One row per account per published day and scoring version, as it was when that day was first published.'"
    )
    connection.execute(
        "create table publishing.publications "
        "(publication integer, as_of_on date, definitions_hash varchar, ledger_sequence bigint)"
    )
    path = database_path(home)
    if path.exists():
        connection.execute(f"attach {literal(str(path))} as last (read_only)")
        connection.execute("insert into publishing.publications by name from last.publishing.publications")
        connection.execute("detach last")
    connection.execute(
        "insert into publishing.publications select ?, ?, ?, ledger_sequence from warehouse.ops.run",
        [number, as_of, definitions_hash],
    )


def _write_history_files(
    connection: duckdb.DuckDBPyConnection, in_force: list[tuple[str, dt.date, str]], superseded: dict[str, int]
) -> None:
    connection.execute("create table publishing.history_files (table_name varchar, as_of_on date, file varchar)")
    connection.execute("create table publishing.superseded_files (file varchar, last_shown_by integer)")
    if in_force:
        connection.executemany("insert into publishing.history_files values (?, ?, ?)", sorted(in_force))
    if superseded:
        connection.executemany("insert into publishing.superseded_files values (?, ?)", sorted(superseded.items()))


def _remove_unread(home: Home, number: int, known: set[str]) -> None:
    """Remove history files that are not known: superseded long ago, or left by a run that died before it published.

    What an earlier release superseded is in no list; the publication in its name tells its age.
    """
    for file in (home.published / "history").glob("*/history_day=*/p*.parquet"):
        is_recent = f"p{number - PUBLICATIONS_KEPT:06d}" <= file.name < f"p{number:06d}"
        if not is_recent and file.relative_to(home.published).as_posix() not in known:
            file.unlink()
