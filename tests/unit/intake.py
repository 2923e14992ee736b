"""A company's exports in a folder of their own, taken in by the shipped code: what the tests about sources share."""

from __future__ import annotations

import copy
import datetime as dt
import os
from pathlib import Path
from typing import Any

import duckdb
import yaml

from dagster_project.sources.home import Home
from dagster_project.sources.ledger import Delivery, Ledger
from dagster_project.sources.loading import take_in
from dagster_project.sources.mapping import Mapping, read_mapping
from dagster_project.sources.precedence import in_force

TODAY = dt.date(2026, 3, 31)
DAILY = {"from": "file_name", "pattern": r"(\d{4}-\d{2}-\d{2})"}
EVENT_COLUMNS = {"event_id": "id", "account_id": "account", "event_name": "event", "occurred_at": "at"}
PARTS = ("loaded", "unchanged", "quarantined", "duplicates", "blocked")


def events_source(**changes: Any) -> dict[str, Any]:
    """A source of daily event files, with changes; None takes a key away."""
    source = {"path": "events", "delivery": "slice", "slot": DAILY, "expected": "daily"} | changes
    return {key: value for key, value in source.items() if value is not None}


def document(
    sources: dict[str, Any] | None = None, tables: dict[str, Any] | None = None, timezone: str = "UTC"
) -> dict[str, Any]:
    """A `sources.yml` with one source of events, or with the given sources and tables."""
    described = {
        "company": "Acme",
        "exports": "exports",
        "calendar": {"timezone": timezone, "first_day": dt.date(2026, 1, 1)},
        "reporting_currency": "EUR",
        "sources": sources if sources is not None else {"events": events_source()},
        "tables": tables if tables is not None else {"usage.events": [{"from": "events", "columns": EVENT_COLUMNS}]},
    }
    return copy.deepcopy(described)


class Intake:
    """Exports, their mapping and a data folder below one folder."""

    def __init__(self, folder: Path, described: dict[str, Any] | None = None) -> None:
        self.folder = folder
        self.exports = folder / "exports"
        self.exports.mkdir(parents=True, exist_ok=True)
        self.home = Home(folder / "data")
        self.describe(described or document())

    def describe(self, described: dict[str, Any]) -> None:
        """Write another `sources.yml`."""
        (self.folder / "sources.yml").write_text(yaml.safe_dump(described), encoding="utf-8")

    @property
    def mapping(self) -> Mapping:
        """The mapping as it is now."""
        return read_mapping(self.folder / "sources.yml")

    def write(self, name: str, content: str | bytes, seconds: int | None = None) -> Path:
        """Write an export; `seconds` sets its time of change."""
        path = self.exports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if seconds is not None:
            os.utime(path, (seconds, seconds))
        return path

    def take_in(self, as_of: dt.date = TODAY) -> list[Delivery]:
        """Take in what is due; every file's rows must add up."""
        made = take_in(self.mapping, self.home, as_of)
        for delivery in made:
            assert delivery.received == sum(getattr(delivery, part) for part in PARTS), delivery
        return made

    def only(self, as_of: dt.date = TODAY) -> Delivery:
        """Take in exactly one delivery."""
        (delivery,) = self.take_in(as_of)
        return delivery

    def known(self, as_of: dt.date = TODAY) -> list[Delivery]:
        """Every delivery known by a day."""
        ledger = Ledger(self.home.ledger)
        try:
            return ledger.deliveries(self.mapping.feeds, as_of)
        finally:
            ledger.close()

    def in_force(self, as_of: dt.date = TODAY) -> list[Delivery]:
        """The deliveries whose rows count."""
        known = self.known(as_of)
        return [delivery for feed in self.mapping.feeds for delivery in in_force(feed, known)]

    def rows(self, columns: str, table: str = "usage.events", as_of: dt.date = TODAY) -> list[tuple[Any, ...]]:
        """Sorted rows in force of a contract table."""
        paths = [self.home.raw / d.raw_path for d in self.in_force(as_of) if d.table_name == table and d.raw_path]
        return _select(columns, paths)

    def quarantine(self, columns: str = "_row, _reason") -> list[tuple[Any, ...]]:
        """Sorted rejected rows of every delivery under the mapping as it is now."""
        return _select(columns, [self.home.quarantine / d.quarantine_path for d in self.known() if d.quarantine_path])


def _select(columns: str, paths: list[Path]) -> list[tuple[Any, ...]]:
    if not paths:
        return []
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(
            f"select {columns} from read_parquet(?, hive_partitioning = false) order by all", [[str(p) for p in paths]]
        ).fetchall()
