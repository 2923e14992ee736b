"""A refresh is a few lines in the terminal: steps, how far, what did not pass and why."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
from rich.console import Console

from dagster_project.progress import ProgressHandler

MODELS = [["intermediate", f"int_{n}"] for n in range(6)] + [["staging", "stg_usage__events"], ["marts", "usage_daily"]]


def check(table: list[str], name: str, passed: bool) -> dg.AssetCheckResult:
    words: dict[str, Any] = {"reason": "An event without an id counts twice.", "fix": "Map the id."}
    return dg.AssetCheckResult(
        asset_key=table,
        check_name=name,
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=words,
        description=None if passed else "1 of 9 rows fail. An event without an id counts twice. Fix: Map the id.",
    )


@dg.multi_asset(name="raw", specs=[dg.AssetSpec(["usage", "events"])])
def raw(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
    """One row per event."""
    context.log.info("as of 2026-03-09: 1 new files, 9 rows")
    yield dg.MaterializeResult()


@dg.multi_asset_check(
    name="usage__events__expectations",
    specs=[
        dg.AssetCheckSpec(name, asset=["usage", "events"], blocking=True) for name in ("id_is_given", "id_is_unique")
    ],
)
def judged() -> Iterator[dg.AssetCheckResult]:
    yield check(["usage", "events"], "id_is_given", passed=False)
    yield check(["usage", "events"], "id_is_unique", passed=True)


@dg.multi_asset(
    name="models", specs=[dg.AssetSpec(key, deps=[["usage", "events"]]) for key in MODELS], can_subset=False
)
def models(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
    """Eight models; one of them speaks, and so does the tool that builds them."""
    context.log.info("Running dbt command: `dbt build`.")
    context.log.info("Copying `dbt/target/partial_parse.msgpack` to `data/tmp/dbt/partial_parse.msgpack`")
    context.log.error("Dependencies for step marts__accounts__expectations failed: ['models']. Not executing.")
    context.log.info("first run")
    context.log.warning("a feed is late")
    for key in MODELS:
        yield dg.MaterializeResult(asset_key=key)


@pytest.fixture
def lines() -> list[str]:
    """What a refresh of eight models prints where the terminal cannot redraw a line, without its times."""
    out = io.StringIO()

    def to_text(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("progress", logging.DEBUG)
        logger.addHandler(ProgressHandler(Console(file=out, width=200, color_system=None), models=len(MODELS)))
        return logger

    defs = dg.Definitions(
        assets=[raw, models],
        asset_checks=[judged],
        jobs=[dg.define_asset_job("refresh", selection=dg.AssetSelection.all())],
        loggers={"progress": dg.LoggerDefinition(to_text)},
    )
    defs.resolve_job_def("refresh").execute_in_process(run_config={"loggers": {"progress": {}}})
    return [
        line.split(" in ")[0] if " in " in line and line.endswith(" s") else line
        for line in out.getvalue().splitlines()
    ]


def test_a_refresh_is_said_in_a_few_lines(lines: list[str]) -> None:
    assert lines == [
        "take in files",
        "  as of 2026-03-09: 1 new files, 9 rows",
        "  done",
        "check",
        "  warning: usage.events id_is_given: 1 of 9 rows fail. An event without an id counts twice. Fix: Map the id.",
        "  1 of 2 checks passed on 1 table",
        "build tables",
        "  first run",
        "  a feed is late",
        "  2 of 8 tables",
        "  4 of 8 tables",
        "  6 of 8 tables",
        "  8 of 8 tables",
        "  done",
    ]
