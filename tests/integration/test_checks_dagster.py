"""Suites as Dagster shows them: the reason, the fix, what was observed, and what a critical failure stops."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import duckdb
import pytest

from dagster_project.checks import checks, checks_of
from dagster_project.quality.suites import Check, Suite, load_suites

from .quality_warehouse import EXPECTATIONS, bad_rows, create_warehouse, fixture

TABLE = "nps.responses"
ANSWERS = dg.AssetKey(["nps", "responses"])


class Warehouse(dg.ConfigurableResource):  # type: ignore[type-arg]  # provides itself
    """Where the warehouse is."""

    path: str


def suite_with(severity: str) -> Suite:
    check = Check(
        name="score_is_given",
        expectation="expect_column_values_to_not_be_null",
        kwargs={"column": "score"},
        severity=severity,
        scope="all",
        reason="An answer without a score is no answer.",
        fix="Map the score in sources.yml.",
    )
    return Suite("nps", "responses", "One row per answer.", None, (check,))


@dg.asset(key=ANSWERS)
def answers() -> None:
    """One row per answer."""


@dg.asset(deps=[ANSWERS])
def published() -> None:
    """What readers see."""


def run(warehouse: Path, suite: Suite) -> dg.ExecuteInProcessResult:
    definitions = dg.Definitions(
        assets=[answers, published],
        asset_checks=[checks_of(suite)],
        resources={"warehouse": Warehouse(path=str(warehouse))},
        jobs=[dg.define_asset_job("refresh", selection=dg.AssetSelection.all())],
    )
    return definitions.resolve_job_def("refresh").execute_in_process(raise_on_error=False)


def materialized(result: dg.ExecuteInProcessResult) -> set[str]:
    return {event.asset_key.to_user_string() for event in result.get_asset_materialization_events() if event.asset_key}


@pytest.mark.parametrize(("severity", "is_published"), [("critical", False), ("warning", True)])
def test_a_critical_failure_stops_publishing_and_a_warning_does_not(
    tmp_path: Path, severity: str, is_published: bool
) -> None:
    warehouse = create_warehouse(tmp_path / "warehouse.duckdb", {TABLE: bad_rows(TABLE, "score_is_given")})
    result = run(warehouse, suite_with(severity))
    (evaluation,) = result.get_asset_check_evaluations()
    assert not evaluation.passed
    assert evaluation.severity == dg.AssetCheckSeverity("ERROR" if severity == "critical" else "WARN")
    assert ("published" in materialized(result)) is is_published
    shown = {name: value.value for name, value in evaluation.metadata.items()}
    assert shown == {
        "observed": "1 of 3 rows fail",
        "expected": "expect_column_values_to_not_be_null(column=score)",
        "reason": "An answer without a score is no answer.",
        "fix": "Map the score in sources.yml.",
        "rows_checked": 3,
        "rows_failed": 1,
    }
    assert evaluation.description == (
        "1 of 3 rows fail. An answer without a score is no answer. Fix: Map the score in sources.yml."
    )


def test_a_gate_that_cannot_read_the_warehouse_stops_publishing(tmp_path: Path) -> None:
    result = run(tmp_path / "absent.duckdb", suite_with("critical"))
    assert "published" not in materialized(result)
    assert not (tmp_path / "absent.duckdb").exists()


def test_what_was_judged_is_kept_in_the_warehouse(tmp_path: Path) -> None:
    warehouse = create_warehouse(tmp_path / "warehouse.duckdb", {TABLE: fixture(TABLE)["good"]})
    result = run(warehouse, suite_with("critical"))
    assert result.success
    assert "published" in materialized(result)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select schema_name, table_name, check_name, severity, success from ops.data_quality_results"
        ).fetchall()
    assert rows == [("nps", "responses", "score_is_given", "critical", True)]


def test_every_suite_is_shown_on_the_asset_of_its_path_with_reason_and_fix() -> None:
    specs = {spec.key: spec for definition in checks for spec in definition.check_specs}
    suites = load_suites(EXPECTATIONS)
    assert len(specs) == sum(len(suite.checks) for suite in suites)
    for suite in suites:
        for check in suite.checks:
            spec = specs[dg.AssetCheckKey(dg.AssetKey([suite.schema, suite.table]), check.name)]
            assert spec.description == f"{check.reason}\n\nFix: {check.fix}"
            assert spec.blocking is check.is_critical
