"""A pipeline that also judges usage by its suite before publishing, as the shipped job does with every table."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.quality.suites import load_suite
from dagster_project.quality.validation import record, validate
from tests.integration.pipeline import Pipeline

EXPECTATIONS = Path(__file__).resolve().parents[2] / "expectations"


class JudgedPipeline(Pipeline):
    """Its verdicts on usage are published with the tables; what lies before publishing can be looked into."""

    def build(self, *arguments: str) -> None:
        """Run the models, then judge usage."""
        super().build(*arguments)
        suite = load_suite(EXPECTATIONS / "usage" / "events.yml", EXPECTATIONS)
        record(self.home.warehouse, validate(self.home.warehouse, suite), dt.datetime.now(dt.UTC))

    def warehouse_rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the private working database."""
        with duckdb.connect(str(self.home.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def quarantined(self, table: str) -> list[str]:
        """Reasons of the rows of a contract table that are in quarantine."""
        rows = self.warehouse_rows(f"select _reason from quarantine.{table.replace('.', '_')} order by _reason")
        return [reason for (reason,) in rows]

    def rows_in_force(self, table: str, slot: dt.date) -> int:
        """Rows of a contract table's slot that count."""
        return int(self.warehouse_rows(f"select count(*) from {table} where _slot = '{slot}'")[0][0])
