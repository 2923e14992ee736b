"""A new release says, table by table, what it changes of the days that are published."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from dagster_project.publication import database_path
from dagster_project.release_report import keep, new_release
from dagster_project.sources.home import Home
from dagster_project.sources.warehouse import create_empty_warehouse
from tests.unit.published_company import publish_days

YESTERDAY = dt.date(2026, 3, 9)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """As published: ten accounts on each of nine days, two of them in a table that the release drops."""
    home = Home(tmp_path / "data")
    publish_days(home, YESTERDAY)
    with duckdb.connect(str(database_path(home))) as connection:
        connection.execute(f"create table marts.health_daily as {health(100)}")
        connection.execute(
            "create table marts.account_roles as select 'acct_1' as account_id union all select 'acct_2'"
        )
    create_empty_warehouse(home.warehouse)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "create schema marts; drop table ops.run; create table ops.run as select date '2026-03-10' as as_of_on"
        )
    return home


def health(points: int, days: int = 9, account: str = "'acct_' || a.n") -> str:
    return (
        f"select {account} as account_id, date '2026-03-01' + d.n::integer as as_of_on, {points} + a.n as health_bp "
        f"from range(10) as a(n), range({days}) as d(n)"
    )


def build(home: Home, table: str, query: str) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(f"create or replace table marts.{table} as {query}")


def report(home: Home, definitions: str = "other") -> dict[str, str]:
    release = new_release(home, definitions)
    assert release
    return {table.table_name: table.sentence for table in release.tables}


def test_without_new_definitions_there_is_nothing_to_report(home: Home) -> None:
    build(home, "health_daily", health(1))
    assert new_release(home, "hash") is None


def test_before_the_first_publication_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    assert new_release(Home(tmp_path), "other") is None


def test_the_same_rows_are_no_difference_whatever_their_order_and_new_days_are_none(home: Home) -> None:
    # a tenth day, of ten rows, was not published yet
    build(home, "health_daily", f"from ({health(100, days=10)}) order by health_bp desc, as_of_on desc")
    assert report(home)["health_daily"] == "health_daily: no difference in 90 rows"


def test_changed_rows_are_counted_on_both_sides(home: Home) -> None:
    # the accounts 0 to 4 of each of nine days get other points: 5 x 9 rows
    build(
        home, "health_daily", f"select * replace (if(health_bp < 105, 0, health_bp) as health_bp) from ({health(100)})"
    )
    assert report(home)["health_daily"] == "health_daily: 90 rows before, 90 now; 45 only before, 45 only now"


def test_a_release_is_said_in_words_without_a_hash(home: Home) -> None:
    build(home, "health_daily", health(1))
    release = new_release(home, "0a1b2c3d")
    assert release
    # health differs and the table of roles is gone; the tables about the runs are not compared
    assert release.sentence == (
        "models, macros, seeds, references or settings differ from those last published: 2 of 2 tables differ"
    )


def test_doubled_rows_are_a_difference(home: Home) -> None:
    build(home, "health_daily", f"{health(100)} union all {health(100)}")
    assert report(home)["health_daily"] == "health_daily: 90 rows before, 180 now; 0 only before, 90 only now"


def test_rows_are_compared_over_the_columns_that_both_have(home: Home) -> None:
    build(home, "health_daily", f"select account_id, as_of_on, 'v1' as scoring_version from ({health(100)})")
    assert report(home)["health_daily"] == (
        "health_daily: 90 rows before, 90 now; 0 only before, 0 only now; "
        "columns removed: health_bp; columns added: scoring_version"
    )


def test_a_table_that_is_dropped_and_one_that_is_new_are_reported(home: Home) -> None:
    build(home, "growth_daily", health(100))
    said = report(home)
    assert said["account_roles"] == (
        "account_roles: 2 rows before, 0 now; 2 only before, 0 only now; columns removed: account_id"
    )
    assert said["growth_daily"].startswith("growth_daily: 0 rows before, 90 now; 0 only before, 90 only now")


def test_operational_tables_and_the_newest_day_alone_differ_from_run_to_run_and_are_left_out(home: Home) -> None:
    build(home, "data_status", "select 1 as rows")
    build(home, "account_segments", health(100))
    assert sorted(report(home)) == ["account_roles", "health_daily"]


def test_the_report_is_kept_once_however_often_the_run_is_repeated(home: Home) -> None:
    build(home, "health_daily", health(200))
    for _ in range(2):
        release = new_release(home, "other")
        assert release
        keep(home, release)
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select definitions_before, definitions_after, as_of_on, table_name, rows_only_before, rows_only_after, "
            "hash_before = hash_after from ops.release_differences order by table_name"
        ).fetchall()
    key = ("hash", "other", dt.date(2026, 3, 10))
    assert rows == [(*key, "account_roles", 2, 0, False), (*key, "health_daily", 90, 90, False)]
