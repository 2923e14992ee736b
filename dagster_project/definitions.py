"""The table of contents: what Dagster sees, in the order in which the data flows."""

from __future__ import annotations

import warnings

import dagster as dg

from dagster_project.assets.published import published_asset
from dagster_project.assets.raw import raw_assets
from dagster_project.assets.warehouse import run_state_specs, warehouse_assets
from dagster_project.checks import checks, gates
from dagster_project.jobs import refresh
from dagster_project.partitions import daily_partitions
from dagster_project.progress import progress
from dagster_project.resources import dbt_project, resources
from dagster_project.schedules import daily_refresh
from dagster_project.sensors import failed_refresh, late_tables, missing_days
from dagster_project.settings import sources_file
from dagster_project.sources.mapping import read_mapping

# partitioned backfills in one run are beta in name only; the warning would open every terminal session
warnings.filterwarnings("ignore", category=dg.BetaWarning)


def definitions() -> dg.Definitions:
    """Everything, for the `sources.yml` of the environment."""
    mapping = read_mapping(sources_file())
    partitions = daily_partitions(mapping)
    raw = raw_assets(mapping)
    project = dbt_project()
    models = warehouse_assets(project)
    marts = [key for key in models.keys if key.path[0] == "marts"]
    published = published_asset(sorted(marts), gates, partitions)
    return dg.Definitions(
        assets=[raw, *run_state_specs(project), models, published],
        asset_checks=checks,
        jobs=[refresh],
        schedules=[daily_refresh(mapping)],
        sensors=[missing_days, late_tables, failed_refresh],
        resources=resources(),
        loggers={"console": dg.colored_console_logger, "progress": progress},
        executor=dg.in_process_executor,
    )


defs = definitions()
