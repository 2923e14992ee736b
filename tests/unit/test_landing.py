"""Landing keeps every content once, as received; what has not changed is not read again."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from dagster_project.sources import landing
from dagster_project.sources.ledger import Ledger
from tests.unit.intake import DAILY, Intake, document, events_source

HEADER = "id,account,event,at\n"
ROW = "1,acct_champion,login,2026-03-01T10:00:00Z\n"
NAME = "events/events_2026-03-01.csv"


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are read for landing."""
    names: list[str] = []
    copy = landing._copy

    def noted(source: Path, partial: Path) -> str:
        names.append(source.name)
        return copy(source, partial)

    monkeypatch.setattr(landing, "_copy", noted)
    return names


def landed(company: Intake) -> list[bytes]:
    """Contents of all landed files."""
    return sorted(p.read_bytes() for p in company.home.landing.rglob("*") if p.is_file())


def test_a_file_is_landed_as_it_is_under_its_source_and_day(tmp_path: Path) -> None:
    company = Intake(tmp_path)
    content = b"\xff\x00 not even a table"
    company.write(NAME, content)
    company.take_in(dt.date(2026, 3, 2))
    (path,) = [p for p in company.home.landing.rglob("*") if p.is_file()]
    assert path.read_bytes() == content
    assert path.parent == company.home.landing / "events" / "2026-03-02"


def test_a_file_seen_again_unchanged_is_not_hashed_again(tmp_path: Path, hashed: list[str]) -> None:
    company = Intake(tmp_path)
    company.write(NAME, HEADER + ROW, seconds=1_000)
    company.take_in()
    assert company.take_in() == []
    assert hashed == ["events_2026-03-01.csv"]


def test_a_file_only_touched_is_hashed_once_more_and_changes_nothing(tmp_path: Path, hashed: list[str]) -> None:
    company = Intake(tmp_path)
    company.write(NAME, HEADER + ROW, seconds=1_000)
    company.take_in()
    os.utime(company.exports / NAME, (2_000, 2_000))
    assert company.take_in() == []
    assert company.take_in() == []
    assert len(hashed) == 2
    assert len(landed(company)) == 1


def test_a_path_overwritten_in_place_is_received_again_and_both_contents_are_kept(tmp_path: Path) -> None:
    company = Intake(tmp_path)
    company.write(NAME, HEADER + ROW, seconds=1_000)
    company.take_in()
    company.write(NAME, HEADER + ROW.replace("login", "logout"), seconds=2_000)
    assert company.only().status == "loaded"
    assert company.rows("event_name") == [("logout",)]
    assert len(landed(company)) == 2


def test_equal_files_of_two_folders_are_two_files(tmp_path: Path) -> None:
    company = Intake(tmp_path, document({"events": events_source(delivery="append")}))
    for place in ("de", "us"):
        company.write(f"events/{place}/events_2026-03-01.csv", HEADER + ROW)
    assert [(d.status, d.received) for d in company.take_in()] == [("loaded", 1), ("redelivered", 1)]
    assert len(company.rows("event_id")) == 1


@pytest.mark.parametrize(
    "name",
    [
        "a'b_2026-03-01.csv", 'a"b_2026-03-01.csv', "a;drop table x_2026-03-01.csv", "a\nb_2026-03-01.csv",
        "a*[b]?_2026-03-01.csv", "a{}$(x)_2026-03-01.csv", "a..b_2026-03-01.csv", "\\..\\a_2026-03-01.csv", "ü東_2026-03-01.csv",
        "x" * 230 + "_2026-03-01.csv", os.fsdecode(b"\xff\xfe_2026-03-01.csv"),
    ],
)  # fmt: skip
def test_a_hostile_file_name_is_only_a_name(tmp_path: Path, name: str) -> None:
    company = Intake(tmp_path)
    company.write("events/" + name, HEADER + ROW + "2,,login,2026-03-01T10:00:00Z\n")
    company.write("events/other_2026-03-02.csv", HEADER + ROW.replace("1,", "3,"))
    company.take_in()
    stored = "events/" + name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    assert set(company.rows("_file")) == {("events/other_2026-03-02.csv",), (stored,)}
    assert company.quarantine("_file") == [(stored,)]
    assert {p.parent.parent for p in company.home.landing.rglob("*") if p.is_file()} == {
        company.home.landing / "events"
    }


def test_a_link_out_of_the_exports_is_refused_once_and_never_read(tmp_path: Path, hashed: list[str]) -> None:
    company = Intake(tmp_path)
    (tmp_path / "secret").write_text(HEADER + ROW)
    (company.exports / "events").mkdir()
    (company.exports / NAME).symlink_to(tmp_path / "secret")
    delivery = company.only()
    assert (delivery.status, delivery.message) == (
        "unreadable", "the file is a link that leads out of the exports folder; it is not read",
    )  # fmt: skip
    assert company.take_in() == []
    assert hashed == []
    (company.exports / NAME).unlink()
    company.write(NAME, HEADER + ROW)
    assert company.only().status == "loaded"


def test_a_file_is_due_when_it_was_received_or_else_on_its_day(tmp_path: Path) -> None:
    known_on = {"from": "path", "pattern": r"received=(\d{4}-\d{2}-\d{2})"}
    sources = {"events": events_source(), "dated": events_source(path="dated", known_on=known_on)}
    tables = {
        "usage.events": [
            {"from": name, "columns": {"account_id": "account", "event_name": "event", "occurred_at": "at"}}
            for name in sources
        ]
    }
    company = Intake(tmp_path, document(sources, tables))
    company.write(NAME, HEADER + ROW)
    company.write("dated/received=2026-03-05/x_2026-03-01.csv", HEADER + ROW)
    assert company.take_in(dt.date(2026, 2, 28)) == []
    assert [(d.feed, d.known_on) for d in company.take_in(dt.date(2026, 3, 4))] == [("events", "2026-03-04")]
    assert [(d.feed, d.known_on) for d in company.take_in(dt.date(2026, 3, 9))] == [("dated", "2026-03-05")]
    assert company.in_force(dt.date(2026, 3, 3)) == []


def test_a_mended_rule_for_names_places_what_was_received_before(tmp_path: Path) -> None:
    company = Intake(
        tmp_path, document({"events": events_source(slot={"from": "file_name", "pattern": "day-(.*)[.]csv"})})
    )
    company.write(NAME, HEADER + ROW)
    delivery = company.only()
    assert delivery.status == "unreadable"
    assert "has no day by pattern" in str(delivery.message)
    (company.exports / NAME).unlink()
    company.describe(document({"events": events_source(slot=DAILY)}))
    delivery = company.only()
    assert (delivery.status, delivery.slot) == ("loaded", "2026-03-01")


def test_the_count_of_landed_files_has_new_and_changed_ones(tmp_path: Path) -> None:
    company = Intake(tmp_path)
    company.write(NAME, HEADER + ROW, seconds=1_000)
    ledger = Ledger(company.home.ledger)
    day = dt.date(2026, 3, 31)
    assert landing.land_new_files(company.mapping, company.home, ledger, day) == 1
    assert landing.land_new_files(company.mapping, company.home, ledger, day) == 0
    company.write(NAME, HEADER, seconds=2_000)
    assert landing.land_new_files(company.mapping, company.home, ledger, day) == 1
    ledger.close()
