"""The time laws over all of the simulated CRM: split into daily files, some of them late, corrected or sent twice.

The smaller company of `test_replay.py` has more traits; this one has 212 days, 60 accounts and 473,632 events.
"""

from __future__ import annotations

import datetime as dt
import gzip
import random
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest
import yaml

from dagster_project.publication import as_published_file
from tests.integration.pipeline import Pipeline
from tests.integration.replay_company import Delivery, write

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLE = PROJECT / "examples" / "crm_simulated"
REAL = PROJECT.parent / "shared" / "data" / "crm_simulated"
FIRST, LAST = dt.date(2025, 1, 1), dt.date(2025, 7, 31)
DAYS = [FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
LATE_BY = (1, 3, 5, 30)

pytestmark = [
    pytest.mark.integration,
    pytest.mark.long,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"the real inputs are not in {REAL}"),
]


def _text(header: str, rows: list[str]) -> str:
    return "\n".join([header, *rows]) + "\n"


def _usage_files() -> list[Delivery]:
    """One file a day: every tenth comes late, every seventeenth is first sent with half its rows, some come twice."""
    by_day: dict[dt.date, list[str]] = defaultdict(list)
    with gzip.open(REAL / "event.csv.gz", "rt", encoding="utf-8") as stream:
        header = next(stream).rstrip("\n")
        for line in stream:
            by_day[dt.date.fromisoformat(line.split(",", 2)[1][:10])].append(line.rstrip("\n"))
    files = []
    for number, on in enumerate(DAYS):
        name, rows = f"events_{on}.csv", by_day[on]
        late = LATE_BY[number // 10 % len(LATE_BY)] if number % 10 == 7 else 0
        received = on + dt.timedelta(days=late)
        if number % 17 == 5:
            files.append(Delivery(received, name, _text(header, rows[::2])))
            received += dt.timedelta(days=2)
        files.append(Delivery(received, name, _text(header, rows)))
        if number % 23 == 11:
            files.append(Delivery(received + dt.timedelta(days=1), name, _text(header, rows)))
    return files


def _subscription_files() -> list[Delivery]:
    """The lines that the billing system knows on each day, all of them every day."""
    header, *lines = (REAL / "subscription.csv").read_text(encoding="utf-8").splitlines()
    starts = header.split(",").index("start_date")
    known = [(dt.date.fromisoformat(line.split(",")[starts]), line) for line in lines]
    return [
        Delivery(on, f"subscription_{on}.csv", _text(header, [line for start, line in known if start <= on]))
        for on in DAYS
    ]


def files() -> list[Delivery]:
    """Every file that is received by the last day, in the order received."""
    whole = [
        Delivery(FIRST, name, (REAL / name).read_text(encoding="utf-8")) for name in ("account.csv", "event_type.csv")
    ]
    received = [file for file in [*whole, *_usage_files(), *_subscription_files()] if file.received <= LAST]
    return sorted(received, key=lambda file: (file.received, file.name))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crm_simulated_laws")


@pytest.fixture(scope="module")
def sources(folder: Path) -> Path:
    """The example's mapping, with the daily files in place of the whole ones."""
    mapping = yaml.safe_load((EXAMPLE / "sources.yml").read_text(encoding="utf-8"))
    received = {"known_on": {"from": "path", "pattern": "received=([0-9-]{10})"}}
    daily = {"slot": {"from": "file_name"}, "expected": "daily"} | received
    mapping["sources"]["events"] |= {"path": "**/events_*.csv"} | daily
    mapping["sources"]["subscriptions"] |= {"path": "**/subscription_*.csv", "delivery": "snapshot"} | daily
    for name in ("accounts", "event_types"):
        mapping["sources"][name] |= {"path": f"**/{mapping['sources'][name]['path']}"} | received
    target = folder / "settings"
    target.mkdir()
    (target / "sources.yml").write_text(yaml.safe_dump(mapping, sort_keys=False), encoding="utf-8")
    for name in ("event_catalogue.csv", "score_references.csv"):
        (target / name).write_bytes((EXAMPLE / name).read_bytes())
    return target / "sources.yml"


@pytest.fixture(scope="module")
def exports(folder: Path) -> Path:
    write(folder / "exports", files())
    return folder / "exports"


@pytest.fixture(scope="module")
def one_pass(folder: Path, sources: Path, exports: Path) -> Pipeline:
    pipeline = Pipeline(sources, folder / "one_pass", exports)
    pipeline.refresh(LAST)
    return pipeline


@pytest.fixture(scope="module")
def daily(folder: Path, sources: Path, exports: Path) -> Pipeline:
    pipeline = Pipeline(sources, folder / "daily", exports)
    for on in DAYS:
        pipeline.refresh(on)
    return pipeline


def differing(a: Pipeline, b: Pipeline) -> list[str]:
    """Current tables whose oracle differs."""
    first, second = a.oracle(), b.oracle()
    assert first.keys() == second.keys()
    return [table for table in first if first[table] != second[table]]


def test_of_each_day_the_last_file_counts(one_pass: Pipeline) -> None:
    last = {file.name: file.text.count("\n") - 1 for file in files() if file.name.startswith("events_")}
    assert one_pass.rows("select sum(events)::bigint from marts.usage_daily") == [(sum(last.values()),)]


@pytest.mark.parametrize("threads", [1, 4])
def test_the_number_of_threads_changes_no_table(
    folder: Path, sources: Path, exports: Path, one_pass: Pipeline, threads: int
) -> None:
    other = Pipeline(sources, folder / f"threads_{threads}", exports, threads=threads)
    other.refresh(LAST)
    assert differing(one_pass, other) == []


def test_files_in_any_order_give_the_same_tables(folder: Path, sources: Path, one_pass: Pipeline) -> None:
    shuffled = files()
    random.Random(11).shuffle(shuffled)
    pipeline = Pipeline(sources, folder / "shuffled", folder / "shuffled_exports")
    size = 1 + len(shuffled) // 6
    for start in range(0, len(shuffled), size):
        write(folder / "shuffled_exports", shuffled[start : start + size])
        pipeline.refresh(LAST)
    assert differing(one_pass, pipeline) == []


def test_day_by_day_gives_the_same_tables_as_one_pass(daily: Pipeline, one_pass: Pipeline) -> None:
    assert differing(one_pass, daily) == []


@pytest.mark.parametrize("number", [40, 97, 180])
def test_recomputing_a_published_day_gives_what_was_published(
    folder: Path, sources: Path, exports: Path, daily: Pipeline, number: int
) -> None:
    on = DAYS[min(number, len(DAYS) - 1)]
    again = Pipeline(sources, folder / f"again_{on}", exports)
    again.refresh(on)
    was, is_now = (as_published_file(pipeline.home, on) for pipeline in (daily, again))
    assert (
        duckdb.execute(
            f"(from '{was}' except from '{is_now}') union all (from '{is_now}' except from '{was}')"
        ).fetchall()
        == []
    )
