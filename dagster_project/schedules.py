"""When the refresh runs by itself: every morning, in the reporting timezone, as of the day that has just ended."""

from __future__ import annotations

import dagster as dg

from dagster_project.jobs import refresh
from dagster_project.sources.mapping import Mapping

HOUR = 6


def daily_refresh(mapping: Mapping) -> dg.ScheduleDefinition | dg.UnresolvedPartitionedAssetScheduleDefinition:
    """The daily schedule; it rests while `sources.yml` still describes the sample company, whose days are past."""
    return dg.build_schedule_from_partitioned_job(
        refresh,
        name="daily_refresh",
        hour_of_day=HOUR,
        default_status=dg.DefaultScheduleStatus.STOPPED if mapping.sample else dg.DefaultScheduleStatus.RUNNING,
    )
