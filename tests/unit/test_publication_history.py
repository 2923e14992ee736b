"""Days older than the database lie beside it: no reader sees a row too many, and none loses a file that it reads."""

from __future__ import annotations

import csv
import datetime as dt
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from dagster_project import publication, scoring
from dagster_project.publication import database_path, publish
from dagster_project.sources.home import Home
from dagster_project.sources.ledger import Delivery, Ledger, ReceivedFile
from dagster_project.sources.run_state import REFERENCE_COLUMNS
from tests.unit.company_to_calibrate import built, company_with
from tests.unit.intake import Intake
from tests.unit.published_company import FIRST

DAYS = range(1, 6)
"""With two days in the database, the days 1 to 3 are history."""
Rows = list[tuple[int, int]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A data folder in which days 1 to 5 of one account are built and nothing is published."""
    monkeypatch.setattr(publication, "DAYS_IN_DATABASE", 2)
    home = Home(tmp_path / "data")
    home.path.mkdir()
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create schema ops; create schema marts")
        connection.execute("create table ops.run as select 1 as ledger_sequence")
    build(home, health=100)
    return home


def on(day: int) -> dt.date:
    return FIRST + dt.timedelta(days=day - 1)


def build(home: Home, health: int, days: Iterable[int] = DAYS) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "create or replace table marts.account_segments_daily as select 'acct_1' as account_id, "
            "'v1' as scoring_version, unnest(?::date[]) as as_of_on, ?::integer as health_bp",
            [[on(day) for day in days], health],
        )


def publish_day_5(home: Home, changed_from: int = 5) -> None:
    publish(home, on(5), on(changed_from), "hash")


def rows(database: Path) -> Rows:
    """(day, health) of the daily table, as a reader sees it."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(
            "select datediff('day', ?::date, as_of_on) + 1, health_bp from marts.account_segments_daily order by all",
            [FIRST],
        ).fetchall()


def reader_of(home: Home) -> Path:
    """The database of now; a reader keeps the file that it has opened, but not those that the file refers to."""
    return Path(shutil.copy(database_path(home), home.path / "opened.duckdb"))


def history(home: Home, number: int) -> list[Path]:
    return sorted((home.published / "history").rglob(f"p{number:06d}_*.parquet"))


def test_what_a_dead_run_left_of_history_never_appears(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(publication, "_write_publications", _die)
        with pytest.raises(InterruptedError):
            publish_day_5(home)
    dead = history(home, 1)
    assert len(dead) == 3
    for file in dead:  # by another of its threads than that of the next run
        file.rename(file.with_name("p000001_9.parquet"))
    build(home, health=200, days=range(2, 6))  # meanwhile day 1 was taken back
    publish_day_5(home)
    assert rows(database_path(home)) == [(2, 200), (3, 200), (4, 200), (5, 200)]
    assert [file.name for file in history(home, 1)] == ["p000001_0.parquet"] * 2


def _die(*_: Any, **__: Any) -> None:
    raise InterruptedError


def test_a_reader_reads_on_through_a_superseded_file_for_three_publications(home: Home) -> None:
    for _ in range(5):  # so that the files are old when they are superseded
        publish_day_5(home)
    reader = reader_of(home)
    before, after = [(day, 100) for day in DAYS], [(day, 200) for day in DAYS]
    build(home, health=200)
    for changed_from in (1, 5, 5):
        publish_day_5(home, changed_from)
        assert (rows(reader), rows(database_path(home))) == (before, after)
    publish_day_5(home)
    assert (history(home, 1), len(history(home, 6))) == ([], 3)
    assert rows(database_path(home)) == after


def test_a_database_of_the_release_before_is_read_and_its_readers_keep_their_files(home: Home) -> None:
    publish_day_5(home)
    reader = reader_of(home)
    build(home, health=200)
    publish_day_5(home, changed_from=1)
    with duckdb.connect(str(database_path(home))) as connection:  # it kept no list of what it had superseded
        connection.execute("drop table publishing.superseded_files")
    for _ in range(2):
        publish_day_5(home)
        assert rows(reader) == [(day, 100) for day in DAYS]
        assert rows(database_path(home)) == [(day, 200) for day in DAYS]
    publish_day_5(home)
    assert (history(home, 1), len(history(home, 2))) == ([], 3)


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Inodes of the files and folders that were written through to the disk."""
    inodes: set[int] = set()
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        inodes.add(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    return inodes


def unsynced(synced: set[int], folder: Path) -> list[Path]:
    """Files and folders that a power cut may take; SQLite sees to its own."""
    paths = [path for path in [folder, *folder.rglob("*")] if not path.name.startswith("ledger.sqlite")]
    return [path for path in paths if path.stat().st_ino not in synced]


def test_what_a_database_refers_to_is_on_disk_before_it_is_published(
    home: Home, synced: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, missing = os.replace, []

    def noted(written: Path, target: Path) -> None:
        if target == database_path(home):
            assert len(history(home, 1)) == 3
            missing.append(unsynced(synced, home.published))
        replace(written, target)

    monkeypatch.setattr(os, "replace", noted)
    publish_day_5(home)
    assert missing == [[]]
    assert database_path(home).stat().st_ino in synced


def test_what_the_ledger_refers_to_is_on_disk_before_it_is_entered(
    tmp_path: Path, synced: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    company = Intake(tmp_path)
    company.write("events/events_2026-03-01.csv", "id,account,event,at\n1,acct_1,login,2026-03-01T10:00:00Z\n2,,,\n")
    data, record_file, record_deliveries = company.home, Ledger.record_file, Ledger.record_deliveries
    entered: list[tuple[int, list[Path]]] = []

    def note(*folders: Path) -> None:
        for folder in folders:
            entered.append((len([*folder.rglob("*.csv"), *folder.rglob("*.parquet")]), unsynced(synced, folder)))

    def noted_file(ledger: Ledger, file: ReceivedFile) -> int:
        note(data.landing)
        return record_file(ledger, file)

    def noted_deliveries(ledger: Ledger, deliveries: Iterable[Delivery]) -> None:
        note(data.raw, data.quarantine)
        record_deliveries(ledger, deliveries)

    monkeypatch.setattr(Ledger, "record_file", noted_file)
    monkeypatch.setattr(Ledger, "record_deliveries", noted_deliveries)
    company.take_in()
    assert entered == [(1, []), (1, []), (1, [])]  # the copy, the good row, the rejected one


def test_a_half_written_file_of_references_never_remains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    company = company_with(tmp_path, rows=1)
    references = tmp_path / "references.csv"
    with monkeypatch.context() as full_disk:
        full_disk.setattr(csv, "writer", _writer_on_a_full_disk(csv.writer))
        with pytest.raises(OSError, match="disk is full"):
            _calibrate(company)
    assert not references.exists()
    _calibrate(company)
    assert references.read_text().splitlines() == [
        ",".join(REFERENCE_COLUMNS), *(f"v1,{model},all,7,1,2026-03-01,2026-03-02" for model in scoring.MODELS)
    ]  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir() if "references" in path.name) == ["references.csv"]


def _calibrate(company: Intake) -> None:
    """As on a first run; the models are there already."""
    scoring.calibrate_once(built(), company.mapping, company.home, dt.date(2026, 3, 31))


def _writer_on_a_full_disk(writer: Any) -> Any:
    """Writes single rows; many do not fit."""

    def writerows(_: object) -> None:
        raise OSError("the disk is full")

    return lambda stream, **options: SimpleNamespace(
        writerow=writer(stream, **options).writerow, writerows=writerows
    )  # fmt: skip


def test_only_days_that_may_differ_are_written_anew(home: Home) -> None:
    publish_day_5(home)
    build(home, health=200)
    publish_day_5(home, changed_from=5)
    assert rows(database_path(home)) == [(1, 100), (2, 100), (3, 100), (4, 100), (5, 200)]


def test_a_table_whose_days_have_another_number_of_rows_is_written_anew(home: Home) -> None:
    publish_day_5(home)
    build(home, health=200, days=(1, 2, 3, 4, 4, 5))
    publish_day_5(home, changed_from=5)
    assert rows(database_path(home))[3:] == [(4, 200), (4, 200), (5, 200)]


def test_a_table_that_has_other_columns_is_written_anew(home: Home) -> None:
    publish_day_5(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("alter table marts.account_segments_daily alter health_bp type bigint")
    publish_day_5(home, changed_from=5)
    with duckdb.connect(str(database_path(home)), read_only=True) as connection:
        assert connection.execute(
            "select distinct typeof(health_bp) from recent.account_segments_daily"
        ).fetchall() == [("BIGINT",)]


def test_a_table_that_is_gone_is_published_no_more(home: Home) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create table marts.gone_daily as from marts.account_segments_daily")
    publish_day_5(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("drop table marts.gone_daily")
    publish_day_5(home)
    with duckdb.connect(str(database_path(home)), read_only=True) as connection:
        assert connection.execute(
            "select count(*) from duckdb_columns() where table_name = 'gone_daily'"
        ).fetchall() == [(0,)]


def test_a_day_before_the_last_published_one_shows_its_own_days(home: Home) -> None:
    publish_day_5(home)
    build(home, health=100, days=range(1, 5))
    publish(home, on(4), on(5), "hash")
    assert rows(database_path(home)) == [(day, 100) for day in range(1, 5)]


def test_the_database_does_not_grow_by_being_continued_day_after_day(home: Home) -> None:
    def build_accounts(last: int) -> None:
        with duckdb.connect(str(home.warehouse)) as connection:
            connection.execute(
                "create or replace table marts.account_segments_daily as select 'acct_' || a as account_id, "
                "'v1' as scoring_version, ?::date + d::integer as as_of_on, hash(a, d) as health_bp "
                "from range(100_000) as accounts(a), range(?) as days(d)",
                [FIRST, last],
            )

    sizes = []
    for day in range(2, 14):
        build_accounts(day)
        publish(home, on(day), on(day), "hash")
        sizes.append(database_path(home).stat().st_size)
    assert max(sizes) < 2.5 * sizes[0]
    assert max(sizes[6:]) < 1.2 * max(sizes[:6])


def test_what_tables_and_columns_mean_is_published_with_them(home: Home) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create table marts.accounts as select 'acct_1' as account_id, 'Ltd.' as name")
        connection.execute("comment on table marts.accounts is 'One row per account.'")
        connection.execute("comment on table marts.account_segments_daily is 'One row per account and day.'")
        connection.execute("comment on column marts.accounts.name is 'As the CRM has it; isn''t unique.'")
        connection.execute("comment on column marts.account_segments_daily.health_bp is 'In hundredths.'")
    publish_day_5(home)
    with duckdb.connect(str(database_path(home)), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() "
            "where schema_name = 'marts' and comment is not null order by all"
        ).fetchall()
        relations = connection.execute(
            "select table_name, comment from duckdb_tables() where schema_name = 'marts' "
            "union all select view_name, comment from duckdb_views() where schema_name = 'marts' order by all"
        ).fetchall()
    assert columns == [
        ("account_segments_as_published", "health_bp", "In hundredths."),
        ("account_segments_daily", "health_bp", "In hundredths."),
        ("accounts", "name", "As the CRM has it; isn't unique."),
    ]
    assert dict(relations)["accounts"] == "One row per account."
    assert dict(relations)["account_segments_daily"] == "One row per account and day."
