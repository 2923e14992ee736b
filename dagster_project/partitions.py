"""One partition a day: the event day, in the reporting timezone, that a run is as of."""

import datetime as dt

import dagster as dg

from dagster_project.sources.mapping import Mapping


def daily_partitions(mapping: Mapping) -> dg.DailyPartitionsDefinition:
    """Days from the company's first day to yesterday, in its reporting timezone."""
    return dg.DailyPartitionsDefinition(start_date=mapping.first_day.isoformat(), timezone=mapping.timezone)


def newest_day(context: dg.AssetExecutionContext) -> dt.date:
    """The newest day of the run's partition or range: a backfill of [a, b] is one run as of b."""
    return dt.date.fromisoformat(max(context.partition_keys))
