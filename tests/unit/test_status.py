"""Five lines and an exit code that a script can rest on."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from dagster_project.sources.home import Home
from dagster_project.status import status
from tests.unit.published_company import publish_days, write_sources

NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
YESTERDAY = dt.date(2026, 3, 9)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("CUSTOMER_SEGMENTS_SOURCES", str(write_sources(tmp_path / "settings")))
    monkeypatch.setenv("CUSTOMER_SEGMENTS_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("CUSTOMER_SEGMENTS_TARGET", raising=False)
    return Home(tmp_path / "data")


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_current_tables_are_five_lines_and_zero(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    publish_days(home, YESTERDAY)
    assert status(NOW) == 0
    assert said(capsys) == [
        "Kolkata Traders: current",
        "published: as of 2026-03-09, expected 2026-03-09",
        "stale inputs: none",
        "rows left out: 6 in quarantine, 0 in blocked deliveries (marts.data_status says why)",
        "checks: 2 of 2 passed",
    ]


def test_tables_of_another_day_are_not_current(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    publish_days(home, dt.date(2026, 3, 2))
    assert status(NOW) == 1
    assert said(capsys)[:2] == [
        "Kolkata Traders: NOT CURRENT",
        "published: as of 2026-03-02, expected 2026-03-09: 7 days behind",
    ]


@pytest.mark.parametrize(
    ("now", "code", "line"),
    [
        # 00:29 UTC is 05:59 in Kolkata, where the refresh of the 10th starts at six
        ("2026-03-11T00:29", 0, "published: as of 2026-03-09, expected 2026-03-09"),
        ("2026-03-11T00:30", 1, "published: as of 2026-03-09, expected 2026-03-10: 1 day behind"),
    ],
)
def test_before_the_hour_of_the_refresh_the_day_before_is_expected(
    home: Home, capsys: pytest.CaptureFixture[str], now: str, code: int, line: str
) -> None:
    publish_days(home, YESTERDAY)
    assert status(dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)) == code
    assert said(capsys)[1] == line


@pytest.mark.parametrize(
    ("stale", "code", "line"),
    [
        ("usage.events", 1, "stale inputs: usage.events (required) since 2026-03-04"),
        ("crm.accounts", 0, "stale inputs: crm.accounts since 2026-03-04"),
    ],
)
def test_a_stale_required_input_is_not_current_and_a_stale_optional_one_is_only_said(
    home: Home, capsys: pytest.CaptureFixture[str], stale: str, code: int, line: str
) -> None:
    publish_days(home, YESTERDAY, stale=stale)
    assert status(NOW) == code
    lines = said(capsys)
    assert (lines[2], len(lines)) == (line, 5)


def test_a_check_that_did_not_pass_is_named(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    publish_days(home, YESTERDAY, failed_check="id_is_unique")
    assert status(NOW) == 0
    assert said(capsys)[4] == "checks: 1 of 2 passed; not usage.events id_is_unique"


def test_where_nothing_was_published_there_are_five_lines_too(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(NOW) == 1
    lines = said(capsys)
    assert lines[1] == "published: never, expected 2026-03-09; make run publishes the first time"
    assert len(lines) == 5
