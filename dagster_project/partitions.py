"""One partition a day: the event day, in the reporting timezone, that a run is as of.

Only what is published is partitioned. Raw and the models are one state of the world as of the run's newest day:
a delivery may touch any day, and 130 assets times 365 days would be 47,000 events for one backfill.
"""

import datetime as dt

import dagster as dg

from dagster_project.publication import published_days
from dagster_project.sources.home import Home
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


def run_for(first: dt.date, last: dt.date, run_key: str, tags: dict[str, str] | None = None) -> dg.RunRequest:
    """A request for one run of [first, last]; a single day is its partition, as if it were launched by hand."""
    if first == last:
        return dg.RunRequest(run_key=run_key, partition_key=last.isoformat(), tags=tags or {})
    return dg.RunRequest(run_key=run_key, tags={**range_tags(first, last), **(tags or {})})


def requested_day(run: dg.DagsterRun) -> dt.date:
    """The newest day of the run's partition or range."""
    newest = run.tags.get(RANGE_END) or run.tags.get(PARTITION)
    if newest is None:
        raise dg.Failure(
            "This run names no day. Launch the job `refresh` for a partition, or a range of them.", allow_retries=False
        )
    return dt.date.fromisoformat(newest)


def newest_day(run: dg.DagsterRun, home: Home) -> dt.date:
    """The day that the run is as of: a run of [a, b] recomputes through the newest day known, K.

    A past partition, run again, must not put the published tables back to that day.
    """
    return max([requested_day(run), *published_days(home)[-1:]])
