"""Every row of every file is accounted for: loaded, unchanged, quarantined, a duplicate, or blocked with its delivery."""

from __future__ import annotations

import datetime as dt
import gzip
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.sources import batch, loading, reading
from dagster_project.sources.ledger import Delivery
from tests.unit.intake import EVENT_COLUMNS, PARTS, TODAY, Intake, document, events_source

HEADER = "id,account,event,at\n"
AT = "2026-03-01T10:00:00Z"
GOOD = f"{{n}},acct_champion,login,{AT}\n"
LINES = {
    "good": f"1,acct_champion,login,{AT}\n",
    "same again": f"1,acct_champion,login,{AT}\n",
    "same id, other content": f"1,acct_silent,login,{AT}\n",
    "without id": f",acct_champion,login,{AT}\n",
    "without account": f"2,,login,{AT}\n",
    "never": "3,acct_champion,login,never\n",
    "after its slot": "4,acct_champion,login,2026-03-02T00:00:00Z\n",
    "short": "5,acct_champion\n",
    "long": f"6,acct_champion,login,{AT},x\n",
    "quoted end of line": f'7,"acct\nsilent",login,{AT}\n',
}


def of(delivery: Delivery) -> dict[str, int]:
    """The parts of a delivery's rows that are not zero."""
    return {part: getattr(delivery, part) for part in PARTS if getattr(delivery, part)}


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(LINES)), st.integers(1, 15)), max_size=8), st.booleans())
def test_the_rows_of_a_file_add_up(lines: list[tuple[str, int]], is_packed: bool) -> None:
    written = [line for line, count in lines for _ in range(count)]
    text = HEADER + "".join(LINES[line] for line in written)
    bad = sum(line in ("without account", "never", "after its slot", "short", "long") for line in written)
    repeats = max(0, sum(line in ("good", "same again") for line in written) - 1)
    repeats += sum(max(0, written.count(line) - 1) for line in ("same id, other content", "quoted end of line"))
    with tempfile.TemporaryDirectory() as folder:
        company = Intake(Path(folder))
        name = "events/2026-03-01.csv" + (".gz" if is_packed else "")
        company.write(name, gzip.compress(text.encode()) if is_packed else text)
        delivery = company.only()
        assert delivery.received == len(written)
        if (bad >= 20 and bad > 0.05 * len(written)) or (written and bad == len(written)):
            assert (delivery.status, of(delivery)) == ("blocked", {"blocked": len(written)})
            assert company.rows("*") == []
        else:
            assert (delivery.quarantined, delivery.duplicates) == (bad, repeats)
            assert len(company.rows("*")) == delivery.loaded == len(written) - bad - repeats
        assert len(company.quarantine()) == bad
        assert sum(delivery.days.values()) == delivery.loaded


@pytest.mark.parametrize(
    ("bad", "good", "is_blocked"),
    [(19, 1, False), (19, 100, False), (20, 380, False), (20, 379, True), (1, 0, True), (20, 0, True), (21, 398, True)],
)
def test_no_good_row_or_more_than_five_percent_and_at_least_twenty_rejected_block_a_delivery(
    tmp_path: Path, bad: int, good: int, is_blocked: bool
) -> None:
    # 20 of 400 is exactly 5 %: not more
    company = Intake(tmp_path)
    company.write(
        "events/2026-03-01.csv", HEADER + "x,a,e,never\n" * bad + "".join(GOOD.format(n=n) for n in range(good))
    )
    delivery = company.only()
    assert (delivery.status == "blocked") == is_blocked
    assert len(company.rows("*")) == (0 if is_blocked else good)
    assert len(company.quarantine()) == bad
    if is_blocked:
        assert delivery.message == (
            f"{bad} of {bad + good} rows rejected, so the delivery is blocked: "
            f"occurred_at: 'never' is not a time ({bad} such rows)"
        )


def test_a_snapshot_without_a_good_row_does_not_replace_the_one_before(tmp_path: Path) -> None:
    # nobody has left because a column came in another format
    source = events_source(path="people", delivery="snapshot")
    tables = {"crm.accounts": [{"from": "people", "columns": {"account_id": "id", "created_at": "since"}}]}
    company = Intake(tmp_path, document({"people": source}, tables))
    company.write("people/2026-03-01.csv", "id,since\na,2026-01-01T00:00:00Z\nb,2026-01-02T00:00:00Z\n")
    company.write("people/2026-03-02.csv", "id,since\na,1 Jan\nb,2 Jan\n")
    assert [d.status for d in company.take_in()] == ["loaded", "blocked"]
    assert company.rows("account_id", "crm.accounts") == [("a",), ("b",)]


LINE_COLUMNS = {
    "subscription_id": "id", "account_id": "account", "status": {"constant": "active"}, "starts_at": "since",
    "ends_at": {"expression": "null"}, "quantity": {"constant": 1}, "unit_amount": {"constant": 900},
    "currency": {"constant": "EUR"}, "interval": {"constant": "month"}, "interval_count": {"constant": 1},
}  # fmt: skip
LINE_HEADER = "id,account,since\n"
LINE = "s1,acct_champion,2026-01-01T00:00:00Z\n"


def billing(folder: Path, where: str | None = None, **changes: Any) -> Intake:
    """A company whose billing system exports its subscription lines."""
    feed = {"from": "billing", "columns": LINE_COLUMNS} | ({"where": where} if where else {})
    source = events_source(**({"path": "billing", "delivery": "snapshot"} | changes))
    return Intake(folder, document({"billing": source}, {"billing.subscription_items": [feed]}))


@pytest.mark.parametrize("names", [("2026-03-01", "2026-03-02"), ("2026-03-02", "2026-03-01")])
def test_a_snapshot_of_nothing_but_its_header_ends_no_line_in_whatever_order_it_arrives(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    company = billing(tmp_path)
    texts = {"2026-03-01": LINE_HEADER + LINE, "2026-03-02": LINE_HEADER}
    for name in names:
        company.write(f"billing/{name}.csv", texts[name])
        company.take_in()
    empty = next(d for d in company.known() if d.slot == "2026-03-02")
    assert (empty.status, of(empty)) == ("blocked", {})
    assert empty.message == (
        "the file has no rows, so the delivery is blocked: it would end every row of billing.subscription_items that is "
        "not in it; export it again"
    )
    assert [d.slot for d in company.in_force()] == ["2026-03-01"]
    assert company.rows("subscription_id", "billing.subscription_items") == [("s1",)]


@pytest.mark.parametrize("name", ["2026-03-02.csv", "2026-03-02.csv.gz"])
def test_a_snapshot_that_is_cut_off_ends_no_line(tmp_path: Path, name: str) -> None:
    company = billing(tmp_path)
    company.write("billing/2026-03-01.csv", LINE_HEADER + LINE + LINE.replace("s1", "s2") + LINE.replace("s1", "s3"))
    cut_off = (LINE_HEADER + LINE + "s2,acct").encode()
    company.write(f"billing/{name}", gzip.compress(cut_off) if name.endswith("gz") else cut_off)
    whole, cut = company.take_in()
    assert (whole.status, cut.status, of(cut)) == ("loaded", "blocked", {"blocked": 2})
    assert cut.message == (
        "the file is cut off in line 3 (a footer needs its line end), so the delivery is blocked: it would end every row "
        "of billing.subscription_items that is not in it; export it again"
    )
    assert company.rows("subscription_id", "billing.subscription_items") == [("s1",), ("s2",), ("s3",)]


@pytest.mark.parametrize(
    "rest",
    ["3 rows\n", "s2,acct_silent,2026-01-01T00:00:00Z", "x,y\ns2,acct_silent,2026-01-01T00:00:00Z", "  ", "\x1a"],
)
def test_a_snapshot_with_a_footer_or_without_a_last_line_end_is_whole(tmp_path: Path, rest: str) -> None:
    company = billing(tmp_path)
    company.write("billing/2026-03-02.csv", LINE_HEADER + LINE + rest)
    assert company.only().status == "loaded"


def test_other_lines_that_cannot_be_split_are_another_content(tmp_path: Path) -> None:
    # whose rows they are decides who has not left
    company = billing(tmp_path)
    for broken in ("s2,x,y,z\n", "s3,x,y,z\n"):
        company.write("billing/2026-03-02.csv", LINE_HEADER + LINE + broken)
        assert company.only().status == "loaded"


def test_a_slot_whose_snapshot_was_empty_takes_the_export_that_is_mended(tmp_path: Path) -> None:
    company = billing(tmp_path)
    company.write("billing/2026-03-02.csv", LINE_HEADER)
    assert company.only().status == "blocked"
    company.write("billing/2026-03-02.csv", LINE_HEADER + LINE)
    assert company.only().status == "loaded"


def test_a_file_for_all_time_without_rows_is_blocked_too(tmp_path: Path) -> None:
    company = billing(tmp_path, path="billing.csv", delivery="slice", slot="whole")
    company.write("billing.csv", LINE_HEADER + LINE)
    company.take_in()
    company.write("billing.csv", LINE_HEADER)
    assert company.only().status == "blocked"
    assert company.rows("subscription_id", "billing.subscription_items") == [("s1",)]


@pytest.mark.parametrize("delivery", ["append", "slice"])
def test_a_day_without_events_is_a_statement(tmp_path: Path, delivery: str) -> None:
    company = Intake(tmp_path, document({"events": events_source(delivery=delivery)}))
    company.write("events/2026-03-01.csv", HEADER + GOOD.format(n=1))
    company.write("events/2026-03-02.csv", HEADER)
    assert [(d.status, d.message) for d in company.take_in()] == [("loaded", None), ("loaded", "no rows")]
    assert [d.slot for d in company.in_force()] == ["2026-03-01", "2026-03-02"]


def test_a_snapshot_whose_rows_belong_to_another_feed_is_a_statement(tmp_path: Path) -> None:
    company = billing(tmp_path, where="account = 'acct_silent'")
    company.write("billing/2026-03-01.csv", LINE_HEADER + LINE)
    assert (company.only().status, [d.slot for d in company.in_force()]) == ("loaded", ["2026-03-01"])


def test_the_last_override_may_be_taken_back(tmp_path: Path) -> None:
    columns = {name: name for name in ("account_id", "axis", "decision", "reason", "author", "set_on", "expires_on")}
    tables = {"crm.overrides": [{"from": "overrides", "columns": columns}]}
    company = Intake(tmp_path, document({"overrides": events_source(path="overrides", delivery="snapshot")}, tables))
    header = ",".join(columns) + "\n"
    company.write("overrides/2026-03-01.csv", header + "acct_champion,fit,confirm,seen,ana,2026-03-01,2026-04-01\n")
    company.write("overrides/2026-03-02.csv", header)
    assert [d.status for d in company.take_in()] == ["loaded", "loaded"]
    assert [d.slot for d in company.in_force()] == ["2026-03-01", "2026-03-02"]


def test_lines_that_cannot_be_split_count_towards_blocking(tmp_path: Path) -> None:
    company = Intake(tmp_path)
    company.write("events/2026-03-01.csv", HEADER + "short\n" * 12 + "x,a,e,never\n" * 8)
    delivery = company.only()
    assert (delivery.status, delivery.blocked) == ("blocked", 20)
    assert "malformed lines (12 such rows)" in str(delivery.message)


def test_only_the_slot_with_the_bad_rows_is_blocked(tmp_path: Path) -> None:
    source = events_source(slot={"from": "column", "column": "day"}, path="rates")
    tables = {"finance.fx_rates": [{"from": "rates", "columns": {"date": "day", "currency": "c", "rate": "r"}}]}
    company = Intake(tmp_path, document({"rates": source}, tables))
    company.write("rates/all.csv", "day,c,r\n2026-03-01,USD,1\n" + "2026-03-02,USD,many\n" * 20)
    assert [(d.slot, d.status) for d in company.take_in()] == [("2026-03-01", "loaded"), ("2026-03-02", "blocked")]


def test_without_an_id_identical_rows_are_real(tmp_path: Path) -> None:
    columns = {key: value for key, value in EVENT_COLUMNS.items() if key != "event_id"}
    company = Intake(tmp_path, document(tables={"usage.events": [{"from": "events", "columns": columns}]}))
    company.write("events/2026-03-01.csv", HEADER + GOOD.format(n=1) * 3)
    assert of(company.only()) == {"loaded": 3}


def test_states_are_not_deduplicated_by_the_loader(tmp_path: Path) -> None:
    tables = {"crm.accounts": [{"from": "events", "columns": {"account_id": "account"}}]}
    company = Intake(tmp_path, document(tables=tables))
    company.write("events/2026-03-01.csv", "account\na\na\n")
    assert of(company.only()) == {"loaded": 2}


def test_two_systems_of_different_shape_feed_one_table(tmp_path: Path) -> None:
    described = document(
        {"new": events_source(path="new"), "old": events_source(path="old", delimiter=";", timezone="Europe/Berlin")},
        {"usage.events": [
            {"from": "new", "columns": EVENT_COLUMNS},
            {"from": "old", "columns": {"account_id": "Konto", "event_name": {"expression": "lower(Aktion)"}, "occurred_at": "Zeit"}},
        ]},
    )  # fmt: skip
    company = Intake(tmp_path, described)
    company.write("new/2026-03-01.csv", HEADER + GOOD.format(n=1))
    company.write("old/2026-03-01.csv", "Konto;Aktion;Zeit\nacct_silent;LOGIN;2026-03-01 11:00:00\n")
    company.take_in()
    at = dt.datetime(2026, 3, 1, 10)
    assert company.rows("_feed, account_id, event_name, occurred_at") == [
        ("new", "acct_champion", "login", at), ("old", "acct_silent", "login", at),
    ]  # fmt: skip


def test_one_source_feeds_a_table_several_times_and_other_tables_too(tmp_path: Path) -> None:
    def attribute(name: str, column: str) -> dict[str, Any]:
        columns = {"account_id": "account", "attribute": {"constant": name}, "value": column}
        return {"from": "crm", "where": f"{column} is not null", "columns": columns}

    described = document(
        {"crm": events_source(path="crm", delivery="snapshot")},
        {
            "crm.accounts": [{"from": "crm", "columns": {"account_id": "account"}}],
            "crm.attributes": [attribute("tier", "tier"), attribute("vertical", "vertical")],
        },
    )
    company = Intake(tmp_path, described)
    company.write("crm/2026-03-01.csv", "account,tier,vertical\na,gold,retail\nb,,health\n")
    assert [(d.table_name, d.feed, d.received) for d in company.take_in()] == [
        ("crm.accounts", "crm", 2), ("crm.attributes", "crm", 1), ("crm.attributes", "crm.2", 2),
    ]  # fmt: skip
    assert company.rows("attribute, value", "crm.attributes") == [
        ("tier", "gold"), ("vertical", "health"), ("vertical", "retail"),
    ]  # fmt: skip


def test_a_format_that_changed_in_june_is_two_feeds_of_one_folder(tmp_path: Path) -> None:
    described = document(
        {"before": events_source(path="e/a_*.csv"), "after": events_source(path="e/b_*.jsonl")},
        {"usage.events": [{"from": "before", "columns": EVENT_COLUMNS}, {"from": "after", "columns": EVENT_COLUMNS | {"account_id": "workspace"}}]},
    )  # fmt: skip
    company = Intake(tmp_path, described)
    company.write("e/a_2026-03-01.csv", HEADER + GOOD.format(n=1))
    company.write("e/b_2026-03-02.jsonl", f'{{"id": 2, "workspace": "w", "event": "e", "at": "{AT}"}}')
    company.take_in()
    assert company.rows("event_id, account_id") == [("1", "acct_champion"), ("2", "w")]


def test_mending_the_mapping_and_running_again_empties_the_quarantine(tmp_path: Path) -> None:
    company = Intake(tmp_path)
    company.write("events/2026-03-01.csv", HEADER + "1,a,e,01.03.2026 10:00:00\n" * 25)
    assert company.only().status == "blocked"
    assert len(company.quarantine()) == 25
    company.describe(document({"events": events_source(timezone="UTC", timestamp_format="%d.%m.%Y %H:%M:%S")}))
    assert of(company.only()) == {"loaded": 1, "duplicates": 24}
    assert company.quarantine() == []
    # back under the first mapping nothing is read again, and its quarantine is still known
    company.describe(document())
    assert company.take_in() == []
    assert len(company.quarantine()) == 25


def test_files_of_one_shape_are_read_together_and_a_bad_one_is_refused_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []
    load_batch = batch.load_batch

    def noted(*args: Any) -> list[Delivery]:
        batches.append(len(args[2]))
        return load_batch(*args)

    monkeypatch.setattr(loading, "load_batch", noted)
    company = Intake(tmp_path)
    for day in range(1, 10):
        company.write(f"events/2026-03-{day:02}.csv", HEADER + f"{day},a,e,2026-03-{day:02}T10:00:00Z\n")
    company.write("events/2026-03-05.csv", "id,account,event,at,more\n5,a,e,2026-03-05T10:00:00Z,x\n")
    assert len(company.take_in()) == 9
    assert batches == [4, 1, 4]
    packed = bytearray(gzip.compress(HEADER.encode()))
    packed[-5] ^= 1
    for day in range(10, 13):
        company.write(f"events/2026-03-{day}.csv.gz", bytes(packed) if day == 11 else gzip.compress(HEADER.encode()))
    assert [d.status for d in company.take_in()] == ["loaded", "unreadable", "loaded"]


def test_batches_end_at_their_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "BATCH_BYTES", 1)
    company = Intake(tmp_path)
    for day in range(1, 4):
        company.write(f"events/2026-03-0{day}.csv", HEADER + f"{day},a,e,2026-03-0{day}T10:00:00Z\n")
    assert [d.loaded for d in company.take_in()] == [1, 1, 1]
    assert company.rows("event_id, _row") == [("1", 2), ("2", 2), ("3", 2)]


@pytest.mark.parametrize(
    "error", [duckdb.OutOfMemoryException("full"), duckdb.IOException("Could not write: No space left")]
)
def test_trouble_of_the_machine_is_no_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: duckdb.Error
) -> None:
    company = Intake(tmp_path)
    company.write("events/2026-03-01.csv", HEADER + GOOD.format(n=1))

    class Broken:
        def execute(self, query: str) -> None:
            raise error

    with pytest.raises(type(error)):
        reading._run(Broken(), "")  # type: ignore[arg-type]  # not a connection, on purpose
    monkeypatch.setattr(loading, "load_batch", lambda *args: (_ for _ in ()).throw(error))
    with pytest.raises(type(error)):
        company.take_in()
    monkeypatch.undo()
    assert company.only().status == "loaded"


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path) -> None:
    company = Intake(tmp_path)
    company.write("events/2026-03-01.csv.gz", gzip.compress((HEADER + GOOD.format(n=1) + "x,,e,x\n").encode()))
    company.write("events/2026-03-02.csv.gz", b"broken")
    company.take_in()
    assert [p for p in company.home.temporary.rglob("*") if p.is_file()] == []


def test_an_expression_over_a_column_that_is_not_there_says_which(tmp_path: Path) -> None:
    columns = EVENT_COLUMNS | {"quantity": {"expression": "amout * 2"}}
    company = Intake(tmp_path, document(tables={"usage.events": [{"from": "events", "columns": columns}]}))
    company.write("events/2026-03-01.csv", HEADER + GOOD.format(n=1))
    delivery = company.only()
    assert delivery.status == "unreadable"
    assert 'the mapping does not fit the file: Binder Error: Referenced column "amout" not found' in str(
        delivery.message
    )


def test_rows_that_the_condition_leaves_out_are_not_received(tmp_path: Path) -> None:
    table = {"from": "events", "where": "event <> 'heartbeat'", "columns": EVENT_COLUMNS}
    company = Intake(tmp_path, document(tables={"usage.events": [table]}))
    company.write("events/2026-03-01.csv", HEADER + GOOD.format(n=1) + f"2,a,heartbeat,{AT}\n")
    assert of(company.only()) == {"loaded": 1}


def test_a_day_known_later_is_not_there_before(tmp_path: Path) -> None:
    company = Intake(tmp_path)
    company.write("events/2026-03-01.csv", HEADER + GOOD.format(n=1))
    company.take_in(dt.date(2026, 3, 9))
    assert company.rows("*", as_of=dt.date(2026, 3, 8)) == []
    assert len(company.rows("*", as_of=TODAY)) == 1
