"""The examples load by their mapping files alone, and what is published is what their authors publish of them.

The real inputs lie beside the project (`../shared/data`, figures in its README); where they are absent these tests
are skipped. Every figure is read from the published database.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from tests.integration.judged_pipeline import JudgedPipeline
from tests.integration.mrr_identity import gaps
from tests.integration.pipeline import Pipeline
from tests.integration.shares_page import AXES, COMPANIES, FIGURES, tables

PROJECT = Path(__file__).resolve().parents[2]
REAL = PROJECT.parent / "shared" / "data"

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"the real inputs are not in {REAL}"),
]


def unit(amount: int) -> int:
    """An amount of the README in minor units."""
    return amount * 100


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("examples")


@pytest.fixture(scope="module")
def crm_simulated(folder: Path) -> Pipeline:
    pipeline = JudgedPipeline(
        PROJECT / "examples/crm_simulated/sources.yml", folder / "crm_simulated", REAL / "crm_simulated"
    )
    pipeline.refresh(dt.date(2025, 7, 31))
    return pipeline


@pytest.fixture(scope="module")
def ravenstack(folder: Path) -> Pipeline:
    pipeline = JudgedPipeline(PROJECT / "examples/ravenstack/sources.yml", folder / "ravenstack", REAL / "ravenstack")
    pipeline.refresh(dt.date(2024, 12, 31))
    return pipeline


def paying(pipeline: Pipeline, on: str) -> list[tuple[int, int]]:
    """(MRR, accounts with MRR) of a day."""
    return pipeline.rows(
        f"select sum(mrr)::bigint, count(distinct account_id) from marts.mrr_daily where as_of_on = '{on}' and mrr > 0"
    )


def status(pipeline: Pipeline, table: str, *columns: str) -> tuple[object, ...]:
    """Columns of a contract table's row in `data_status`."""
    return pipeline.rows(f"select {', '.join(columns)} from marts.data_status where table_name = '{table}'")[0]


ARITHMETIC = ("received_rows", "loaded_rows", "quarantined_rows", "duplicate_rows", "blocked_rows")


@pytest.mark.parametrize(
    ("on", "mrr", "accounts"), [("2025-01-31", 41_855, 40), ("2025-03-31", 52_191, 44), ("2025-06-30", 64_008, 57)]
)
def test_mrr_of_the_simulated_crm_equals_its_authors(crm_simulated: Pipeline, on: str, mrr: int, accounts: int) -> None:
    assert paying(crm_simulated, on) == [(unit(mrr), accounts)]


def test_every_usage_row_of_the_simulated_crm_counts_also_the_identical_ones(crm_simulated: Pipeline) -> None:
    assert status(crm_simulated, "usage.events", *ARITHMETIC) == (473_632, 473_632, 0, 0, 0)
    assert crm_simulated.rows("select sum(events)::bigint from marts.usage_daily") == [(473_632,)]


def test_the_catalogue_of_the_simulated_crm_knows_every_event(crm_simulated: Pipeline) -> None:
    with (PROJECT / "examples/crm_simulated/event_catalogue.csv").open(encoding="utf-8", newline="") as stream:
        value = {row["event_name"] for row in csv.DictReader(stream) if row["is_value"] == "true"}
    # 5,030 + 1,772 + 21,997 + 15,301 rows of delete_search, delete_list, unsub_lead and cancel_meeting tidy up
    assert crm_simulated.rows("select sum(value_events)::bigint from marts.usage_daily") == [(473_632 - 44_100,)]
    assert len(value) == 21


@pytest.mark.parametrize(
    ("on", "mrr", "accounts"),
    [("2023-12-31", 1_262_113, 190), ("2024-06-30", 3_833_405, 337), ("2024-12-31", 10_159_608, 500)],
)
def test_mrr_of_ravenstack_equals_its_authors_and_its_trials_pay_nothing(
    ravenstack: Pipeline, on: str, mrr: int, accounts: int
) -> None:
    ((published, payers),) = paying(ravenstack, on)
    # the author counts accounts with a line in force, also those that only try
    ((trying, from_trials),) = ravenstack.rows(
        "select count(*), sum(mrr)::bigint from marts.account_segments_daily "
        f"where as_of_on = '{on}' and billing_status = 'trialing'"
    )
    assert (published, payers + trying) == (unit(mrr), accounts)
    assert not from_trials


def test_usage_of_ravenstack_reaches_its_account_through_the_subscription(ravenstack: Pipeline) -> None:
    folder = REAL / "ravenstack"
    with (folder / "ravenstack_subscriptions.csv").open(encoding="utf-8", newline="") as stream:
        account_of = {row["subscription_id"]: row["account_id"] for row in csv.DictReader(stream)}
    expected: dict[tuple[str, str], int] = {}
    with (folder / "ravenstack_feature_usage.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            key = account_of[row["subscription_id"]], row["usage_date"]
            expected[key] = expected.get(key, 0) + 1
    found = ravenstack.rows("select account_id, as_of_on::varchar, events from marts.usage_daily")
    assert {(account, on): events for account, on, events in found} == expected
    assert status(ravenstack, "usage.events", *ARITHMETIC) == (25_000, 25_000, 0, 0, 0)


def test_ids_of_ravenstack_on_two_events_are_kept_and_counted(ravenstack: Pipeline) -> None:
    same_ids, message = status(ravenstack, "usage.events", "same_ids", "message")
    assert same_ids == 21
    assert message == (
        "21 ids come with more than one content: find out at the source which one is right and re-send the slot."
    )
    assert ravenstack.rows("select sum(events)::bigint from marts.usage_daily") == [(25_000,)]


def test_use_of_ravenstack_before_its_subscription_is_reported(ravenstack: Pipeline) -> None:
    warned = ravenstack.rows(
        "select check_name, severity, rows_failed from marts.data_quality_results where not success order by 1"
    )
    # 19,142 rows; with one of each doubled id left out it is 19,124 to 19,133, the README's 19,125 among them
    assert warned == [
        ("event_id_is_unique_among_the_new", "warning", 21),
        ("use_follows_the_start_of_the_subscription_that_it_names", "warning", 19_142),
    ]


def test_the_simulated_crm_has_no_dirt_to_report(crm_simulated: Pipeline) -> None:
    assert crm_simulated.rows("select check_name from marts.data_quality_results where not success") == []
    assert (
        crm_simulated.rows(
            "select table_name, message from marts.data_status where is_connected and message <> 'In order.'"
        )
        == []
    )


@pytest.mark.parametrize("example", ["crm_simulated", "ravenstack"])
def test_movements_lead_from_evening_to_evening_to_the_cent(example: str, request: pytest.FixtureRequest) -> None:
    assert gaps(request.getfixturevalue(example)) == []


@pytest.mark.parametrize("example", ["crm_simulated", "ravenstack"])
def test_scores_are_measured_against_the_frozen_references_beside_the_mapping(
    example: str, request: pytest.FixtureRequest
) -> None:
    pipeline: Pipeline = request.getfixturevalue(example)
    assert pipeline.rows("select count(*) from marts.health_daily where health_bp is not null")[0][0] > 1_000
    assert pipeline.rows("select distinct scoring_version from marts.health_daily") == [("v1",)]


@pytest.mark.parametrize(
    ("mapping", "on", "n", "promoters", "detractors", "nps"),
    [
        ("sources.yml", "2019-11-30", 39, 8, 22, "-35.90"),  # 100 (8 - 22) / 39 = -35.897...
        ("input_02.yml", "2019-11-30", 39, 8, 22, "-35.90"),
        ("delighted.yml", "2022-01-31", 10, 1, 6, "-50.00"),  # 100 (1 - 6) / 10
    ],
)
def test_published_nps_is_found_again(
    folder: Path, mapping: str, on: str, n: int, promoters: int, detractors: int, nps: str
) -> None:
    pipeline = Pipeline(
        PROJECT / "examples/nps_published" / mapping, folder / mapping.removesuffix(".yml"), REAL / "nps_published"
    )
    pipeline.refresh(dt.date.fromisoformat(on))
    found = pipeline.rows(
        "select n, promoters, passives, detractors, nps::varchar from marts.nps_rolling "
        f"where as_of_on = '{on}' and segment_group = 'all' order by window_days"
    )
    assert found == [(n, promoters, n - promoters - detractors, detractors, nps)] * 3
    assert status(pipeline, "nps.responses", *ARITHMETIC) == (n, n, 0, 0, 0)


@pytest.mark.parametrize("example", COMPANIES.values())
def test_the_page_of_shares_says_what_is_published(example: str, request: pytest.FixtureRequest) -> None:
    pipeline: Pipeline = request.getfixturevalue(example)
    page = {place: rows for place, rows in tables(example).items() if place[1] in AXES}
    days = {on for on, _ in page}
    ((last,),) = pipeline.rows("select max(as_of_on)::varchar from marts.account_segments_daily")
    assert len(days) > 1
    assert last in days
    assert set(page) == {(on, axis) for on in days for axis in AXES}
    for (on, axis), rows in page.items():
        counts = pipeline.rows(f"""
            select
                case
                    when {axis}_class is null then 'unknown: ' || {axis}_unknown_because
                    when {axis}_status = 'fresh' then {axis}_class
                    else {axis}_class || ', ' || {axis}_status
                end as label,
                count(*)
            from marts.account_segments_daily
            where as_of_on = '{on}' and not is_internal
            group by label
            order by count(*) desc, label
        """)
        accounts = sum(n for _, n in counts)
        assert [row[:3] for row in rows] == [[label, str(n), f"{100 * n / accounts:.1f} %"] for label, n in counts], (
            f"{axis} on {on}"
        )
        assert all(why for _, _, _, why in rows)


@pytest.mark.parametrize("example", COMPANIES.values())
def test_the_figures_of_the_page_of_shares_are_those_of_the_exports_and_the_tables(
    example: str, request: pytest.FixtureRequest
) -> None:
    pipeline: Pipeline = request.getfixturevalue(example)
    found = {
        name: f"{pipeline.rows(query.format(exports=REAL / example))[0][0]:,}"
        for name, query in FIGURES[example].items()
    }
    assert dict(tables(example)["", "figures"]) == found


@pytest.mark.parametrize("example", COMPANIES.values())
def test_the_accounts_that_the_page_of_shares_takes_apart_are_as_published(
    example: str, request: pytest.FixtureRequest
) -> None:
    pipeline: Pipeline = request.getfixturevalue(example)
    rows = tables(example)["", "accounts taken apart"]
    assert len(rows) > 3
    for account, on, *said, why in rows:
        assert why
        ((mrr, risk, growth, touch_return, *classes),) = pipeline.rows(f"""
            select
                mrr // 100, risk_bp / 100, growth_bp / 100, touch_expected_return / 100,
                coalesce(avatar_class, 'unknown'), coalesce(playbook_class, 'unknown'), coalesce(touch_class, 'unknown')
            from marts.account_segments_daily
            where account_id = '{account}' and as_of_on = '{on}'
        """)
        figures = ["unknown" if figure is None else f"{figure:,.2f}" for figure in (risk, growth, touch_return)]
        assert said == [f"{mrr:,}", *figures, *classes], account
