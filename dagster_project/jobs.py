"""The one job: refresh every table as of a day, or a range of days in one pass."""

from __future__ import annotations

import dagster as dg

WAREHOUSE_TAG = {"customer_segments/writes": "warehouse"}
"""Runs with this tag wait for one another (`.dagster/dagster.yaml`): DuckDB has one writing process."""

refresh = dg.define_asset_job(
    name="refresh",
    selection=dg.AssetSelection.all(),
    description="Take in what arrived, rebuild what it touched, check, publish.",
    executor_def=dg.in_process_executor,
    tags=WAREHOUSE_TAG,
)
