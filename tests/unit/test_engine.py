"""Whatever computes with DuckDB keeps to the limits of the settings, spills below the data folder and works in UTC."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dagster_project.publication import publish
from dagster_project.quality.suites import Check, Suite
from dagster_project.quality.validation import validate
from dagster_project.recompute import compare
from dagster_project.release_report import new_release
from dagster_project.settings import RefusedError
from dagster_project.sources import batch
from dagster_project.sources.engine import open_duckdb
from dagster_project.sources.home import Home
from dagster_project.sources.mapping import Mapping, read_mapping
from dagster_project.sources.run_state import Published, finish, prepare
from dagster_project.sources.warehouse import create_empty_warehouse
from tests.unit.published_company import FIRST, publish_days, write_sources

SETTINGS = (
    "select current_setting('threads'), current_setting('memory_limit'), current_setting('temp_directory'), "
    "current_setting('TimeZone')"
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A data folder with a warehouse and a published day, and limits that are nobody's default."""
    monkeypatch.setenv("CUSTOMER_SEGMENTS_THREADS", "3")
    monkeypatch.setenv("CUSTOMER_SEGMENTS_MEMORY", "1GiB")
    home = Home(tmp_path / "data")
    publish_days(home, FIRST)
    create_empty_warehouse(home.warehouse)
    return home


@pytest.fixture
def mapping(tmp_path: Path) -> Mapping:
    return read_mapping(write_sources(tmp_path / "settings"))


def test_every_database_is_opened_within_the_limits(home: Home) -> None:
    for connection in (open_duckdb(home), open_duckdb(home, home.warehouse, read_only=True), batch.connect(home)):
        with connection:
            assert connection.execute(SETTINGS).fetchall() == [(3, "1.0 GiB", str(home.temporary), "UTC")]


def test_tables_are_judged_within_the_limits(home: Home) -> None:
    query = f"select 1 from ({SETTINGS}) as t(threads, memory, folder, zone) where (threads, memory, folder, zone) <> "
    query += f"(3, '1.0 GiB', '{home.temporary}', 'UTC') and (select count(*) from {{batch}}) = 0"
    check = Check(
        "limits_hold", "unexpected_rows_expectation", {"unexpected_rows_query": query}, "critical", "all", "", ""
    )
    (result,) = validate(home.warehouse, Suite("usage", "events", "", None, (check,)))
    assert result.success, result.observed


@pytest.mark.parametrize(
    "compute",
    [
        lambda home, mapping: prepare(mapping, home, FIRST, Published([], [])),
        lambda home, _: new_release(home, "other"),
        lambda home, _: publish(home, FIRST, FIRST, "hash"),
        lambda home, _: finish(home),
        lambda home, _: compare(home, home, FIRST),
    ],
    ids=["prepare", "new_release", "publish", "finish", "compare"],
)
def test_whatever_computes_asks_for_the_limits(
    compute: Callable[[Home, Mapping], object], home: Home, mapping: Mapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUSTOMER_SEGMENTS_THREADS", "two")
    with pytest.raises(RefusedError, match="CUSTOMER_SEGMENTS_THREADS is 'two'"):
        compute(home, mapping)
