"""The shipped definitions as Dagster runs them: one partition, then a range in one run under new definitions.

Two refreshes of the replay's eight characters are made once, by the job and the configuration that a user has; every
claim looks at them. Days, ranges and alerts without a run are in the unit tests of schedules and sensors.
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import duckdb
import pytest

from dagster_project.partitions import PARTITION, range_tags
from dagster_project.publication import as_published_file, database_path, published_days
from dagster_project.settings import PROJECT
from dagster_project.sources.home import Home
from tests.integration.replay_company import SCORE_REFERENCES, day, deliveries, write, write_settings

if TYPE_CHECKING:
    from dagster._core.execution.execute_in_process_result import ExecuteInProcessResult

pytestmark = [pytest.mark.integration]

PUBLISHED = dg.AssetKey(["published", "customer_segments"])
FIRST_RUN, RANGE = day(10), (day(11), day(13))
LOAD_SECONDS = 30
"""Generous: loading takes about 7 CPU seconds where dbt's manifest is there."""


@dataclass(frozen=True)
class Company:
    """A folder with everything of one company, and the environment that points there."""

    folder: Path

    @property
    def home(self) -> Home:
        return Home(self.folder / "data")

    @property
    def environment(self) -> dict[str, str]:
        places = {"SOURCES": "settings/sources.yml", "EXPORTS": "exports", "DATA": "data", "DBT_TARGET_PATH": "target"}
        return {f"CUSTOMER_SEGMENTS_{name}": str(self.folder / place) for name, place in places.items()}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    company = Company(tmp_path_factory.mktemp("dagster"))
    write_settings(company.folder / "settings")
    write(company.folder / "exports", deliveries())
    (company.folder / "dagster").mkdir()
    shutil.copy(PROJECT / ".dagster" / "dagster.yaml", company.folder / "dagster")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in company.environment.items():
            environment.setenv(name, value)
        environment.delenv("CUSTOMER_SEGMENTS_TARGET", raising=False)
        yield company


@pytest.fixture(scope="module")
def instance(company: Company) -> Iterator[dg.DagsterInstance]:
    """An instance that the shipped dagster.yaml configures."""
    with dg.DagsterInstance.from_config(str(company.folder / "dagster")) as instance:
        yield instance


def load(company: Company) -> subprocess.CompletedProcess[str]:
    code = (
        "from dagster_project.definitions import defs; "
        "print(len(list(defs.resolve_all_asset_specs())), defs.resolve_job_def('refresh').name)"
    )
    environment = os.environ | company.environment | {"PYTHONPATH": str(PROJECT)}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=company.folder, env=environment, capture_output=True, text=True, check=False
    )


@dataclass(frozen=True)
class Loaded:
    """What a fresh process said, and what it cost in CPU seconds."""

    process: subprocess.CompletedProcess[str]
    seconds: float


@pytest.fixture(scope="module")
def loaded(company: Company) -> Loaded:
    """The definitions loaded in a fresh process; the first load writes dbt's manifest."""
    load(company)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = load(company)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Loaded(process, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


@pytest.fixture(scope="module")
def defs(loaded: Loaded) -> dg.Definitions:
    """The shipped definitions, for this company."""
    assert loaded.process.returncode == 0, loaded.process.stderr
    from dagster_project.definitions import definitions

    return definitions()


def test_definitions_load_in_a_fresh_process_in_reasonable_time_and_without_a_word(loaded: Loaded) -> None:
    assert loaded.process.stderr == ""
    assert loaded.process.stdout.endswith(" refresh\n")
    assert loaded.seconds < LOAD_SECONDS


def test_every_asset_has_a_group_an_owner_and_a_description(defs: dg.Definitions) -> None:
    specs = list(defs.resolve_all_asset_specs())
    layers = {"raw", "run_state", "seeds", "staging", "intermediate", "marts", "published"}
    assert {spec.group_name for spec in specs} == layers
    assert [spec.key for spec in specs if not spec.owners] == []
    assert [spec.key for spec in specs if not spec.description] == []


def test_every_assertion_of_dbt_is_shown_as_a_check(defs: dg.Definitions) -> None:
    shown = {key.name for key in defs.resolve_asset_graph().asset_check_keys}
    assertions = {file.stem for file in (PROJECT / "dbt" / "tests").glob("assert_*.sql")}
    assert sorted(assertions - shown) == []


def test_one_run_at_a_time_writes_the_warehouse_and_none_is_under_way_for_ever(
    instance: dg.DagsterInstance, defs: dg.Definitions
) -> None:
    queue = instance.get_concurrency_config().run_queue_config
    assert queue
    (limit,) = queue.tag_concurrency_limits
    tags = defs.resolve_job_def("refresh").tags
    assert (tags[limit["key"]], limit["limit"]) == (limit["value"], 1)
    assert instance.run_monitoring_enabled
    assert instance.run_monitoring_start_timeout_seconds == 300
    assert instance.run_monitoring_max_runtime_seconds == 8 * 3600
    assert (instance.run_retries_enabled, instance.run_retries_max_retries) == (True, 1)
    assert not instance.run_retries_retry_on_asset_or_op_failure


def refresh(defs: dg.Definitions, instance: dg.DagsterInstance, tags: dict[str, str]) -> ExecuteInProcessResult:
    return defs.resolve_job_def("refresh").execute_in_process(instance=instance, tags=tags, raise_on_error=False)


@pytest.fixture(scope="module")
def first_run(defs: dg.Definitions, instance: dg.DagsterInstance) -> ExecuteInProcessResult:
    """The partition of day 10, on an empty data folder."""
    result = refresh(defs, instance, {PARTITION: FIRST_RUN.isoformat()})
    assert result.success, [event.message for event in result.all_events if event.is_failure]
    return result


@pytest.fixture(scope="module")
def health_before(company: Company, first_run: ExecuteInProcessResult) -> int:
    return health_rows(company)


@pytest.fixture(scope="module")
def range_run(
    company: Company, defs: dg.Definitions, instance: dg.DagsterInstance, health_before: int
) -> ExecuteInProcessResult:
    """Days 11 to 13 in one run of a new release: the frozen reference of depth was halved, and the release before it
    knew less of a run and of a publication."""
    references = SCORE_REFERENCES.replace("v1,depth_p95,all,3000000", "v1,depth_p95,all,1500000")
    assert references != SCORE_REFERENCES
    (company.folder / "settings" / "score_references.csv").write_text(references, encoding="utf-8")
    with duckdb.connect(str(company.home.warehouse)) as connection:
        connection.execute("create table marts.renamed_daily as from marts.health_daily")
    forget_last_column(company.home.warehouse, "ops.run")
    forget_last_column(database_path(company.home), "publishing.publications")
    result = refresh(defs, instance, range_tags(*RANGE))
    assert result.success, [event.message for event in result.all_events if event.is_failure]
    return result


def forget_last_column(database: Path, table: str) -> None:
    with duckdb.connect(str(database)) as connection:
        *_, (last, *_) = connection.execute(f"describe {table}").fetchall()
        connection.execute(f"alter table {table} drop column {last}")


def health_rows(company: Company) -> int:
    with duckdb.connect(str(database_path(company.home)), read_only=True) as connection:
        (rows,) = connection.execute("select count(*) from marts.health_daily").fetchone() or (0,)
    return int(rows)


def partitions(result: ExecuteInProcessResult) -> list[str]:
    return sorted(
        event.partition or "" for event in result.get_asset_materialization_events() if event.asset_key == PUBLISHED
    )


def test_the_job_runs_for_one_partition(company: Company, first_run: ExecuteInProcessResult) -> None:
    assert partitions(first_run) == [FIRST_RUN.isoformat()]
    # day 10, read again while later runs have published more
    assert published_days(company.home)[0] == FIRST_RUN


def test_tables_that_are_not_connected_do_not_stop_a_run(first_run: ExecuteInProcessResult) -> None:
    materialized = {event.asset_key for event in first_run.get_asset_materialization_events()}
    assert dg.AssetKey(["marts", "account_segments"]) in materialized


def test_no_check_is_an_observation_that_nobody_reads(first_run: ExecuteInProcessResult) -> None:
    assert [event.message for event in first_run.all_events if event.event_type_value == "ASSET_OBSERVATION"] == []


def test_the_job_runs_for_a_range_in_one_run(company: Company, range_run: ExecuteInProcessResult) -> None:
    days = [RANGE[0] + dt.timedelta(days=n) for n in range(3)]
    assert partitions(range_run) == [on.isoformat() for on in days]
    assert published_days(company.home) == [FIRST_RUN, RANGE[1]]


def test_a_new_release_reports_what_it_changes_before_it_publishes(
    company: Company, instance: dg.DagsterInstance, range_run: ExecuteInProcessResult, health_before: int
) -> None:
    with duckdb.connect(str(company.home.warehouse), read_only=True) as connection:
        differing = connection.execute(
            "select table_name, rows_before, rows_after, rows_only_before = rows_only_after "
            "from ops.release_differences where hash_before <> hash_after and table_name = 'health_daily'"
        ).fetchall()
        compared = connection.execute("select count(*) from ops.release_differences").fetchone()
    # the same account-days as published, with other depth points; days 11 to 13 are new and no difference
    assert differing == [("health_daily", health_before, health_before, True)]
    assert compared
    assert compared[0] > 10
    said = [entry.message for entry in instance.all_logs(range_run.run_id) if "publish" in str(entry.step_key)]
    reported = next(n for n, message in enumerate(said) if "tables differ" in message)
    published = next(n for n, message in enumerate(said) if "published as of" in message)
    assert reported < published
    assert any(message.endswith("only now") and "health_daily" in message for message in said[reported:published])


def test_a_table_that_a_release_builds_no_more_is_not_published(
    company: Company, range_run: ExecuteInProcessResult
) -> None:
    for database in (company.home.warehouse, database_path(company.home)):
        with duckdb.connect(str(database), read_only=True) as connection:
            tables = {name for (name,) in connection.execute("select table_name from duckdb_columns()").fetchall()}
        assert "health_daily" in tables
        assert "renamed_daily" not in tables


def test_what_dbt_writes_of_a_run_replaces_what_it_wrote_of_the_last(
    company: Company, range_run: ExecuteInProcessResult
) -> None:
    assert (company.home.dbt_artifacts / "run_results.json").exists()
    assert [path.name for path in (company.folder / "target").iterdir() if path.is_dir()] == []


def test_a_past_partition_run_again_does_not_take_the_published_tables_back(
    company: Company, range_run: ExecuteInProcessResult
) -> None:
    from dagster_project.partitions import newest_day

    run = dg.DagsterRun(job_name="refresh", run_id="0" * 32, tags={PARTITION: FIRST_RUN.isoformat()})
    assert newest_day(run, company.home) == RANGE[1]


def test_the_tick_of_the_shipped_schedule_launches_a_run_of_the_shipped_job(
    defs: dg.Definitions, instance: dg.DagsterInstance, range_run: ExecuteInProcessResult
) -> None:
    repository = defs.get_repository_def()
    at = dt.datetime.combine(RANGE[1] + dt.timedelta(days=2), dt.time(5), tzinfo=dt.UTC)  # six in Berlin
    with dg.build_schedule_context(
        instance=instance, scheduled_execution_time=at, repository_def=repository, resources=dict(defs.resources or {})
    ) as context:
        (request,) = repository.get_schedule_def("daily_refresh").evaluate_tick(context).run_requests or []
    # yesterday of that morning is the 14th day: the day after the range, and the only one missing
    assert request.partition_key == day(14).isoformat()
    assert request.tags[PARTITION] == day(14).isoformat()


def command(company: Company, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | company.environment | {"DAGSTER_HOME": str(company.folder / "dagster")}
    line = [sys.executable, "-m", "dagster_project", *arguments]
    return subprocess.run(line, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


def recompute(company: Company, on: dt.date) -> subprocess.CompletedProcess[str]:
    return command(company, "recompute", "--day", on.isoformat())


def test_only_what_a_run_has_built_and_checked_is_published(
    defs: dg.Definitions, instance: dg.DagsterInstance, company: Company, range_run: ExecuteInProcessResult
) -> None:
    result = defs.resolve_job_def("refresh").execute_in_process(
        instance=instance, asset_selection=[PUBLISHED], tags={PARTITION: RANGE[1].isoformat()}, raise_on_error=False
    )
    assert not result.success
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert "not every mart is part of it" in str(failed.step_failure_data.error)


@pytest.mark.long
def test_a_published_day_follows_from_what_was_known_then(company: Company, range_run: ExecuteInProcessResult) -> None:
    file = as_published_file(company.home, RANGE[1])
    shown = recompute(company, RANGE[1])
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert shown.stdout.splitlines()[-1].endswith("rows, each as it was published.")
    assert list(company.home.temporary.glob("known-*")) == []
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * replace (coalesce(mrr, 0) + 1 as mrr) from '{file}') to '{file}.other' (format parquet)"
        )
    os.replace(f"{file}.other", file)
    shown = recompute(company, RANGE[1])
    assert shown.returncode == 1
    assert "were published and are not found again" in shown.stdout


def test_a_day_that_was_never_published_cannot_be_compared(company: Company, range_run: ExecuteInProcessResult) -> None:
    refused = recompute(company, RANGE[0])
    assert refused.returncode == 2
    assert refused.stderr.strip() == (
        f"{RANGE[0]} was never published, so there is nothing to compare with; "
        f"the days that were: {FIRST_RUN} to {RANGE[1]}"
    )


def test_calibrating_anew_leaves_no_table_short(company: Company, range_run: ExecuteInProcessResult) -> None:
    def days() -> list[int]:
        with duckdb.connect(str(company.home.warehouse), read_only=True) as connection:
            return [
                (connection.execute(f"select count(distinct as_of_on) from {table}").fetchone() or (0,))[0]
                for table in ("intermediate.int_mrr_daily", "marts.usage_daily")
            ]

    before = days()
    made = command(company, "calibrate", "--from", day(1).isoformat(), "--to", day(13).isoformat())
    assert made.returncode == 0, made.stdout + made.stderr
    assert "References written to" in made.stdout
    assert days() == before
