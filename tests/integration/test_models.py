"""Every dbt unit test and data test, on models built over an empty company.

What each one claims is written under its model in `dbt/models/**/_*__unit_tests.yml`.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from dagster_project.assets.warehouse import REFRESH
from dagster_project.sources.warehouse import create_empty_warehouse

pytestmark = [pytest.mark.integration]
DBT = Path(__file__).resolve().parents[2] / "dbt"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """Status and message of every node by its id."""
    data = tmp_path_factory.mktemp("models")
    create_empty_warehouse(data / "warehouse.duckdb")
    with duckdb.connect(str(data / "warehouse.duckdb")) as connection:
        run = "(as_of_on, first_day, reporting_currency, reporting_timezone, company)"
        values = [dt.date(2026, 1, 10), dt.date(2026, 1, 1), "EUR", "Europe/Berlin", "Nobody"]
        connection.execute(f"insert into ops.run {run} values (?, ?, ?, ?, ?)", values)
        connection.execute("create schema published")
        connection.execute(
            "create table published.account_segments_as_published "
            "(as_of_on date, account_id varchar, scoring_version varchar)"
        )
        connection.execute(
            "create table published.publications (publication integer, as_of_on date, definitions_hash varchar)"
        )
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CUSTOMER_SEGMENTS_DATA", str(data))
        places = ["--project-dir", str(DBT), "--profiles-dir", str(DBT), "--target-path", str(data / "target")]
        places += ["--log-path", str(data / "logs")]
        found: dict[str, tuple[str, str]] = {}
        for arguments in (["build", "--exclude-resource-type", "unit_test"], ["test", "--select", "test_type:unit"]):
            outcome = dbtRunner().invoke(["--quiet", *arguments, *places])
            assert outcome.exception is None, outcome.exception
            found |= {r.node.unique_id: (str(r.status), str(r.message)) for r in outcome.result.results}
    DuckDBConnectionManager.close_all_connections()
    return found


def test_every_model_builds_and_every_data_test_holds_for_a_company_without_data(
    results: dict[str, tuple[str, str]],
) -> None:
    bad = {name: said for name, said in results.items() if not name.startswith("unit_test.")}
    assert {name: said for name, said in bad.items() if said[0] not in ("success", "pass", "no-op", "warn")} == {}


def test_a_refresh_leaves_out_no_data_test(results: dict[str, tuple[str, str]], tmp_path: Path) -> None:
    places = ["--project-dir", str(DBT), "--profiles-dir", str(DBT), "--target-path", str(tmp_path)]
    listed = dbtRunner().invoke(["--quiet", "list", *REFRESH[1:], "--output", "name", *places]).result
    tests = {name.split(".")[2] for name in results if name.startswith("test.")}
    assert len(tests) > 10
    assert sorted(tests - set(listed)) == []


def test_every_unit_test_of_a_model_passes(results: dict[str, tuple[str, str]]) -> None:
    unit = {name: said for name, said in results.items() if name.startswith("unit_test.")}
    assert len(unit) > 80
    assert {name: said for name, said in unit.items() if said[0] != "pass"} == {}
