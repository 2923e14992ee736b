"""The commands of `python -m dagster_project`; each is one of the Makefile's targets.

They read the terminal's arguments and print; the work is done by the shipped definitions and by `sources/`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import signal
import subprocess
import sys
from pathlib import Path

from dagster_project.settings import (
    PROJECT,
    RefusedError,
    exports_folder,
    make_dagster_home,
    read_env_file,
    sources_file,
)
from dagster_project.sources.mapping import Mapping, MappingError, read_mapping

DESCRIPTION = """Product usage, billing and NPS in; audited daily customer tables out. Every command is also a target of
the Makefile: make run, make check-sources, make status, make calibrate, make recompute, make
ui."""


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-01-31") from None


def _places() -> argparse.ArgumentParser:
    """Options of every command; they may stand before it or after it."""
    places = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    places.add_argument(
        "--sources", type=Path, metavar="FILE", help="the sources.yml to use (default: the one of the project)"
    )
    places.add_argument(
        "--exports", type=Path, metavar="FOLDER", help="folder with the exports (default: as sources.yml says)"
    )
    places.add_argument("--data", type=Path, metavar="FOLDER", help="where everything is kept (default: data)")
    return places


def _parser() -> argparse.ArgumentParser:
    places = _places()
    parser = argparse.ArgumentParser(prog="python -m dagster_project", description=DESCRIPTION, parents=[places])
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, parents=[places])

    run = command("run", "take in, rebuild, check and publish, as of a day")
    run.add_argument(
        "--as-of", type=_date, metavar="DAY", help="the newest day (default: yesterday; of the sample, its last day)"
    )
    run.add_argument(
        "--from",
        type=_date,
        metavar="DAY",
        dest="first",
        help="first day of the range (default: the first day that is missing)",
    )
    command("check-sources", "preview mapped rows, rejects, slots found and missing; loads nothing")
    command("status", "say in five lines whether today's tables are today's")
    ui = command("ui", "open Dagster in the browser, on the loopback")
    ui.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: nobody else gets in)")
    ui.add_argument("--port", type=int, default=3000, help="port to listen on (3000)")
    calibrate = command("calibrate", "freeze the references of the scoring version from a window of days")
    calibrate.add_argument("--from", type=_date, metavar="DAY", dest="first", help="first day of the window")
    calibrate.add_argument("--to", type=_date, metavar="DAY", dest="last", help="last day of the window")
    recompute = command("recompute", "rebuild a published day from what was known then, and compare")
    recompute.add_argument("--day", type=_date, metavar="DAY", help="the published day")
    return parser


def _environment(arguments: argparse.Namespace) -> None:
    for name in ("sources", "exports", "data"):
        value = getattr(arguments, name, None)
        if value is not None:
            os.environ[f"CUSTOMER_SEGMENTS_{name.upper()}"] = str(value.resolve())
    read_env_file()
    if "DAGSTER_HOME" not in os.environ:
        os.environ["DAGSTER_HOME"] = str(make_dagster_home())


def _mapping() -> Mapping:
    """The checked `sources.yml`; where it describes the sample company, its exports are written when absent."""
    mapping = read_mapping(sources_file(), exports_folder())
    if mapping.sample is not None and not mapping.exports.exists():
        print("simulating the sample company ...", flush=True)
        options = [part for key, value in mapping.sample.items() for part in (f"--{key}", str(value))]
        options += ["--first-day", mapping.first_day.isoformat(), "--out", str(mapping.exports.parent)]
        subprocess.run([sys.executable, "-m", "examples.sample_company", *options], check=True, cwd=PROJECT)
    return mapping


def _run(arguments: argparse.Namespace) -> int:
    from dagster_project.refresh import refresh_range

    return refresh_range(_mapping(), arguments.first, arguments.as_of)


def _check_sources(arguments: argparse.Namespace) -> int:
    from dagster_project.sources.preview import preview

    return preview(_mapping())


def _status(arguments: argparse.Namespace) -> int:
    from dagster_project.status import status

    return status()


def _calibrate(arguments: argparse.Namespace) -> int:
    if arguments.first is None or arguments.last is None:
        raise RefusedError(
            "calibrate needs the first and the last day of its window: make calibrate FROM=2026-01-01 TO=2026-03-31 "
            "(or --from 2026-01-01 --to 2026-03-31)"
        )
    from dagster_project.refresh import calibrate_window

    return calibrate_window(_mapping(), arguments.first, arguments.last)


def _recompute(arguments: argparse.Namespace) -> int:
    if arguments.day is None:
        raise RefusedError(
            "recompute needs the published day to rebuild: make recompute DAY=2026-04-30 (or --day 2026-04-30)"
        )
    from dagster_project.refresh import recompute

    return recompute(_mapping(), arguments.day)


def _ui(arguments: argparse.Namespace) -> int:
    read_mapping(sources_file(), exports_folder())
    # a click's worth of advice about another command line would open every session
    os.environ.setdefault("PYTHONWARNINGS", "ignore:Function")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.chdir(PROJECT)
    # a shell that starts it in the background would have it ignore what ends it
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, signal.SIG_DFL)
    dagster = str(Path(sys.executable).parent / "dagster")
    os.execv(dagster, [dagster, "dev", "--host", arguments.host, "--port", str(arguments.port)])


def main() -> int:
    """Run one command; returns the exit code: 0 good, 1 not good, 2 not understood."""
    arguments = _parser().parse_args()
    commands = {
        "run": _run,
        "check-sources": _check_sources,
        "status": _status,
        "calibrate": _calibrate,
        "recompute": _recompute,
        "ui": _ui,
    }
    try:
        _environment(arguments)
        return commands[arguments.command](arguments)
    except (MappingError, RefusedError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted; what was published before is unchanged.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
