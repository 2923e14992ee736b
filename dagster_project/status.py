"""`make status`: five lines that say whether today's tables are today's."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from dagster_project.freshness import freshness
from dagster_project.publication import database_path
from dagster_project.resources import data_folder, setting, sources_file
from dagster_project.sources.home import Home
from dagster_project.sources.mapping import read_mapping


def status() -> int:
    """Print five lines; 0 when the tables are the day's and no required input is stale, else 1."""
    mapping = read_mapping(sources_file(), Path(setting("EXPORTS")) if setting("EXPORTS") else None)
    home = Home(data_folder())
    state = freshness(mapping, home, dt.datetime.now(dt.UTC))
    print(f"{mapping.company}: {'current' if state.is_current else 'NOT CURRENT'}")
    if state.published is None:
        print(f"published: never (expected {state.expected}); make run publishes the first time")
        return 1
    print(f"published: as of {state.published} (expected {state.expected}) in {database_path(home)}")
    with duckdb.connect(str(database_path(home)), read_only=True) as connection:
        stale = connection.execute(
            "select table_name, is_required, message from marts.data_status where is_stale order by is_required desc, 1"
        ).fetchall()
        failed = connection.execute(
            "select count(*) from marts.data_quality_results where not success and as_of_on = ?", [state.published]
        ).fetchone()
        rows = connection.execute("select sum(quarantined), sum(blocked) from marts.data_status").fetchone()
    print(f"stale inputs: {', '.join(f'{name} ({message})' for name, _, message in stale) or 'none'}")
    print(f"rows quarantined: {rows[0] or 0 if rows else 0}, rows of blocked deliveries: {rows[1] or 0 if rows else 0}")
    print(f"checks that did not pass: {failed[0] if failed else 0} (marts.data_quality_results says why)")
    return 0 if state.is_current and not any(required for _, required, _ in stale) else 1
