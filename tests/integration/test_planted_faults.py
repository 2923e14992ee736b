"""What the sample company plants in its exports, and which classes change because of it, as published day after day.

Each fault is judged by the same company without it: same seed, every other file byte for byte the same. A false change
is one that only the faulty exports publish.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from dagster_project.publication import as_published_file
from examples.sample_company.company import write_company
from examples.sample_company.world import World, make_world
from tests.integration.pipeline import Pipeline
from tests.integration.replay_company import SCORE_REFERENCES

pytestmark = [pytest.mark.integration, pytest.mark.long, pytest.mark.xdist_group("planted_faults")]

FIRST = dt.date(2026, 1, 1)
AXES = ("avatar", "advocacy", "fit", "touch", "playbook", "lifecycle")
FRACTIONS = {"duplicate": 0.21, "outage": 0.67, "rename": 0.79}
"""Where in the window the simulator plants a fault of usage."""
MERGED_AWAY, MERGED_INTO = "acc_00003", "acc_00004"
RENAMED_ACCOUNT = "acc_00013"
NEW_NAME = "Renamed & Co. KG"

DUPLICATE = dt.date(2026, 1, 27)
"""Its file comes again on the day after."""
MERGE, MERGE_IN_THE_PRODUCT = dt.date(2026, 3, 3), dt.date(2026, 3, 8)
ACCOUNT_RENAMED = dt.date(2026, 3, 5)
"""The first export of the CRM with the new name."""
OUTAGE, CORRECTED = dt.date(2026, 3, 24), dt.date(2026, 3, 26)
EVENT_RENAMED, MAPPED = dt.date(2026, 4, 7), dt.date(2026, 4, 8)


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]


AROUND_DUPLICATE = _days(DUPLICATE, DUPLICATE + dt.timedelta(days=2))
AROUND_MERGE = _days(MERGE - dt.timedelta(days=1), MERGE_IN_THE_PRODUCT + dt.timedelta(days=4))
AROUND_OUTAGE = _days(OUTAGE - dt.timedelta(days=1), CORRECTED + dt.timedelta(days=1))
AROUND_RENAME = _days(EVENT_RENAMED - dt.timedelta(days=1), MAPPED + dt.timedelta(days=1))


@dataclass(frozen=True)
class Spared(World):
    """A world without one fault: its day lies beyond the window, and what does not fit into it is left out."""

    fault: str = ""

    def at_fraction(self, fraction: float) -> int:
        """As the world's, but never for the fault."""
        return 2 * self.days if FRACTIONS.get(self.fault) == fraction else super().at_fraction(fraction)

    def merge_day(self) -> int:
        """As the world's, but never for the merge."""
        return 2 * self.days if self.fault == "merge" else super().merge_day()


def company(folder: Path, without: str = "") -> Pipeline:
    """Exports of 60 accounts over 120 days, and a pipeline that reads them."""
    world = make_world(60, 120, 1, FIRST)
    write_company(Spared(**asdict(world), fault=without), folder)
    (folder / "score_references.csv").write_text(SCORE_REFERENCES, encoding="utf-8")
    return Pipeline(folder / "sources.yml", folder / "data")


def rename_an_account(exports: Path) -> None:
    """The CRM calls one account otherwise from one export on."""
    for file in sorted(exports.glob("crm/**/Account_*.csv")):
        if file.stem.removeprefix("Account_") >= str(ACCOUNT_RENAMED):
            with file.open(encoding="utf-8", newline="") as stream:
                rows = list(csv.reader(stream))
            for row in rows:
                row[2] = NEW_NAME if row[1] == RENAMED_ACCOUNT else row[2]
            with file.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream, lineterminator="\n").writerows(rows)


def map_the_renamed_event(pipeline: Pipeline) -> None:
    """What the runbook says of an event that the catalogue does not know: map the new name to the old one."""
    old = "event_name: event\n"
    mapped = """event_name: {expression: "replace(\\"event\\", 'report.export_completed', 'report.exported')"}\n"""
    text = pipeline.sources.read_text(encoding="utf-8")
    assert text.count(old) == 1
    pipeline.sources.write_text(text.replace(old, mapped), encoding="utf-8")


@dataclass
class Run:
    """A pipeline refreshed on some days, with the oracle of its current tables on the last of each window."""

    pipeline: Pipeline
    oracles: dict[dt.date, dict[str, tuple[int, int]]]

    @classmethod
    def of(cls, pipeline: Pipeline, *windows: list[dt.date]) -> Run:
        run = cls(pipeline, {})
        run.go_on(*windows)
        return run

    def go_on(self, *windows: list[dt.date]) -> None:
        """Refresh on every day of the windows."""
        for window in windows:
            for on in window:
                self.pipeline.refresh(on)
            self.oracles[window[-1]] = self.pipeline.oracle()

    def published(self, on: dt.date, columns: str = "*") -> dict[str, tuple[Any, ...]]:
        """Columns of every account as first published for a day."""
        file = as_published_file(self.pipeline.home, on)
        rows = self.pipeline.rows(f"select account_id, {columns} from read_parquet('{file}')")
        return {account: tuple(rest) for account, *rest in rows}

    def classes(self, on: dt.date) -> dict[tuple[str, str], str | None]:
        """Class by account and axis as first published for a day."""
        rows = self.published(on, ", ".join(f"{axis}_class" for axis in AXES))
        return {(account, axis): value for account, row in rows.items() for axis, value in zip(AXES, row, strict=True)}

    def changes(self, window: list[dt.date]) -> dict[dt.date, set[tuple[str, str, str | None, str | None]]]:
        """Account, axis, class before and after of what changed from each published day of a window to the next."""
        told = [self.classes(on) for on in window]
        return {
            on: {(*key, before[key], now[key]) for key in before.keys() & now.keys() if before[key] != now[key]}
            for on, before, now in zip(window[1:], told, told[1:], strict=False)
        }


def false_changes(faulty: Run, clean: Run, window: list[dt.date]) -> list[tuple[Any, ...]]:
    """What the faulty exports published that the clean ones had not published by then."""
    seen: set[tuple[str, str, str | None, str | None]] = set()
    found: list[tuple[Any, ...]] = []
    of_clean = clean.changes(window)
    for on, changes in faulty.changes(window).items():
        seen |= of_clean[on]
        found += [(on, *change) for change in sorted(changes - seen, key=str)]
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def planted(folder: Path) -> Run:
    """Every fault, and an account that the CRM calls otherwise; the renamed event is mapped the day after."""
    pipeline = company(folder / "planted")
    rename_an_account(folder / "planted" / "exports")
    run = Run.of(pipeline, AROUND_DUPLICATE, AROUND_MERGE, AROUND_OUTAGE, AROUND_RENAME[:2])
    map_the_renamed_event(pipeline)
    run.go_on(AROUND_RENAME[2:])
    return run


@pytest.fixture(scope="module")
def without_duplicate(folder: Path) -> Run:
    return Run.of(company(folder / "without_duplicate", "duplicate"), AROUND_DUPLICATE)


@pytest.fixture(scope="module")
def without_merge(folder: Path) -> Run:
    """Nor is an account renamed in it."""
    return Run.of(company(folder / "without_merge", "merge"), AROUND_MERGE, AROUND_OUTAGE[-1:])


@pytest.fixture(scope="module")
def without_outage(folder: Path) -> Run:
    pipeline = company(folder / "without_outage", "outage")
    rename_an_account(folder / "without_outage" / "exports")
    return Run.of(pipeline, AROUND_OUTAGE)


@pytest.fixture(scope="module")
def without_rename(folder: Path) -> Run:
    pipeline = company(folder / "without_rename", "rename")
    rename_an_account(folder / "without_rename" / "exports")
    return Run.of(pipeline, AROUND_RENAME)


def test_a_file_delivered_twice_changes_nothing_of_what_is_published_on_any_day(
    planted: Run, without_duplicate: Run
) -> None:
    name = f"product_analytics/**/events_{DUPLICATE}.csv.gz"
    delivered = [
        len(list((run.pipeline.sources.parent / "exports").glob(name))) for run in (planted, without_duplicate)
    ]
    assert delivered == [2, 1]
    for on in AROUND_DUPLICATE:
        assert planted.published(on) == without_duplicate.published(on)
    last = AROUND_DUPLICATE[-1]
    assert planted.oracles[last] == without_duplicate.oracles[last]


def test_while_a_day_of_usage_is_short_what_reads_it_says_held_and_what_does_not_goes_on(planted: Run) -> None:
    """An eighth of the rows is less than half of the usual. Onboarding needs no score; who has no class holds none."""
    statuses = {
        axis: {status for status, unknown, playbook in planted.published(
            OUTAGE, f"{axis}_status, {axis}_unknown_because, playbook_class"
        ).values() if unknown is None and (axis, playbook) != ("playbook", "onboarding")}
        for axis in ("avatar", "touch", "playbook", "lifecycle", "fit", "advocacy")
    }  # fmt: skip
    assert {axis for axis, found in statuses.items() if found == {"held_stale"}} == {
        "avatar", "touch", "playbook", "lifecycle",
    }  # fmt: skip
    assert "held_stale" not in statuses["fit"] | statuses["advocacy"]


def test_an_outage_publishes_no_change_that_would_not_have_come_and_loses_none(
    planted: Run, without_outage: Run
) -> None:
    assert false_changes(planted, without_outage, AROUND_OUTAGE) == []
    told, due = (set().union(*run.changes(AROUND_OUTAGE).values()) for run in (planted, without_outage))
    assert told == due
    assert len(due) > 10


def test_once_an_outage_is_corrected_days_are_published_and_tables_are_as_if_it_had_not_been(
    planted: Run, without_outage: Run
) -> None:
    assert planted.published(OUTAGE) != without_outage.published(OUTAGE)
    for on in AROUND_OUTAGE[AROUND_OUTAGE.index(CORRECTED) :]:
        assert planted.published(on) == without_outage.published(on)
    last = AROUND_OUTAGE[-1]
    assert planted.oracles[last] == without_outage.oracles[last]


def test_a_renamed_event_that_is_mapped_to_its_old_name_the_day_after_changes_no_class(
    planted: Run, without_rename: Run
) -> None:
    """On its first day it is no use of value, which no class shows: features count over 28 days."""
    assert false_changes(planted, without_rename, AROUND_RENAME) == []
    assert false_changes(without_rename, planted, AROUND_RENAME) == []
    assert planted.published(EVENT_RENAMED) != without_rename.published(EVENT_RENAMED)
    for on in AROUND_RENAME[AROUND_RENAME.index(MAPPED) :]:
        assert planted.published(on) == without_rename.published(on)
    last = AROUND_RENAME[-1]
    assert planted.oracles[last] == without_rename.oracles[last]


SINCE = ", ".join(f"{axis}_class, {axis}_since_on" for axis in AXES)


def test_an_account_of_another_name_keeps_its_classes_and_since_when(planted: Run, without_merge: Run) -> None:
    names = f"select name from marts.accounts where account_id = '{RENAMED_ACCOUNT}'"
    assert planted.pipeline.rows(names) == [(NEW_NAME,)]
    assert without_merge.pipeline.rows(names) != [(NEW_NAME,)]
    for on in [*AROUND_MERGE, AROUND_OUTAGE[-1]]:
        assert planted.published(on, SINCE)[RENAMED_ACCOUNT] == without_merge.published(on, SINCE)[RENAMED_ACCOUNT]


def test_a_merge_changes_no_class_of_any_other_account(planted: Run, without_merge: Run) -> None:
    """Three weeks later too, every other account is in its class since the same day."""
    for faulty, clean in ((planted, without_merge), (without_merge, planted)):
        found = false_changes(faulty, clean, AROUND_MERGE)
        assert [change for change in found if change[1] not in (MERGED_AWAY, MERGED_INTO)] == []
    last = AROUND_OUTAGE[-1]
    merged, apart = planted.published(last, SINCE), without_merge.published(last, SINCE)
    assert apart.keys() - merged.keys() == {MERGED_AWAY}
    assert [account for account in merged if merged[account] != apart[account]] == []


def test_the_account_that_remains_pays_for_both_and_keeps_its_classes(planted: Run) -> None:
    """1,287.00 and 4,446.00 EUR of the evening before are 5,733.00; use that moves five days later moves no class."""
    before, after = (planted.published(on, "mrr") for on in AROUND_MERGE[:2])
    assert [before[MERGED_AWAY], before[MERGED_INTO], after[MERGED_INTO]] == [(128_700,), (444_600,), (573_300,)]
    assert MERGED_AWAY not in after
    changes = planted.changes(AROUND_MERGE).values()
    assert [change for found in changes for change in found if change[0] in (MERGED_AWAY, MERGED_INTO)] == []


def test_the_history_of_the_account_that_is_gone_ends_on_the_day_of_the_merge(planted: Run) -> None:
    rows = planted.pipeline.rows(
        "select axis, max(coalesce(valid_to, date '9999-12-31')) from marts.account_segment_history "
        f"where account_id = '{MERGED_AWAY}' group by axis order by axis"
    )
    assert rows == [(axis, MERGE) for axis in sorted(AXES)]
