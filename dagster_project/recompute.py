"""A past day as it was known then: rebuilt from landing and compared with what was published.

It works in a folder of its own with the shipped steps; nothing of the data folder is changed. What it shows: the
published rows follow from the files received by then. They may differ where definitions or references changed since;
where these are the same, a difference is a defect, or the landed files or their mapping were changed.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_project.publication import (
    AS_PUBLISHED_FROM,
    as_published_file,
    earlier_publications,
    ledger_sequence_of,
    published_days,
)
from dagster_project.settings import RefusedError, other_data_folder
from dagster_project.sources.engine import open_duckdb
from dagster_project.sources.home import Home
from dagster_project.sources.ledger import Ledger
from dagster_project.sources.loading import load_received
from dagster_project.sources.mapping import Mapping
from dagster_project.sources.run_state import Published, definitions_of_run, prepare
from dagster_project.sources.warehouse import literal, quoted
from dagster_project.sources.wording import counted


@dataclass(frozen=True)
class Comparison:
    """A recomputed day against the published one: rows of each that the other has not."""

    day: dt.date
    rows: int
    only_published: int
    only_recomputed: int
    columns_gone: list[str]
    has_same_definitions: bool

    @property
    def is_equal(self) -> bool:
        """Whether every published row is found again with every column; columns that are new since are not compared."""
        return not (self.only_published or self.only_recomputed or self.columns_gone)

    @property
    def sentence(self) -> str:
        """The comparison in words, and what may explain a difference."""
        if self.is_equal:
            return f"{counted(self.rows, 'row')}, each as it was published."
        gone = f"; columns that are no more: {', '.join(self.columns_gone)}" if self.columns_gone else ""
        explanation = (
            "Definitions and references are the same as then: the landed files or their mapping in sources.yml were "
            "changed, or this is a defect."
            if self.has_same_definitions
            else "Definitions or references have changed since."
        )
        return (
            f"{counted(self.rows, 'row')}; {self.only_published:,} were published and are not found again, "
            f"{self.only_recomputed:,} are found and were not published{gone}. {explanation}"
        )


def known_then(mapping: Mapping, home: Home, day: dt.date, folder: Path) -> Home:
    """A data folder that holds what was known when `day` was first published, loaded and ready for the models.

    Raises RefusedError where the day was never published.
    """
    through = ledger_sequence_of(home, day)
    if through is None:
        days = published_days(home)
        were = f"the days that were: {days[0]} to {days[-1]}" if days else "no day was: make run publishes"
        raise RefusedError(f"{day} was never published, so there is nothing to compare with; {were}")
    then = Home(folder)
    then.path.mkdir(parents=True, exist_ok=True)
    then.landing.symlink_to(home.landing.resolve())
    ledger, ledger_then = Ledger(home.ledger), Ledger(then.ledger)
    with ledger_then.transaction():
        for file in ledger.all_files():
            if file.sequence <= through and file.known_on <= day.isoformat():
                ledger_then.record_file(file)
    ledger.close()
    ledger_then.close()
    load_received(mapping, then, day)
    prepare(mapping, then, day, Published([], []))
    return then


def compare(home: Home, then: Home, day: dt.date) -> Comparison:
    """Compare the day in the rebuilt warehouse with the file kept when it was first published."""
    published = f"read_parquet({literal(str(as_published_file(home, day)))})"
    recomputed = f"(select * from {AS_PUBLISHED_FROM} where as_of_on = {literal(day.isoformat())}::date)"
    with open_duckdb(then, then.warehouse, read_only=True) as connection:
        connection.execute("use warehouse.marts")
        before, now = (
            [row[0] for row in connection.execute(f"describe (from {rows})").fetchall()]
            for rows in (published, recomputed)
        )
        columns = ", ".join(quoted(column) for column in before if column in now)
        counts = connection.execute(
            f"select (select count(*) from {recomputed}), "
            f"(select count(*) from (select {columns} from {published} except all select {columns} from {recomputed})), "
            f"(select count(*) from (select {columns} from {recomputed} except all select {columns} from {published}))"
        ).fetchone()
    assert counts is not None
    rows, only_published, only_recomputed = counts
    gone = [column for column in before if column not in now]
    definitions_then = next(definitions for _, on, definitions in earlier_publications(home).publications if on == day)
    return Comparison(day, rows, only_published, only_recomputed, gone, definitions_then == definitions_of_run(then))


def build_models(then: Home) -> None:
    """Run every model on a data folder of its own; raises DagsterDbtError."""
    from dagster_project.assets.warehouse import FULL_REBUILD
    from dagster_project.resources import resources

    dbt: Any = resources()["dbt"]
    with other_data_folder(then.path):
        dbt.cli([*FULL_REBUILD, "--target", "prod"], raise_on_error=True, target_path=then.dbt_artifacts).wait()


def recompute_day(mapping: Mapping, home: Home, day: dt.date) -> Comparison:
    """Rebuild a published day in a temporary folder and compare; raises RefusedError and DagsterDbtError."""
    home.temporary.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"known-{day}-", dir=home.temporary))
    try:
        then = known_then(mapping, home, day, folder)
        build_models(then)
        return compare(home, then, day)
    finally:
        shutil.rmtree(folder)
