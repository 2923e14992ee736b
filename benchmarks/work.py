"""The measured processes and their data folders, in order: what `make bench` does.

    rounds    an empty data folder: everything taken in, built, published; the same files and SQL in DuckDB alone
    base      everything up to 90 days before the newest
    backfill  a copy of base: the 90 days in one run
    days      a copy of base: single days, five spread over the 90 and the newest ones; the days between in one run
    recent    a company that connected 90 days ago: its newest days

What the times mean is in `figures.py`.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.company import connect_recently, simulate
from benchmarks.measuring import Measured, measure
from benchmarks.records import Records
from benchmarks.size import FIRST_DAY, Size

FIRST_WINDOW_DAYS = 90
REWRITTEN_IN_PLACE = (".duckdb", ".sqlite", ".wal", ".json", ".msgpack", ".log", ".sqlite-wal", ".sqlite-shm")


def copy_data(source: Path, target: Path) -> None:
    """Copy a data folder; files that are never edited are linked."""

    def place(file: str, copy: str) -> None:
        if file.endswith(REWRITTEN_IN_PLACE) and "/landing/" not in file:
            shutil.copyfile(file, copy)
        else:
            Path(copy).hardlink_to(file)

    # what dbt wrote names the folder that it was written for
    shutil.copytree(source, target, copy_function=place, ignore=shutil.ignore_patterns("target", "tmp"))


def disk_used(folder: Path) -> dict[str, int]:
    """Bytes of each part of a data folder."""
    parts = {}
    for part in sorted(folder.iterdir()):
        files = [part] if part.is_file() else [file for file in part.rglob("*") if file.is_file()]
        parts[part.name] = sum(file.stat().st_blocks * 512 for file in files)
    return parts


@dataclass
class Bench:
    """One benchmark in one work folder."""

    size: Size
    work: Path
    records: Records
    say: Callable[[str], None]

    @property
    def company(self) -> Path:
        """The simulated company."""
        return self.work / "company"

    def run(self) -> None:
        """Measure all that is not yet measured."""
        self.say(f"simulating {self.size.words}")
        simulate(self.size, self.company)
        self.records.chain(self.work / "calibration", ["calibrate"], lambda: None, self._calibrate)
        shutil.rmtree(self.work / "calibration", ignore_errors=True)
        for number in range(1, self.size.repeats + 1):
            self._round(number)
        self._backfill_and_days()
        self._recent()

    def _one_run(self, name: str, folder: Path, as_of: dt.date, company: Path | None = None) -> Measured:
        sources = (company or self.company) / "sources.yml"
        arguments = ["--sources", str(sources), "--data", str(folder), "--as-of", as_of.isoformat()]
        return measure(name, ["benchmarks.one_run", *arguments], self.say)

    def _calibrate(self, name: str) -> Measured:
        (self.company / "score_references.csv").unlink(missing_ok=True)
        window_ends = min(FIRST_DAY + dt.timedelta(days=FIRST_WINDOW_DAYS - 1), self.size.before_backfill)
        arguments = ["--sources", str(self.company / "sources.yml"), "--data", str(self.work / "calibration")]
        return measure(
            name, ["benchmarks.one_run", *arguments, "--as-of", window_ends.isoformat(), "--calibrate"], self.say
        )

    def _round(self, number: int) -> None:
        folder, alone = self.work / "round", self.work / "alone"
        same = ["--sources", str(self.company / "sources.yml"), "--as-of", self.size.last.isoformat()]

        def run(name: str) -> Measured:
            kind = name.split("-")[0]
            if kind == "build":
                measured = self._one_run(name, folder, self.size.last)
                self.records.fact(f"disk-{number}", lambda: disk_used(folder))
                return measured
            shutil.rmtree(alone, ignore_errors=True)
            more = ["--scratch", str(alone)] + (["--built", str(folder)] if kind == "models" else [])
            return measure(name, ["benchmarks.duckdb_alone", kind, *same, *more], self.say)

        self.records.chain(folder, [f"{kind}-{number}" for kind in ("build", "load", "models")], lambda: None, run)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(alone, ignore_errors=True)

    def _backfill_and_days(self) -> None:
        base, days = self.work / "base", self.day_runs()
        if not all(self.records.has(name) for name in ["backfill", *days]):
            ready = base / "complete"
            if not (self.records.has("base") and ready.exists()):
                shutil.rmtree(base, ignore_errors=True)
                self.records.keep(self._one_run("base", base, self.size.before_backfill))
                ready.touch()
        folder = self.work / "continued"

        def begin() -> None:
            copy_data(base, folder)

        def run(name: str) -> Measured:
            return self._one_run(name, folder, days.get(name, self.size.last))

        for names in (["backfill"], list(days)):
            self.records.chain(folder, names, begin, run, copy_data)
            shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(base, ignore_errors=True)

    def day_runs(self) -> dict[str, dt.date]:
        """Runs after base by name: single days, and before each the days since the run before it."""
        runs: dict[str, dt.date] = {}
        newest = self.size.before_backfill
        for day in [*self.size.spread_days, *self.size.last_days]:
            eve = day - dt.timedelta(days=1)
            if eve > newest:
                runs[f"until-{eve}"] = eve
            runs[f"day-{day}"] = newest = day
        return runs

    def recent_runs(self) -> dict[str, dt.date]:
        """Runs of the company that connected recently, by name."""
        eve = self.size.last_days[0] - dt.timedelta(days=1)
        return {"recent-base": eve, **{f"recent-{day}": day for day in self.size.last_days}}

    def _recent(self) -> None:
        runs, company, folder = self.recent_runs(), self.work / "recent-company", self.work / "recent"
        self.records.chain(
            folder,
            list(runs),
            lambda: connect_recently(self.company, company, self.size.short_history_first),
            lambda name: self._one_run(name, folder, runs[name], company),
            copy_data,
        )
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(company, ignore_errors=True)
