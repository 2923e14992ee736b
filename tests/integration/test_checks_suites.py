"""Every shipped suite in a pair: its good fixture passes, and one bad row fails exactly its check."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dagster_project.quality.suites import Suite, load_suites
from dagster_project.quality.validation import validate

from .quality_warehouse import EXPECTATIONS, FIXTURES, Rows, bad_rows, create_warehouse, fixture

SUITES = {suite.table_name: suite for suite in load_suites(EXPECTATIONS)}
CHECKS = [(table_name, check.name) for table_name, suite in SUITES.items() for check in suite.checks]


def warehouse(path: Path, suite: Suite, rows: Rows) -> Path:
    """A warehouse that holds the suite's table with these rows, and what its checks read beside it."""
    return create_warehouse(path, {suite.table_name: rows}, fixture(suite.table_name).get("beside"))


@pytest.mark.parametrize("table_name", SUITES)
def test_the_good_fixture_passes_every_check(tmp_path: Path, table_name: str) -> None:
    suite = SUITES[table_name]
    results = validate(warehouse(tmp_path / "warehouse.duckdb", suite, fixture(table_name)["good"]), suite)
    assert [(result.check.name, result.observed) for result in results if not result.success] == []
    assert [result.check for result in results] == list(suite.checks)
    assert all(result.rows_checked for result in results)


@pytest.mark.parametrize(("table_name", "check"), CHECKS)
def test_one_bad_row_fails_exactly_its_check(tmp_path: Path, table_name: str, check: str) -> None:
    suite = SUITES[table_name]
    results = validate(warehouse(tmp_path / "warehouse.duckdb", suite, bad_rows(table_name, check)), suite)
    failed = {result.check.name: result.observed for result in results if not result.success}
    assert list(failed) == [check], failed
    assert "not judged" not in failed[check]


def test_every_fixture_speaks_of_shipped_checks() -> None:
    shipped = set(CHECKS)
    for file in FIXTURES.rglob("*.yml"):
        table_name = f"{file.parent.name}.{file.stem}"
        for check in yaml.safe_load(file.read_text(encoding="utf-8"))["bad"]:
            assert (table_name, check) in shipped
