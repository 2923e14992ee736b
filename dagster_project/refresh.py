"""The refresh from the terminal: the shipped job, in this process, with progress and a summary.

What is refused is refused before anything heavy is imported; the summary's table is in `summary.py`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console

from dagster_project.failures import step_reasons
from dagster_project.freshness import Freshness, expected_day, last_ended_day
from dagster_project.publication import database_path, published_days
from dagster_project.settings import RefusedError, data_folder
from dagster_project.sources.home import Home
from dagster_project.sources.loading import refuse_another_company
from dagster_project.sources.mapping import Mapping
from dagster_project.sources.run_state import event_catalogue, score_references
from dagster_project.summary import print_summary
from dagster_project.terminal import new_console

INTERRUPTED = "Interrupted; readers keep the last complete set. Run it again: it goes on from there."
EXIT_INTERRUPTED = 130
Result = TypeVar("Result")


def days_to_run(
    mapping: Mapping, published: list[dt.date], first: dt.date | None, as_of: dt.date | None, now: dt.datetime
) -> tuple[dt.date, dt.date]:
    """The range of one run: as asked, or every day that is missing; raises RefusedError."""
    last = as_of or max([expected_day(mapping, now), *published[-1:]])
    if last < mapping.first_day:
        raise RefusedError(
            f"{last} lies before the first day, {mapping.first_day} ({mapping.path}, calendar.first_day)"
        )
    if last > last_ended_day(mapping, now):
        raise RefusedError(
            f"{last} has not ended yet in {mapping.timezone}; the newest day is {last_ended_day(mapping, now)}"
        )
    if published and last < published[-1]:
        raise RefusedError(
            f"{last} lies before {published[-1]}, which is published and is not taken back. What was known then is in "
            "marts.account_segments_as_published; to build that day anew, use another folder: --data"
        )
    start = first or Freshness(published[-1] if published else None, last).missing_from(mapping.first_day) or last
    if not mapping.first_day <= start <= last:
        raise RefusedError(f"--from {start} must lie between the first day {mapping.first_day} and {last}")
    return start, last


@contextlib.contextmanager
def _said_to(log: Path) -> Iterator[None]:
    """What the tools and their processes say goes to a file; the terminal shows the progress lines."""
    log.parent.mkdir(parents=True, exist_ok=True)
    terminal = os.dup(2)
    try:
        with log.open("a", encoding="utf-8") as stream, contextlib.redirect_stdout(stream):
            os.dup2(stream.fileno(), 2)
            yield
    finally:
        sys.stderr.flush()
        os.dup2(terminal, 2)
        os.close(terminal)


def _until_interrupted(work: Callable[[], Result], interrupted: Callable[[], None]) -> Result:
    """Work in a second thread: in the first one Dagster, DuckDB and dbt would each make an error of its own of Ctrl-C.

    The process then ends where it is, as if it were killed; the next run goes on from there.
    """
    outcome: Future[Result] = Future()

    def worked() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    try:
        threading.Thread(target=worked, daemon=True).start()
        return outcome.result()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            with contextlib.suppress(Exception):
                interrupted()
            terminal = Console(highlight=False, file=sys.__stdout__)
            terminal.show_cursor()
            # last, because the progress lines go on until the process ends
            terminal.print(f"\n{INTERRUPTED}", style="yellow", soft_wrap=True)
        finally:
            os._exit(EXIT_INTERRUPTED)


def refresh_range(mapping: Mapping, first: dt.date | None, as_of: dt.date | None) -> int:
    """Run the job as of a day, or over a range in one pass, and print what was published."""
    console = new_console()
    home = Home(data_folder())
    start, last = days_to_run(mapping, published_days(home), first, as_of, dt.datetime.now(dt.UTC))
    refuse_another_company(mapping, home)
    event_catalogue(mapping)
    score_references(mapping)
    days = f"{start} to {last}, {(last - start).days + 1} days in one pass" if start < last else f"{last}"
    console.print(f"{mapping.company}: {days}", style="bold")
    log = home.logs / f"refresh-{last}.log"
    run_id = str(uuid.uuid4())
    with _said_to(log):
        import dagster as dg

        from dagster_project.definitions import defs
        from dagster_project.partitions import range_tags

        with dg.DagsterInstance.get() as instance:

            def run() -> dg.ExecuteInProcessResult:
                return defs.resolve_job_def("refresh").execute_in_process(
                    instance=instance,
                    run_id=run_id,
                    tags=range_tags(start, last),
                    run_config={"loggers": {"progress": {}}},
                    raise_on_error=False,
                )

            def interrupted() -> None:
                if begun := instance.get_run_by_id(run_id):
                    instance.report_run_canceled(begun, INTERRUPTED)

            result = _until_interrupted(run, interrupted)
    if not result.success:
        for line in step_reasons(event for event in result.all_events if event.is_step_failure):
            console.print(line, markup=False, soft_wrap=True)
        console.print("The refresh failed; what was published before is unchanged.", style="red")
        console.print(f"The tools' own lines: {log}", soft_wrap=True)
        return 1
    print_summary(console, home, mapping)
    console.print(f"The tables are in {database_path(home)}", soft_wrap=True)
    return 0


def calibrate_window(mapping: Mapping, first: dt.date, last: dt.date) -> int:
    """Take the references of the current scoring version from [first, last] and write them to their file."""
    home = Home(data_folder())
    published = published_days(home)
    if first > last:
        raise RefusedError(f"--from {first} lies after --to {last}")
    if mapping.score_references is None:
        raise RefusedError(f"{mapping.path}: score_references names no file, so the references have no place")
    if not published:
        raise RefusedError(
            "nothing is published yet; make run takes the data in (and calibrates the first time by itself)"
        )
    if first < mapping.first_day or last > published[-1]:
        raise RefusedError(
            f"the window must lie within {mapping.first_day} to {published[-1]}, the days that are published"
        )
    console = new_console()
    console.print(f"{mapping.company}: references of {first} to {last}", style="bold")
    from dagster_dbt.errors import DagsterDbtError

    from dagster_project.resources import resources
    from dagster_project.scoring import NothingToCalibrateError, calibrate
    from dagster_project.sources.writer_lock import sole_writer

    made: dict[str, Any] = resources()
    log = home.logs / f"calibrate-{last}.log"

    def waiting() -> None:
        console.print("waiting for the refresh that is under way", style="yellow")

    with sole_writer(home, waiting):
        try:
            with _said_to(log):
                path = calibrate(made["dbt"], mapping, home, first, last)
        except NothingToCalibrateError as error:
            raise RefusedError(f"nothing was written: {error}") from error
        except DagsterDbtError as error:
            console.print(str(error).strip(), markup=False, soft_wrap=True)
            console.print(f"Nothing was written. The tools' own lines: {log}", style="red", soft_wrap=True)
            return 1
    console.print(f"References written to {path}; review them, then make run.", soft_wrap=True)
    return 0


def recompute(mapping: Mapping, day: dt.date) -> int:
    """Rebuild a published day from what was known then, and say whether it gives what was published."""
    console = new_console()
    home = Home(data_folder())
    console.print(f"{mapping.company}: {day} as it was known when it was published", style="bold")
    from dagster_dbt.errors import DagsterDbtError

    from dagster_project.recompute import recompute_day

    log = home.logs / f"recompute-{day}.log"
    try:
        with _said_to(log):
            compared = recompute_day(mapping, home, day)
    except DagsterDbtError as error:
        console.print(str(error).strip(), markup=False, soft_wrap=True)
        console.print(f"The models failed. The tools' own lines: {log}", style="red", soft_wrap=True)
        return 1
    console.print(compared.sentence, style="green" if compared.is_equal else "red")
    return 0 if compared.is_equal else 1
