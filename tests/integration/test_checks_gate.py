"""A gate that cannot judge has failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.quality.suites import Check, NewDays, Suite
from dagster_project.quality.validation import CheckResult, record, validate

from .quality_warehouse import create_warehouse, fixture

TABLE = "nps.responses"


def suite_of(*checks: Check, new_days: NewDays | None = None) -> Suite:
    return Suite("nps", "responses", "One row per answer.", new_days, checks)


def check(name: str, expectation: str, severity: str = "critical", scope: str = "all", **kwargs: Any) -> Check:
    return Check(name, expectation, kwargs, severity, scope, reason="It matters.", fix="Mend it.")


SCORE_IS_GIVEN = check("score_is_given", "expect_column_values_to_not_be_null", column="score")
SCORE_IS_HIGH = check("score_is_high", "expect_column_values_to_be_between", column="score", min_value=10)


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return create_warehouse(tmp_path / "warehouse.duckdb", {TABLE: fixture(TABLE)["good"]})


def failed(results: list[CheckResult]) -> dict[str, str]:
    return {result.check.name: result.observed for result in results if not result.success}


def test_a_suite_without_checks_fails(warehouse: Path) -> None:
    with pytest.raises(ValueError, match="no check to judge by"):
        validate(warehouse, suite_of())


def test_an_expectation_that_raises_fails_and_the_others_are_judged(warehouse: Path) -> None:
    no_column = check("mood_is_given", "expect_column_values_to_not_be_null", column="mood")
    no_sql = check("sql_is_sql", "unexpected_rows_expectation", unexpected_rows_query="select nothing at {batch}")
    no_argument = check("argument_is_known", "expect_column_values_to_not_be_null", colum="score")
    results = validate(warehouse, suite_of(no_column, no_sql, SCORE_IS_GIVEN, no_argument))
    observed = failed(results)
    assert set(observed) == {"mood_is_given", "sql_is_sql", "argument_is_known"}
    assert all(text.startswith("not judged: ") for text in observed.values())
    assert '"mood"' in observed["mood_is_given"]
    assert "colum" in observed["argument_is_known"]


def test_a_result_that_is_dropped_fails(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from great_expectations.datasource.fluent.interfaces import Batch

    validated = Batch.validate

    def without_the_last(self: Batch, *args: Any, **kwargs: Any) -> Any:
        outcome = validated(self, *args, **kwargs)
        outcome.results = [
            result for result in outcome.results if result.expectation_config.meta["check"] != SCORE_IS_GIVEN.name
        ]
        return outcome

    monkeypatch.setattr(Batch, "validate", without_the_last)
    results = validate(warehouse, suite_of(SCORE_IS_GIVEN))
    assert failed(results) == {"score_is_given": "not judged: Great Expectations returned no result"}


def test_a_warehouse_that_cannot_be_read_fails_every_check(tmp_path: Path) -> None:
    broken = tmp_path / "warehouse.duckdb"
    broken.write_bytes(b"not a database" * 1000)
    for path in (broken, tmp_path / "absent.duckdb"):
        observed = failed(validate(path, suite_of(SCORE_IS_GIVEN, SCORE_IS_HIGH)))
        assert set(observed) == {"score_is_given", "score_is_high"}


def test_a_table_that_does_not_exist_fails_every_check(warehouse: Path) -> None:
    suite = Suite("nps", "nothing", "No such table.", None, (SCORE_IS_GIVEN,))
    assert "not judged" in failed(validate(warehouse, suite))["score_is_given"]


def test_days_that_cannot_be_known_as_new_fail_every_check(warehouse: Path) -> None:
    scoped = check("score_is_new", "expect_column_values_to_not_be_null", scope="new_days", column="score")
    new_days = NewDays("responded_on", "select max(as_of_on) from warehouse.ops.applied where false")
    observed = failed(validate(warehouse, suite_of(scoped, new_days=new_days)))
    assert "returned None, not a date" in observed["score_is_new"]


def test_only_new_days_are_judged_where_the_check_says_so(warehouse: Path) -> None:
    new_days = NewDays("responded_on", "select date '2026-03-10'")
    scoped = check("score_is_new", "expect_column_values_to_not_be_null", scope="new_days", column="score")
    results = validate(warehouse, suite_of(scoped, SCORE_IS_GIVEN, new_days=new_days))
    assert {result.check.name: result.rows_checked for result in results} == {
        "score_is_new": 2,
        "score_is_given": 3,
    }


def test_a_failure_is_counted_and_shows_no_value(warehouse: Path) -> None:
    comment = check("comment_is_short", "expect_column_value_lengths_to_be_between", column="comment", max_value=3)
    cast = check(
        "comment_is_a_number",
        "unexpected_rows_expectation",
        unexpected_rows_query="select _row from {batch} where cast(comment as integer) > 0",
    )
    rows = validate(warehouse, suite_of(SCORE_IS_HIGH, comment, cast))
    assert failed(rows)["score_is_high"] == "3 of 3 rows fail"
    assert failed(rows)["comment_is_short"] == "3 of 3 rows fail"
    assert "not judged" in failed(rows)["comment_is_a_number"]
    assert "Saves us" not in repr(rows)


def test_verdicts_are_appended_with_the_day_of_the_run(warehouse: Path) -> None:
    results = validate(warehouse, suite_of(SCORE_IS_GIVEN, SCORE_IS_HIGH))
    for hour in (6, 7):
        record(warehouse, results, datetime(2026, 3, 12, hour, tzinfo=UTC))
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select cast(as_of_on as varchar), check_name, success, observed, rows_failed, reason, fix "
            "from ops.data_quality_results order by checked_at, check_name"
        ).fetchall()
        hours = connection.execute(
            "select distinct hour(checked_at) from ops.data_quality_results order by 1"
        ).fetchall()
    assert rows[:2] == [
        ("2026-03-11", "score_is_given", True, "0 of 3 rows fail", 0, "It matters.", "Mend it."),
        ("2026-03-11", "score_is_high", False, "3 of 3 rows fail", 3, "It matters.", "Mend it."),
    ]
    assert rows[2:] == rows[:2]
    assert hours == [(6,), (7,)]


def test_a_run_without_new_rows_takes_nothing_back(warehouse: Path) -> None:
    of_new = replace(SCORE_IS_HIGH, scope="new_days")
    verdicts = [(SCORE_IS_HIGH, False, 3), (of_new, False, 3), (SCORE_IS_HIGH, True, 0), (of_new, True, 0)]
    for hour, (judged, success, rows) in enumerate(verdicts):
        name = "of_all" if judged is SCORE_IS_HIGH else "of_new"
        result = CheckResult("nps", "responses", replace(judged, name=name), success, "", rows, 0)
        record(warehouse, [result], datetime(2026, 3, 12, hour, tzinfo=UTC))
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows_kept = connection.execute(
            "select check_name, list(rows_checked order by checked_at) from ops.data_quality_results group by all order by all"
        ).fetchall()
    assert rows_kept == [("of_all", [3, 0]), ("of_new", [3])]


def test_judging_writes_nothing_beside_the_warehouse(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "elsewhere"
    place.mkdir()
    monkeypatch.chdir(place)
    before = warehouse.read_bytes()
    validate(warehouse, suite_of(SCORE_IS_GIVEN, SCORE_IS_HIGH))
    assert list(place.iterdir()) == []
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["elsewhere", "warehouse.duckdb"]
    assert warehouse.read_bytes() == before
