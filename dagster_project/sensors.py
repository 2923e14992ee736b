"""What watches by itself: a reconciler for missing days, and alerts on failure, lateness and silence.

The published days are the truth, not the ticks: a schedule that was down leaves no trace, a missing day does.
"""

import datetime as dt

import dagster as dg

from dagster_project.failures import check_reason, step_reasons
from dagster_project.freshness import HOUR, alert, freshness
from dagster_project.jobs import refresh
from dagster_project.partitions import run_for
from dagster_project.resources import SourcesResource, WarehouseResource
from dagster_project.settings import setting
from dagster_project.sources.mapping import MappingError
from dagster_project.sources.wording import counted
from dagster_project.sources.writer_lock import is_being_written

LATE_HOUR = 9
RECONCILES = "customer_segments/reconciles"
"""Tag of a run of the reconciler: the days it was asked for."""
STARTING_UP = dt.timedelta(minutes=10)
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def clock() -> dt.datetime:
    """The time now; the only place where a sensor looks at the clock."""
    return dt.datetime.now(dt.UTC)


def fail_abandoned_runs(instance: dg.DagsterInstance, warehouse: WarehouseResource, now: dt.datetime) -> None:
    """Fail runs that say STARTED while no process holds the data folder: a machine that died ends no run.

    Dagster's run monitoring cannot tell; the default launcher does not know the health of its processes.
    """
    started = dg.RunsFilter(job_name=refresh.name, statuses=[dg.DagsterRunStatus.STARTED])
    for record in instance.get_run_records(started):
        since = dt.datetime.fromtimestamp(record.start_time or record.create_timestamp.timestamp(), dt.UTC)
        if now - since > STARTING_UP and not is_being_written(warehouse.home):
            instance.report_run_failed(record.dagster_run, "The process of this run is gone.")


@dg.sensor(
    job=refresh,
    minimum_interval_seconds=600,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for one run of all days that should be published and are not; again after 1, 2, 4, ... hours.",
)
def missing_days(
    context: dg.SensorEvaluationContext, sources: SourcesResource, warehouse: WarehouseResource
) -> dg.RunRequest | dg.SkipReason:
    mapping = sources.mapping()
    if mapping.sample:
        return dg.SkipReason("sources.yml describes the sample company; make run builds it")
    now = clock()
    fail_abandoned_runs(context.instance, warehouse, now)
    state = freshness(mapping, warehouse.home, now, due_hour=HOUR + 1)
    first = state.missing_from(mapping.first_day)
    if first is None:
        return dg.SkipReason(f"published through {state.published}")
    days = f"{first} to {state.expected}"
    if context.instance.get_runs(dg.RunsFilter(job_name=refresh.name, statuses=UNFINISHED), limit=1):
        return dg.SkipReason(f"{days} missing, and a refresh is under way")
    if is_being_written(warehouse.home):
        return dg.SkipReason(f"{days} missing, and a refresh is under way outside of Dagster's queue")
    tried = context.instance.get_run_records(dg.RunsFilter(job_name=refresh.name, tags={RECONCILES: days}))
    again = max((r.create_timestamp for r in tried), default=now) + dt.timedelta(hours=2 ** (len(tried) - 1))
    if tried and now < again:
        return dg.SkipReason(
            f"{days} missing, asked for {counted(len(tried), 'time')}; next at {again:%Y-%m-%d %H:%M} UTC"
        )
    return run_for(first, state.expected, run_key=f"{days}, {len(tried) + 1}", tags={RECONCILES: days})


@dg.sensor(
    minimum_interval_seconds=1800,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=f"Alerts once a day when the tables are not the day's by {LATE_HOUR}:00, also when nothing has run.",
)
def late_tables(
    context: dg.SensorEvaluationContext, sources: SourcesResource, warehouse: WarehouseResource
) -> dg.SkipReason:
    now = clock()
    try:
        mapping = sources.mapping()
    except MappingError as error:
        told = f"sources.yml wrong on {now.date()}"
        if context.cursor == told:
            return dg.SkipReason("sources.yml is still wrong")
        alert(f"customer-segments: no refresh can run: {error}", setting("ALERT_WEBHOOK"))
        context.update_cursor(told)
        return dg.SkipReason(f"alerted: {error}")
    if mapping.sample:
        return dg.SkipReason("sources.yml describes the sample company")
    state = freshness(mapping, warehouse.home, now, due_hour=LATE_HOUR)
    if state.is_current:
        return dg.SkipReason(f"published through {state.published}")
    told = f"late for {state.expected}"
    if context.cursor == told:
        return dg.SkipReason(f"alerted already: expected {state.expected}, published through {state.published}")
    runs = context.instance.get_runs(dg.RunsFilter(job_name=refresh.name), limit=1)
    last = f"the last refresh is {runs[0].status.value}" if runs else "no refresh has ever run"
    alert(
        f"customer-segments: tables are as of {state.published or 'never'}, expected {state.expected}; {last}",
        setting("ALERT_WEBHOOK"),
    )
    context.update_cursor(told)
    return dg.SkipReason(f"alerted: expected {state.expected}, published through {state.published or 'never'}")


def failure_text(context: dg.RunFailureSensorContext) -> str:
    """What failed and why, in the words of the step or check; at most 1,000 characters."""
    log = context.instance.all_logs(context.dagster_run.run_id, dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    verdicts = [entry.get_dagster_event().asset_check_evaluation_data for entry in log]
    stopped_by = [v for v in verdicts if v.blocking and not v.passed and v.severity == dg.AssetCheckSeverity.ERROR]
    reasons = [*step_reasons(context.get_step_failure_events()), *map(check_reason, stopped_by)]
    said = "; ".join(reasons) or context.failure_event.message or "no reason given"
    return said if len(said) <= 1000 else f"{said[:1000]} ..."


@dg.run_failure_sensor(
    monitored_jobs=[refresh],
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Alerts when a refresh fails, with the step and its reason; what is published stays as it was.",
)
def failed_refresh(context: dg.RunFailureSensorContext) -> None:
    alert(
        f"customer-segments: refresh {context.dagster_run.run_id[:8]} failed; {failure_text(context)}",
        setting("ALERT_WEBHOOK"),
    )
