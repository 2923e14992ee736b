"""What a suite's file may say, and how a mistake in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.quality.suites import SuiteError, load_suites

GOOD = """\
table: nps.responses
description: One row per answer.

new_days:
  column: responded_on
  from: select date '2026-03-10'

checks:
  - name: score_is_given
    expectation: expect_column_values_to_not_be_null
    kwargs: {column: score}
    severity: critical
    scope: new_days
    reason: An answer without a score is no answer.
    fix: Map the score in sources.yml.
"""


def written(tmp_path: Path, text: str, place: str = "nps/responses.yml") -> Path:
    """The root of a folder of expectations that holds one file."""
    root = tmp_path / "expectations"
    file = root / place
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return root


def test_a_suite_is_bound_to_its_table_by_its_path(tmp_path: Path) -> None:
    (suite,) = load_suites(written(tmp_path, GOOD))
    (check,) = suite.checks
    assert suite.table_name == "nps.responses"
    assert check.is_critical
    assert check.expected == "expect_column_values_to_not_be_null(column=score)"


@pytest.mark.parametrize(
    ("was", "becomes", "message"),
    [
        ("severity: critical", "severety: critical", ":12: severety: is not a known key"),
        ("table: nps.responses", "table: nps.answers", ":1: table: is 'nps.answers'"),
        (
            "not_be_null",
            "not_be_nul",
            ":10: expectation: 'expect_column_values_to_not_be_nul' is",
        ),
        (
            "severity: critical",
            "severity: fatal",
            ":12: severity: 'fatal' is none of critical, warning",
        ),
        ("scope: new_days", "scope: today", ":13: scope: 'today' is none of all, new_days"),
        ("    fix: Map the score in sources.yml.\n", "", ":9: fix: is missing"),
        ("    reason: An answer without a score is no answer.\n", "", ":9: reason: is missing"),
        ("fix: Map the score in sources.yml.", "fix: ''", ":15: fix: '' is not a text"),
        (
            "name: score_is_given",
            "name: Score is given",
            ":9: name: 'Score is given' is not a claim",
        ),
        ("kwargs: {column: score}", "kwargs: score", ":11: kwargs: 'score' is not a mapping"),
        ("  column: responded_on\n", "", ":5: column: is missing"),
        (
            "description: One row",
            "table: nps.responses\ndescription: One row",
            ":1: table: is given twice",
        ),
        ("table: nps.responses", "table: [nps", ": is not YAML"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(tmp_path: Path, was: str, becomes: str, message: str) -> None:
    assert was in GOOD
    with pytest.raises(SuiteError) as raised:
        load_suites(written(tmp_path, GOOD.replace(was, becomes)))
    assert f"expectations/nps/responses.yml{message}" in str(raised.value)


def test_an_empty_suite_is_an_error(tmp_path: Path) -> None:
    text = GOOD.split("checks:")[0] + "checks: []\n"
    with pytest.raises(SuiteError, match="a suite without checks judges nothing"):
        load_suites(written(tmp_path, text))


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="is not a mapping"):
        load_suites(written(tmp_path, ""))


def test_two_checks_with_one_name_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="'score_is_given' is used by two checks"):
        load_suites(written(tmp_path, GOOD + GOOD.split("checks:\n")[1]))


def test_a_scope_needs_to_know_which_days_are_new(tmp_path: Path) -> None:
    text = GOOD.replace("new_days:\n  column: responded_on\n  from: select date '2026-03-10'\n", "")
    with pytest.raises(SuiteError, match="does not say which days are new"):
        load_suites(written(tmp_path, text))


@pytest.mark.parametrize("place", ["responses.yml", "nps/2026/responses.yml", "nps/responses.yaml"])
def test_a_file_in_the_wrong_place_is_an_error(tmp_path: Path, place: str) -> None:
    with pytest.raises(SuiteError):
        load_suites(written(tmp_path, GOOD, place))


def test_reading_suites_does_not_import_great_expectations() -> None:
    # its import costs 7 s, which Dagster would pay whenever it loads the code
    import subprocess
    import sys

    code = "import sys, dagster_project.checks; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
