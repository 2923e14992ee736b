"""Any prefix of a run, then a re-run, equals one clean run; and what fails a gate is never published.

One state is made as of day 15 of the replay and copied for every claim. Day 16 brings a usage file that is five days
late, a yearly renewal three days after its term ended, and a correction that reaches back.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.publication import as_published_file, database_path
from tests.integration.killed_refresh import PROJECT, killed_refresh
from tests.integration.pipeline import Pipeline
from tests.integration.replay_company import Delivery, day, deliveries, write, write_settings

pytestmark = [pytest.mark.integration]

BEFORE, TODAY = day(15), day(16)
BEFORE_THE_MODELS = ("after_landing", "before_the_ledger_knows", "after_half_of_the_feeds", "after_prepare")
IN_THE_MODELS = ("in_the_middle_of_the_models", "before_the_marts")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crash")


@pytest.fixture(scope="module")
def sources(folder: Path) -> Path:
    return write_settings(folder / "settings")


@pytest.fixture(scope="module")
def exports(folder: Path) -> Path:
    """Everything received by today, and a correction of a day three weeks back."""
    files = [file for file in deliveries() if file.received <= TODAY]
    (old,) = (file for file in files if file.name == f"events_{day(-5)}.csv")
    write(folder / "exports", [*files, Delivery(TODAY, old.name, old.text.replace(",edit,", ",share,"))])
    return folder / "exports"


@pytest.fixture(scope="module")
def yesterday(folder: Path, sources: Path, exports: Path) -> Pipeline:
    """Published as of day 15; nobody works on it, everybody on a copy."""
    pipeline = Pipeline(sources, folder / "yesterday", exports)
    pipeline.refresh(BEFORE)
    return pipeline


def copied(pipeline: Pipeline, to: Path, exports: Path | None = None) -> Pipeline:
    """A pipeline on a copy of another's data; the published paths inside stay those of the original."""
    shutil.copytree(pipeline.home.path, to)
    return Pipeline(pipeline.sources, to, exports or pipeline.exports)


@pytest.fixture(scope="module")
def clean(folder: Path, yesterday: Pipeline) -> Pipeline:
    """Today without any accident."""
    pipeline = copied(yesterday, folder / "clean")
    pipeline.refresh(TODAY)
    return pipeline


def everything(pipeline: Pipeline) -> dict[str, Any]:
    """The oracle of every current table, what was published of both days, and what differed since."""
    kept = {
        on.isoformat(): duckdb.execute(
            f"select count(*), sum(hash(t)::hugeint) from '{as_published_file(pipeline.home, on)}' as t"
        ).fetchall()
        for on in (BEFORE, TODAY)
    }
    restated = pipeline.rows("select count(*), sum(hash(t)::hugeint) from marts.restatements as t")
    return {**pipeline.oracle(), **kept, "restatements": restated}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def differing(a: dict[str, Any], b: dict[str, Any]) -> list[str]:
    assert a.keys() == b.keys()
    return [name for name in a if a[name] != b[name]]


def test_day_16_changes_the_tables_and_restates_earlier_days(yesterday: Pipeline, clean: Pipeline) -> None:
    """Without this the claims below would hold for a refresh that does nothing."""
    before, after = yesterday.oracle(), clean.oracle()
    assert {"usage_daily", "mrr_daily", "mrr_movements", "health_daily"} <= {t for t in after if before[t] != after[t]}
    assert clean.rows(
        f"select count(*) from marts.restatements where as_of_on = '{BEFORE}' and field <> 'row_exists'"
    ) > [(10,)]


def assert_killed_and_run_again_equals(clean: Pipeline, pipeline: Pipeline, *points: str) -> None:
    """Kill a run at each of the points, one after the other, then let one through."""
    before = digest(database_path(pipeline.home))
    for point in points:
        killed_refresh(point, pipeline, TODAY)
    if points[-1] == "before_finish":  # the swap is the moment of publishing
        assert pipeline.rows("select max(as_of_on) from marts.account_segments") == [(TODAY,)]
    else:
        assert digest(database_path(pipeline.home)) == before
    pipeline.refresh(TODAY)
    assert differing(everything(pipeline), everything(clean)) == []


@pytest.mark.parametrize(
    "points",
    [
        pytest.param(BEFORE_THE_MODELS, id="at_every_step_before_the_models"),
        pytest.param(IN_THE_MODELS, id="in_the_models_and_again_before_the_marts"),
        pytest.param(("before_the_swap",), id="when_the_next_database_is_complete", marks=pytest.mark.long),
        pytest.param(("before_finish",), id="when_it_is_published_but_not_recorded"),
    ],
)
def test_a_run_killed_and_run_again_equals_a_clean_run(
    folder: Path, yesterday: Pipeline, clean: Pipeline, points: tuple[str, ...]
) -> None:
    assert_killed_and_run_again_equals(clean, copied(yesterday, folder / points[-1]), *points)


@pytest.mark.long
@pytest.mark.parametrize("point", [*BEFORE_THE_MODELS, *IN_THE_MODELS, "before_publishing"])
def test_a_run_killed_at_one_point_and_run_again_equals_a_clean_run(
    folder: Path, yesterday: Pipeline, clean: Pipeline, point: str
) -> None:
    assert_killed_and_run_again_equals(clean, copied(yesterday, folder / f"only_{point}"), point)


@pytest.mark.long
def test_a_run_killed_three_times_on_its_way_equals_a_clean_run(
    folder: Path, yesterday: Pipeline, clean: Pipeline
) -> None:
    points = ("after_half_of_the_feeds", "in_the_middle_of_the_models", "before_finish")
    assert_killed_and_run_again_equals(clean, copied(yesterday, folder / "three_times"), *points)


def test_a_run_killed_on_a_file_that_is_then_taken_back_equals_a_run_that_never_saw_it(
    folder: Path, yesterday: Pipeline, clean: Pipeline, exports: Path
) -> None:
    """The killed run took in a wrong revision of the use of day 12 and a wrong billing snapshot of today."""
    shutil.copytree(exports, folder / "taken_back_exports")
    pipeline = copied(yesterday, folder / "taken_back", folder / "taken_back_exports")
    use = exports / f"received={day(12)}" / f"events_{day(12)}.csv"
    lines = exports / f"received={TODAY}" / f"lines_{TODAY}.csv"
    arriving = folder / "taken_back_exports" / f"received={TODAY}"
    (arriving / "1").mkdir()
    (arriving / "1" / use.name).write_text("\n".join(use.read_text().splitlines()[:9]) + "\n")
    (arriving / lines.name).unlink()
    (arriving / "1" / lines.name).write_text(lines.read_text().replace(",4900,", ",9900,").replace("s6,", "s6x,"))
    killed_refresh("before_publishing", pipeline, TODAY)
    (arriving / "2").mkdir()
    shutil.copy(use, arriving / "2" / use.name)
    shutil.copy(lines, arriving / "2" / lines.name)
    pipeline.refresh(TODAY)
    current = pipeline.oracle()
    assert differing(current, clean.oracle()) == []
    assert pipeline.rows("select refused_deliveries from marts.data_status where table_name = 'usage.events'") == [(0,)]


@pytest.fixture(params=["a rate below zero", pytest.param("money without a rate", marks=pytest.mark.long)])
def refused(
    request: pytest.FixtureRequest, folder: Path, exports: Path
) -> Iterator[tuple[Path, Path, Path, list[str]]]:
    """(exports with one bad file, the bad file, the right one, what the run has to say)."""
    spoilt = folder / f"exports with {request.param}"
    shutil.copytree(exports, spoilt)
    received = f"received={TODAY}"
    if request.param == "a rate below zero":  # stopped by a suite, before any model
        name, old, new = f"rates_{TODAY}.csv", "USD,0", "USD,-0"
        words = ["finance.fx_rates", "rate_is_positive", "Correct the rate at its source and re-send the day."]
    else:  # stopped after the models, by a test of what they made
        name, old, new = f"lines_{TODAY}.csv", ",USD,", ",GBP,"
        claim = "Every currency with MRR has a rate of the last week; no rate is ever assumed. 1 row of its query says otherwise"
        words = ["assert_mrr_has_a_rate", claim, "no rate for GBP on 20"]
    bad, right = spoilt / received / name, exports / received / name
    bad.write_text(right.read_text().replace(old, new))
    assert bad.read_text() != right.read_text()
    yield spoilt, bad, right, words
    shutil.rmtree(spoilt)


def shipped_run(pipeline: Pipeline, home: Path) -> subprocess.CompletedProcess[str]:
    """The shipped job from the terminal, on the data of a pipeline."""
    (home / "dagster").mkdir(parents=True, exist_ok=True)
    environment = os.environ | {
        "DAGSTER_HOME": str(home / "dagster"),
        "CUSTOMER_SEGMENTS_DBT_TARGET_PATH": str(home / "target"),
        "COLUMNS": "300",
    }  # fmt: skip
    places = ["--sources", pipeline.sources, "--exports", pipeline.exports, "--data", pipeline.home.path]
    return subprocess.run(
        [sys.executable, "-m", "dagster_project", *map(str, places), "run", "--as-of", TODAY.isoformat()],
        cwd=PROJECT, env=environment, timeout=400, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_failed_critical_check_leaves_the_published_set_and_a_mended_file_is_enough(
    folder: Path, yesterday: Pipeline, clean: Pipeline, refused: tuple[Path, Path, Path, list[str]]
) -> None:
    spoilt, bad, right, words = refused
    pipeline = copied(yesterday, folder / f"data of {spoilt.name}", spoilt)
    published = {path: digest(path) for path in sorted(pipeline.home.published.rglob("*")) if path.is_file()}
    result = shipped_run(pipeline, folder / "shipped")
    said = result.stdout + result.stderr
    assert result.returncode == 1, said
    assert "what was published before is unchanged" in said
    assert [word for word in words if word not in " ".join(said.split())] == []
    assert {path: digest(path) for path in sorted(pipeline.home.published.rglob("*")) if path.is_file()} == published
    shutil.copy(right, bad)
    pipeline.refresh(TODAY)
    assert differing(pipeline.oracle(), clean.oracle()) == []
