"""DuckDB as this project opens it for work: within the limits, spilling below the data folder, in UTC."""

from __future__ import annotations

from pathlib import Path

import duckdb

from dagster_project.settings import engine_limits
from dagster_project.sources.home import Home

IN_UTC = "set TimeZone = 'UTC'"
"""Not a setting to open with: the extension that knows it is loaded afterwards."""


def engine_settings(home: Home) -> dict[str, str | int | bool]:
    """The settings to open DuckDB with; it loads no extension by itself, and makes the folder to spill into when it must."""
    return {
        **engine_limits(),
        "temp_directory": str(home.temporary),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


def open_duckdb(home: Home, database: Path | None = None, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a database file, or one in memory."""
    connection = duckdb.connect(str(database or ":memory:"), read_only=read_only, config={**engine_settings(home)})
    connection.execute(IN_UTC)
    return connection
