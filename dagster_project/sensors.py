"""What watches by itself: a reconciler for missing days, and alerts on failure, lateness and silence.

The published days are the truth, not the ticks: a schedule that was down leaves no trace, a missing day does.
"""

import datetime as dt

import dagster as dg

from dagster_project.freshness import alert, freshness
from dagster_project.jobs import refresh
from dagster_project.partitions import range_tags
from dagster_project.resources import SourcesResource, WarehouseResource, setting
from dagster_project.schedules import HOUR

LATE_HOUR = 9
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


@dg.sensor(job=refresh, minimum_interval_seconds=600, default_status=dg.DefaultSensorStatus.RUNNING)
def missing_days(
    context: dg.SensorEvaluationContext, sources: SourcesResource, warehouse: WarehouseResource
) -> dg.SensorResult | dg.SkipReason:
    """Request one run for all days that should be published and are not; at most one an hour."""
    mapping = sources.mapping()
    if mapping.sample:
        return dg.SkipReason("sources.yml describes the sample company; make run builds it")
    now = dt.datetime.now(dt.UTC)
    state = freshness(mapping, warehouse.home, now, due_hour=HOUR + 1)
    first = state.missing_from(mapping.first_day)
    if first is None:
        return dg.SkipReason(f"published through {state.published}")
    unfinished = context.instance.get_runs(dg.RunsFilter(job_name=refresh.name, statuses=UNFINISHED), limit=1)
    if unfinished:
        return dg.SkipReason(f"{first} to {state.expected} missing, and a refresh is under way")
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(
                run_key=f"{first}..{state.expected}@{now:%Y-%m-%dT%H}", tags=range_tags(first, state.expected)
            )
        ]
    )


@dg.sensor(minimum_interval_seconds=1800, default_status=dg.DefaultSensorStatus.RUNNING)
def late_tables(
    context: dg.SensorEvaluationContext, sources: SourcesResource, warehouse: WarehouseResource
) -> dg.SkipReason:
    """Alert once a day when the tables are not the day's by nine, whatever the cause, nothing having run included."""
    mapping = sources.mapping()
    if mapping.sample:
        return dg.SkipReason("sources.yml describes the sample company")
    state = freshness(mapping, warehouse.home, dt.datetime.now(dt.UTC), due_hour=LATE_HOUR)
    if state.is_current or context.cursor == state.expected.isoformat():
        return dg.SkipReason(f"published through {state.published}, expected {state.expected}")
    runs = context.instance.get_runs(dg.RunsFilter(job_name=refresh.name), limit=1)
    last = f"the last refresh is {runs[0].status.value}" if runs else "no refresh has ever run"
    alert(
        f"customer-segments: tables are as of {state.published or 'never'}, expected {state.expected}; {last}",
        setting("ALERT_WEBHOOK"),
    )
    context.update_cursor(state.expected.isoformat())
    return dg.SkipReason(f"alerted: expected {state.expected}")


@dg.run_failure_sensor(monitored_jobs=[refresh], default_status=dg.DefaultSensorStatus.RUNNING)
def failed_refresh(context: dg.RunFailureSensorContext) -> None:
    """Alert when a refresh fails; what is published stays as it was."""
    alert(
        f"customer-segments: refresh {context.dagster_run.run_id[:8]} failed: {context.failure_event.message}",
        setting("ALERT_WEBHOOK"),
    )
