"""The refresh from the terminal: the shipped job, in this process, with progress and a summary."""

from __future__ import annotations

import contextlib
import datetime as dt

import dagster as dg
import duckdb
from rich.console import Console
from rich.table import Table

from dagster_project.freshness import expected_day
from dagster_project.publication import database_path
from dagster_project.resources import data_folder
from dagster_project.sources.home import Home
from dagster_project.sources.mapping import Mapping


def refresh_range(mapping: Mapping, first: dt.date | None, as_of: dt.date | None) -> int:
    """Run the job as of a day, or over a range in one pass, and print what was published."""
    console = Console()
    last = as_of or expected_day(mapping, dt.datetime.now(dt.UTC))
    start = first or mapping.first_day
    if last < mapping.first_day:
        console.print(f"[red]{last} lies before the first day {mapping.first_day} of {mapping.path}[/red]")
        return 2
    console.print(f"[bold]{mapping.company}[/bold]: {start} to {last}, {(last - start).days + 1} days in one pass")
    from dagster_project.definitions import defs
    from dagster_project.partitions import range_tags

    home = Home(data_folder())
    log = home.logs / f"refresh-{last}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # dbt's own lines go to a file; the terminal shows the progress lines
    with dg.DagsterInstance.get() as instance, log.open("a") as stream, contextlib.redirect_stdout(stream):
        result = defs.get_job_def("refresh").execute_in_process(
            instance=instance,
            tags=range_tags(start, last),
            run_config={"loggers": {"progress": {}}},
            raise_on_error=False,
        )
    if not result.success:
        console.print(f"[red]The refresh failed; what was published before is unchanged. dbt's lines: {log}[/red]")
        for event in result.all_events:
            if event.is_step_failure:
                error = event.step_failure_data.error
                cause = error.cause if error and error.cause else error
                console.print(f"  {event.step_key}: {cause.message.strip() if cause else ''}", markup=False)
        return 1
    _summary(console, home)
    console.print(f"The tables are in [bold]{database_path(home)}[/bold]", soft_wrap=True)
    return 0


def _summary(console: Console, home: Home) -> None:
    with duckdb.connect(str(database_path(home)), read_only=True) as connection:
        row = connection.execute("select max(as_of_on) from marts.account_segments").fetchone()
        table = Table(title=f"Accounts as of {row[0] if row else '?'}")
        cursor = connection.execute(
            """
            with today as (select * from marts.account_segments),
            moved as (
                select account_id, string_agg(distinct movement, ', ' order by movement) as movement
                from marts.mrr_movements where as_of_on > (select max(as_of_on) - 28 from today) group by account_id
            )
            select
                case when health_bp is null then coalesce(health_status, 'unknown')
                    when health_bp >= 6667 then 'green' when health_bp >= 3333 then 'amber' else 'red' end as health,
                coalesce(moved.movement, 'none') as "movement in 28 days",
                count(*) as accounts,
                round(sum(mrr) / 100.0, 2) as mrr
            from today left join moved using (account_id)
            where not today.is_internal
            group by 1, 2 order by 1, 2
            """
        )
        for column in cursor.description or []:
            table.add_column(column[0], justify="right" if column[0] in ("accounts", "mrr") else "left")
        for values in cursor.fetchall():
            table.add_row(*(f"{v:,}" if isinstance(v, int | float) else str(v) for v in values))
    console.print(table)


def calibrate_window(first: dt.date, last: dt.date) -> int:
    """Take the references of the current scoring version from [first, last] and write them to their file."""
    from dagster_project.definitions import defs
    from dagster_project.resources import resources
    from dagster_project.scoring import calibrate

    del defs
    made = resources()
    mapping = made["sources"].mapping()  # type: ignore[attr-defined]
    path = calibrate(made["dbt"], mapping, made["warehouse"].home, first, last)  # type: ignore[arg-type,attr-defined]
    Console().print(f"References of {first} to {last} written to {path}; review them, then make run.", soft_wrap=True)
    return 0
