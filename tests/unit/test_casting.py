"""Text becomes the contract's type or is rejected with a reason; times agree with Python's own timezones."""

from __future__ import annotations

import datetime as dt
import tempfile
import zoneinfo
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.sources.batch import connect
from dagster_project.sources.home import Home
from dagster_project.sources.mapping import Feed
from dagster_project.sources.typed_rows import typed_rows
from tests.unit.intake import EVENT_COLUMNS, Intake, document, events_source

# DST of an hour, of half an hour, at midnight, none, half and quarter hours, and a day that never was
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata",
    "Asia/Kathmandu", "Pacific/Apia",
)  # fmt: skip
CHANGES_OF_THE_CLOCK = [
    dt.datetime.fromisoformat(text)
    for text in (
        "2026-03-29T02:00", "2026-10-25T02:00", "2026-03-08T02:00", "2026-11-01T01:00", "2026-04-05T01:30",
        "2026-10-04T02:00", "2026-09-06T00:00", "2026-04-04T23:00", "2011-12-29T23:00", "2011-12-30T12:00",
    )
]  # fmt: skip
TIMES = st.one_of(
    st.datetimes(dt.datetime(1975, 1, 1), dt.datetime(2036, 12, 31), timezones=st.none()),
    st.builds(
        lambda at, minutes: at + dt.timedelta(minutes=minutes),
        st.sampled_from(CHANGES_OF_THE_CLOCK),
        st.integers(-90, 90),
    ),
)
DAYS = st.one_of(
    st.dates(dt.date(1975, 1, 1), dt.date(2036, 12, 31)), st.sampled_from([t.date() for t in CHANGES_OF_THE_CLOCK])
)
SETTINGS = settings(max_examples=25, deadline=None)


@cache
def feed(reporting: str, source: tuple[tuple[str, Any], ...]) -> Feed:
    """A feed of opportunities: one instant, one date and one amount, all optional but the first."""
    columns = {
        "opportunity_id": "id", "opened_at": "x", "closed_at": "y", "amount": {"column": "m", "unit": "major"},
        "currency": "c",
    }  # fmt: skip
    tables = {"crm.opportunities": [{"from": "deals", "columns": columns}]}
    if "date" in dict(source).get("path", ""):
        tables = {"crm.goals": [{"from": "deals", "columns": {"account_id": "id", "goal": "id", "due_on": "x"}}]}
    described = document({"deals": events_source(slot="whole", **dict(source))}, tables, reporting)
    with tempfile.TemporaryDirectory() as folder:
        return Intake(Path(folder), described).mapping.feeds[0]


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """One connection for all examples."""
    return connect(Home(Path(tempfile.mkdtemp())))


def cast(texts: Sequence[str | None], columns: str, reporting: str = "UTC", **source: Any) -> list[tuple[Any, ...]]:
    """What becomes of texts, in order: the columns asked for."""
    made = feed(reporting, tuple(source.items()))
    con = connection()
    con.execute("create or replace temp table landed (id varchar, x varchar, y varchar, m varchar, c varchar, "
                "_landed_path varchar, _landed_row bigint)")  # fmt: skip
    con.executemany(
        "insert into landed values ('1', ?, null, null, 'EUR', 'file', ?)", [[t, n] for n, t in enumerate(texts, 1)]
    )
    con.execute(
        "create or replace temp table batch as select 'file' as _landed_path, 0 as file_number, "
        "date '9999-12-31' as slot, date '2026-03-31' as known_on, 1 as first_row"
    )
    return con.execute(f"select {columns} from ({typed_rows(made, made.columns, reporting)}) order by _row").fetchall()


def instants(texts: Sequence[str | None], reporting: str = "UTC", **source: Any) -> list[tuple[Any, ...]]:
    """(UTC time, civil day) of texts."""
    return cast(texts, "opened_at, opened_on", reporting, **source)


def dates(texts: Sequence[str | None], reporting: str = "UTC", **source: Any) -> list[dt.date | None]:
    """Dates of texts."""
    return [day for (day,) in cast(texts, "due_on", reporting, path="date", **source)]


def utc_of(naive: dt.datetime, zone: str) -> dt.datetime:
    """UTC time of a wall clock by zoneinfo: in a gap with the offset before it, of an hour that comes twice the second."""
    first = naive.replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=0).astimezone(dt.UTC)
    second = naive.replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=1).astimezone(dt.UTC)
    is_gap = first.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None) != naive
    return (first if is_gap else second).replace(tzinfo=None)


def day_of(at: dt.datetime, zone: str) -> dt.date:
    """Civil day of a UTC time by zoneinfo."""
    return at.replace(tzinfo=dt.UTC).astimezone(zoneinfo.ZoneInfo(zone)).date()


@SETTINGS
@given(st.lists(TIMES, min_size=1, max_size=20), st.sampled_from(ZONES), st.sampled_from(ZONES))
def test_a_naive_time_takes_the_zone_that_its_source_declares(
    times: list[dt.datetime], declared: str, reporting: str
) -> None:
    golden = [(utc_of(time, declared), day_of(utc_of(time, declared), reporting)) for time in times]
    assert instants([t.isoformat(" ") for t in times], reporting, timezone=declared) == golden
    written = [t.strftime("%d.%m.%Y %H:%M:%S.%f") for t in times]
    assert instants(written, reporting, timezone=declared, timestamp_format="%d.%m.%Y %H:%M:%S.%f") == golden


@SETTINGS
@given(
    st.lists(TIMES, min_size=1, max_size=20),
    st.integers(-12 * 4, 14 * 4),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
)
def test_a_zoned_time_is_that_time_whatever_the_source_declares(
    times: list[dt.datetime], quarters: int, declared: str, reporting: str
) -> None:
    offset = dt.timezone(dt.timedelta(minutes=15 * quarters))
    golden = [(t, day_of(t, reporting)) for t in times]
    zoned = [t.replace(tzinfo=dt.UTC).astimezone(offset) for t in times]
    assert instants([t.isoformat() for t in zoned], reporting, timezone=declared) == golden
    assert instants([t.isoformat() + "Z" for t in times], reporting, timezone=declared) == golden
    written = [t.strftime("%Y-%m-%d %H:%M:%S.%f %z") for t in zoned]
    assert instants(written, reporting, timestamp_format="%Y-%m-%d %H:%M:%S.%f %z") == golden


@SETTINGS
@given(st.lists(TIMES, min_size=1, max_size=20), st.sampled_from(ZONES))
def test_epochs_are_utc(times: list[dt.datetime], reporting: str) -> None:
    whole = [t.replace(microsecond=0) for t in times]
    golden = [(t, day_of(t, reporting)) for t in whole]
    seconds = [int(t.replace(tzinfo=dt.UTC).timestamp()) for t in whole]
    assert instants([str(s) for s in seconds], reporting, timestamp_format="epoch_seconds") == golden
    assert instants([str(s * 1000) for s in seconds], reporting, timestamp_format="epoch_milliseconds") == golden


@SETTINGS
@given(
    st.lists(DAYS, min_size=1, max_size=20),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
)
def test_a_civil_date_is_never_converted(days: list[dt.date], declared: str, reporting: str) -> None:
    texts = [d.isoformat() for d in days]
    assert dates(texts, reporting, timezone=declared) == days
    # as an instant it begins at the local midnight, or where the clock goes on when there is none
    golden = [(utc_of(dt.datetime.combine(d, dt.time()), reporting), d) for d in days]
    assert instants(texts, reporting, timezone=declared) == golden
    written = [d.strftime("%d.%m.%Y") for d in days]
    assert dates(written, reporting, timezone=declared, date_format="%d.%m.%Y") == days
    assert instants(written, reporting, timezone=declared, date_format="%d.%m.%Y") == golden
    assert instants(written, reporting, timezone=declared, timestamp_format="%d.%m.%Y") == golden


def test_the_hours_around_a_change_of_the_clock() -> None:
    # Berlin 2026: 02:30 on 29 March does not exist (01:30 UTC is 03:30 there); 02:30 on 25 October comes at 00:30 and
    # at 01:30 UTC, and the second is meant. Lord Howe goes back by half an hour on 5 April: 01:45 comes at 14:45 and
    # 15:15 UTC of the day before
    assert instants(["2026-03-29 02:30", "2026-10-25 02:30"], "Europe/Berlin", timezone="Europe/Berlin") == [
        (dt.datetime(2026, 3, 29, 1, 30), dt.date(2026, 3, 29)),
        (dt.datetime(2026, 10, 25, 1, 30), dt.date(2026, 10, 25)),
    ]
    assert instants(["2026-04-05 01:45"], "Australia/Lord_Howe", timezone="Australia/Lord_Howe") == [
        (dt.datetime(2026, 4, 4, 15, 15), dt.date(2026, 4, 5))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2027-02-29", "2027-02-29T10:00:00Z", "0001-01-01", "9999-12-31T00:00:00Z", "epoch", "infinity", "-infinity",
        "today", "now", "2026-03-01 at noon", "2026-03-01 junk", "10:00", "1772359200", "2026-13-01T00:00:00Z",
        "2026-03-01T25:00:00Z", "2026-03-01 10:00:00 Mars/Base", "2026-03-01 (BC)", "", " ",
    ],
)  # fmt: skip
def test_what_is_no_time_or_no_date_is_rejected(text: str) -> None:
    assert instants([text], timezone="UTC") == [(None, None)]
    assert dates([text], timezone="UTC") == [None]


def test_milliseconds_taken_for_seconds_and_absurd_numbers_are_rejected() -> None:
    texts: list[str | None] = ["1772359200000", "1e400", "NaN", "99999999999999999999999999", "-1", "1772359200.5"]
    assert instants(texts, timestamp_format="epoch_seconds") == [
        (None, None), (None, None), (None, None), (None, None),
        (dt.datetime(1969, 12, 31, 23, 59, 59), dt.date(1969, 12, 31)),
        (dt.datetime(2026, 3, 1, 10, 0, 0, 500000), dt.date(2026, 3, 1)),
    ]  # fmt: skip


def test_a_date_column_takes_the_day_of_a_time() -> None:
    # 23:30 in New York is the next day in Berlin; without a zone it is the day that is written
    texts: list[str | None] = ["2026-03-01T23:30:00-05:00", "2026-03-01 23:30:00", "2026-3-1", "2026/03/01"]
    golden = [dt.date(2026, 3, 2), dt.date(2026, 3, 1), dt.date(2026, 3, 1), dt.date(2026, 3, 1)]
    assert dates(texts, "Europe/Berlin") == golden
    assert dates(["1772407800", "2026-03-01"], "Europe/Berlin", timestamp_format="epoch_seconds") == [
        dt.date(2026, 3, 2), dt.date(2026, 3, 1),
    ]  # fmt: skip


def taken(folder: Path, table: str, columns: dict[str, Any], lines: list[str], **source: Any) -> Intake:
    """A whole file of one table, taken in."""
    described = document(
        {"export": events_source(slot="whole", **source)}, {table: [{"from": "export", "columns": columns}]}
    )
    company = Intake(folder, described)
    company.write("events/file.csv", "\n".join(lines) + "\n")
    company.take_in()
    return company


def test_a_score_is_a_whole_number_from_0_to_10(tmp_path: Path) -> None:
    columns = {
        "response_id": "id",
        "account_id": {"constant": "a"},
        "score": "s",
        "responded_at": {"constant": "2026-03-01"},
    }
    scores = ["9 ", "0", "10", "7.0", "11", "-40", "9.5", "nine", "", "NaN", "inf", "1e1"]
    company = taken(
        tmp_path, "nps.responses", columns, ["id;s", *(f"{n};{s}" for n, s in enumerate(scores))], delimiter=";"
    )
    assert company.rows("response_id::int, score", "nps.responses") == [(0, 9), (1, 0), (2, 10), (3, 7)]
    assert company.quarantine() == [
        (6, "score: '11' is not a whole number from 0 to 10"),
        (7, "score: '-40' is not a whole number from 0 to 10"),
        (8, "score: '9.5' is not a whole number from 0 to 10"),
        (9, "score: 'nine' is not a whole number from 0 to 10"),
        (10, "score is required and empty"),
        (11, "score: 'NaN' is not a whole number from 0 to 10"),
        (12, "score: 'inf' is not a whole number from 0 to 10"),
        (13, "score: '1e1' is not a whole number from 0 to 10"),
    ]


def amounts(folder: Path, lines: list[str], unit: str = "major", **source: Any) -> Intake:
    """Deals with an amount and a currency, taken in."""
    columns = {
        "opportunity_id": "id",
        "opened_at": {"constant": "2026-03-01"},
        "amount": {"column": "m", "unit": unit},
        "currency": "c",
    }
    return taken(folder, "crm.opportunities", columns, ["id;m;c", *lines], delimiter=";", **source)


ISO_ZONED = "%Y-%m-%dT%H:%M:%S%z"
DOTTED = "%d.%m.%Y %H:%M"


@pytest.mark.parametrize(
    ("text", "source", "hint"),
    [
        ("2026-03-01 10:00:00", {}, ": it has no zone; declare timezone"),
        ("01.03.2026 10:00", {"timestamp_format": DOTTED}, f' by timestamp_format "{DOTTED}": it has no zone; declare timezone'),
        ("2026-03-01 10:00", {"timestamp_format": ISO_ZONED}, f' by timestamp_format "{ISO_ZONED}"'),
        ("01.03.2026", {}, '; declare date_format: "%d.%m.%Y"'),
        ("3/1/26", {}, '; declare date_format: "%d/%m/%y" or "%m/%d/%y"'),
        ("1/31/2026", {}, '; declare date_format: "%m/%d/%Y"'),
        ("20260301", {}, '; declare date_format: "%Y%m%d"'),
        ("1.3.2026 9:05:00", {}, '; declare timestamp_format: "%d.%m.%Y %H:%M:%S" and timezone'),
        ("1.3.2026 9:05:00", {"timezone": "UTC"}, '; declare timestamp_format: "%d.%m.%Y %H:%M:%S"'),
        ("01.03.2026", {"timestamp_format": DOTTED}, f' by timestamp_format "{DOTTED}"; declare date_format: "%d.%m.%Y"'),
        ("1/31/2026", {"date_format": "%d/%m/%Y"}, ' by date_format "%d/%m/%Y"'),
        ("1772359200", {}, "; declare timestamp_format: epoch_seconds"),
        ("1772359200000", {}, "; declare timestamp_format: epoch_milliseconds"),
        ("1772359200000", {"timestamp_format": "epoch_seconds"}, ' by timestamp_format "epoch_seconds"'),
        ("2026-13-01", {}, ""),
        ("1.13.2026", {}, ""),
        ("01.03.2026 noon", {}, ""),
    ],
)  # fmt: skip
def test_a_time_that_is_not_read_says_what_to_declare(
    tmp_path: Path, text: str, source: dict[str, str], hint: str
) -> None:
    columns = {"opportunity_id": "id", "opened_at": "x"}
    company = taken(tmp_path, "crm.opportunities", columns, ["id,x", f"1,{text}"], **source)
    assert company.quarantine() == [(2, f"opened_at: '{text}' is not a time{hint}")]


def test_a_date_that_is_not_read_says_what_to_declare(tmp_path: Path) -> None:
    columns = {"account_id": "id", "goal": "id", "due_on": "x"}
    company = taken(tmp_path, "crm.goals", columns, ["id,x", "1,01.03.2026", "2,soon", "3,2026-03-01"])
    assert company.quarantine() == [
        (2, "due_on: '01.03.2026' is not a date; declare date_format: \"%d.%m.%Y\""),
        (3, "due_on: 'soon' is not a date"),
    ]


def test_an_event_after_its_slot_needs_no_format(tmp_path: Path) -> None:
    company = Intake(tmp_path, document({"events": events_source(timestamp_format="%Y%m%d")}))
    company.write("events/events_2026-03-01.csv", "id,account,event,at\n1,a,e,20260302\n")
    company.take_in()
    assert company.quarantine() == [(2, "occurred_at: '20260302' lies after the end of its slot 2026-03-01")]


def test_a_slot_that_is_not_read_says_what_to_declare(tmp_path: Path) -> None:
    columns = {"account_id": "id"}
    lines = ["id,day", "a,2026-03-01", "b,01.03.2026", "c,"]
    slot = {"from": "column", "column": "day"}
    described = document(
        {"export": events_source(slot=slot)}, {"crm.accounts": [{"from": "export", "columns": columns}]}
    )
    company = Intake(tmp_path, described)
    company.write("events/file.csv", "\n".join(lines) + "\n")
    company.take_in()
    assert company.quarantine() == [
        (3, "the slot column day holds no day: '01.03.2026'; declare date_format: \"%d.%m.%Y\""),
        (4, "the slot column day holds no day"),
    ]


@pytest.mark.parametrize(
    ("text", "decimal", "hint"),
    [
        ("10,5", ".", '; declare decimal: ","'),
        ("1.234,50", ".", '; declare decimal: ","'),
        ("0,125", ".", '; declare decimal: ","'),
        # a comma before three digits may be the thousands' mark
        ("1,234", ".", ""),
        ("1,234.50", ".", ""),
        ("ten", ".", ""),
        ("10.5", ",", '; decimal is ","'),
    ],
)
def test_a_number_with_another_decimal_mark_says_what_to_declare(
    tmp_path: Path, text: str, decimal: str, hint: str
) -> None:
    company = amounts(tmp_path, [f"1;{text};EUR"], decimal=decimal)
    words = "is not an amount, or has more decimals than its currency"
    assert company.quarantine() == [(2, f"amount: '{text}' {words}{hint}")]


def test_amounts_become_minor_units_of_their_currency_exactly(tmp_path: Path) -> None:
    # cents: 0.29 x 100 is 28.999999999999996 in floating point; yen have no decimals, dinars three
    good = {"0.29": ("EUR", 29), "1.15": ("EUR", 115), "10": ("usd", 1000), " 10.990 ": ("EUR", 1099), "-3.50": ("EUR", -350),
            "1200": ("JPY", 1200), "1.234": ("KWD", 1234), ".5": ("EUR", 50), "5.": ("EUR", 500), "+1": ("EUR", 100)}  # fmt: skip
    company = amounts(tmp_path, [f"{n};{text};{currency}" for n, (text, (currency, _)) in enumerate(good.items())])
    assert company.rows("amount", "crm.opportunities") == sorted((minor,) for _, minor in good.values())
    assert company.quarantine() == []


def test_amounts_that_cannot_be_minor_units_are_rejected(tmp_path: Path) -> None:
    bad = ["10.999;EUR", "1.5;JPY", "1.2345;KWD", "NaN;EUR", "inf;EUR", "1e400;EUR", "1,234.56;EUR", "12 EUR;EUR",
           "10.00000000001;EUR", "99999999999999999999;EUR", "10;"]  # fmt: skip
    company = amounts(tmp_path, [f"{n};{line}" for n, line in enumerate(bad)])
    assert company.rows("amount", "crm.opportunities") == []
    assert {reason.split("' ")[1] for _, reason in company.quarantine()} == {
        "is not an amount, or has more decimals than its currency"
    }
    assert len(company.quarantine()) == len(bad)


def test_an_unknown_currency_is_the_reason_not_its_amount(tmp_path: Path) -> None:
    company = amounts(tmp_path, ["1;10;ZZZ", "2;10;EUR"])
    assert company.quarantine() == [(2, "currency: 'ZZZ' is not a known currency")]


def test_minor_units_are_whole_numbers(tmp_path: Path) -> None:
    company = amounts(tmp_path, ["1;1099;EUR", "2;1099.0;EUR", "3;10.99;EUR", "4;1e3;EUR"], unit="minor")
    assert company.rows("amount", "crm.opportunities") == [(1099,), (1099,)]
    assert company.quarantine() == [
        (4, "amount: '10.99' is not an amount in minor units"),
        (5, "amount: '1e3' is not an amount in minor units"),
    ]


def test_a_decimal_comma_never_shifts_the_decimals(tmp_path: Path) -> None:
    lines = ["1;1.234,56;EUR", "2;1234,5;EUR", "3;1.234;EUR", "4;12.34;EUR", "5;1,234.56;EUR"]
    company = amounts(tmp_path, lines, decimal=",")
    assert company.rows("opportunity_id, amount", "crm.opportunities") == [("1", 123456), ("2", 123450), ("3", 123400)]
    assert [row for row, _ in company.quarantine()] == [5, 6]


def test_constants_and_computed_numbers_keep_their_point_beside_a_decimal_comma(tmp_path: Path) -> None:
    columns = EVENT_COLUMNS | {"quantity": {"expression": "cast(replace(n, ',', '.') as double) / 2"}}
    described = document(
        {"events": events_source(decimal=",", delimiter=";")},
        {"usage.events": [
            {"from": "events", "columns": columns},
            {"from": "events", "columns": EVENT_COLUMNS | {"quantity": {"constant": 2.5}}},
            {"from": "events", "columns": EVENT_COLUMNS | {"quantity": {"expression": "coalesce(n, '1')"}}},
        ]},
    )  # fmt: skip
    company = Intake(tmp_path, described)
    company.write("events/events_2026-03-01.csv", "id;account;event;at;n\n1;a;e;2026-03-01T10:00:00Z;2,5\n")
    company.take_in()
    assert company.rows("_feed, quantity::double") == [("events", 1.25), ("events.2", 2.5), ("events.3", 2.5)]


def test_numbers_are_finite(tmp_path: Path) -> None:
    columns = EVENT_COLUMNS | {"quantity": "n"}
    described = document(tables={"usage.events": [{"from": "events", "columns": columns}]})
    company = Intake(tmp_path, described)
    numbers = ["1", "0.5", "1e2", "-3", "NaN", "inf", "-Infinity", "1e400", "0x10", "1_000", "three"]
    lines = [f"{n},a,e,2026-03-01T10:00:00Z,{number}" for n, number in enumerate(numbers)]
    company.write("events/events_2026-03-01.csv", "\n".join(["id,account,event,at,n", *lines]) + "\n")
    company.take_in()
    assert company.rows("quantity::double") == [(-3.0,), (0.5,), (1.0,), (100.0,)]
    assert [row for row, _ in company.quarantine()] == [6, 7, 8, 9, 10, 11, 12]


def test_words_are_read_without_regard_to_case_and_booleans_in_any_spelling(tmp_path: Path) -> None:
    columns = {"account_id": "id", "customer_type": "t", "is_internal": "i"}
    lines = ["id,t,i", " a ,b2b,Yes", "b, B2B2C ,0", "c,,", "d,b3b,", "e,,maybe"]
    company = taken(tmp_path, "crm.accounts", columns, lines)
    assert company.rows("account_id, customer_type, is_internal", "crm.accounts") == [
        ("a", "B2B", True), ("b", "B2B2C", False), ("c", None, False),
    ]  # fmt: skip
    assert company.quarantine() == [
        (5, "customer_type: 'b3b' is none of B2B, B2B2C, B2C, G2B, G2C, G2G"),
        (6, "is_internal: 'maybe' is not true or false"),
    ]


def test_an_event_after_the_end_of_its_slot_is_rejected_by_the_reporting_day(tmp_path: Path) -> None:
    described = document(timezone="Europe/Berlin")
    company = Intake(tmp_path, described)
    # 22:59 UTC is 23:59 in Berlin, a minute later it is tomorrow
    company.write(
        "events/events_2026-03-01.csv", "id,account,event,at\n1,a,e,2026-03-01T22:59:59Z\n2,a,e,2026-03-01T23:00:00Z\n"
    )
    company.take_in()
    assert company.rows("event_id, occurred_on") == [("1", dt.date(2026, 3, 1))]
    assert company.quarantine() == [
        (3, "occurred_at: '2026-03-01T23:00:00Z' lies after the end of its slot 2026-03-01")
    ]
