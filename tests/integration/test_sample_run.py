"""The sample company runs to its known truth: MRR to the cent, and every planted incident is found where it belongs."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from examples.sample_company.company import write_company
from examples.sample_company.world import make_world
from tests.integration.judged_pipeline import JudgedPipeline
from tests.integration.mrr_identity import gaps

pytestmark = [pytest.mark.integration]

FIRST_DAY = dt.date(2026, 1, 1)
DAYS = 90  # from 90 days on every incident fits into the window
LAST_DAY = FIRST_DAY + dt.timedelta(days=DAYS - 1)

QUARANTINED = {
    "bad_missing_account": "account_id is required and empty",
    "bad_not_a_number": "amount: 'NaN' is not an amount",
    "bad_score_out_of_range": "is not a whole number from 0 to 10",
    "bad_sentiment": "sentiment: '5' is not a whole number from -1 to 1",
    "bad_time_after_slot": "lies after the end of its slot",
    "bad_too_many_decimals": "amount: '10.999' is not an amount, or has more decimals than its currency",
    "bad_unknown_currency": "currency: 'ZZZ' is not a known currency",
    "bad_unknown_role": "buying_role: 'gatekeeper' is none of decision_maker, influencer, user",
    "bad_unparsable_time": "is not a time",
}
"""Kind of planted bad row to the words of its reason."""

SETTLED = {
    "corrected_file", "corrected_file_with_fewer_rows", "duplicate_file", "event_doubled", "event_renamed",
    "late_file", "missing_day", "outage", "repeated_row", "reverted_file",
}  # fmt: skip
"""Kinds that a test below names."""

CHARACTERS = {
    "account_merge", "add_on", "churned_and_back", "churned_monthly", "contact_left", "currency_switch",
    "discount_ended", "downgraded", "internal_account", "lapsed", "late_renewal", "override", "past_due_recovered",
    "paused_and_resumed", "scheduled_cancellation", "trial_converted", "trial_lost", "unpaid", "upgraded",
    "vanished_line",
}  # fmt: skip
"""Customers whose behaviour is planted: what is billed of them is in the truth about MRR."""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample_run") / "company"
    write_company(make_world(60, DAYS, 1, FIRST_DAY), folder)
    return folder


@pytest.fixture(scope="module")
def pipeline(company: Path) -> JudgedPipeline:
    pipeline = JudgedPipeline(company / "sources.yml", company.parent / "data")
    pipeline.refresh(LAST_DAY)
    return pipeline


def truth(company: Path, name: str) -> list[dict[str, str]]:
    with (company / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def planted_on(company: Path, kind: str, table: str = "usage.events") -> list[dt.date]:
    return sorted(
        dt.date.fromisoformat(row["day"])
        for row in truth(company, "planted")
        if (row["kind"], row["table"]) == (kind, table)
    )


def status(pipeline: JudgedPipeline, column: str) -> dict[str, Any]:
    """A column of `data_status` for every connected table."""
    return dict(pipeline.rows(f"select table_name, {column} from marts.data_status where is_connected"))


def usage_file(company: Path, slot: dt.date, received: dt.date) -> Path:
    return company / f"exports/product_analytics/received={received}/events_{slot}.csv.gz"


def rows_of(file: Path) -> int:
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        return sum(1 for _ in stream) - 1


def test_mrr_equals_the_truth_to_the_minor_unit_per_account_and_currency(
    company: Path, pipeline: JudgedPipeline
) -> None:
    expected: Counter[tuple[str, str, str]] = Counter()
    for row in truth(company, "mrr"):
        expected[row["account_id_after_merges"], row["currency"], row["day"]] += int(row["mrr_minor"])
    days = {day for _, _, day in expected}
    assert len(days) == 3  # the ends of January, February and March, which is the last day
    found = pipeline.rows(
        "select account_id, currency, as_of_on::varchar, native_mrr from marts.mrr_daily where native_mrr <> 0"
    )
    assert {(account, currency, day): mrr for account, currency, day, mrr in found if day in days} == dict(expected)


def test_every_account_has_one_row_on_every_day_although_the_table_is_built_in_blocks(
    pipeline: JudgedPipeline,
) -> None:
    days = pipeline.warehouse_rows("select as_of_on, count(*) from intermediate.int_account_days group by all")
    built = "select as_of_on, count(distinct account_id) from marts.account_segments_daily group by as_of_on"
    assert sorted(pipeline.warehouse_rows(built)) == sorted(days)
    assert len(days) > 60  # more than two blocks


def test_movements_lead_from_evening_to_evening_to_the_cent(pipeline: JudgedPipeline) -> None:
    assert gaps(pipeline) == []


def test_use_equals_the_truth_in_a_month_whose_late_and_corrected_files_have_all_come(
    company: Path, pipeline: JudgedPipeline
) -> None:
    month = f"{FIRST_DAY:%Y-%m}"
    incidents = [on for kind in ("late_file", "duplicate_file", "corrected_file") for on in planted_on(company, kind)]
    assert sum(f"{on:%Y-%m}" == month for on in incidents) == 5  # late by 1, 3 and 5 days, twice, corrected
    merged = {row["account_id"]: row["account_id_after_merges"] for row in truth(company, "mrr")}
    expected: Counter[str] = Counter()
    for row in truth(company, "usage_monthly"):
        if row["month"] == month:
            expected[merged.get(row["account_id"], row["account_id"])] += int(row["events"])
    found: Counter[str] = Counter()
    for account, events in pipeline.rows(
        f"select account_id, events from marts.usage_daily where strftime(as_of_on, '%Y-%m') = '{month}'"
    ):
        found[merged.get(account, account)] += events
    assert found == expected


def test_every_planted_bad_row_is_in_quarantine_with_its_reason_and_nothing_else_is(
    company: Path, pipeline: JudgedPipeline
) -> None:
    planted = Counter(
        (row["table"], row["kind"]) for row in truth(company, "planted") if row["kind"].startswith("bad_")
    )
    tables = sorted(table for table, rows in status(pipeline, "quarantined_rows").items() if rows)
    found: Counter[tuple[str, str]] = Counter()
    for table in tables:
        for reason in pipeline.quarantined(table):
            (kind,) = (kind for kind, words in QUARANTINED.items() if words in reason)
            found[table, kind] += 1
    assert found == planted
    assert {table: status(pipeline, "quarantined_rows")[table] for table in tables} == Counter(
        table for table, _ in planted.elements()
    )


def test_a_day_never_delivered_is_missing_and_not_a_zero(company: Path, pipeline: JudgedPipeline) -> None:
    (missing,) = planted_on(company, "missing_day")
    assert pipeline.rows(
        "select missing_slots, first_missing_on, last_missing_on from marts.data_status "
        "where table_name = 'usage.events'"
    ) == [(1, missing, missing)]


def test_a_file_more_than_a_week_late_is_reported(company: Path, pipeline: JudgedPipeline) -> None:
    late = [
        on for on in planted_on(company, "late_file") if usage_file(company, on, on + dt.timedelta(days=30)).exists()
    ]
    assert len(late) == 1
    assert status(pipeline, "late_deliveries")["usage.events"] == 1


def test_a_redelivered_file_and_a_reverted_one_leave_their_days_as_they_were(
    company: Path, pipeline: JudgedPipeline
) -> None:
    day = dt.timedelta(days=1)
    (twice,) = planted_on(company, "duplicate_file")
    (reverted,) = planted_on(company, "reverted_file")
    unchanged = rows_of(usage_file(company, twice, twice + day))
    assert status(pipeline, "unchanged_rows")["usage.events"] == unchanged > 0
    first, wrong, back = (rows_of(usage_file(company, reverted, reverted + wait * day)) for wait in range(3))
    assert wrong < first == back
    assert pipeline.rows_in_force("usage.events", reverted) == first


@pytest.mark.parametrize("kind", ["corrected_file", "corrected_file_with_fewer_rows", "outage"])
def test_of_a_corrected_day_the_last_file_counts(company: Path, pipeline: JudgedPipeline, kind: str) -> None:
    (slot,) = planted_on(company, kind)
    files = sorted(company.glob(f"exports/product_analytics/received=*/events_{slot}.csv.gz"))
    first, last = rows_of(files[0]), rows_of(files[-1])
    assert first != last
    assert pipeline.rows_in_force("usage.events", slot) == last


def test_an_answer_that_comes_again_counts_once(company: Path, pipeline: JudgedPipeline) -> None:
    (row,) = (row for row in truth(company, "planted") if row["kind"] == "repeated_row")
    answer = row["what"].split()[1]
    assert pipeline.warehouse_rows(f"select count(*) from nps.responses where response_id = '{answer}'") == [(2,)]
    assert pipeline.warehouse_rows(
        f"select count(*) from staging.stg_nps__responses where response_id = '{answer}'"
    ) == [(1,)]


def test_an_event_renamed_in_the_product_is_reported(company: Path, pipeline: JudgedPipeline) -> None:
    (renamed,) = planted_on(company, "event_renamed")
    ((events,),) = pipeline.warehouse_rows(
        f"select count(*) from usage.events where event_name = 'report.export_completed' and occurred_on >= '{renamed}'"
    )
    assert pipeline.rows(
        "select check_name, severity, rows_failed from marts.data_quality_results where not success"
    ) == [("event_name_is_in_the_catalogue", "warning", events)]


def test_an_event_sent_twice_under_two_ids_counts_twice_because_identical_events_are_real(
    company: Path, pipeline: JudgedPipeline
) -> None:
    (start,) = planted_on(company, "event_doubled")
    ((events, different),) = pipeline.warehouse_rows(
        "select count(*), count(distinct (account_id, user_id, occurred_at)) from usage.events "
        f"where event_name = 'search.run' and _slot between '{start}' and '{start + dt.timedelta(days=2)}'"
    )
    assert events >= 1.9 * different
    assert status(pipeline, "same_ids")["usage.events"] == 0


def test_every_kind_of_planted_incident_is_accounted_for(company: Path) -> None:
    kinds = {row["kind"] for row in truth(company, "planted")}
    assert kinds == QUARANTINED.keys() | SETTLED | CHARACTERS


def test_every_row_received_is_accounted_for(pipeline: JudgedPipeline) -> None:
    assert (
        pipeline.rows(
            "select table_name from marts.data_status where received_rows "
            "<> loaded_rows + unchanged_rows + quarantined_rows + duplicate_rows + blocked_rows"
        )
        == []
    )
