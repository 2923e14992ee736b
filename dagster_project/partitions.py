"""One partition a day: the event day, in the reporting timezone, that a run is as of.

Only what is published is partitioned. Raw and the models are one state of the world as of the run's newest day:
a delivery may touch any day, and 130 assets times 365 days would be 47,000 events for one backfill.
"""

import datetime as dt

import dagster as dg

from dagster_project.sources.mapping import Mapping

PARTITION = "dagster/partition"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def daily_partitions(mapping: Mapping) -> dg.DailyPartitionsDefinition:
    """Days from the company's first day to yesterday, in its reporting timezone."""
    return dg.DailyPartitionsDefinition(start_date=mapping.first_day.isoformat(), timezone=mapping.timezone)


def range_tags(first: dt.date, last: dt.date) -> dict[str, str]:
    """Tags that make one run out of a range of days, both included."""
    return {RANGE_START: first.isoformat(), RANGE_END: last.isoformat()}


def newest_day(run: dg.DagsterRun) -> dt.date:
    """The newest day of the run's partition or range: a backfill of [a, b] is one run as of b."""
    newest = run.tags.get(RANGE_END) or run.tags.get(PARTITION)
    if newest is None:
        raise dg.Failure(
            "This run names no day. Launch the job `refresh` for a partition, or a range of them.", allow_retries=False
        )
    return dt.date.fromisoformat(newest)
