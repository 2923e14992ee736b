"""Shipped models over facts that a test drew, in a warehouse of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from dagster_project.sources.warehouse import create_empty_warehouse

DBT = Path(__file__).resolve().parents[2] / "dbt"


class DrawnModels:
    """A warehouse with nothing but drawn facts and the seeds of the segments; days are numbered from the first."""

    def __init__(self, data: Path, first: dt.date) -> None:
        self.data = data
        self.first = first
        self.warehouse = data / "warehouse.duckdb"
        create_empty_warehouse(self.warehouse)
        self.sql(
            "insert into ops.run (as_of_on, first_day, reporting_currency, reporting_timezone, company) "
            f"values ('{first}', '{first}', 'EUR', 'Europe/Berlin', 'Drawn')",
            "create schema intermediate",
            "create schema marts",
            "create table intermediate.int_recompute_windows (domain varchar, from_on date)",
        )

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run the statements, and return the rows of the last."""
        with duckdb.connect(str(self.warehouse)) as connection:
            for statement in statements:
                connection.execute(statement)
            return connection.fetchall()

    def take_in(self, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Create a table of drawn facts."""
        file = self.data / "drawn.csv"
        file.write_text("\n".join("|".join("" if v is None else str(v) for v in row) for row in rows))
        self.sql(f"create table {table} ({columns})", f"copy {table} from '{file}' (delimiter '|', header false)")

    def day(self, number: int) -> dt.date:
        """The date of a numbered day."""
        return self.first + dt.timedelta(days=number)

    def dbt(self, *arguments: str) -> None:
        """Run dbt in this warehouse, and fail with its messages."""
        places = ["--project-dir", str(DBT), "--profiles-dir", str(DBT), "--target-path", str(self.data / "target")]
        places += ["--log-path", str(self.data / "logs")]
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("CUSTOMER_SEGMENTS_DATA", str(self.data))
            outcome = dbtRunner().invoke(["--quiet", *arguments, *places])
        DuckDBConnectionManager.close_all_connections()
        assert outcome.success, outcome.exception or [result.message for result in outcome.result.results]

    def recompute(self, from_day: int, to_day: int, models: list[str], *arguments: str) -> None:
        """Recompute the models from one numbered day to another, which is the newest known."""
        self.sql(
            f"update ops.run set as_of_on = '{self.day(to_day)}'",
            "delete from intermediate.int_recompute_windows",
            f"insert into intermediate.int_recompute_windows values ('scores', '{self.day(from_day)}')",
        )
        self.dbt("run", "--select", *models, *arguments)
