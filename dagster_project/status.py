"""`make status`: five lines that say whether today's tables are today's."""

from __future__ import annotations

import datetime as dt

import duckdb

from dagster_project.freshness import HOUR, Freshness, freshness
from dagster_project.publication import database_path
from dagster_project.settings import data_folder, exports_folder, sources_file
from dagster_project.sources.home import Home
from dagster_project.sources.mapping import read_mapping
from dagster_project.sources.wording import counted

SHOWN = 3


def status(now: dt.datetime | None = None) -> int:
    """Print five lines; 0 when the tables are the day's and no required input is stale, else 1."""
    mapping = read_mapping(sources_file(), exports_folder())
    home = Home(data_folder())
    state = freshness(mapping, home, now or dt.datetime.now(dt.UTC), due_hour=HOUR)
    rest, is_stale = _inside(home, state)
    good = state.is_current and not is_stale
    print(f"{mapping.company}: {'current' if good else 'NOT CURRENT'}")
    print(f"published: {_age(state)}")
    for line in rest:
        print(line)
    return 0 if good else 1


def _age(state: Freshness) -> str:
    if state.published is None:
        return f"never, expected {state.expected}; make run publishes the first time"
    behind = (state.expected - state.published).days
    return f"as of {state.published}, expected {state.expected}" + (
        f": {counted(behind, 'day')} behind" if behind > 0 else ""
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _inside(home: Home, state: Freshness) -> tuple[list[str], bool]:
    """The lines about inputs, rows and checks, and whether a required input is stale."""
    if state.published is None:
        return ["stale inputs: not known yet", "rows left out: not known yet", "checks: none yet"], False
    with duckdb.connect(str(database_path(home)), read_only=True) as connection:
        stale = connection.execute(
            "select table_name, is_required, stale_since_on from marts.data_status "
            "where is_stale and is_connected order by is_required desc, table_name"
        ).fetchall()
        quarantined, blocked = connection.execute(
            "select coalesce(sum(quarantined_rows), 0), coalesce(sum(blocked_rows), 0) from marts.data_status"
        ).fetchone() or (0, 0)
        checks = connection.execute(
            "select schema_name || '.' || table_name || ' ' || check_name, severity, success "
            "from marts.data_quality_results where is_latest "
            "and as_of_on = (select max(as_of_on) from publishing.publications) order by severity, 1"
        ).fetchall()
    inputs = [
        f"{name}{' (required)' if is_required else ''}{f' since {since}' if since else ''}"
        for name, is_required, since in stale
    ]
    failed = [name for name, _, success in checks if not success]
    return [
        f"stale inputs: {_listed(inputs) or 'none'}",
        f"rows left out: {quarantined:,} in quarantine, {blocked:,} in blocked deliveries (marts.data_status says why)",
        f"checks: {len(checks) - len(failed)} of {len(checks)} passed" + (f"; not {_listed(failed)}" if failed else ""),
    ], any(required for _, required, _ in stale)
