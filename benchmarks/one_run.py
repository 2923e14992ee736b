"""One run of the shipped steps on a data folder, each timed: land, load, prepare, dbt, publish, finish.

The steps and their order are those of `dagster_project/assets`, without Dagster and without the suites of
`expectations/`. `python -m benchmarks.one_run` is started by `measuring.py` as a process of its own, so that its
memory is that of one run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import time
from pathlib import Path

from benchmarks.clock import step
from benchmarks.dbt_process import build, parse, target
from dagster_project.publication import earlier_publications, publish
from dagster_project.sources.home import Home
from dagster_project.sources.landing import land_new_files
from dagster_project.sources.ledger import Delivery, Ledger
from dagster_project.sources.loading import take_in
from dagster_project.sources.mapping import Mapping, read_mapping
from dagster_project.sources.run_state import definitions_hash, finish, prepare, rebuilds_everything, recomputed_from


def take_in_timed(mapping: Mapping, home: Home, as_of: dt.date) -> None:
    """Land, then load; loading finds nothing left to land."""
    with step("land") as facts:
        ledger = Ledger(home.ledger)
        facts["files"] = land_new_files(mapping, home, ledger, as_of)
        ledger.close()
    with step("load") as facts:
        seconds: dict[str, float] = {}
        before = time.perf_counter()

        def report(delivery: Delivery) -> None:
            # a batch is reported when it is stored: what passed since the last report is its own time
            nonlocal before
            now = time.perf_counter()
            seconds[delivery.table_name] = seconds.get(delivery.table_name, 0.0) + now - before
            before = now

        made = take_in(mapping, home, as_of, report)
        facts |= {"rows": sum(d.received for d in made), "seconds_by_table": seconds}


def calibrate(mapping: Mapping, home: Home, as_of: dt.date) -> None:
    """Write the frozen references that every measured run reads; a company does this once."""
    os.environ["CUSTOMER_SEGMENTS_DATA"] = str(home.path.resolve())
    os.environ["CUSTOMER_SEGMENTS_DBT_TARGET_PATH"] = str(target(home).resolve())
    from dagster_project.resources import resources
    from dagster_project.scoring import calibrate_once

    with step("calibrate"):
        take_in(mapping, home, as_of)
        prepare(mapping, home, as_of, earlier_publications(home))
        calibrate_once(resources()["dbt"], mapping, home, as_of)  # type: ignore[arg-type]  # typed as Any by dagster


def refresh(mapping: Mapping, home: Home, as_of: dt.date) -> None:
    """Take in, rebuild what changed, publish."""
    from dagster_project.assets.warehouse import FULL_REBUILD, REFRESH

    take_in_timed(mapping, home, as_of)
    with step("prepare") as facts:
        prepared = prepare(mapping, home, as_of, earlier_publications(home))
        is_first = rebuilds_everything(home)
        facts |= {"touched_days": prepared.touched_days, "is_full": is_first, "definitions": prepared.definitions_hash}
    # calibrate_once finds the references and does nothing
    with step("dbt") as facts:
        facts |= build(home, FULL_REBUILD if is_first else REFRESH)
    with step("publish") as facts:
        facts["tables"] = publish(home, as_of, recomputed_from(home), definitions_hash(mapping)).tables
    with step("finish"):
        finish(home)


def main() -> None:
    """Run as told by the arguments."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.one_run", description=__doc__)
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True)
    parser.add_argument("--calibrate", action="store_true", help="only write the references of the scores")
    arguments = parser.parse_args()
    mapping, home = read_mapping(arguments.sources), Home(arguments.data)
    home.path.mkdir(parents=True, exist_ok=True)
    if arguments.calibrate:
        calibrate(mapping, home, arguments.as_of)
        return
    if not (target(home) / "partial_parse.msgpack").exists():
        parse(home)
    refresh(mapping, home, arguments.as_of)


if __name__ == "__main__":
    main()
