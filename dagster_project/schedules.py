"""When the refresh runs by itself: every morning, in the reporting timezone, as of the day that has just ended."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import dagster as dg

from dagster_project.freshness import HOUR, Freshness
from dagster_project.jobs import refresh
from dagster_project.partitions import run_for
from dagster_project.publication import published_days
from dagster_project.resources import WarehouseResource
from dagster_project.sources.mapping import Mapping


def daily_refresh(mapping: Mapping) -> dg.ScheduleDefinition:
    """The daily schedule; it rests while `sources.yml` still describes the sample company, whose days are past.

    After a downtime one tick asks for every missing day in one run. A schedule built from the partitions would
    launch one run for each of the last five ticks instead.
    """

    @dg.schedule(
        job=refresh,
        cron_schedule=f"0 {HOUR} * * *",
        execution_timezone=mapping.timezone,
        default_status=dg.DefaultScheduleStatus.STOPPED if mapping.sample else dg.DefaultScheduleStatus.RUNNING,
        description=f"At {HOUR}:00 {mapping.timezone}: publish yesterday, with every day before it that is missing.",
    )
    def daily_refresh(
        context: dg.ScheduleEvaluationContext, warehouse: WarehouseResource
    ) -> dg.RunRequest | dg.SkipReason:
        today = context.scheduled_execution_time.astimezone(zoneinfo.ZoneInfo(mapping.timezone)).date()
        yesterday = today - dt.timedelta(days=1)
        days = published_days(warehouse.home)
        first = Freshness(days[-1] if days else None, yesterday).missing_from(mapping.first_day)
        if first is None:
            return dg.SkipReason(f"published through {days[-1]}")
        return run_for(first, yesterday, run_key=yesterday.isoformat())

    return daily_refresh
