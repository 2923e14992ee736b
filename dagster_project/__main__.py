"""The commands of `python -m dagster_project`; each is one of the Makefile's targets.

They read the terminal's arguments and print; the work is done by the shipped definitions and by `sources/`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

from dagster_project.sources.mapping import Mapping, MappingError, read_mapping

PROJECT = Path(__file__).resolve().parents[1]


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-01-31") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dagster_project", description=__doc__)
    parser.add_argument("--sources", type=Path, help="sources.yml to use (default: the one of the project)")
    parser.add_argument("--exports", type=Path, help="folder with the exports (default: as sources.yml says)")
    parser.add_argument("--data", type=Path, help="data folder (default: data)")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="take in, rebuild, check and publish, as of a day")
    run.add_argument("--as-of", type=_date, help="the newest day (default: yesterday; of the sample, its last day)")
    run.add_argument("--from", type=_date, dest="first", help="first day of a range to run in one pass")
    commands.add_parser("check-sources", help="preview mapped rows, rejects, slots found and missing; loads nothing")
    commands.add_parser("status", help="say in five lines whether today's tables are today's")
    calibrate = commands.add_parser(
        "calibrate", help="freeze the references of the scoring version from a window of days"
    )
    calibrate.add_argument("--from", type=_date, dest="first", required=True)
    calibrate.add_argument("--to", type=_date, dest="last", required=True)
    return parser


def _environment(arguments: argparse.Namespace) -> None:
    for name in ("sources", "exports", "data"):
        value = getattr(arguments, name)
        if value is not None:
            os.environ[f"CUSTOMER_SEGMENTS_{name.upper()}"] = str(value.resolve())
    os.environ.setdefault("DAGSTER_HOME", str(PROJECT / ".dagster"))


def _sample(mapping: Mapping) -> None:
    """Write the sample company's exports, if `sources.yml` describes it and they are not there."""
    if mapping.sample is None:
        return
    target = PROJECT / "data" / "sample"
    if (target / "exports").exists():
        return
    print("simulating the sample company ...", flush=True)
    options = [part for key, value in mapping.sample.items() for part in (f"--{key}", str(value))]
    options += ["--first-day", mapping.first_day.isoformat(), "--out", str(target)]
    subprocess.run([sys.executable, "-m", "examples.sample_company", *options], check=True, cwd=PROJECT)


def _run(arguments: argparse.Namespace) -> int:
    from dagster_project.resources import setting, sources_file

    mapping = read_mapping(sources_file(), Path(setting("EXPORTS")) if setting("EXPORTS") else None)
    _sample(mapping)
    from dagster_project.refresh import refresh_range

    return refresh_range(mapping, arguments.first, arguments.as_of)


def _check_sources(arguments: argparse.Namespace) -> int:
    from dagster_project.resources import setting, sources_file
    from dagster_project.sources.preview import preview

    mapping = read_mapping(sources_file(), Path(setting("EXPORTS")) if setting("EXPORTS") else None)
    _sample(mapping)
    return preview(mapping)


def _status(arguments: argparse.Namespace) -> int:
    from dagster_project.status import status

    return status()


def _calibrate(arguments: argparse.Namespace) -> int:
    from dagster_project.refresh import calibrate_window

    return calibrate_window(arguments.first, arguments.last)


def main() -> int:
    """Run one command; returns the exit code."""
    arguments = _parser().parse_args()
    _environment(arguments)
    command = {"run": _run, "check-sources": _check_sources, "status": _status, "calibrate": _calibrate}
    try:
        return command[arguments.command](arguments)
    except MappingError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
