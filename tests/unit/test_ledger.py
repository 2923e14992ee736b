"""The ledger decides what is in force: a pure function of the deliveries, whatever the order of their loading."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dagster_project.sources.ledger import Delivery, Ledger, ReceivedFile
from dagster_project.sources.loading import refuse_another_company
from dagster_project.sources.mapping import Feed, MappingError
from dagster_project.sources.precedence import in_force, open_refusals
from tests.unit.intake import EVENT_COLUMNS, Intake, document, events_source

HEADER = "id,account,event,at\n"
RECEIVED = {"from": "path", "pattern": r"received=(\d{4}-\d{2}-\d{2})"}
REVISION = {"from": "file_name", "pattern": r"_v(\d+)"}


def content(*ids: str, at: str = "2026-03-01") -> str:
    """Events with the ids."""
    return HEADER + "".join(f"{i},acct_champion,login,{at}T10:00:00Z\n" for i in ids)


def ids(company: Intake, as_of: dt.date = dt.date(2026, 3, 31)) -> list[str]:
    """Ids of the events in force."""
    return [i for (i,) in company.rows("event_id", as_of=as_of)]


def company_of(folder: Path, **changes: Any) -> Intake:
    """A company whose events say when they were received and which revision they are."""
    return Intake(folder, document({"events": events_source(known_on=RECEIVED, revision=REVISION, **changes)}))


def test_a_slice_replaces_its_slot_and_no_other(tmp_path: Path) -> None:
    company = company_of(tmp_path)
    company.write("events/received=2026-03-02/2026-03-01.csv", content("1", "2"))
    company.write("events/received=2026-03-03/2026-03-02.csv", content("3", at="2026-03-02"))
    company.write("events/received=2026-03-04/2026-03-01.csv", content("2", "4"))
    company.take_in()
    assert ids(company) == ["2", "3", "4"]
    assert ids(company, dt.date(2026, 3, 3)) == ["1", "2", "3"]


def test_appended_files_add_up_and_the_same_content_counts_once(tmp_path: Path) -> None:
    company = company_of(tmp_path, delivery="append")
    company.write("events/received=2026-03-02/a_2026-03-01.csv", content("1", "2"))
    company.write("events/received=2026-03-03/b_2026-03-01.csv", content("3"))
    company.write("events/received=2026-03-04/c_2026-03-01.csv", content("2", "1"))
    assert [(d.loaded, d.unchanged) for d in company.take_in()] == [(2, 0), (1, 0), (0, 2)]
    assert ids(company) == ["1", "2", "3"]


def test_every_snapshot_of_states_stays_for_its_slot(tmp_path: Path) -> None:
    tables = {"crm.accounts": [{"from": "events", "columns": {"account_id": "account"}}]}
    company = Intake(tmp_path, document({"events": events_source(delivery="snapshot")}, tables))
    company.write("events/2026-03-01.csv", "account\na\nb\n")
    company.write("events/2026-03-02.csv", "account\na\n")
    company.take_in()
    assert company.rows("_slot, account_id", "crm.accounts") == [
        (dt.date(2026, 3, 1), "a"), (dt.date(2026, 3, 1), "b"), (dt.date(2026, 3, 2), "a"),
    ]  # fmt: skip


def test_a_snapshot_of_events_replaces_all_events(tmp_path: Path) -> None:
    company = company_of(tmp_path, delivery="snapshot")
    company.write("events/received=2026-03-02/2026-03-02.csv", content("1", "2"))
    company.write("events/received=2026-03-03/2026-03-03.csv", content("2", "3"))
    company.take_in()
    assert ids(company) == ["2", "3"]
    assert ids(company, dt.date(2026, 3, 2)) == ["1", "2"]


@pytest.mark.parametrize(
    ("first", "second", "wins"),
    [
        # the declared revision before the day received, then the day, then the name
        ("received=2026-03-02/2026-03-01_v10.csv", "received=2026-03-09/2026-03-01_v9.csv", "first"),
        ("received=2026-03-02/2026-03-01_v1.csv", "received=2026-03-03/2026-03-01_v1.csv", "second"),
        ("received=2026-03-02/a_2026-03-01.csv", "received=2026-03-02/b_2026-03-01.csv", "second"),
        ("received=2026-03-02/2026-03-01.csv", "received=2026-03-02/2026-03-01_v1.csv", "second"),
    ],
)
@pytest.mark.parametrize("is_late", [False, True])
def test_the_later_revision_wins_whichever_is_loaded_first(
    tmp_path: Path, first: str, second: str, wins: str, is_late: bool
) -> None:
    company = company_of(tmp_path)
    written = [(f"events/{first}", content("first")), (f"events/{second}", content("second"))]
    for name, text in reversed(written) if is_late else written:
        company.write(name, text)
        company.take_in()
    assert ids(company) == [wins]


def test_a_redelivered_file_changes_nothing(tmp_path: Path) -> None:
    company = company_of(tmp_path)
    company.write("events/received=2026-03-02/2026-03-01.csv", content("1", "2"))
    company.take_in()
    before = [d.raw_path for d in company.in_force()], company.rows("*")
    files = set(company.home.raw.rglob("*.parquet"))
    # in another order of rows and columns, with a column that nobody reads
    company.write("events/received=2026-03-05/2026-03-01.csv", "x,at,event,account,id\n" + "".join(
        f"9,2026-03-01T10:00:00Z,login,acct_champion,{i}\n" for i in ("2", "1")))  # fmt: skip
    delivery = company.only()
    assert (delivery.status, delivery.loaded, delivery.unchanged) == ("redelivered", 0, 2)
    assert ([d.raw_path for d in company.in_force()], company.rows("*")) == before
    assert set(company.home.raw.rglob("*.parquet")) == files


def test_what_was_reverted_is_in_force_again(tmp_path: Path) -> None:
    company = company_of(tmp_path)
    for day, text in ((2, content("a")), (3, content("b")), (4, content("a"))):
        company.write(f"events/received=2026-03-0{day}/2026-03-01.csv", text)
    assert [d.status for d in company.take_in()] == ["loaded"] * 3
    assert [ids(company, dt.date(2026, 3, day)) for day in (2, 3, 4)] == [["a"], ["b"], ["a"]]


def test_a_path_that_goes_back_to_an_earlier_content_is_reverted(tmp_path: Path) -> None:
    company = Intake(tmp_path)
    for seconds, text in ((1_000, content("a")), (2_000, content("b")), (3_000, content("a"))):
        company.write("events/2026-03-01.csv", text, seconds)
        assert company.only(dt.date(2026, 3, 5)).status == "loaded"
        assert ids(company) == [text.split("\n")[1][0]]


def test_a_blocked_or_unreadable_correction_leaves_its_slot_as_it_was(tmp_path: Path) -> None:
    company = company_of(tmp_path)
    company.write("events/received=2026-03-02/2026-03-01.csv", content("1"))
    company.write(
        "events/received=2026-03-03/2026-03-01.csv", HEADER + "x,a,e,never\n" * 20 + content("2")[len(HEADER) :]
    )
    company.write("events/received=2026-03-04/2026-03-01.csv", b"")
    assert [d.status for d in company.take_in()] == ["loaded", "blocked", "unreadable"]
    assert ids(company) == ["1"]


def refused(company: Intake, day: int) -> list[str]:
    """The files of the open refusals, as known on a day of March."""
    (feed,) = company.mapping.feeds
    return [d.file_name.removeprefix("events/") for d in open_refusals(feed, company.known(dt.date(2026, 3, day)))]


def test_a_refused_delivery_is_settled_by_a_later_good_one_of_its_slot_from_that_day_on(tmp_path: Path) -> None:
    company = company_of(tmp_path)
    company.write("events/received=2026-03-02/2026-03-01.csv", "")
    company.write("events/received=2026-03-03/2026-03-02.csv", content("1", at="2026-03-02"))
    company.write("events/received=2026-03-04/2026-03-01.csv", content("2"))
    company.write("events/received=2026-03-05/2026-03-01.csv", "")
    company.take_in()
    assert [refused(company, day) for day in (1, 2, 3, 4, 5)] == [
        [],
        ["received=2026-03-02/2026-03-01.csv"],
        ["received=2026-03-02/2026-03-01.csv"],
        [],
        ["received=2026-03-05/2026-03-01.csv"],
    ]


@pytest.mark.parametrize("slot", ["received", {"from": "column", "column": "day"}])
def test_a_refused_delivery_is_settled_by_a_good_one_at_its_path(tmp_path: Path, slot: Any) -> None:
    company = Intake(tmp_path, document({"events": events_source(slot=slot, delivery="snapshot", expected="weekly")}))
    good = "id,account,event,at,day\n1,a,login,2026-03-01T10:00:00Z,2026-03-01\n"
    for day, text in ((3, ""), (4, good), (4, "id\n1\n"), (4, good + good.splitlines()[1].replace("1,", "2,", 1))):
        company.write("events/all.csv", text)
        company.take_in(dt.date(2026, 3, day))
        assert refused(company, day) == ([] if text.startswith(good) else ["all.csv"])


def test_where_rows_add_up_another_file_settles_nothing(tmp_path: Path) -> None:
    company = company_of(tmp_path, delivery="append")
    company.write("events/a_2026-03-01.csv", "")
    company.write("events/b_2026-03-01.csv", content("1"))
    company.describe(document({"events": events_source(delivery="append")}))
    company.take_in(dt.date(2026, 3, 2))
    assert refused(company, 2) == ["a_2026-03-01.csv"]
    company.write("events/a_2026-03-01.csv", content("2"))
    company.take_in(dt.date(2026, 3, 3))
    assert refused(company, 3) == []


def test_a_file_without_a_slot_is_not_settled_by_the_slot_of_the_day_on_which_it_came(tmp_path: Path) -> None:
    company = Intake(tmp_path)
    company.write("events/latest.csv", content("1"))
    company.take_in(dt.date(2026, 3, 2))
    company.write("events/2026-03-02.csv", content("1", at="2026-03-02"))
    company.take_in(dt.date(2026, 3, 3))
    assert refused(company, 3) == ["latest.csv"]


def test_a_data_folder_is_not_continued_by_another_company(tmp_path: Path) -> None:
    company = company_of(tmp_path)
    described = yaml.safe_load((tmp_path / "sources.yml").read_text())
    company.describe(described | {"company": "Before anything arrived"})
    company.take_in()
    company.describe(described)
    company.write("events/2026-03-01.csv", content("1"))
    company.take_in()
    company.describe(described | {"company": "Other"})
    for refused in (company.take_in, lambda: refuse_another_company(company.mapping, company.home)):
        with pytest.raises(MappingError, match=r"company is 'Other', and .* holds what was received from 'Acme'"):
            refused()
    company.describe(described)
    refuse_another_company(company.mapping, company.home)
    assert company.take_in() == []


@dataclass(frozen=True)
class Sent:
    """A file as it was sent: slot, day received, revision, content."""

    slot: int
    received: int
    revision: int
    text: str

    @property
    def name(self) -> str:
        return f"events/received=2026-03-{20 + self.received}/2026-03-{self.slot:02}_v{self.revision}.csv"


SENT = st.builds(
    Sent, st.integers(1, 3), st.integers(0, 3), st.integers(0, 2),
    st.sampled_from([content("1"), content("1", "2"), content("2", "1"), content("3"), HEADER, content("1", "1"),
                     content("4") + "x,,e,2026-03-01T10:00:00Z\n"]),
)  # fmt: skip


@settings(max_examples=10, deadline=None)
@example([Sent(2, 3, 0, content("3")), Sent(2, 0, 2, content("3"))], Random(0), "append")
@given(
    st.lists(SENT, min_size=1, max_size=6, unique_by=lambda sent: sent.name), st.randoms(use_true_random=False),
    st.sampled_from(["append", "slice", "snapshot"]),
)  # fmt: skip
def test_any_order_of_the_same_deliveries_gives_the_same_rows(sent: list[Sent], random: Random, delivery: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        at_once = company_of(Path(folder) / "at_once", delivery=delivery)
        one_by_one = company_of(Path(folder) / "one_by_one", delivery=delivery)
        for file in sent:
            at_once.write(file.name, file.text)
        at_once.take_in()
        random.shuffle(sent)
        for file in sent:
            one_by_one.write(file.name, file.text)
            one_by_one.take_in()
        for day in (20, 21, 22, 23):
            as_of = dt.date(2026, 3, day)
            assert at_once.rows("*", as_of=as_of) == one_by_one.rows("*", as_of=as_of)
            assert [d.raw_path for d in at_once.in_force(as_of)] == [d.raw_path for d in one_by_one.in_force(as_of)]
            assert {(d.slot, d.revision) for d in at_once.in_force(as_of)} == {
                (d.slot, d.revision) for d in one_by_one.in_force(as_of)
            }


def some_delivery(of: Feed, **changes: Any) -> Delivery:
    """A loaded delivery of one row, with changes."""
    values: dict[str, Any] = {
        "delivery_id": "d", "file_sequence": 1, "table_name": of.table.name, "feed": of.name,
        "fingerprint": of.fingerprint, "slot": "2026-03-01", "known_on": "2026-03-02", "revision": "r",
        "file_name": "f", "content": "c", "status": "loaded", "message": None, "received": 1, "loaded": 1,
        "unchanged": 0, "quarantined": 0, "duplicates": 0, "blocked": 0, "raw_path": "p", "quarantine_path": None,
        "event_days": '{"2026-03-01": 1}', "lookup_hash": None, "lookup_misses": 0,
    }  # fmt: skip
    return Delivery(**(values | changes))


def test_deliveries_of_other_feeds_and_mappings_do_not_count(tmp_path: Path) -> None:
    feed = Intake(tmp_path).mapping.feeds[0]
    own = some_delivery(feed)
    assert in_force(
        feed, [own, some_delivery(feed, feed="other"), some_delivery(feed, table_name="nps.responses")]
    ) == [own]
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.record_deliveries([own, some_delivery(feed, fingerprint="old", file_sequence=2)])
    assert ledger.deliveries([feed], dt.date(2026, 3, 2)) == [own]
    assert ledger.deliveries([feed], dt.date(2026, 3, 1)) == []
    ledger.close()


def test_a_transaction_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    feed = Intake(tmp_path).mapping.feeds[0]
    ledger = Ledger(tmp_path / "ledger.sqlite")

    def die_within_a_transaction() -> None:
        with ledger.transaction():
            ledger.record_deliveries([some_delivery(feed)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        die_within_a_transaction()
    assert ledger.deliveries([feed], dt.date(2026, 3, 31)) == []
    ledger.close()


def test_files_keep_the_order_in_which_they_were_received(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    for name in ("b", "a"):
        ledger.record_file(ReceivedFile(0, "events", name, "", 0, 0, None, "2026-03-01", 0, name, None))
    assert [(f.sequence, f.name) for f in ledger.files("events")] == [(1, "b"), (2, "a")]
    assert ledger.last_sequence() == 2
    assert ledger.files("other") == []
    ledger.close()


def test_each_row_may_say_its_slot(tmp_path: Path) -> None:
    tables = {
        "finance.fx_rates": [
            {"from": "rates", "columns": {"date": "day", "currency": {"constant": "USD"}, "rate": "usd"}}
        ]
    }
    source = events_source(path="rates", slot={"from": "column", "column": "day"}, known_on=RECEIVED)
    company = Intake(tmp_path, document({"rates": source}, tables))
    days = [dt.date(2025, 1, 1) + dt.timedelta(days=n) for n in range(300)]
    company.write(
        "rates/received=2026-03-01/all.csv", "day,usd\n" + "".join(f"{d},1.0\n" for d in days) + "someday,1.0\n"
    )
    company.write("rates/received=2026-03-02/mended.csv", f"day,usd\n{days[7]},2.0\n")
    company.write("rates/received=2026-03-03/empty.csv", "day,usd\n")
    made = company.take_in()
    assert sum(d.loaded for d in made) == 301
    assert [d.status for d in made][-1] == "empty"
    assert company.rows("count(*), sum(rate)::int", "finance.fx_rates") == [(300, 301)]
    assert company.quarantine("_reason") == [("date: 'someday' is not a date",)]


def test_the_slot_may_be_the_day_of_receipt_or_all_time(tmp_path: Path) -> None:
    sources = {"r": events_source(path="r", slot="received"), "w": events_source(path="w", slot="whole")}
    company = Intake(
        tmp_path, document(sources, {"usage.events": [{"from": n, "columns": EVENT_COLUMNS} for n in sources]})
    )
    company.write("r/latest.csv", content("1"))
    company.write("w/latest.csv", content("2"))
    assert [d.slot for d in company.take_in(dt.date(2026, 3, 7))] == ["2026-03-07", "9999-12-31"]
