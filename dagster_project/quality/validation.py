"""Judging a table by its suite, with Great Expectations, and keeping the verdicts.

The warehouse file is attached read-only to a database in memory, and each batch (the whole table, or its
new days) is a view there: nothing is written into the warehouse while it is judged, and a check's own SQL
reads other tables as `warehouse.schema.table`. A gate that cannot judge has failed: an exception, a
missing result and an empty suite are failures.

Great Expectations is imported on first use, because that takes seconds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.quality.suites import Check, Suite
from dagster_project.sources.engine import IN_UTC, engine_settings
from dagster_project.sources.home import Home
from dagster_project.sources.warehouse import (
    OPS_TABLES,
    create_ops_tables,
    literal,
    quoted,
)

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.abstract_data_context import AbstractDataContext
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.datasource.fluent.sql_datasource import SQLDatasource

# No result reads more rows than this into Python: counts are counted by the database.
MAX_FETCHED_ROWS = 1_000

# Counts only: the other formats carry values of the data.
COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True)
class CheckResult:
    """The verdict on one check of one table; it never holds a value of the data."""

    schema: str
    table: str
    check: Check
    success: bool
    observed: str
    rows_checked: int | None
    rows_failed: int | None


@dataclass(frozen=True)
class Verdict:
    """What Great Expectations said about one check."""

    success: bool
    counts: dict[str, Any]
    error: str | None


def validate(warehouse: Path, suite: Suite, only: Iterable[str] | None = None) -> list[CheckResult]:
    """Judge a table by its suite, or by the checks named in `only`; one result per check.

    Raises:
        ValueError: there is no check to judge by.
    """
    names = {check.name for check in suite.checks} if only is None else set(only)
    checks = [check for check in suite.checks if check.name in names]
    if not checks:
        raise ValueError(f"{suite.table_name}: no check to judge by")
    try:
        with _attached(warehouse) as datasource:
            return [result for scope_result in _by_scope(datasource, suite, checks) for result in scope_result]
    except Exception as error:  # whatever went wrong, the gate could not judge
        return [_unjudged(suite, check, error) for check in checks]


def _by_scope(datasource: SQLDatasource, suite: Suite, checks: Sequence[Check]) -> Iterator[list[CheckResult]]:
    """Results of each batch of the table: at most the whole of it and its new days."""
    first_new_day = _first_new_day(datasource, suite)
    for scope in dict.fromkeys(check.scope for check in checks):
        chosen = [check for check in checks if check.scope == scope]
        try:
            rows = _create_batch_view(datasource, suite, scope, first_new_day)
            asset = datasource.add_table_asset(name=scope, table_name=_view(scope))
            batch = asset.add_batch_definition_whole_table(scope).get_batch()
            yield _results(suite, chosen, batch, first_new_day, rows)
        except Exception as error:  # one batch that cannot be read leaves the other to be judged
            yield [_unjudged(suite, check, error) for check in chosen]


def _results(
    suite: Suite, checks: Sequence[Check], batch: Batch, first_new_day: date | None, rows: int
) -> list[CheckResult]:
    """One result per check. Booleans first, in as few queries as possible; counts only of what failed."""
    verdicts = _verdicts(batch, checks, first_new_day, "BOOLEAN_ONLY")
    failed = [check for check in checks if not verdicts[check.name].success and not verdicts[check.name].error]
    counted = _verdicts(batch, failed, first_new_day, COUNTS_ONLY) if failed else {}
    return [_result(suite, check, verdicts[check.name], counted.get(check.name), rows) for check in checks]


def _result(suite: Suite, check: Check, verdict: Verdict, counted: Verdict | None, rows: int) -> CheckResult:
    counts = counted.counts if counted else {}
    failed: int | None = None
    if verdict.error:
        observed = f"not judged: {verdict.error}"
    elif verdict.success:
        failed, observed = 0, f"0 of {rows} rows fail"
    elif "unexpected_count" in counts or check.expectation == "unexpected_rows_expectation":
        failed = counts.get("unexpected_count", counts.get("observed_value"))
        observed = f"{failed} of {rows} rows fail"
    else:
        observed = f"observed {counts.get('observed_value', 'nothing')}"
    return CheckResult(suite.schema, suite.table, check, verdict.success, observed, rows, failed)


def _verdicts(
    batch: Batch, checks: Sequence[Check], first_new_day: date | None, result_format: Any
) -> dict[str, Verdict]:
    """A verdict for every check: what Great Expectations leaves out or cannot build is a failure.

    Results come in another order than the suite, so they are matched by the check's name.
    """
    import great_expectations

    verdicts: dict[str, Verdict] = {}
    suite = great_expectations.ExpectationSuite(name=batch.id)
    for check in checks:
        try:
            kind = getattr(great_expectations.expectations, _class_name(check.expectation))
            suite.add_expectation(kind(**_arguments(check, first_new_day), meta={"check": check.name}))
        except Exception as error:  # a mistaken argument is the suite's error, not the run's
            verdicts[check.name] = Verdict(False, {}, _said(error))
    if suite.expectations:
        for result in batch.validate(suite, result_format=result_format).results:
            config = result.expectation_config
            if config is not None:
                raised = _raised(result.exception_info)
                success = bool(result.success) and raised is None
                verdicts[config.meta["check"]] = Verdict(success, dict(result.result), raised)
    for check in checks:
        verdicts.setdefault(check.name, Verdict(False, {}, "Great Expectations returned no result"))
    return verdicts


def _arguments(check: Check, first_new_day: date | None) -> dict[str, Any]:
    """The arguments of the expectation; `{first_new_day}` becomes a literal: the engine can prune by it."""
    day = f"date '{first_new_day.isoformat()}'" if first_new_day else "{first_new_day}"
    return {
        name: value.replace("{first_new_day}", day) if isinstance(value, str) else value
        for name, value in check.kwargs.items()
    }


def _first_new_day(datasource: SQLDatasource, suite: Suite) -> date | None:
    """The first of the days that the suite calls new; none if it does not distinguish them."""
    if suite.new_days is None:
        return None
    day = _ask(datasource, f"select cast(({suite.new_days.query}) as date)")
    if not isinstance(day, date):
        raise ValueError(f"{suite.table_name}: the query of new_days returned {day!r}, not a date")
    return day


def _create_batch_view(datasource: SQLDatasource, suite: Suite, scope: str, first_new_day: date | None) -> int:
    """Create the view of the batch and return the number of its rows; a row without a day is always new."""
    condition = ""
    if scope == "new_days" and suite.new_days and first_new_day:
        column = quoted(suite.new_days.column)
        condition = f" where {column} >= date '{first_new_day.isoformat()}' or {column} is null"
    table = f"warehouse.{quoted(suite.schema)}.{quoted(suite.table)}"
    for engine in _engines(datasource):
        with engine.begin() as connection:
            connection.exec_driver_sql(f"create view {_view(scope)} as select * from {table}{condition}")
    return int(_ask(datasource, f"select count(*) from {_view(scope)}"))


@cache
def _great_expectations() -> AbstractDataContext:
    """Great Expectations, once a process: in memory, without progress bars, and without calling home."""
    # read when Great Expectations is imported
    os.environ["GX_ANALYTICS_ENABLED"] = "false"

    import great_expectations
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context


@contextmanager
def _attached(warehouse: Path) -> Iterator[SQLDatasource]:
    """A datasource in memory, within the limits, that has the warehouse attached read-only."""
    context = _great_expectations()

    from sqlalchemy import event

    datasource = context.data_sources.add_or_update_sql(
        name="warehouse", connection_string="duckdb:///:memory:", create_temp_table=False
    )
    engines = _engines(datasource)
    try:
        for engine in engines:
            event.listen(engine, "after_cursor_execute", _buffer_rows)
            with engine.begin() as connection:
                for name, value in engine_settings(Home(warehouse.parent)).items():
                    connection.exec_driver_sql(f"set {name} = {literal(str(value))}")
                connection.exec_driver_sql(IN_UTC)
                connection.exec_driver_sql(f"attach {literal(str(warehouse))} as warehouse (read_only)")
        yield datasource
    finally:
        for engine in engines:
            engine.dispose()
        context.data_sources.delete("warehouse")


def _engines(datasource: SQLDatasource) -> tuple[Any, Any]:
    """Both engines of a datasource: the table is found with one and asked about with the other."""
    return datasource.get_engine(), datasource.get_execution_engine().engine


def _buffer_rows(_connection: Any, cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    """Read a statement's rows at once.

    Great Expectations reads them after the connection is closed; DuckDB has none then (IndexError).
    """
    from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

    if cursor.description:
        context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
            cursor,
            alternate_description=cursor.description,
            initial_buffer=cursor.fetchmany(MAX_FETCHED_ROWS),
        )


def _ask(datasource: SQLDatasource, query: str) -> Any:
    _, engine = _engines(datasource)
    with engine.begin() as connection:
        return connection.exec_driver_sql(query).scalar()


def _view(scope: str) -> str:
    return f"{scope}_rows"


def _class_name(expectation: str) -> str:
    return "".join(word.capitalize() for word in expectation.split("_"))


def _raised(info: dict[str, Any] | None) -> str | None:
    """The message of the exception in a result, if one was raised; it may be nested by metric."""
    if not info:
        return None
    for details in [info, *(value for value in info.values() if isinstance(value, dict))]:
        if details.get("raised_exception"):
            return _without_values(str(details.get("exception_message") or "an exception without a message"))
    return None


def _said(error: Exception) -> str:
    from sqlalchemy.exc import SQLAlchemyError

    message = str(error)
    if isinstance(error, SQLAlchemyError | duckdb.Error):
        message = _without_values(message)
    return f"{type(error).__name__}: {' '.join(message.split())}"


def _without_values(message: str) -> str:
    """A message on one line, without SQL and without quoted values, which may be personal."""
    line = " ".join(message.split("[SQL:")[0].split())
    return re.sub(r"'(?:[^']|'')*'", "'...'", line)[:300]


def _unjudged(suite: Suite, check: Check, error: Exception) -> CheckResult:
    return CheckResult(suite.schema, suite.table, check, False, f"not judged: {_said(error)}", None, None)


def record(warehouse: Path, results: Sequence[CheckResult], checked_at: datetime) -> None:
    """Append verdicts to `ops.data_quality_results`, with the day that the run was asked for. Where a run has no new rows,
    nothing of them is judged, and what was said of that day stands.

    Raises:
        FileNotFoundError: there is no warehouse, so there is nothing that was judged.
    """
    if not warehouse.exists():
        raise FileNotFoundError(f"no warehouse at {warehouse}")
    columns = [column.split()[0] for column in OPS_TABLES["data_quality_results"].split(", ")]
    with duckdb.connect(str(warehouse)) as connection:
        create_ops_tables(connection)
        row = connection.execute("select max(as_of_on) from ops.run").fetchone()
        as_of_on = row[0] if row else None
        judged = set(
            connection.execute(
                "select schema_name, table_name, check_name from ops.data_quality_results where as_of_on = ?",
                [as_of_on],
            ).fetchall()
        )
        new = [
            result
            for result in results
            if result.check.scope == "all"
            or result.rows_checked != 0
            or (result.schema, result.table, result.check.name) not in judged
        ]
        if new:
            connection.executemany(
                f"insert into ops.data_quality_results values ({', '.join('?' for _ in columns)})",
                [
                    (
                        checked_at.astimezone(UTC).replace(tzinfo=None),
                        as_of_on,
                        result.schema,
                        result.table,
                        result.check.name,
                        result.check.severity,
                        result.success,
                        result.observed,
                        result.check.expected,
                        result.rows_checked,
                        result.rows_failed,
                        result.check.reason,
                        result.check.fix,
                    )
                    for result in new
                ],
            )
