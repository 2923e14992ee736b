"""A company whose references can be taken, without building a model."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb

from dagster_project import scoring
from dagster_project.sources.warehouse import create_empty_warehouse
from tests.unit.intake import Intake, document


def company_with(folder: Path, rows: int) -> Intake:
    """A company whose models of references hold so many rows each."""
    company = Intake(folder, document() | {"score_references": "references.csv"})
    create_empty_warehouse(company.home.warehouse)
    with duckdb.connect(str(company.home.warehouse)) as connection:
        connection.execute("create schema intermediate")
        for model in scoring.MODELS:
            connection.execute(
                f"create table intermediate.{model} as select 'v1' as scoring_version, '{model}' as reference, "
                "'all' as reference_group, 7 as value, 1 as n, date '2026-03-01' as from_on, date '2026-03-02' as to_on "
                f"from range({rows})"
            )
    return company


def built() -> Any:
    """A dbt whose models are there already."""
    return SimpleNamespace(cli=lambda *_, **__: SimpleNamespace(wait=lambda: None))
