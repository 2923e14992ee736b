"""A recomputed day that differs says whether other definitions explain it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dagster_project.publication import as_published_file, database_path
from dagster_project.recompute import Comparison, compare
from dagster_project.sources.home import Home
from dagster_project.sources.warehouse import create_empty_warehouse
from tests.unit.published_company import FIRST, publish_days

HEALTH = "select 'acct_1' as account_id, {} as health_bp"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """The first day as published with the definitions `hash`, and published again with those of a later release."""
    home = Home(tmp_path / "data")
    publish_days(home, FIRST)
    as_published_file(home, FIRST).parent.mkdir()
    with duckdb.connect(str(database_path(home))) as connection:
        connection.execute("insert into publishing.publications values (2, ?, 'later')", [FIRST])
        connection.execute(f"copy ({HEALTH.format(7000)}) to '{as_published_file(home, FIRST)}' (format parquet)")
    return home


def recomputed(home: Home, health: int, definitions: str) -> Comparison:
    """The published day against one rebuilt with this health and these definitions."""
    then = Home(home.path / "then")
    create_empty_warehouse(then.warehouse)
    with duckdb.connect(str(then.warehouse)) as connection:
        connection.execute("insert into ops.run (as_of_on, definitions_hash) values (?, ?)", [FIRST, definitions])
        connection.execute("create schema marts")
        connection.execute(
            f"create table marts.account_segments_daily as select *, date '{FIRST}' as as_of_on "
            f"from ({HEALTH.format(health)})"
        )
    return compare(home, then, FIRST)


def test_a_day_that_is_found_again_says_so_whatever_the_definitions(home: Home) -> None:
    assert recomputed(home, 7000, "later").sentence == "1 row, each as it was published."


def test_a_day_that_differs_under_other_definitions_than_at_first_says_so(home: Home) -> None:
    assert recomputed(home, 7100, "later").sentence == (
        "1 row; 1 were published and are not found again, 1 are found and were not published. "
        "Definitions or references have changed since."
    )


def test_a_day_that_differs_under_the_same_definitions_is_called_a_defect_or_changed_files(home: Home) -> None:
    assert recomputed(home, 7100, "hash").sentence == (
        "1 row; 1 were published and are not found again, 1 are found and were not published. "
        "Definitions and references are the same as then: the landed files or their mapping in sources.yml were "
        "changed, or this is a defect."
    )
