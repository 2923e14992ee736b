"""A source that stops keeps its axes and says so; once it has returned, the tables are as if it had never stopped."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dagster_project.publication import as_published_file
from tests.integration.pipeline import Pipeline
from tests.integration.replay_company import Delivery, day, deliveries, write, write_settings

pytestmark = [pytest.mark.integration]

LAST_BEFORE, LAST_WITHOUT, RETURN = day(11), day(17), day(18)
MISSED = {f"events_{day(number)}.csv" for number in range(12, 18)}


def _stopped(file: Delivery) -> Delivery:
    return replace(file, received=max(file.received, RETURN)) if file.name in MISSED else file


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_settings(tmp_path_factory.mktemp("stale") / "settings")


@pytest.fixture(scope="module")
def stopped(sources: Path) -> Pipeline:
    """Usage stops after day 11 and returns, with all that was missed, on day 18."""
    exports = sources.parent / "stopped_exports"
    write(exports, [_stopped(file) for file in deliveries()])
    pipeline = Pipeline(sources, sources.parent / "stopped", exports)
    for on in (LAST_BEFORE, LAST_WITHOUT, RETURN):
        pipeline.refresh(on)
    return pipeline


@pytest.fixture(scope="module")
def kept(sources: Path) -> Pipeline:
    """The same company, whose usage came every day."""
    exports = sources.parent / "kept_exports"
    write(exports, deliveries())
    pipeline = Pipeline(sources, sources.parent / "kept", exports)
    pipeline.refresh(RETURN)
    return pipeline


def published(pipeline: Pipeline, on: dt.date, columns: str) -> list[tuple[Any, ...]]:
    """Columns of the accounts as first published for a day, by account."""
    file = as_published_file(pipeline.home, on)
    return pipeline.rows(f"select account_id, {columns} from read_parquet('{file}') order by account_id")


STEADY = ("acct_champion", "acct_renewed_late", "acct_silent")
"""Accounts of which nothing but their use is missed."""


def test_what_reads_use_holds_its_class_and_says_so_and_since_when(stopped: Pipeline) -> None:
    axes = ", ".join(f"{axis}_class, {axis}_status" for axis in ("playbook", "touch"))
    before = {row[0]: row[1::2] for row in published(stopped, LAST_BEFORE, axes)}
    held = {row[0]: row[1:] for row in published(stopped, LAST_WITHOUT, f"{axes}, stale_since_on")}
    for account in STEADY:
        *now, since = held[account]
        assert tuple(now[::2]) == before[account]
        assert set(now[1::2]) == {"held_stale"}
        assert since == day(12)


def test_what_does_not_read_use_goes_on(stopped: Pipeline) -> None:
    rows = {row[0]: row[1:] for row in published(stopped, LAST_WITHOUT, "fit_status, advocacy_status")}
    assert rows["acct_champion"] == ("fresh", "fresh")
    # an answer of day 6 that is known since day 13 is heard while use is missed
    assert rows["acct_dollar"][1] == "fresh"


def test_after_its_return_every_table_is_as_if_it_had_not_stopped(stopped: Pipeline, kept: Pipeline) -> None:
    first, second = stopped.oracle(), kept.oracle()
    assert [table for table in second if first[table] != second[table]] == []


def test_what_was_published_as_held_is_restated_as_returned(stopped: Pipeline) -> None:
    rows = stopped.rows(
        "select account_id, was_value, is_value, cause from marts.restatements "
        f"where account_id in {STEADY} and field = 'playbook_status' and as_of_on = date '{LAST_WITHOUT}' order by all"
    )
    assert rows == [(account, "held_stale", "fresh", "feed returned") for account in STEADY]
