"""How often the classes of a company changed: the arithmetic of the table that `make agreement` prints."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from benchmarks.stability import AXES, Stability, as_markdown, stability_of_company

# by day from 1 June: raw class and class of the playbook, '' for none
DAYS = {
    # invest on the third day of its raw class, and grow again 14 days after it had become invest: undone
    "back": [("grow", "grow")] + [("invest", "grow")] * 2 + [("invest", "invest")] * 14 + [("grow", "grow")],
    # the same, 15 days after: not undone
    "later": [("grow", "grow")] + [("invest", "grow")] * 2 + [("invest", "invest")] * 15 + [("grow", "grow")],
    # from and to none is no change from one class to another
    "unknown": [("grow", "grow"), ("", ""), ("grow", "grow")],
    "internal": [("grow", "grow"), ("invest", "invest")],
}


@pytest.fixture
def published(tmp_path: Path) -> Path:
    columns = ", ".join(
        f"nullif({name}, '') as {axis}_class, nullif(raw_{name}, '') as {axis}_raw_class"
        for axis in AXES
        for name in ["class" if axis == "playbook" else "none"]
    )
    path = tmp_path / "published.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create table marts.account_segments as select 'v1' as scoring_version")
        connection.execute("create table days (account_id text, as_of_on date, raw_class text, class text)")
        for account, days in DAYS.items():
            for number, (raw, stable) in enumerate(days):
                on = dt.date(2026, 6, 1) + dt.timedelta(days=number)
                connection.execute("insert into days values (?, ?, ?, ?)", [account, on, raw, stable])
        connection.execute(
            "create table marts.account_segments_daily as "
            f"select account_id, as_of_on, 'v1' as scoring_version, account_id = 'internal' as is_internal, {columns} "
            "from (select *, '' as none, '' as raw_none from (select account_id, as_of_on, class, raw_class from days))"
        )
    return path


def test_a_change_is_undone_when_the_account_is_back_within_14_days(published: Path) -> None:
    found = {s.axis: s for s in stability_of_company(published)}
    # back: 4 June undone, 18 June not; later: 4 and 19 June, neither
    assert (found["playbook"].changes, found["playbook"].undone) == (4, 1)
    # invest waited two days of its raw class, both times; grow none
    assert sorted(found["playbook"].delays, key=str) == [0, 0, 2, 2]
    assert found["playbook"].delay_days == 1
    assert (found["fit"].changes, found["fit"].flap_rate, found["fit"].delay_days) == (0, None, None)


def test_companies_and_axes_are_added_change_by_change() -> None:
    both = Stability("fit", 1, (0, 2)) + Stability("fit", 0, (4, None))
    assert both == Stability("fit", 1, (0, 2, 4, None))
    assert as_markdown([both, Stability("touch", 0, ())]).splitlines()[2:] == [
        "| fit | 4 | 1 | 25.0 % | 2 |",
        "| touch | 0 | 0 |  |  |",
        "| all | 4 | 1 | 25.0 % | 2 |",
    ]
