"""Each kind of bad input is met with a clear message and its row in `marts.data_status` or in quarantine.

One company, five weeks and two days; its exports go wrong in a different way for each table:

| table | what is wrong |
|---|---|
| usage.events | no file for 20 March; the file of the last day has only its header; a row that does not cast |
| billing.subscription_items | the last snapshot is cut off in its gzip |
| nps.responses | a required column was renamed in the last file, and a column is new in the one before |
| crm.accounts | the last daily snapshot has not arrived |
"""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.judged_pipeline import JudgedPipeline

pytestmark = [pytest.mark.integration]

FIRST, LAST = dt.date(2026, 3, 1), dt.date(2026, 4, 6)
SLOT = {"from": "file_name", "pattern": r"(\d{4}-\d{2}-\d{2})"}
ACCOUNTS = [f"acct_{n:02}" for n in range(25)]


def source(path: str, delivery: str, expected: str) -> dict[str, Any]:
    """A source of dated files."""
    return {"path": path, "delivery": delivery, "slot": SLOT, "expected": expected}


def named(*columns: str, **others: Any) -> dict[str, Any]:
    """Columns that are called as in the contract, and others."""
    return {column: column for column in columns} | others


SETTINGS = {
    "company": "Acme",
    "exports": "exports",
    "calendar": {"timezone": "UTC", "first_day": FIRST},
    "reporting_currency": "EUR",
    "sources": {
        "events": source("events", "slice", "daily"),
        "plans": source("plans", "snapshot", "daily"),
        "answers": source("answers", "append", "weekly"),
        "customers": source("customers", "snapshot", "daily"),
    },
    "tables": {
        "usage.events": [{"from": "events", "columns": named("event_id", "account_id", "event_name", "occurred_at")}],
        "billing.subscription_items": [
            {
                "from": "plans",
                "columns": named(
                    "subscription_id", "account_id", "status", "starts_at", "ends_at", "unit_amount",
                    quantity={"constant": 1}, currency={"constant": "EUR"}, interval={"constant": "month"},
                    interval_count={"constant": 1},
                ),
            }
        ],
        "nps.responses": [{"from": "answers", "columns": named("response_id", "account_id", "score", "responded_at")}],
        "crm.accounts": [{"from": "customers", "columns": named("account_id", "name")}],
    },
}  # fmt: skip


def lines(*rows: str) -> bytes:
    """Lines of text."""
    return "".join(f"{row}\n" for row in rows).encode()


def events(day: dt.date) -> bytes:
    """One event of each account."""
    rows = [f"{day}-{account},{account},login,{day}T10:00:00Z" for account in ACCOUNTS]
    return lines("event_id,account_id,event_name,occurred_at", *rows)


def exports() -> dict[str, bytes]:
    """Every export by its name, the bad ones among them."""
    files: dict[str, bytes] = {}
    plans = lines(
        "subscription_id,account_id,status,starts_at,ends_at,unit_amount",
        *(f"s_{account},{account},active,2026-01-01,,1000" for account in ACCOUNTS),
    )
    customers = lines("account_id,name", *(f"{account},{account.title()}" for account in ACCOUNTS))
    for day in (FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days + 1)):
        files[f"events/{day}.csv"] = events(day)
        files[f"plans/{day}.csv.gz"] = gzip.compress(plans)
        files[f"customers/{day}.csv"] = customers
    files["events/2026-04-05.csv"] += lines("bad,acct_01,login,five past ten")
    files[f"events/{LAST}.csv"] = lines("event_id,account_id,event_name,occurred_at")
    files[f"plans/{LAST}.csv.gz"] = gzip.compress(plans)[:-30]
    del files["events/2026-03-20.csv"], files[f"customers/{LAST}.csv"]
    files["answers/2026-03-30.csv"] = lines(
        "response_id,account_id,score,responded_at,mood", "r1,acct_01,9,2026-03-29T10:00:00Z,sunny"
    )
    files[f"answers/{LAST}.csv"] = lines(
        "response_id,acount_id,score,responded_at", "r2,acct_02,8,2026-04-05T10:00:00Z"
    )
    return files


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> JudgedPipeline:
    folder: Path = tmp_path_factory.mktemp("bad_input")
    (folder / "sources.yml").write_text(yaml.safe_dump(SETTINGS))
    for name, content in exports().items():
        (folder / "exports" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "exports" / name).write_bytes(content)
    made = JudgedPipeline(folder / "sources.yml", folder / "data")
    made.refresh(LAST)
    return made


def status(pipeline: JudgedPipeline, table: str, columns: str = "message") -> tuple[Any, ...]:
    """The table's row of `marts.data_status`."""
    (row,) = pipeline.rows(f"select {columns} from marts.data_status where table_name = '{table}'")
    return row


def test_an_unreadable_file_is_refused_by_name_and_its_slot_stays_missing(pipeline: JudgedPipeline) -> None:
    refused, missing, stale, message = status(
        pipeline, "billing.subscription_items", "refused_deliveries, missing_slots, is_stale, message"
    )
    assert (refused, missing, stale) == (1, 1, True)
    assert "plans/2026-04-06.csv.gz: damaged gzip" in message


def test_a_missing_required_column_is_refused_with_both_lists_and_the_nearest(pipeline: JudgedPipeline) -> None:
    refused, received, message = status(pipeline, "nps.responses", "refused_deliveries, received_rows, message")
    assert (refused, received) == (1, 1)
    assert (
        "answers/2026-04-06.csv: required column 'account_id' not found; did you mean 'acount_id'? "
        "The file has: response_id, acount_id, score, responded_at. "
        "The mapping reads: account_id, responded_at, response_id, score."
    ) in message


def test_an_unknown_column_is_kept_out_and_reported(pipeline: JudgedPipeline) -> None:
    assert pipeline.warehouse_rows(
        "select status, loaded, message from ops.deliveries where file_name = 'answers/2026-03-30.csv'"
    ) == [("loaded", 1, "columns not mapped, kept out: mood")]


def test_a_bad_value_is_in_quarantine_and_counted(pipeline: JudgedPipeline) -> None:
    assert pipeline.quarantined("usage.events") == ["occurred_at: 'five past ten' is not a time"]
    quarantined, message = status(pipeline, "usage.events", "quarantined_rows, message")
    assert quarantined == 1
    assert "1 row is in quarantine.usage_events" in message


def test_an_empty_feed_is_stale_not_zero(pipeline: JudgedPipeline) -> None:
    assert pipeline.warehouse_rows(
        f"select status, received, message from ops.deliveries where file_name = 'events/{LAST}.csv'"
    ) == [("loaded", 0, "no rows")]
    stale, watermark, message = status(pipeline, "usage.events", "is_stale, watermark_on, message")
    assert (stale, watermark) == (True, dt.date(2026, 4, 5))
    assert "the slot 2026-04-06 of events has 0 rows where 25 are usual" in message


def test_a_missing_day_is_named(pipeline: JudgedPipeline) -> None:
    assert status(pipeline, "usage.events", "missing_slots, first_missing_on, last_missing_on") == (
        1, dt.date(2026, 3, 20), dt.date(2026, 3, 20),
    )  # fmt: skip
    stale, message = status(pipeline, "crm.accounts", "is_stale, message")
    assert stale
    assert "the slot 2026-04-06 of customers has not arrived" in message


def test_every_row_received_is_accounted_for(pipeline: JudgedPipeline) -> None:
    assert (
        pipeline.rows(
            "select table_name from marts.data_status where received_rows <> "
            "loaded_rows + unchanged_rows + quarantined_rows + duplicate_rows + blocked_rows"
        )
        == []
    )
    # 36 days of 25 events and the bad row
    assert status(pipeline, "usage.events", "received_rows, loaded_rows") == (36 * 25 - 25 + 1, 36 * 25 - 25)
