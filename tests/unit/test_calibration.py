"""The first references are taken from the first days that hold data, not from the days before it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from dagster_project import scoring
from dagster_project.sources.warehouse import create_empty_warehouse
from tests.unit.intake import Intake, document

FIRST_DAY = "2026-01-01"


@pytest.mark.parametrize(
    ("first_event", "as_of", "window"),
    [
        ("2026-01-01", "2026-12-31", ("2026-01-01", "2026-03-31")),
        ("2026-03-01", "2026-12-31", ("2026-03-01", "2026-05-29")),
        # history begins before the first day of the calendar
        ("2025-06-01", "2026-12-31", ("2026-01-01", "2026-03-31")),
        # fewer than 90 days of data
        ("2026-03-01", "2026-03-10", ("2026-03-01", "2026-03-10")),
        # only billing
        (None, "2026-12-31", ("2026-01-01", "2026-03-31")),
    ],
)
def test_the_first_window_is_the_first_ninety_days_with_use(
    tmp_path: Path, first_event: str | None, as_of: str, window: tuple[str, str]
) -> None:
    company = Intake(tmp_path, document() | {"score_references": "references.csv"})
    create_empty_warehouse(company.home.warehouse)
    with duckdb.connect(str(company.home.warehouse)) as connection:
        connection.execute(
            "insert into ops.deliveries by name select 'usage.events' as table_name, true as is_in_force, "
            "cast(? as date) as first_event_on union all select 'usage.events', false, date '2026-01-05'",
            [first_event],
        )
        connection.execute("create schema intermediate")
        for model in scoring.MODELS:
            columns = ", ".join(f"null as {column}" for column in scoring.REFERENCE_COLUMNS)
            connection.execute(f"create table intermediate.{model} as select {columns} where false")
    asked: list[dict[str, Any]] = []

    def cli(arguments: list[str], **_: object) -> Any:
        asked.append(json.loads(arguments[-1]))
        return SimpleNamespace(wait=lambda: None)

    dbt: Any = SimpleNamespace(cli=cli)
    assert scoring.calibrate_once(dbt, company.mapping, company.home, dt.date.fromisoformat(as_of)) is None
    assert [(a["calibrate_from"], a["calibrate_to"]) for a in asked] == [window]
