"""How far classes agree with the truth: the arithmetic of the confusion matrix."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from benchmarks.agreement import as_markdown, compare, of_company

# 4 of 5 grows are found, 1 is called invest; 3 of 4 invests are found, 1 is given no class
ROWS = [("grow", "grow")] * 4 + [("grow", "invest")] + [("invest", "invest")] * 3 + [("invest", "none")]


def test_macro_f1_is_the_mean_of_the_classes_whatever_their_sizes() -> None:
    found = compare("playbook", ROWS)
    # grow: precision 4/4, recall 4/5, F1 8/9; invest: precision 3/4, recall 3/4, F1 3/4; mean 59/72
    assert found.f1("grow") == pytest.approx(8 / 9)
    assert found.f1("invest") == pytest.approx(3 / 4)
    assert found.macro_f1 == pytest.approx(59 / 72)


def test_an_account_without_a_true_class_says_nothing_and_one_without_a_given_class_is_missed() -> None:
    found = compare("playbook", [*ROWS, ("", "grow"), ("grow", "onboarding")])
    assert found.accounts == 9
    assert found.pairs["invest", "none"] == 1


def test_companies_are_added_account_by_account() -> None:
    assert (compare("touch", [("high", "low")]) + compare("touch", [("high", "high")])).f1("high") == pytest.approx(
        2 / 3
    )


def test_the_matrix_is_shown_true_classes_down_and_given_ones_across() -> None:
    assert as_markdown([compare("playbook", ROWS)]).splitlines() == [
        "### Playbook: macro-F1 0.82 over 9 accounts",
        "",
        "| true | grow | invest | none | F1 |",
        "|---|---|---|---|---|",
        "| grow | 4 | 1 | 0 | 0.89 |",
        "| invest | 0 | 3 | 1 | 0.75 |",
    ]


def test_what_is_compared_is_published_and_not_internal(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "published.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.account_segments as select * from (values ('a', 'v1', false, 'grow'), ('a', 'v2', false, "
            "'invest'), ('b', 'v1', false, null), ('us', 'v1', true, 'grow'), ('unknown to the truth', 'v1', false, 'grow')"
            ") as segments (account_id, scoring_version, is_internal, playbook_class)"
        )
    with (tmp_path / "accounts.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows([("account_id", "playbook", "playbook_noisy"), ("a", "grow", "invest"), ("b", "grow", "grow")])
        writer.writerow(("us", "grow", "grow"))
    (found,) = of_company(tmp_path / "published.duckdb", tmp_path / "accounts.csv")
    assert found.pairs == {("grow", "grow"): 1, ("grow", "none"): 1}
    (noisy,) = of_company(tmp_path / "published.duckdb", tmp_path / "accounts.csv", "_noisy")
    assert noisy.pairs == {("invest", "grow"): 1, ("grow", "none"): 1}
