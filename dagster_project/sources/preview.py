"""`make check-sources`: what the mapping makes of the newest file of each feed, before anything is loaded.

It reads copies in a temporary folder with the code that loads (`loading.py`); the data folder is not touched.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from dagster_project.freshness import last_ended_day
from dagster_project.sources.batch import connect, load_batch
from dagster_project.sources.contract import contract
from dagster_project.sources.discovery import ALL_TIME, FoundFile, discover
from dagster_project.sources.home import Home
from dagster_project.sources.landing import LEAVES_EXPORTS, landed_name
from dagster_project.sources.ledger import Delivery, ReceivedFile
from dagster_project.sources.lookups import fill_lookups
from dagster_project.sources.mapping import Feed, Mapping, Source
from dagster_project.sources.precedence import ACCEPTED
from dagster_project.sources.reading import Shape, shape_of
from dagster_project.sources.run_state import event_catalogue, score_references
from dagster_project.sources.slot_rows import BLOCKED_ABOVE_SHARE
from dagster_project.sources.text_files import UnreadableFileError
from dagster_project.sources.warehouse import literal, quoted
from dagster_project.sources.wording import counted
from dagster_project.terminal import new_console

ROWS_SHOWN = 3
FILES_SHOWN = 3
VALUE_WIDTH = 24
RATES = "finance.fx_rates"


def _received(found: FoundFile, home: Home, received_on: dt.date) -> ReceivedFile:
    """A file as the refresh of a day would land it; one that leads out of the exports folder is not opened."""
    placement = found.placement
    landed = f"{found.source}/{landed_name('', found.name)}"
    if not found.leaves_exports:
        (home.landing / landed).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found.path, home.landing / landed)
    known_on = placement.known_on or received_on
    return ReceivedFile(
        sequence=0, source=found.source, name=found.name, sha256="", bytes=0, mtime_ns=0,
        slot=placement.slot.isoformat() if placement.slot else None, known_on=known_on.isoformat(),
        revision=placement.revision, landed=landed, problem=_problem(found),
    )  # fmt: skip


def _problem(found: FoundFile) -> str | None:
    return LEAVES_EXPORTS if found.leaves_exports else found.placement.problem


def _newest(found: list[FoundFile]) -> FoundFile:
    """The file whose rows would count last."""
    return max(
        found,
        key=lambda f: (
            f.placement.slot or dt.date.min, f.placement.revision, f.placement.known_on or dt.date.min, f.name,
        ),
    )  # fmt: skip


def _say(console: Console, text: str, style: str | None = None) -> None:
    """Print one line as it is: what comes from files is no markup."""
    console.print(f"  {text}", style=style, markup=False, soft_wrap=True)


def missing_slots(feed: Feed, slots: set[dt.date]) -> list[dt.date]:
    """Days between the first and the last slot that a daily feed has no file for."""
    dated = sorted(slots - {ALL_TIME})
    if feed.source.expected != "daily" or not dated:
        return []
    return [
        day for day in (dated[0] + dt.timedelta(days=n) for n in range((dated[-1] - dated[0]).days)) if day not in slots
    ]


def _print_slots(console: Console, feed: Feed, found: list[FoundFile]) -> None:
    slots = {f.placement.slot for f in found if f.placement.slot}
    dated = sorted(slots - {ALL_TIME})
    in_names = f"slots {dated[0]} to {dated[-1]}" if dated else "for all time"
    elsewhere = "slots by row" if feed.source.slot.where == "column" else "slots by day of receipt"
    _say(console, f"{counted(len(found), 'file')} by {feed.source.path}, {in_names if slots else elsewhere}")
    missing = missing_slots(feed, slots)
    if missing:
        shown = ", ".join(day.isoformat() for day in missing[:8])
        _say(console, f"missing slots: {len(missing)} ({shown}{', ...' if len(missing) > 8 else ''})", "yellow")
    problems = [problem for file in found if (problem := _problem(file))]
    for problem in problems[:FILES_SHOWN]:
        _say(console, problem, "red")
    if len(problems) > FILES_SHOWN:
        _say(console, f"and {len(problems) - FILES_SHOWN:,} more", "red")


def _print_rejects(console: Console, home: Home, deliveries: list[Delivery], shape: Shape) -> None:
    files = [str(home.quarantine / d.quarantine_path) for d in deliveries if d.quarantine_path]
    if not files:
        return
    rows = duckdb.execute(
        "select regexp_replace(_reason, '''.*''', '...', 's') as reason, count(*) as n, min(_row) as row, "
        f"min_by(_reason, _row) as example from read_parquet([{', '.join(literal(f) for f in files)}]) "
        "group by reason order by n desc, reason limit 10"
    ).fetchall()
    place = "line" if shape.has_lines else "record"
    for _, count, row, example in rows:
        _say(console, f"{count:,} rejected, first {place} {row}: {example}", "yellow")


def _print_rows(console: Console, feed: Feed, home: Home, deliveries: list[Delivery]) -> None:
    files = [str(home.raw / d.raw_path) for d in deliveries if d.raw_path]
    if not files:
        return
    columns = [name for name in feed.table.columns if name in feed.columns]
    cursor = duckdb.execute(
        f"select {', '.join(quoted(c) for c in columns)} from read_parquet([{', '.join(literal(f) for f in files)}]) "
        f"order by _row limit {ROWS_SHOWN}"
    )
    table = Table(show_header=True, box=None, padding=(0, 1))
    table.add_column("column", style="bold")
    rows = cursor.fetchall()
    for n, _ in enumerate(rows, 1):
        table.add_column(f"row {n}", overflow="ellipsis", no_wrap=True, max_width=VALUE_WIDTH)
    for n, column in enumerate(columns):
        unit = " (UTC)" if feed.table.columns[column].type == "instant" else ""
        table.add_row(column + unit, *("" if row[n] is None else str(row[n]) for row in rows))
    console.print(table)


def _currencies(home: Home, tables: list[str]) -> set[str]:
    """The currencies of the good rows of some tables, in what was looked into."""
    files = [literal(str(file)) for table in tables for file in (home.raw / table.replace(".", "/")).rglob("*.parquet")]
    if not files:
        return set()
    rows = duckdb.execute(f"select distinct currency from read_parquet([{', '.join(files)}], union_by_name = true)")
    return {currency for (currency,) in rows.fetchall() if currency}


def _print_currencies(console: Console, mapping: Mapping, home: Home) -> None:
    """Money without a rate stops the run that would publish it: better known before."""
    priced = [name for name, table in contract().items() if "currency" in table.columns and name != RATES]
    unrated = _currencies(home, priced) - _currencies(home, [RATES]) - {mapping.reporting_currency}
    if unrated:
        named = ", ".join(sorted(unrated))
        console.print(
            f"no rate for {named} in the newest file of {RATES}: a run stops where money has none", style="red"
        )


def _preview_feed(console: Console, feed: Feed, mapping: Mapping, home: Home) -> bool:
    console.print(
        f"[bold]{feed.table.name}[/bold] <- {feed.name} ({feed.source.delivery}, {feed.source.expected})",
        soft_wrap=True,
    )
    found = discover(feed.source, mapping.exports)
    received_on = last_ended_day(mapping, dt.datetime.now(dt.UTC))
    if not found:
        _say(console, f"no file by {mapping.exports / feed.source.path}", "red")
        return False
    _print_slots(console, feed, found)
    newest = _newest(found)

    def looked_into(source: Source) -> list[ReceivedFile]:
        others = discover(source, mapping.exports)
        shown = [_newest(others)] if source.delivery == "snapshot" and others else others
        return [_received(f, home, received_on) for f in shown]

    connection = connect(home)
    try:
        lookups = fill_lookups(connection, feed, mapping, home, looked_into)
        file = _received(newest, home, received_on)
        if file.problem:
            raise UnreadableFileError(file.problem)
        shape = shape_of(connection, feed.source, home.landing / file.landed)
        deliveries = load_batch(connection, feed, [file], shape, mapping.timezone, home, {}, lookups)
        in_file = connection.table("landed").count("*").fetchall()[0][0]
    except UnreadableFileError as error:
        _say(console, f"{newest.name}: {error}", "red")
        return False
    finally:
        connection.close()
    received, good = sum(d.received for d in deliveries), sum(d.loaded for d in deliveries)
    _say(console, f"{newest.name}: {counted(received, 'row')}, {good:,} good")
    if in_file and not received:
        _say(console, f"the condition (where) leaves out all {counted(in_file, 'row')}", "yellow")
    is_loaded = all(d.status in ACCEPTED for d in deliveries)
    if is_loaded and received - good > BLOCKED_ABOVE_SHARE * received:
        _say(console, f"{(received - good) / received:.0%} of it would be left out", "yellow")
    messages = sorted({d.message for d in deliveries if d.message})
    for message in messages[:FILES_SHOWN]:
        _say(console, message)
    if len(messages) > FILES_SHOWN:
        _say(console, f"and {len(messages) - FILES_SHOWN:,} more like it")
    _print_rejects(console, home, deliveries, shape)
    _print_rows(console, feed, home, deliveries)
    return is_loaded


def preview(mapping: Mapping) -> int:
    """Print what each feed's newest file becomes; 0 when every one of them would be loaded, else 1.

    Raises MappingError where a file of the company that `sources.yml` names cannot be used.
    """
    event_catalogue(mapping)
    score_references(mapping)
    console = new_console()
    with tempfile.TemporaryDirectory(prefix="check-sources-") as folder:
        home = Home(Path(folder))
        bad = [feed for feed in mapping.feeds if not _preview_feed(console, feed, mapping, home)]
        _print_currencies(console, mapping, home)
    feeds = counted(len(mapping.feeds), "feed")
    if bad:
        named = ", ".join(f"{feed.table.name} <- {feed.name}" for feed in bad)
        console.print(f"{len(bad)} of {feeds} would not load: {named}", markup=False, soft_wrap=True)
        return 1
    connected = {feed.table.name for feed in mapping.feeds}
    console.print(f"{len(mapping.feeds)} of {feeds} would load, {counted(len(connected), 'contract table')} connected")
    missing = [table.name for table in contract().values() if table.required and table.name not in connected]
    if missing:
        console.print(
            f"required and not connected: {', '.join(missing)}; what rests on it stays unknown", soft_wrap=True
        )
    return 0
