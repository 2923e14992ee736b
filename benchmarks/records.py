"""What has been measured so far, one file per measured process in the work folder, so that a bench can be resumed.

Processes that follow each other on one data folder form a chain.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.measuring import Measured
from benchmarks.size import FIRST_DAY, Size


class OtherSizeError(Exception):
    """The work folder holds measurements of another size."""


class Records:
    """The results in one work folder."""

    def __init__(self, work: Path, size: Size) -> None:
        self.folder = work / "results"
        self.folder.mkdir(parents=True, exist_ok=True)
        wanted = {"first_day": FIRST_DAY.isoformat(), **asdict(size)}
        file = self.folder / "size.json"
        found = json.loads(file.read_text(encoding="utf-8")) if file.exists() else wanted
        if found != wanted:
            raise OtherSizeError(f"{work} holds measurements of {found}, not of {wanted}; choose another --work")
        _write(file, wanted)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def has(self, name: str) -> bool:
        """Whether that has been measured."""
        return self._file(name).exists()

    def measured(self, name: str) -> Measured:
        """A measured process by its name."""
        return Measured.from_json(json.loads(self._file(name).read_text(encoding="utf-8")))

    def all(self) -> list[Measured]:
        """Every measured process."""
        names = sorted(file.stem for file in self.folder.glob("*.json"))
        return [self.measured(name) for name in names if name != "size" and not name.startswith("fact-")]

    def fact(self, name: str, find: Callable[[], Any]) -> Any:
        """A fact that is found once."""
        file = self._file(f"fact-{name}")
        if not file.exists():
            _write(file, find())
        return json.loads(file.read_text(encoding="utf-8"))

    def keep(self, measured: Measured) -> None:
        """Store a measured process."""
        _write(self._file(measured.name), measured.as_json())

    def chain(
        self,
        folder: Path,
        names: list[str],
        begin: Callable[[], None],
        run: Callable[[str], Measured],
        snapshot: Callable[[Path, Path], None] | None = None,
    ) -> None:
        """Run the processes of a chain in order; `begin` makes the data folder as the first one finds it.

        A chain that is complete is left alone. One that was interrupted goes on from the snapshot taken before the
        interrupted run, else it starts again: a half-done run leaves work done that the next would not be charged for.
        """
        left = [name for name in names if not self.has(name)]
        if not left:
            return
        before = folder.with_name(f"{folder.name}-before-{left[0]}")
        shutil.rmtree(folder, ignore_errors=True)
        if before.exists():
            before.rename(folder)
        else:
            for name in names:
                self._file(name).unlink(missing_ok=True)
            left = names
            begin()
        for name in left:
            if snapshot and name != names[0]:
                _remove_snapshots(folder)
                partial = folder.with_name(f"{folder.name}-before-{name}.partial")
                snapshot(folder, partial)
                partial.rename(folder.with_name(f"{folder.name}-before-{name}"))
            self.keep(run(name))
        _remove_snapshots(folder)


def _remove_snapshots(folder: Path) -> None:
    for found in folder.parent.glob(f"{folder.name}-before-*"):
        shutil.rmtree(found)


def _write(file: Path, content: Any) -> None:
    partial = file.with_name(f".{file.name}.partial")
    partial.write_text(json.dumps(content), encoding="utf-8")
    os.replace(partial, file)
