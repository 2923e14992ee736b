"""The reconciler asks once for exactly what is missing; silence, lateness and failure are each heard once."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from dagster_project import sensors
from dagster_project.partitions import range_tags
from dagster_project.resources import SourcesResource, WarehouseResource
from dagster_project.sensors import RECONCILES, failed_refresh, late_tables, missing_days
from dagster_project.sources.home import Home
from dagster_project.sources.writer_lock import sole_writer
from tests.unit.published_company import FIRST, publish_days, write_sources

NOON = dt.datetime(2026, 3, 10, 6, 30, tzinfo=dt.UTC)
"""Noon of the 10th in Kolkata: the 9th is due."""
DUE = dt.date(2026, 3, 9)
HOUR = dt.timedelta(hours=1)


class Watch:
    """The sensors on one data folder, with a clock that is set by hand and runs that are written by hand."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = Home(folder / "data")
        self.sources = write_sources(folder / "settings")
        self.instance = dg.DagsterInstance.ephemeral()
        self.now = NOON
        self.cursor: str | None = None
        monkeypatch.setattr(sensors, "clock", lambda: self.now)

    def context(self) -> dg.SensorEvaluationContext:
        return dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursor,
            resources={
                "sources": SourcesResource(sources=str(self.sources)),
                "warehouse": WarehouseResource(data=str(self.home.path)),
            },
        )

    def missing_days(self) -> dg.RunRequest | str:
        with self.context() as context:
            asked = missing_days(context)
        if isinstance(asked, dg.RunRequest):
            return asked
        assert isinstance(asked, dg.SkipReason)
        return asked.skip_message or ""

    def late_tables(self) -> str:
        with self.context() as context:
            skipped = late_tables(context)
            self.cursor = context.cursor
        assert isinstance(skipped, dg.SkipReason)
        return skipped.skip_message or ""

    def record(self, status: dg.DagsterRunStatus, tags: dict[str, str] | None = None) -> str:
        """Write down a run that was created now."""
        run = dg.DagsterRun(job_name="refresh", run_id=str(uuid.uuid4()), status=status, tags=tags or {})
        self.instance.run_storage.add_historical_run(run, self.now)
        return run.run_id


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(tmp_path, monkeypatch)


def test_after_nine_days_of_downtime_the_reconciler_asks_for_one_run_of_exactly_the_missing_days(watch: Watch) -> None:
    publish_days(watch.home, FIRST - dt.timedelta(days=1))
    asked = watch.missing_days()
    assert isinstance(asked, dg.RunRequest)
    # the last day of February is published, nine days of March are due
    assert asked.tags == {**range_tags(FIRST, DUE), RECONCILES: "2026-03-01 to 2026-03-09"}


def test_a_single_missing_day_is_asked_for_as_its_partition(watch: Watch) -> None:
    publish_days(watch.home, DUE - dt.timedelta(days=1))
    asked = watch.missing_days()
    assert isinstance(asked, dg.RunRequest)
    assert asked.partition_key == "2026-03-09"


def test_nothing_is_asked_for_when_nothing_is_missing(watch: Watch) -> None:
    publish_days(watch.home, DUE)
    assert watch.missing_days() == "published through 2026-03-09"


@pytest.mark.parametrize("status", sorted(set(sensors.UNFINISHED) - {dg.DagsterRunStatus.QUEUED}, key=str))
def test_nothing_is_asked_for_while_a_refresh_is_under_way(watch: Watch, status: dg.DagsterRunStatus) -> None:
    watch.record(status)
    assert watch.missing_days() == "2026-03-01 to 2026-03-09 missing, and a refresh is under way"


def test_nothing_is_asked_for_while_a_refresh_of_the_terminal_holds_the_data(watch: Watch) -> None:
    with sole_writer(watch.home, lambda: None):
        assert "outside of Dagster's queue" in str(watch.missing_days())
    assert isinstance(watch.missing_days(), dg.RunRequest)


def test_a_range_that_failed_is_asked_for_again_after_one_hour_and_then_after_two(watch: Watch) -> None:
    first = watch.missing_days()
    assert isinstance(first, dg.RunRequest)
    watch.record(dg.DagsterRunStatus.FAILURE, dict(first.tags))
    watch.now += HOUR - dt.timedelta(minutes=1)
    assert watch.missing_days() == ("2026-03-01 to 2026-03-09 missing, asked for 1 time; next at 2026-03-10 07:30 UTC")
    watch.now += dt.timedelta(minutes=1)
    second = watch.missing_days()
    assert isinstance(second, dg.RunRequest)
    assert second.run_key != first.run_key
    watch.record(dg.DagsterRunStatus.FAILURE, dict(second.tags))
    watch.now += HOUR
    assert "asked for 2 times; next at 2026-03-10 09:30 UTC" in str(watch.missing_days())


def test_a_run_whose_process_is_gone_is_failed_and_its_days_are_asked_for(watch: Watch) -> None:
    run_id = watch.record(dg.DagsterRunStatus.STARTED)
    watch.now += dt.timedelta(minutes=11)
    with sole_writer(watch.home, lambda: None):
        assert watch.missing_days() == "2026-03-01 to 2026-03-09 missing, and a refresh is under way"
    assert isinstance(watch.missing_days(), dg.RunRequest)
    run = watch.instance.get_run_by_id(run_id)
    assert run
    assert run.status == dg.DagsterRunStatus.FAILURE


def test_late_tables_are_said_once_a_day(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    publish_days(watch.home, dt.date(2026, 3, 5))
    watch.record(dg.DagsterRunStatus.FAILURE)
    watch.late_tables()
    watch.now += HOUR
    watch.late_tables()
    watch.now += 24 * HOUR
    watch.late_tables()
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        "customer-segments: tables are as of 2026-03-05, expected 2026-03-09; the last refresh is FAILURE",
        "customer-segments: tables are as of 2026-03-05, expected 2026-03-10; the last refresh is FAILURE",
    ]


def test_that_nothing_has_ever_run_is_said(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    watch.late_tables()
    assert caplog.messages == [
        "customer-segments: tables are as of never, expected 2026-03-09; no refresh has ever run"
    ]


def test_nothing_is_late_before_nine(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    publish_days(watch.home, DUE - dt.timedelta(days=1))
    watch.now = dt.datetime(2026, 3, 10, 3, 29, tzinfo=dt.UTC)  # 08:59 in Kolkata
    assert watch.late_tables() == "published through 2026-03-08"
    watch.now += dt.timedelta(minutes=1)
    watch.late_tables()
    assert len(caplog.messages) == 1


def test_sources_that_cannot_be_read_are_said_once_a_day(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    watch.sources.write_text("company: [", encoding="utf-8")
    watch.late_tables()
    watch.now += HOUR
    assert watch.late_tables() == "sources.yml is still wrong"
    assert len(caplog.messages) == 1
    assert "no refresh can run" in caplog.messages[0]


def test_tables_late_for_the_day_on_which_sources_were_wrong_are_said_too(
    watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    mended = watch.sources.read_text(encoding="utf-8")
    watch.sources.write_text("company: [", encoding="utf-8")
    watch.now -= 24 * HOUR  # Monday the 9th, whose refresh publishes the 8th
    watch.late_tables()
    watch.sources.write_text(mended, encoding="utf-8")
    publish_days(watch.home, DUE - dt.timedelta(days=1))
    watch.now += 24 * HOUR  # Tuesday the 10th: nothing has run, and the 9th is due
    watch.late_tables()
    wrong, late = caplog.messages
    assert "no refresh can run" in wrong
    assert "tables are as of 2026-03-08, expected 2026-03-09" in late


def tell_of_failure(watch: Watch, result: dg.ExecuteInProcessResult) -> None:
    """Tell the sensor of a run that failed."""
    context = dg.build_run_status_sensor_context(
        sensor_name="failed_refresh",
        dagster_event=next(event for event in result.all_events if event.event_type_value == "PIPELINE_FAILURE"),
        dagster_instance=watch.instance,
        dagster_run=result.dagster_run,
    ).for_run_failure()
    failed_refresh(context)


def failed_step(watch: Watch, error: Exception) -> dg.ExecuteInProcessResult:
    @dg.op
    def raw() -> None:
        raise error

    @dg.job
    def refresh() -> None:
        raw()

    return refresh.execute_in_process(instance=watch.instance, raise_on_error=False)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_failed_refresh_is_said_with_its_step_and_reason(
    watch: Watch, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = failed_step(watch, ValueError("events_2026-03-09.csv: column 'acount'; did you mean 'account'?"))
    caplog.clear()
    monkeypatch.setenv("CUSTOMER_SEGMENTS_ALERT_WEBHOOK", "http://127.0.0.1:1/")
    tell_of_failure(watch, result)
    said, undelivered = caplog.messages
    assert said == (
        f"customer-segments: refresh {result.run_id[:8]} failed; "
        "raw: ValueError: events_2026-03-09.csv: column 'acount'; did you mean 'account'?"
    )
    assert undelivered.startswith("the alert could not be delivered")


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_step_that_says_why_it_fails_is_alerted_in_its_sentence_alone(
    watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    result = failed_step(watch, dg.Failure("no file that sources.yml names has arrived"))
    caplog.clear()
    tell_of_failure(watch, result)
    assert caplog.messages == [
        f"customer-segments: refresh {result.run_id[:8]} failed; raw: no file that sources.yml names has arrived"
    ]


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_check_that_stops_publishing_is_alerted_with_its_reason_and_fix_and_a_warning_is_not(
    watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    table = dg.AssetKey(["usage", "events"])

    @dg.multi_asset_check(
        name="usage__events__expectations",
        specs=[dg.AssetCheckSpec(name, asset=table, blocking=True) for name in ("id_is_given", "volume_is_usual")],
    )
    def judged() -> Iterator[dg.AssetCheckResult]:
        yield dg.AssetCheckResult(
            asset_key=table, check_name="id_is_given", passed=False, description="1 of 9 rows fail. Fix: Map the id."
        )
        yield dg.AssetCheckResult(
            asset_key=table, check_name="volume_is_usual", passed=False, severity=dg.AssetCheckSeverity.WARN
        )

    defs = dg.Definitions(asset_checks=[judged])
    result = defs.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=watch.instance, raise_on_error=False
    )
    caplog.clear()
    tell_of_failure(watch, result)
    (said,) = caplog.messages
    assert said == (
        f"customer-segments: refresh {result.run_id[:8]} failed; "
        "usage.events id_is_given: 1 of 9 rows fail. Fix: Map the id."
    )
