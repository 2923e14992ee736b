"""A small company with one connected table, and what it has published, written without running anything."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from dagster_project.publication import database_path
from dagster_project.sources.home import Home

FIRST = dt.date(2026, 3, 1)
SOURCES_YML = """
company: Kolkata Traders
calendar: {timezone: Asia/Kolkata, first_day: 2026-03-01}
reporting_currency: INR
sources:
  events: {path: "events_*.csv", delivery: slice, slot: {from: file_name}, expected: daily}
tables:
  usage.events:
    - from: events
      columns: {event_id: id, account_id: account, event_name: event, occurred_at: at}
"""
"""Half an hour off every whole-hour timezone: a day there ends at 18:30 UTC."""


def write_sources(folder: Path) -> Path:
    """Write `sources.yml`; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sources.yml").write_text(SOURCES_YML, encoding="utf-8")
    return folder / "sources.yml"


def publish_days(home: Home, *days: dt.date, stale: str = "", failed_check: str = "") -> None:
    """Publish days; `stale` and `failed_check` name a table whose feed is late and a check that did not pass."""
    path = database_path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema publishing; create schema marts")
        connection.execute(
            "create table publishing.publications as select unnest(range(1, ? + 1))::integer as publication, "
            "unnest(?)::date as as_of_on, 'hash' as definitions_hash",
            [len(days), list(days)],
        )
        connection.execute("create table publishing.history_files (table_name varchar, as_of_on date, file varchar)")
        connection.execute(
            "create table marts.data_status as select table_name, table_name = ? as is_stale, "
            "table_name = 'usage.events' as is_required, true as is_connected, date '2026-03-04' as stale_since_on, "
            "3 as quarantined_rows, 0 as blocked_rows "
            "from (values ('usage.events'), ('crm.accounts')) as t(table_name)",
            [stale],
        )
        connection.execute(
            "create table marts.data_quality_results as select 'usage' as schema_name, 'events' as table_name, "
            "check_name, 'warning' as severity, check_name <> ? as success, is_latest, "
            "max(publications.as_of_on) as as_of_on "
            "from (values ('id_is_given', true), ('id_is_unique', true), ('id_is_unique', false)) "
            "as t(check_name, is_latest), publishing.publications group by all",
            [failed_check],
        )
