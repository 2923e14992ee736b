"""The table that ends a refresh in the terminal: one row for each health, with money in major units."""

from __future__ import annotations

import io
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from dagster_project.publication import database_path
from dagster_project.sources.home import Home
from dagster_project.sources.mapping import read_mapping
from dagster_project.summary import print_summary
from tests.unit.published_company import write_sources

ACCOUNTS = """
    ('acct_champion', 120000, 9000, 'fresh', false), ('acct_full', 30000, 10000, 'fresh', false),
    ('acct_edge', 5000, 7500, 'fresh', false), ('acct_red', 2000, 2499, 'fresh', false),
    ('acct_new', 900, null, 'uncalibrated', false), ('acct_churned', 0, 1700, 'churned', false),
    ('acct_our_own', 999999, 5000, 'fresh', true)
"""
MOVEMENTS = """
    ('acct_champion', 'expansion', 10000, date '2026-03-09'), ('acct_champion', 'contraction', -2500, date '2026-03-09'),
    ('acct_champion', 'expansion', 77700, date '2026-02-09'), ('acct_champion', 'fx', 1, date '2026-03-09'),
    ('acct_edge', 'resume', 5000, date '2026-02-10'), ('acct_churned', 'churn', -40000, date '2026-03-01')
"""


@pytest.fixture
def lines(tmp_path: Path) -> list[str]:
    home = Home(tmp_path / "data")
    database_path(home).parent.mkdir(parents=True)
    with duckdb.connect(str(database_path(home))) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.account_segments as select *, date '2026-03-09' as as_of_on, 'v1' as scoring_version, "
            f"cast(null as varchar) as health_unknown_reason from (values {ACCOUNTS}) "
            "as t(account_id, mrr, health_bp, health_status, is_internal)"
        )
        connection.execute(
            f"create table marts.mrr_movements as from (values {MOVEMENTS}) as t(account_id, movement, mrr_change, as_of_on)"
        )
    out = io.StringIO()
    print_summary(Console(file=out, width=80, color_system=None), home, read_mapping(write_sources(tmp_path / "s")))
    return [" ".join(line.split()) for line in out.getvalue().splitlines() if line.strip(" ─")]


def test_accounts_are_one_row_a_quarter_of_health_with_their_money_and_its_movements(lines: list[str]) -> None:
    # paise to rupees. 75 to 100: 120000 + 30000 + 5000 = 155000; 28 days before 2026-03-09 end after 2026-02-09
    assert lines == [
        "Accounts as of 2026-03-09, amounts in INR a month",
        "health accounts MRR new expansion contraction churn",
        "75 to 100 3 1,550 50 100 -25 0",
        "0 to 25 1 20 0 0 0 0",
        "churned 1 0 0 0 0 -400",
        "uncalibrated 1 9 0 0 0 0",
        "all 6 1,579 50 100 -25 -400",
        "Movements of 28 days; returns are in new, pauses in churn.",
    ]
