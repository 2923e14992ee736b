"""The benchmark's arithmetic, its days, what it compares with, and how it goes on after an interruption.

No test is about how long anything takes.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper

from benchmarks.clocked_dbt import SqlClock
from benchmarks.company import exports_since
from benchmarks.duckdb_alone import model_statements
from benchmarks.figures import (
    Figure,
    Runs,
    backfill_against_days,
    checked_against_bare_load,
    long_against_short_history,
    models_wall,
    peak_memory,
    pipeline_against_script,
    rebuild_sql_cpu,
    refresh_against_rebuild,
    sql_cpu,
)
from benchmarks.measuring import Measured, MeasuredProcessError, Step, measure
from benchmarks.processes import resident_bytes, tree_of
from benchmarks.records import OtherSizeError, Records
from benchmarks.report import as_markdown, as_text
from benchmarks.size import Size
from benchmarks.work import Bench, copy_data

PROJECT = Path(__file__).resolve().parents[2]


def pipeline_run(name: str, factor: float = 1.0, peak: int | None = 1 << 30) -> Measured:
    """A run of 20 s wall (10 s in dbt) and 12 s of CPU, of which 9 s are SQL, times the factor."""
    nodes = [
        {"node": "seed.p.weights", "seconds": 0.5 * factor, "status": "success", "began": 0.0, "ended": 0.0},
        {"node": "model.p.mrr_daily", "seconds": 4.0 * factor, "status": "success", "began": 0.0, "ended": 0.0},
        {"node": "model.p.accounts", "seconds": 1.0 * factor, "status": "success", "began": 0.0, "ended": 0.0},
        {"node": "test.p.bridge", "seconds": 1.5 * factor, "status": "pass", "began": 0.0, "ended": 0.0},
    ]
    dbt = {
        "nodes": nodes, "nodes_wall": 8.0 * factor, "start": 1.5 * factor, "end": 0.5 * factor,
        "sql_wall": 5.0 * factor, "sql_cpu": 3.0 * factor, "start_cpu": 1.0 * factor, "statements": 7,
        "failed_tests": [], "sql_cpu_by_node": {"model.p.mrr_daily": 2.5 * factor, "test.p.bridge": 0.5 * factor},
    }  # fmt: skip
    steps = [
        Step("land", 1.0 * factor, 0.5 * factor, {"files": 3}),
        Step("load", 4.0 * factor, 3.5 * factor, {"rows": 10, "seconds_by_table": {"usage.events": 4.0 * factor}}),
        Step("prepare", 2.0 * factor, 1.0 * factor, {"definitions": "d1"}),
        Step("dbt", 10.0 * factor, 6.0 * factor, dbt),
        Step("publish", 2.5 * factor, 0.8 * factor),
        Step("finish", 0.5 * factor, 0.2 * factor),
    ]
    return Measured(name, steps, peak, "dbt, mrr_daily")


def alone(name: str, seconds: float) -> Measured:
    return Measured(name, [Step("model.p.mrr_daily", seconds, seconds)], None, "")


def runs(**changed: Any) -> Runs:
    given: dict[str, Any] = {
        "builds": [pipeline_run("build-1"), pipeline_run("build-2"), pipeline_run("build-3")],
        "loads": [alone("load-1", 2.0), alone("load-2", 2.5), alone("load-3", 4.0)],
        "models": [alone("models-1", 5.0), alone("models-2", 5.0), alone("models-3", 5.0)],
        "newest": [pipeline_run("day-1", 0.1), pipeline_run("day-2", 0.2), pipeline_run("day-3", 0.1)],
        "spread": [pipeline_run("day-4", 0.1), pipeline_run("day-5", 0.2), pipeline_run("day-6", 0.3)],
        "recent": [pipeline_run("recent-1", 0.1), pipeline_run("recent-2", 0.1), pipeline_run("recent-3", 0.1)],
        "backfill": pipeline_run("backfill", 3.0),
        "of_pipeline": [pipeline_run("build-1"), pipeline_run("base", peak=5 << 30), pipeline_run("x", peak=None)],
    }
    return Runs(**(given | changed))


def test_cpu_of_the_sql_leaves_out_what_dbt_does_besides_sql() -> None:
    # 0.5 land + 3.5 load + 1.0 prepare + 0.8 publish + 0.2 finish + 3.0 of the statements in dbt
    assert sql_cpu(pipeline_run("r")) == pytest.approx(9.0)
    # a rebuild takes nothing in: less 0.5 and 3.5
    assert rebuild_sql_cpu(pipeline_run("r")) == pytest.approx(5.0)


def test_a_ratio_is_taken_within_a_repeat_and_its_median_is_shown() -> None:
    cpu, wall = refresh_against_rebuild(runs())
    # CPU of SQL: 0.9 / 5.0, 1.8 / 5.0, 0.9 / 5.0
    assert cpu.value == pytest.approx(0.18)
    # wall: 2.0 / 15.0, 4.0 / 15.0, 2.0 / 15.0 (the rebuild without 5.0 of take-in)
    assert wall.value == pytest.approx(2 / 15)
    load = checked_against_bare_load(
        runs(builds=[pipeline_run("build-1", 2), pipeline_run("build-2"), pipeline_run("build-3", 4)])
    )
    # 10 / 2 = 5, 5 / 2.5 = 2, 20 / 4 = 5; of the medians it would be 10 / 2.5 = 4
    assert load.value == pytest.approx(5.0)


def test_histories_are_compared_on_the_same_days() -> None:
    # 2 / 2, 4 / 2, 2 / 2
    assert long_against_short_history(runs(), 365, 90).value == pytest.approx(1.0)


def test_the_pipeline_is_charged_for_its_models_without_process_start_tests_and_seeds() -> None:
    # 8.0 from the first node to the last, less 0.5 of the seed and 1.5 of the test
    assert models_wall(pipeline_run("r")) == pytest.approx(6.0)
    figure = pipeline_against_script(runs())
    assert figure.value == pytest.approx(6.0 / 5.0)
    assert figure.cpu == pytest.approx(2.5 / 5.0)
    # the whole rebuild 15.0 less 1.5 of start-up
    assert "13.5 s, 2.70 times the script" in figure.measured


def test_day_by_day_is_scaled_from_the_measured_days_and_says_so() -> None:
    figure = backfill_against_days(runs(), 90)
    # 60 / (90 * 2), 60 / (90 * 4), 60 / (90 * 6)
    assert figure.value == pytest.approx(60 / 360)
    assert "3 single days spread over the 90 were measured" in figure.measured


def test_peak_memory_is_that_of_the_worst_run_and_names_it() -> None:
    figure = peak_memory(runs())
    assert figure.value == pytest.approx(5.0)
    assert figure.verdict == "missed, 1.2 times the aim"
    assert "base: dbt, mrr_daily" in figure.measured


def test_where_memory_cannot_be_seen_the_aim_is_not_met() -> None:
    figure = peak_memory(runs(of_pipeline=[pipeline_run("x", peak=None)]))
    assert (figure.verdict, figure.is_missed) == ("not measured", True)


def test_a_missed_aim_says_by_how_much_and_which_models_and_steps_take_the_time() -> None:
    figures = refresh_against_rebuild(runs())
    text, markdown = as_text(figures, ["size"], []), as_markdown(figures, ["size"], [])
    for shown in (text, markdown):
        assert "at most 0.050" in shown
        assert "missed, 3.6 times the aim" in shown
        assert "take-in 0.5 s (25%)" in shown
        assert "mrr_daily 0.40 s, test.p" not in shown
        assert "models: mrr_daily 0.40 s, bridge 0.15 s, accounts 0.10 s, weights 0.05 s" in shown


def test_a_met_aim_is_shown_without_an_explanation() -> None:
    met = Figure("a / b", 1.0, 1.0, 1.3, "", "1 s / 1 s", ["a step"])
    assert "a step" not in as_text([met], [], [])
    assert "| a / b | at most 1.30 | 1.00 | 1.00 | met |" in as_markdown([met], [], [])


@pytest.mark.parametrize(("days", "repeats"), [(365, 3), (120, 1), (30, 3), (30, 7)])
def test_every_day_after_the_base_is_covered_once(days: int, repeats: int, tmp_path: Path) -> None:
    size = Size(100, 1000, days, repeats)
    covered = list(Bench(size, tmp_path, Records(tmp_path, size), print).day_runs().items())
    newest = size.before_backfill
    for name, day in covered:
        assert day > newest
        assert name.startswith("until") or day == newest + dt.timedelta(days=1)
        newest = day
    assert newest == size.last
    assert len(size.spread_days) == min(5, size.backfill_days - repeats)
    assert not set(size.spread_days) & set(size.last_days)


def test_the_full_size_measures_what_is_promised() -> None:
    size = Size(20_000, 20_000_000, 365, 3)
    assert (size.backfill_days, size.short_history_days, size.last) == (90, 90, dt.date(2025, 12, 31))
    assert size.short_history_first == dt.date(2025, 9, 30)  # 90 days before 29 December


def test_too_short_a_history_is_refused() -> None:
    with pytest.raises(ValueError, match=r"at least 30, .* got 29"):
        Size(100, 1000, 29, 1)


def test_a_company_that_connected_recently_has_the_last_state_and_no_earlier_use(tmp_path: Path) -> None:
    for file in (
        "product_analytics/received=2025-02-27/events_2025-02-27.csv.gz",
        "product_analytics/received=2025-03-01/events_2025-02-20.csv.gz",
        "billing/received=2025-02-20/items_2025-02-20.jsonl",
        "billing/received=2025-02-27/items_2025-02-27.jsonl",
        "billing/received=2025-02-10/customers_2025-02-10.csv",
        "billing/received=2025-03-06/items_2025-03-06.jsonl",
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert [file.as_posix() for file in exports_since(tmp_path, dt.date(2025, 3, 1))] == [
        "billing/received=2025-02-10/customers_2025-02-10.csv",
        "billing/received=2025-02-27/items_2025-02-27.jsonl",
        "billing/received=2025-03-06/items_2025-03-06.jsonl",
        "product_analytics/received=2025-03-01/events_2025-02-20.csv.gz",
    ]


def test_a_copied_data_folder_can_be_written_without_the_original_noticing(tmp_path: Path) -> None:
    base = tmp_path / "base"
    for name in (
        "warehouse.duckdb",
        "raw/ledger.sqlite",
        "raw/usage/events/a.parquet",
        "landing/x/a.json",
        "target/m.json",
    ):
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text("base")
    copy_data(base, tmp_path / "copy")
    for name in ("warehouse.duckdb", "raw/ledger.sqlite"):
        (tmp_path / "copy" / name).write_text("changed")
        assert (base / name).read_text() == "base"
    for name in ("raw/usage/events/a.parquet", "landing/x/a.json"):
        assert (tmp_path / "copy" / name).samefile(base / name)
    assert not (tmp_path / "copy" / "target").exists()


def test_the_sql_of_the_models_is_taken_as_dbt_ran_it_and_in_that_order(tmp_path: Path) -> None:
    nodes = {
        f"{kind}.p.{name}": {"resource_type": kind, "package_name": "p", "original_file_path": f"models/{name}.sql"}
        for kind, name in (("model", "b"), ("model", "a"), ("seed", "s"), ("test", "t"))
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": nodes}))
    ran = [{"unique_id": name} for name in ("seed.p.s", "model.p.b", "test.p.t", "model.p.a")]
    (tmp_path / "run_results.json").write_text(json.dumps({"results": ran}))
    folder = tmp_path / "run/p/models"
    folder.mkdir(parents=True)
    (folder / "b.sql").write_text('create table "w"."marts"."b__dbt_tmp" as (select 1)')
    (folder / "a.sql").write_text('create view "w"."marts"."a__dbt_tmp" as (select * from "w"."marts"."b")')
    assert model_statements(tmp_path) == [
        ("model.p.b", 'create table "w"."marts"."b" as (select 1)'),
        ("model.p.a", 'create view "w"."marts"."a" as (select * from "w"."marts"."b")'),
    ]


def test_the_clock_counts_statements_and_what_came_before_the_first_node(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # so that the clock is taken off again
    monkeypatch.setattr(DuckDBCursorWrapper, "execute", DuckDBCursorWrapper.execute)
    clock = SqlClock()
    clock.install()
    with duckdb.connect() as connection:
        cursor = DuckDBCursorWrapper(connection.cursor())
        cursor.execute("select 1")
        assert clock.cpu_before_first_node is None
        answer = cursor.execute('/* {"node_id": "model.p.a"} */ select 42').fetchone()
        before = clock.cpu_before_first_node
        cursor.execute('/* {"node_id": "model.p.b"} */ select sum(hash(i)) from range(3000000) as r (i)')
        with pytest.raises(duckdb.Error):
            cursor.execute("no sql")
    assert (answer, clock.statements) == ((42,), 4)
    assert clock.cpu_before_first_node == before
    # the statement without a comment belongs to the node before it
    assert list(clock.cpu_by_node) == ["model.p.a", "model.p.b"]
    assert clock.cpu_by_node["model.p.b"] > clock.cpu_by_node["model.p.a"]
    assert before is not None
    clock.write(tmp_path / "clock.json")
    written = json.loads((tmp_path / "clock.json").read_text())
    assert written["sql_cpu"] > 0
    assert written["start_cpu"] == before


def test_memory_of_a_process_counts_its_children_and_theirs() -> None:
    grandchild = "import sys; held = bytearray(120 << 20); print('ready', flush=True); sys.stdin.read()"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", child], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        tree, whole = tree_of(process.pid), tree_of(os.getpid())
        size = resident_bytes(tree)
        process.stdin.close()
    assert len(tree) == 2
    assert size > 120 << 20
    assert set(tree) < set(whole)


SOURCES_YML = """
company: Small
calendar: {timezone: Europe/Berlin, first_day: 2025-01-01}
reporting_currency: EUR
sources:
  events: {path: "events_*.csv", delivery: slice, slot: {from: file_name}, expected: daily}
  lines: {path: "lines_*.jsonl", delivery: snapshot, slot: {from: file_name}, expected: daily}
  answers: {path: "answers_*.csv", encoding: latin-1, delivery: append, slot: {from: file_name}, expected: on_demand}
tables:
  usage.events:
    - from: events
      columns: {event_id: id, account_id: account, user_id: person, event_name: event, occurred_at: at}
  billing.subscription_items:
    - from: lines
      columns: {subscription_id: id, account_id: account, status: status, starts_at: starts, ends_at: ends,
                quantity: seats, unit_amount: price, currency: currency, interval: interval, interval_count: every}
  nps.responses:
    - from: answers
      columns: {response_id: id, account_id: account, user_id: person, score: score, responded_at: at}
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    for number in (1, 2):
        rows = "".join(f"e{n},acct_champion,u1,edit,2025-01-0{number}T09:00:00Z\n" for n in range(3))
        (tmp_path / f"events_2025-01-0{number}.csv").write_text(f"id,account,person,event,at\n{rows}")
    (tmp_path / "answers_2025-01-02.csv").write_text("id,score,comment\nr1,9,schön\n", encoding="latin-1")
    line = {"id": "s1", "account": "acct_champion", "price": {"nested": 100}}
    (tmp_path / "lines_2025-01-01.jsonl").write_text(json.dumps(line) + "\n")
    (tmp_path / "sources.yml").write_text(SOURCES_YML)
    return tmp_path / "sources.yml"


def test_a_measured_process_tells_its_steps_and_its_memory(sources: Path, tmp_path: Path) -> None:
    said: list[str] = []
    arguments = ["--sources", str(sources), "--as-of", "2025-01-02", "--scratch", str(tmp_path / "alone")]
    measured = measure("load-1", ["benchmarks.duckdb_alone", "load", *arguments], said.append)
    # one step per source that has files, each the rows of all its files
    assert [(s.name, s.facts.get("rows")) for s in measured.steps] == [
        ("events", 6),
        ("lines", 1),
        ("answers", 1),
        ("checkpoint", None),
    ]
    assert (measured.peak_bytes or 0) > 10 << 20
    assert said[0].startswith("load-1: ")
    assert Measured.from_json(json.loads(json.dumps(measured.as_json()))) == measured


def test_a_process_that_fails_is_reported_with_what_it_said() -> None:
    with pytest.raises(MeasuredProcessError, match=r"load-1 ended with code 2[\s\S]*--scratch"):
        measure("load-1", ["benchmarks.duckdb_alone", "load"], print)


def records_at(tmp_path: Path, repeats: int = 1) -> Records:
    return Records(tmp_path, Size(100, 1000, 60, repeats))


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    begun: list[str] = []
    ran: list[str] = []

    def run(name: str) -> Measured:
        ran.append(name)
        return pipeline_run(name)

    for _ in range(2):
        records_at(tmp_path).chain(tmp_path / "home", ["a", "b"], lambda: begun.append("begun"), run)
    assert (begun, ran) == (["begun"], ["a", "b"])
    assert records_at(tmp_path).measured("a") == pipeline_run("a")


def test_an_interrupted_chain_starts_again_in_an_empty_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ran: list[str] = []

    def run(name: str) -> Measured:
        ran.append(name)
        home.mkdir(exist_ok=True)
        (home / name).touch()
        if ran == ["a", "b"]:
            raise KeyboardInterrupt
        return pipeline_run(name)

    with pytest.raises(KeyboardInterrupt):
        records_at(tmp_path).chain(home, ["a", "b"], lambda: None, run)
    assert records_at(tmp_path).has("a")
    records_at(tmp_path).chain(home, ["a", "b"], lambda: ran.append(f"left: {home.exists()}"), run)
    assert ran == ["a", "b", "left: False", "a", "b"]


def test_an_interrupted_chain_goes_on_from_before_the_interrupted_run(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ran: list[str] = []

    def run(name: str) -> Measured:
        ran.append(f"{name} after {''.join(sorted(path.name for path in home.iterdir()))}")
        (home / name).touch()
        if len(ran) == 3:
            raise KeyboardInterrupt
        return pipeline_run(name)

    with pytest.raises(KeyboardInterrupt):
        records_at(tmp_path).chain(home, ["a", "b", "c", "d"], home.mkdir, run, copy_data)
    records_at(tmp_path).chain(home, ["a", "b", "c", "d"], home.mkdir, run, copy_data)
    # c had left its file when it was interrupted; it begins again without it
    assert ran == ["a after ", "b after a", "c after ab", "c after ab", "d after abc"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "results"]


def test_a_work_folder_of_another_size_is_refused(tmp_path: Path) -> None:
    records_at(tmp_path)
    with pytest.raises(OtherSizeError, match="choose another --work"):
        records_at(tmp_path, repeats=2)


@pytest.mark.long
@pytest.mark.integration
def test_the_smallest_benchmark_shows_every_figure_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "benchmarks", "--accounts", "24", "--events", "3000", "--days", "30", "--repeats", "1",
        "--work", str(tmp_path / "work"), "--markdown", str(tmp_path / "bench.md"),
    ]  # fmt: skip
    first = subprocess.run(command, cwd=PROJECT, text=True, capture_output=True)
    assert first.returncode == 0, first.stderr
    again = subprocess.run(command, cwd=PROJECT, text=True, capture_output=True)
    markdown = (tmp_path / "bench.md").read_text()
    for figure in (
        "daily refresh / full rebuild, CPU of the SQL work | at most 0.050",
        "daily refresh / full rebuild, wall | at most 0.050",
        "refresh with 30 days of history / with 15 | at most 1.15",
        "checked load / bare create table as read_csv | at most 2.00",
        "rebuild through the pipeline / the same SQL in one script | at most 1.30",
        "22-day backfill in one run / day by day | at most 0.40",
        "peak memory of a run | at most 4.00 GiB",
        "disk used per 1,000 accounts",
    ):
        assert re.search(rf"\| {re.escape(figure)} \| *\d", markdown) or "disk" in figure, figure
    assert "build-1:" in first.stdout
    assert "build-1:" not in again.stdout
    # nothing but what is needed to go on is left behind
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["company", "results"]
