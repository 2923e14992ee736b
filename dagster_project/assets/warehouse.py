"""Staging, intermediate and marts: every dbt model as the asset of its name.

What the models say is in `dbt/`; the days that a run recomputes are decided there too (`int_recompute_windows`).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject, dbt_assets

from dagster_project.partitions import newest_day
from dagster_project.resources import SourcesResource, WarehouseResource
from dagster_project.scoring import calibrate_once
from dagster_project.sources.run_state import is_first_run


def warehouse_assets(project: DbtProject) -> dg.AssetsDefinition:
    """One asset per dbt model and seed, in one dbt invocation a run."""

    @dbt_assets(
        manifest=project.manifest_path,
        project=project,
        name="models",
    )
    def models(
        context: dg.AssetExecutionContext,
        dbt: DbtCliResource,
        sources: SourcesResource,
        warehouse: WarehouseResource,
    ) -> Iterator[Any]:
        """Every dbt model, seed and test; a full rebuild when definitions changed."""
        calibrate_once(dbt, sources.mapping(), warehouse.home, newest_day(context.run))
        arguments = ["build", "--exclude-resource-type", "unit_test"]
        if is_first_run(warehouse.home):
            arguments.append("--full-refresh")
        yield from dbt.cli(arguments, context=context).stream()

    return models
