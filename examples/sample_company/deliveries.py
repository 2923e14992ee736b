"""Writing export files the way they arrive, and the list of everything that was planted in them.

What is in a file belongs to the module of its vendor; here is only where a file goes, byte for byte
reproducible, and the record of each incident.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from examples.sample_company.world import World


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]], delimiter: str = ",") -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(csv_text(header, rows), encoding="utf-8", newline="")


@dataclass
class Exports:
    """The export folders of all vendors, and what was planted in them (`truth/planted.csv`)."""

    world: World
    root: Path
    planted: list[tuple[str, str, str, str, str]] = field(default_factory=list)

    def path(self, vendor: str, received: int, name: str) -> Path:
        """`received` is the reporting day whose refresh first takes the file in; it is part of the path."""
        path = self.root / "exports" / vendor / f"received={self.world.on(received)}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, vendor: str, received: int, name: str, text: str, encoding: str = "utf-8") -> None:
        self.path(vendor, received, name).write_text(text, encoding=encoding, newline="")

    def plant(self, kind: str, table: str, day: int | None, account: str, what: str) -> None:
        """One incident for `truth/planted.csv`: what was done to which table, slot or day, and account."""
        self.planted.append((kind, table, "" if day is None else str(self.world.on(day)), account, what))
