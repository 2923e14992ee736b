"""Command line: simulates the sample company and writes its exports and the truth behind them."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from examples.sample_company.company import write_company
from examples.sample_company.world import DAILY_SNAPSHOTS_UP_TO, EVENTS_PER_ACCOUNT_DAY, make_world


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.sample_company", description=__doc__)
    parser.add_argument("--accounts", type=int, default=200, help="number of accounts, at least 24 (200)")
    parser.add_argument("--days", type=int, default=120, help="length of the window in days (120)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same bytes (1)")
    parser.add_argument("--out", type=Path, required=True, help="folder for exports/, truth/ and sources.yml")
    parser.add_argument(
        "--events",
        type=int,
        help=f"about this many usage events ({EVENTS_PER_ACCOUNT_DAY} per account and day)",
    )
    parser.add_argument("--first-day", type=date.fromisoformat, default=date(2026, 1, 1), help="first day (2026-01-01)")
    parser.add_argument(
        "--snapshots", choices=("auto", "daily", "weekly"), default="auto",
        help=f"how often billing is exported in full; auto: daily up to {DAILY_SNAPSHOTS_UP_TO} accounts",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    try:
        world = make_world(
            options.accounts, options.days, options.seed, options.first_day, options.events, options.snapshots
        )
        events = write_company(world, options.out)
    except (ValueError, FileExistsError) as error:
        parser.error(str(error))
    print(
        f"{world.accounts} accounts, {world.on(0)} to {world.on(world.last)}, {events:,} usage rows: "
        f"{options.out}/exports, {options.out}/truth"
    )


if __name__ == "__main__":
    main()
