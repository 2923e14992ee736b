"""Whoever reads of a failure is told what was claimed, how far it is from true, and where."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from dagster_project.assets.warehouse import explained
from dagster_project.failures import check_reason
from dagster_project.settings import DBT_PROJECT

NAME = "assert_mrr_has_a_rate"
FILE = f"tests/{NAME}.sql"
NODES: dict[str, Any] = {
    NAME: {"name": NAME, "package_name": "p", "original_file_path": FILE, "description": "Every currency has a rate."}
}


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """GBP has no rate on three days, SEK on one; the query of the test as dbt compiles it lies beside."""
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table int_fx_missing as select * from (values ('GBP', date '2026-03-02', 1), "
            "('GBP', date '2026-03-01', 1), ('GBP', date '2026-03-05', 4), ('SEK', date '2026-03-05', 2)) "
            "as missing (currency, as_of_on, accounts)"
        )
    query = tmp_path / "compiled" / "p" / FILE
    query.parent.mkdir(parents=True)
    query.write_text((DBT_PROJECT / FILE).read_text().replace("{{ ref('int_fx_missing') }}", "int_fx_missing"))
    return path


def events() -> Iterator[dg.AssetCheckResult]:
    yield dg.AssetCheckResult(
        asset_key="money",
        check_name=NAME,
        passed=False,
        metadata={"unique_id": NAME, "dagster_dbt/failed_row_count": 2},
    )
    raise DagsterDbtCliRuntimeError("...\n\nErrors parsed from dbt logs:\n\nFailure in test x\n")


def test_a_missing_rate_is_said_with_its_currency_and_first_day(warehouse: Path) -> None:
    with pytest.raises(dg.Failure) as failed:
        list(explained(events(), NODES, warehouse.parent, warehouse))
    assert str(failed.value.description).splitlines() == [
        "Failure in test x",
        "no rate for GBP on 2026-03-01 (and 2 more days)",
        "no rate for SEK on 2026-03-05",
    ]


def test_a_failed_test_of_the_models_says_what_it_claims_how_many_rows_and_where(warehouse: Path) -> None:
    told = next(explained(events(), NODES, warehouse.parent, warehouse))
    verdict = dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey("money"), check_name=NAME, passed=False, metadata={}, description=told.description
    )
    assert check_reason(verdict) == (
        f"money {NAME}: Every currency has a rate. 2 rows of its query say otherwise: "
        f"{warehouse.parent}/compiled/p/{FILE}; docs/checks.md says what to do"
    )


def test_a_query_that_cannot_be_read_hides_no_failure(warehouse: Path) -> None:
    warehouse.unlink()
    with pytest.raises(dg.Failure, match="Failure in test x"):
        list(explained(events(), NODES, warehouse.parent, warehouse))
