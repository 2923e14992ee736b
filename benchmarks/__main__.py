"""`make bench`: the pipeline's times as ratios within one run, each beside its aim. Asserts nothing.

A work folder given by --work is kept, and what it holds is not measured again; without it a temporary one is used.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import signal
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.company import SimulationError
from benchmarks.figures import Runs, figures
from benchmarks.measuring import MeasuredProcessError
from benchmarks.records import OtherSizeError, Records
from benchmarks.report import as_markdown, as_text
from benchmarks.size import Size
from benchmarks.where import of_run
from benchmarks.work import Bench


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--accounts", type=int, default=20_000, help="simulated accounts (20,000)")
    parser.add_argument("--events", type=int, default=20_000_000, help="about this many usage events (20,000,000)")
    parser.add_argument("--days", type=int, default=365, help="days of history (365)")
    parser.add_argument("--repeats", type=int, default=3, help="pairs of which the median is taken (3)")
    parser.add_argument("--work", type=Path, help="folder that keeps what was measured, to go on after an interruption")
    parser.add_argument("--markdown", type=Path, help="also write the result to this file")
    return parser


def _conditions(bench: Bench, runs: Runs, load_before: float) -> list[str]:
    definitions = {run.step("prepare").facts["definitions"] for run in [*runs.builds, *runs.newest, runs.backfill]}
    failed = sorted({name.split(".")[2] for run in runs.builds for name in run.step("dbt").facts["failed_tests"]})
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    load = f"load of the machine before {load_before:.1f}, after {os.getloadavg()[0]:.1f}"
    steps = "land, load, prepare, dbt (models, seeds, data tests), publish, finish, as the assets run them"
    said = [
        f"{bench.size.words}; medians of {bench.size.repeats} repeat(s); {dt.date.today()}",
        f"{machine}; {load}",
        f"a run is {steps}; not measured: Dagster itself and the suites of expectations/",
    ]
    if len(definitions) > 1:
        said.append(
            f"the models changed while this was measured ({len(definitions)} versions): measure again in a new folder"
        )
    if failed:
        said.append(f"data tests that failed: {', '.join(failed)}")
    return said


def _measure(size: Size, work: Path, markdown: Path | None) -> None:
    began, load_before = time.perf_counter(), os.getloadavg()[0]

    def say(text: str) -> None:
        print(f"[{dt.datetime.now():%H:%M:%S} {time.perf_counter() - began:7.0f} s] {text}", flush=True)

    bench = Bench(size, work, Records(work, size), say)
    bench.run()
    found, runs = figures(bench), Runs.of(bench)
    conditions = _conditions(bench, runs, load_before)
    always = [
        ("full rebuild", of_run("with take-in", runs.builds[-1])),
        ("daily refresh", of_run("the newest day", runs.newest[-1])),
    ]
    print("\n" + as_text(found, conditions, always))
    if markdown:
        markdown.parent.mkdir(parents=True, exist_ok=True)
        markdown.write_text(as_markdown(found, conditions, always), encoding="utf-8")
        print(f"\nwritten to {markdown}")


def main() -> int:
    """Measure and print; returns the exit code."""
    parser = _parser()
    arguments = parser.parse_args()
    # ended from outside, the measured process must end too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        size = Size(arguments.accounts, arguments.events, arguments.days, arguments.repeats)
    except ValueError as error:
        parser.error(str(error))
    try:
        if arguments.work:
            arguments.work.mkdir(parents=True, exist_ok=True)
            _measure(size, arguments.work.resolve(), arguments.markdown)
        else:
            with tempfile.TemporaryDirectory(prefix="customer-segments-bench-") as folder:
                _measure(size, Path(folder), arguments.markdown)
    except (MeasuredProcessError, OtherSizeError, SimulationError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
