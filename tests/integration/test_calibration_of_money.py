"""The frozen references of money, from a window of paying days: each percentile of ARR that a border names is among them."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from dagster_project.sources.warehouse import create_empty_warehouse

pytestmark = [pytest.mark.integration]

DBT = Path(__file__).resolve().parents[2] / "dbt"
WINDOW = {"calibrate": True, "calibrate_from": "2026-01-01", "calibrate_to": "2026-01-31"}
TABLES = """
create schema intermediate;

create table intermediate.int_billing_daily as
select 'acct_' || i as account_id, date '2026-01-15' as as_of_on, 10 * i as mrr
from range(1, 20) as accounts(i)
union all
values
    ('acct_internal', date '2026-01-15', 5000),
    ('acct_1', date '2026-02-01', 9000),
    ('acct_free', date '2026-01-15', 0);

create table intermediate.int_account_days as
select account_id, as_of_on, account_id = 'acct_internal' as is_internal
from intermediate.int_billing_daily;

create table intermediate.int_account_profiles as
select 'acct_1' as account_id, 'B2B' as customer_type, 'small' as size_band, date '2026-01-01' as valid_from,
    cast(null as date) as valid_to;
"""


def test_references_of_money_are_the_percentiles_that_borders_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nineteen accounts pay 10, 20, ... 190 on one day. .75 x 19 = 14.25, so the 15th is the 75th percentile:
    12 x 150 = 1800; .8 x 19 = 15.2, the 16th: 1920; the 10th is the median: 100; the 18th the 90th: 180. An internal
    account and a day outside do not count."""
    create_empty_warehouse(tmp_path / "warehouse.duckdb")
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(TABLES)
    monkeypatch.setenv("CUSTOMER_SEGMENTS_DATA", str(tmp_path))
    places = ["--project-dir", str(DBT), "--profiles-dir", str(DBT), "--target-path", str(tmp_path / "target")]
    places += ["--log-path", str(tmp_path / "logs"), "--vars", json.dumps(WINDOW)]
    model = "int_calibration_references_money"
    for arguments in (
        ["seed", "--select", "scoring_versions", "growth_parameters", "segment_borders"],
        ["run", "--select", model],
    ):
        outcome = dbtRunner().invoke(["--quiet", *arguments, *places])
        DuckDBConnectionManager.close_all_connections()
        assert outcome.success, outcome.exception or [result.message for result in outcome.result.results]
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute(f"select reference, reference_group, value, n from intermediate.{model} order by all")
        assert rows.fetchall() == [
            ("arr_p75", "all", 1_800, 19),
            ("arr_p80", "all", 1_920, 19),
            ("mrr_median", "all", 100, 19),
            ("mrr_p90", "all", 180, 19),
        ]
