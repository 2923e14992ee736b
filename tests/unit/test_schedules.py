"""What the daily schedule asks for at its tick."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.partitions import PARTITION, range_tags, requested_day
from dagster_project.resources import WarehouseResource
from dagster_project.schedules import daily_refresh
from dagster_project.sources.home import Home
from dagster_project.sources.mapping import Mapping, read_mapping
from tests.unit.published_company import FIRST, publish_days, write_sources

TICK = dt.datetime(2026, 3, 11, 0, 30, tzinfo=dt.UTC)
"""Six in the morning of the 11th in Kolkata."""


@pytest.fixture
def company(tmp_path: Path) -> Mapping:
    return read_mapping(write_sources(tmp_path / "settings"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data")


def tick(company: Mapping, home: Home, at: dt.datetime = TICK) -> dg.RunRequest | dg.SkipReason:
    warehouse = WarehouseResource(data=str(home.path))
    with dg.build_schedule_context(scheduled_execution_time=at, resources={"warehouse": warehouse}) as context:
        asked = daily_refresh(company)(context)
    assert isinstance(asked, dg.RunRequest | dg.SkipReason)
    return asked


def test_the_tick_is_at_six_of_the_reporting_timezone(company: Mapping) -> None:
    schedule = daily_refresh(company)
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 6 * * *", "Asia/Kolkata")


def test_the_tick_asks_for_yesterdays_partition_in_the_reporting_timezone(company: Mapping, home: Home) -> None:
    publish_days(home, dt.date(2026, 3, 9))
    asked = tick(company, home)
    assert isinstance(asked, dg.RunRequest)
    assert asked.partition_key == "2026-03-10"


def test_yesterday_is_that_of_the_company_also_where_it_is_a_day_ahead_of_utc(company: Mapping, home: Home) -> None:
    auckland = dataclasses.replace(company, timezone="Pacific/Auckland")
    publish_days(home, dt.date(2026, 3, 9))
    # 17:00 UTC on the 10th is six in the morning of the 11th in Auckland, in summer time
    asked = tick(auckland, home, dt.datetime(2026, 3, 10, 17, tzinfo=dt.UTC))
    assert isinstance(asked, dg.RunRequest)
    assert asked.partition_key == "2026-03-10"


def test_after_nine_days_of_downtime_the_tick_asks_for_one_run_of_them_all(company: Mapping, home: Home) -> None:
    publish_days(home, dt.date(2026, 3, 1))
    asked = tick(company, home)
    assert isinstance(asked, dg.RunRequest)
    assert asked.partition_key is None
    assert asked.tags == range_tags(dt.date(2026, 3, 2), dt.date(2026, 3, 10))


def test_the_first_tick_asks_for_every_day_since_the_first(company: Mapping, home: Home) -> None:
    asked = tick(company, home)
    assert isinstance(asked, dg.RunRequest)
    assert asked.tags == range_tags(FIRST, dt.date(2026, 3, 10))


def test_the_tick_asks_for_nothing_that_is_published(company: Mapping, home: Home) -> None:
    publish_days(home, dt.date(2026, 3, 10))
    assert isinstance(tick(company, home), dg.SkipReason)


def test_the_schedule_runs_by_itself_unless_the_sample_company_is_described(company: Mapping) -> None:
    sample = dataclasses.replace(company, sample={"accounts": 24, "days": 20, "seed": 1})
    assert daily_refresh(company).default_status == dg.DefaultScheduleStatus.RUNNING
    assert daily_refresh(sample).default_status == dg.DefaultScheduleStatus.STOPPED


def run(tags: dict[str, str]) -> dg.DagsterRun:
    return dg.DagsterRun(job_name="refresh", run_id="0" * 32, tags=tags)


def test_a_run_of_a_range_is_as_of_its_last_day_and_one_without_a_day_is_refused() -> None:
    assert requested_day(run({PARTITION: "2026-03-05"})) == dt.date(2026, 3, 5)
    assert requested_day(run(range_tags(FIRST, dt.date(2026, 3, 7)))) == dt.date(2026, 3, 7)
    with pytest.raises(dg.Failure, match="names no day"):
        requested_day(run({}))
