"""The time laws on 28 days with every trait: order, repetition and path leave the current tables as they are.

The oracle is the row count and the sum of row hashes of every current table.
"""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import pytest

from dagster_project.publication import as_published_file
from tests.integration.pipeline import Pipeline
from tests.integration.replay_company import DAYS, LAST, day, deliveries, write, write_settings

pytestmark = [pytest.mark.integration]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("replay")


@pytest.fixture(scope="module")
def sources(folder: Path) -> Path:
    return write_settings(folder / "settings")


@pytest.fixture(scope="module")
def exports(folder: Path) -> Path:
    write(folder / "exports", deliveries())
    return folder / "exports"


@pytest.fixture(scope="module")
def one_pass(folder: Path, sources: Path, exports: Path) -> Pipeline:
    pipeline = Pipeline(sources, folder / "one_pass", exports)
    pipeline.refresh(LAST)
    return pipeline


@pytest.fixture(scope="module")
def daily(folder: Path, sources: Path, exports: Path) -> Pipeline:
    pipeline = Pipeline(sources, folder / "daily", exports)
    for number in range(1, DAYS + 1):
        pipeline.refresh(day(number))
    return pipeline


def differing(a: Pipeline, b: Pipeline) -> list[str]:
    """Current tables whose oracle differs."""
    first, second = a.oracle(), b.oracle()
    assert first.keys() == second.keys()
    return [table for table in first if first[table] != second[table]]


def test_the_replay_has_rows_in_every_current_table_that_its_inputs_can_fill(one_pass: Pipeline) -> None:
    counts = {table: rows for table, (rows, _) in one_pass.oracle().items()}
    assert counts["health_daily"] > 28 * 7
    assert [table for table, rows in counts.items() if not rows] == []


@pytest.mark.parametrize("threads", [pytest.param(1, marks=pytest.mark.long), 4])
def test_any_number_of_threads_gives_the_same_tables(
    folder: Path, sources: Path, exports: Path, one_pass: Pipeline, threads: int
) -> None:
    other = Pipeline(sources, folder / f"threads_{threads}", exports, threads=threads)
    other.refresh(LAST)
    assert differing(one_pass, other) == []


def test_files_in_any_order_give_the_same_tables(folder: Path, sources: Path, one_pass: Pipeline) -> None:
    files = deliveries()
    random.Random(7).shuffle(files)
    pipeline = Pipeline(sources, folder / "shuffled", folder / "shuffled_exports")
    at_once = 1 + len(files) // 3
    for start in range(0, len(files), at_once):
        write(folder / "shuffled_exports", files[start : start + at_once])
        pipeline.refresh(LAST)
    assert differing(one_pass, pipeline) == []
    assert pipeline.state_versions() == one_pass.state_versions()


def test_day_by_day_gives_the_same_tables_as_one_pass(daily: Pipeline, one_pass: Pipeline) -> None:
    assert differing(one_pass, daily) == []


def test_the_versions_of_rows_are_the_same_whether_slots_came_one_by_one_or_at_once(
    daily: Pipeline, one_pass: Pipeline
) -> None:
    versions = one_pass.state_versions()
    assert all(len(rows) > 3 for rows in versions.values())
    assert daily.state_versions() == versions


@pytest.fixture(params=[pytest.param(6, marks=pytest.mark.long), 14, pytest.param(18, marks=pytest.mark.long), 25])
def known_then(request: pytest.FixtureRequest, folder: Path, sources: Path, exports: Path) -> tuple[int, Pipeline]:
    pipeline = Pipeline(sources, folder / f"known_on_{request.param}", exports)
    pipeline.refresh(day(request.param))
    return request.param, pipeline


def test_a_line_that_was_sent_and_cannot_be_read_has_not_left(daily: Pipeline) -> None:
    """The champion's price is unreadable in two snapshots, the dollars' line has too many values in another; both are
    back as they were. 12 seats of 49.00 and 2 of the merged account of 15.00; USD moves with the rate alone.
    """
    paid = daily.rows(
        "select distinct mrr from marts.mrr_daily where account_id = 'acct_champion' "
        f"and as_of_on between date '{day(12)}' and date '{day(21)}'"
    )
    assert paid == [(61800,)]
    moved = daily.rows(
        "select account_id, as_of_on, movement from marts.mrr_movements where movement in ('churn', 'reactivation') "
        "and account_id in ('acct_champion', 'acct_dollar')"
    )
    assert moved == []
    assert len(daily.rows("select 1 from marts.data_status where table_name = 'billing.subscription_items' "
                          "and quarantined_rows = 3")) == 1  # fmt: skip


def test_recomputing_a_published_day_from_what_was_known_then_gives_what_was_published(
    known_then: tuple[int, Pipeline], daily: Pipeline
) -> None:
    number, recomputed = known_then
    published, again = (as_published_file(p.home, day(number)) for p in (daily, recomputed))
    only_published = f"(from '{published}' except from '{again}')"
    only_again = f"(from '{again}' except from '{published}')"
    assert duckdb.execute(f"{only_published} union all {only_again}").fetchall() == []


def test_every_difference_from_what_was_published_has_its_restatement(daily: Pipeline) -> None:
    keys = "as_of_on, account_id, scoring_version"
    unpivoted = (
        "unpivot (select cast(columns(*) as varchar) from {}) on columns(* exclude ({})) into name field value value"
    )
    published = unpivoted.format("marts.account_segments_as_published", keys)
    current = unpivoted.format("marts.account_segments_daily", keys)
    differences = daily.rows(
        f"select account_id, as_of_on, field, was.value, now.value from ({published}) as was "
        f"full join ({current}) as now using ({keys}, field) where was.value is distinct from now.value order by all"
    )
    restated = daily.rows(
        "select account_id, as_of_on::varchar, field, was_value, is_value from marts.restatements "
        "where field <> 'row_exists' order by all"
    )
    assert len(differences) > 50
    assert restated == differences


def test_restatements_name_late_corrected_renewed_and_returned_days(daily: Pipeline) -> None:
    causes = {cause for (cause,) in daily.rows("select distinct cause from marts.restatements")}
    assert causes == {"late", "corrected", "renewal", "feed returned"}


@pytest.fixture
def published_again(daily: Pipeline) -> Pipeline:
    """Without news, after a description of another wording."""
    with duckdb.connect(str(daily.home.warehouse)) as connection:
        connection.execute("comment on column marts.health_daily.risk_bp is 'worded otherwise'")
    daily.refresh(LAST)
    return daily


def test_publishing_again_without_news_changes_no_table_but_mends_descriptions(
    one_pass: Pipeline, published_again: Pipeline
) -> None:
    assert differing(one_pass, published_again) == []
    of_risk = "schema_name = 'marts' and table_name = 'health_daily' and column_name = 'risk_bp'"
    (mended,) = published_again.rows(f"select comment from duckdb_columns() where {of_risk}")
    assert [mended] == one_pass.rows(f"select comment from duckdb_columns() where {of_risk}")
    assert mended != (None,)
