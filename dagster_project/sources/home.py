"""Where everything lies below one data folder. Nothing here reads or writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The data folder and the places in it."""

    path: Path

    @property
    def landing(self) -> Path:
        """Files exactly as received."""
        return self.path / "landing"

    @property
    def raw(self) -> Path:
        """One Parquet dataset per contract table."""
        return self.path / "raw"

    @property
    def quarantine(self) -> Path:
        """Rejected rows as text."""
        return self.path / "quarantine"

    @property
    def ledger(self) -> Path:
        """The ledger beside raw."""
        return self.raw / "ledger.sqlite"

    @property
    def warehouse(self) -> Path:
        """The private working database."""
        return self.path / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """What readers may open."""
        return self.path / "published"

    @property
    def temporary(self) -> Path:
        """Spill files and temporary copies."""
        return self.path / "tmp"

    @property
    def writer_lock(self) -> Path:
        """Held by the process that writes here."""
        return self.path / "writer.lock"

    @property
    def logs(self) -> Path:
        """What the tools said during runs from the terminal."""
        return self.path / "logs"

    @property
    def dbt_artifacts(self) -> Path:
        """What dbt wrote of the last run: its log, its results, what it parsed."""
        return self.logs / "dbt"
