"""A past day as it was known then: rebuilt from landing and compared with what was published.

It works in a folder of its own with the shipped steps; nothing of the data folder is changed.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.publication import AS_PUBLISHED_FROM, as_published_file, ledger_sequence_of
from dagster_project.sources.home import Home
from dagster_project.sources.ledger import Ledger
from dagster_project.sources.loading import load_received
from dagster_project.sources.mapping import Mapping
from dagster_project.sources.run_state import Published, prepare
from dagster_project.sources.warehouse import literal


@dataclass(frozen=True)
class Comparison:
    """A recomputed day against the published one: rows of each that the other has not."""

    day: dt.date
    rows: int
    only_published: int
    only_recomputed: int

    @property
    def is_equal(self) -> bool:
        """Whether both are the same, row by row."""
        return not self.only_published and not self.only_recomputed


class NeverPublishedError(ValueError):
    """The day was never published, so there is nothing to compare with."""


def known_then(mapping: Mapping, home: Home, day: dt.date, folder: Path) -> Home:
    """A data folder that holds what was known when `day` was first published, loaded and ready for the models.

    Raises NeverPublishedError.
    """
    through = ledger_sequence_of(home, day)
    if through is None:
        raise NeverPublishedError(f"{day} was never published")
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
    with duckdb.connect(str(then.warehouse), read_only=True) as connection:
        connection.execute("use warehouse.marts")
        counts = connection.execute(
            f"select (select count(*) from {recomputed}), "
            f"(select count(*) from (from {published} except all from {recomputed})), "
            f"(select count(*) from (from {recomputed} except all from {published}))"
        ).fetchone()
    assert counts is not None
    return Comparison(day, *counts)


def working_folder(home: Home, day: dt.date) -> Path:
    """A fresh folder for the rebuilt day."""
    home.temporary.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"known-{day}-", dir=home.temporary))


def remove(folder: Path) -> None:
    """Remove a working folder; the link to landing is not followed."""
    shutil.rmtree(folder)
