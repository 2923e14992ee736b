"""A column looked up in another source follows that source: late keys, changed values, values taken away."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.unit.intake import EVENT_COLUMNS, Intake, document, events_source

HEADER = "id,account,event,at\n"
LOOKUP = {"lookup": "plans", "match": {"account": "subscription"}, "take": "customer"}


def company_of(folder: Path, column: str = "account_id", delivery: str = "snapshot", **more: Any) -> Intake:
    """Events that name a subscription, whose customer is looked up among the plans."""
    columns = EVENT_COLUMNS | {column: LOOKUP} | more
    slot = {"from": "file_name", "pattern": r"(\d{4}-\d{2}-\d{2})"}
    plans = {"path": "plans", "delivery": delivery, "slot": slot, "expected": "daily"}
    described = document(
        {"events": events_source(), "plans": plans}, {"usage.events": [{"from": "events", "columns": columns}]}
    )
    return Intake(folder, described)


def event(number: int, subscription: str, day: int = 1) -> str:
    """One line of an event."""
    return f"{number},{subscription},login,2026-03-{day:02}T10:00:00Z\n"


def plans(company: Intake, day: int, **customers: str) -> None:
    """Write the plans of a day."""
    lines = "".join(f"{subscription},{customer}\n" for subscription, customer in customers.items())
    company.write(f"plans/2026-03-{day:02}.csv", "subscription,customer\n" + lines)


def accounts(company: Intake) -> list[tuple[Any, ...]]:
    """Event and account of the rows in force."""
    return company.rows("event_id, account_id")


def test_a_value_is_looked_up_and_spaces_around_keys_do_not_matter(tmp_path: Path) -> None:
    company = company_of(tmp_path)
    company.write("events/2026-03-01.csv", HEADER + event(1, "s1") + event(2, " s2 "))
    plans(company, 1, s1="acct_champion", s2="acct_silent")
    company.take_in()
    assert accounts(company) == [("1", "acct_champion"), ("2", "acct_silent")]


def test_a_key_that_is_not_there_quarantines_its_rows_until_the_other_source_brings_it(tmp_path: Path) -> None:
    company = company_of(tmp_path)
    company.write("events/2026-03-01.csv", HEADER + event(1, "s1") + event(2, "s2"))
    company.write("events/2026-03-02.csv", HEADER + event(3, "s1", 2))
    plans(company, 1, s1="acct_champion")
    assert [(d.loaded, d.quarantined) for d in company.take_in()] == [(1, 1), (1, 0)]
    assert company.quarantine() == [(3, "account_id has no match in the lookup plans for 's2'")]
    plans(company, 2, s1="acct_champion", s2="acct_late")
    # only the file with the row that found nothing is read again, and it is no re-delivery
    assert [(d.slot, d.status, d.loaded) for d in company.take_in()] == [("2026-03-01", "loaded", 2)]
    assert accounts(company) == [("1", "acct_champion"), ("2", "acct_late"), ("3", "acct_champion")]
    assert company.quarantine() == []
    assert company.take_in() == []


def test_a_changed_value_reloads_the_deliveries_that_used_it_and_no_others(tmp_path: Path) -> None:
    company = company_of(tmp_path)
    company.write("events/2026-03-01.csv", HEADER + event(1, "s1"))
    company.write("events/2026-03-02.csv", HEADER + event(2, "s2", 2))
    plans(company, 1, s1="acct_champion", s2="acct_silent")
    company.take_in()
    plans(company, 2, s1="acct_champion", s2="acct_merged")
    assert [d.slot for d in company.take_in()] == ["2026-03-02"]
    assert accounts(company) == [("1", "acct_champion"), ("2", "acct_merged")]
    assert company.take_in() == []


def test_a_value_taken_away_sends_its_rows_to_quarantine(tmp_path: Path) -> None:
    company = company_of(tmp_path)
    company.write("events/2026-03-01.csv", HEADER + event(1, "s1") + event(2, "s2"))
    plans(company, 1, s1="acct_champion", s2="acct_silent")
    company.take_in()
    plans(company, 2, s1="acct_champion")
    assert [(d.loaded, d.quarantined) for d in company.take_in()] == [(1, 1)]
    assert accounts(company) == [("1", "acct_champion")]


def test_new_keys_that_nothing_asked_for_reload_nothing(tmp_path: Path) -> None:
    company = company_of(tmp_path)
    company.write("events/2026-03-01.csv", HEADER + event(1, "s1"))
    plans(company, 1, s1="acct_champion")
    company.take_in()
    plans(company, 2, s1="acct_champion", s2="acct_new")
    assert company.take_in() == []


def test_an_optional_value_that_was_missing_is_filled_in_when_it_comes(tmp_path: Path) -> None:
    company = company_of(tmp_path, column="user_id")
    company.write("events/2026-03-01.csv", HEADER + event(1, "s1"))
    plans(company, 1, other="x")
    assert [d.quarantined for d in company.take_in()] == [0]
    assert company.rows("user_id") == [(None,)]
    plans(company, 2, s1="user_7")
    assert [d.loaded for d in company.take_in()] == [1]
    assert company.rows("user_id") == [("user_7",)]


def test_a_looked_up_value_of_another_type_follows_too(tmp_path: Path) -> None:
    company = company_of(tmp_path, column="quantity")
    company.write("events/2026-03-01.csv", HEADER + event(1, "s1"))
    plans(company, 1, s1="2")
    company.take_in()
    plans(company, 2, s1="3")
    company.take_in()
    assert company.rows("quantity::int") == [(3,)]
    plans(company, 3, s1="many")
    company.take_in()
    assert company.quarantine() == [(2, "quantity: 'many' is not a number")]
    plans(company, 4, s1="4")
    company.take_in()
    assert (company.rows("quantity::int"), company.quarantine()) == ([(4,)], [])


def test_a_day_before_the_change_has_the_values_of_that_day(tmp_path: Path) -> None:
    company = company_of(tmp_path)
    company.write("events/2026-03-01.csv", HEADER + event(1, "s1"))
    plans(company, 1, s1="before")
    company.take_in(dt.date(2026, 3, 1))
    plans(company, 2, s1="after")
    company.take_in(dt.date(2026, 3, 2))
    assert accounts(company) == [("1", "after")]
    company.take_in(dt.date(2026, 3, 1))
    assert accounts(company) == [("1", "before")]
    company.take_in(dt.date(2026, 3, 2))
    assert accounts(company) == [("1", "after")]


@pytest.mark.parametrize(("delivery", "account"), [("snapshot", None), ("slice", "acct_old"), ("append", "acct_old")])
def test_of_snapshots_the_last_counts_of_other_deliveries_all(
    tmp_path: Path, delivery: str, account: str | None
) -> None:
    company = company_of(tmp_path, delivery=delivery)
    company.write("events/2026-03-01.csv", HEADER + event(1, "s1") + event(2, "s2"))
    plans(company, 1, s1="acct_old", s2="acct_first")
    plans(company, 2, s2="acct_second")
    company.take_in()
    assert accounts(company) == [*([("1", account)] if account else []), ("2", "acct_second")]


def test_an_unreadable_lookup_gives_way_to_the_one_before_and_is_said(tmp_path: Path) -> None:
    company = company_of(tmp_path)
    company.write("events/2026-03-01.csv", HEADER + event(1, "s1"))
    plans(company, 1, s1="acct_champion")
    company.write("plans/2026-03-02.csv", b"")
    company.write("plans/2026-03-03.csv", "subscription,custmer\ns1,x\n")
    delivery = company.only()
    assert accounts(company) == [("1", "acct_champion")]
    assert delivery.message == (
        "lookup plans: plans/2026-03-03.csv: no column 'customer'; did you mean 'custmer'?; "
        "lookup plans: plans/2026-03-02.csv: the file is empty (0 bytes)"
    )


def test_without_any_lookup_file_the_rows_wait_in_quarantine(tmp_path: Path) -> None:
    company = company_of(tmp_path)
    company.write("events/2026-03-01.csv", HEADER + "".join(event(n, f"s{n}") for n in range(25)))
    delivery = company.only()
    assert delivery.status == "blocked"
    assert "lookup plans: no file to look into" in str(delivery.message)
    plans(company, 1, **{f"s{n}": "acct_champion" for n in range(25)})
    assert company.only().loaded == 25


def test_a_match_may_take_several_columns_and_a_feed_several_lookups(tmp_path: Path) -> None:
    both = {"lookup": "plans", "match": {"account": "subscription", "event": "kind"}, "take": "customer"}
    absent = {"lookup": "plans", "match": {"nowhere": "subscription"}, "take": "kind"}
    company = company_of(tmp_path, user_id=absent, account_id=both, properties=LOOKUP | {"take": "kind"})
    company.write("events/2026-03-01.csv", HEADER + event(1, "s1"))
    company.write("plans/2026-03-01.csv", "subscription,kind,customer\ns1,logout,no\ns1,login,yes\n")
    company.take_in()
    assert company.rows("account_id, user_id, properties") == [("yes", None, "login")]


def test_the_last_row_of_a_key_counts(tmp_path: Path) -> None:
    company = company_of(tmp_path)
    company.write("events/2026-03-01.csv", HEADER + event(1, "s1"))
    company.write("plans/2026-03-01.csv", "subscription,customer\ns1,first\ns1,last\n")
    company.take_in()
    assert accounts(company) == [("1", "last")]
