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

from dagster_project.sources.discovery import ALL_TIME, FoundFile, discover
from dagster_project.sources.home import Home
from dagster_project.sources.ledger import Delivery, ReceivedFile
from dagster_project.sources.loading import connect, load_batch
from dagster_project.sources.lookups import fill_lookup
from dagster_project.sources.mapping import Feed, Mapping
from dagster_project.sources.reading import UnreadableFileError, shape_of
from dagster_project.sources.warehouse import literal, quoted

ROWS_SHOWN = 3
VALUE_WIDTH = 24


def _received(found: FoundFile, home: Home) -> ReceivedFile:
    target = home.landing / found.source / found.path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(found.path, target)
    known_on = found.known_on or found.slot or dt.date(1970, 1, 1)
    return ReceivedFile(
        0, found.source, found.name, "", 0, 0, found.slot.isoformat() if found.slot else None, known_on.isoformat(),
        found.revision, target.relative_to(home.landing).as_posix(), found.problem,
    )  # fmt: skip


def missing_slots(feed: Feed, slots: set[dt.date]) -> list[dt.date]:
    """Days between the first and the last slot that a daily feed has no file for."""
    dated = sorted(slots - {ALL_TIME})
    if feed.source.expected != "daily" or not dated:
        return []
    return [
        day for day in (dated[0] + dt.timedelta(days=n) for n in range((dated[-1] - dated[0]).days)) if day not in slots
    ]


def _print_slots(console: Console, feed: Feed, found: list[FoundFile]) -> None:
    slots = {f.slot for f in found if f.slot}
    dated = sorted(slots - {ALL_TIME})
    span = f", slots {dated[0]} to {dated[-1]}" if dated else ", for all time" if slots else ", slots by row"
    console.print(f"  {len(found)} file(s) by {feed.source.path}{span}")
    missing = missing_slots(feed, slots)
    if missing:
        shown = ", ".join(day.isoformat() for day in missing[:8])
        console.print(
            f"  [yellow]missing slots: {len(missing)}[/yellow] ({shown}{', ...' if len(missing) > 8 else ''})"
        )
    for file in found:
        if file.problem:
            console.print(f"  [red]{file.problem}[/red]", soft_wrap=True)


def _print_rejects(console: Console, home: Home, deliveries: list[Delivery]) -> None:
    files = [str(home.quarantine / d.quarantine_path) for d in deliveries if d.quarantine_path]
    if not files:
        return
    rows = duckdb.execute(
        "select regexp_replace(_reason, '''.*''', '...') as reason, count(*) as n, min(_row) as row, "
        f"min_by(_reason, _row) as example from read_parquet([{', '.join(literal(f) for f in files)}]) "
        "group by reason order by n desc, reason limit 10"
    ).fetchall()
    for _, count, row, example in rows:
        console.print(f"  [yellow]{count} rejected[/yellow], first row {row}: {example}", soft_wrap=True)


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
        table.add_row(column, *("" if row[n] is None else str(row[n]) for row in rows))
    console.print(table)


def _preview_feed(console: Console, feed: Feed, mapping: Mapping, home: Home) -> bool:
    console.print(f"[bold]{feed.table.name}[/bold] <- {feed.name} ({feed.source.delivery}, {feed.source.expected})")
    found = discover(feed.source, mapping.exports)
    if not found:
        console.print(f"  [red]no file by {mapping.exports / feed.source.path}[/red]", soft_wrap=True)
        return False
    _print_slots(console, feed, found)
    newest = max(found, key=lambda f: (f.slot or dt.date.min, f.known_on or dt.date.min, f.name))
    connection = connect(home)
    try:
        lookup_hash = None
        for number, lookup in enumerate(feed.lookups):
            source = mapping.sources[lookup.source]
            others = [_received(f, home) for f in discover(source, mapping.exports)][-1:]
            paths = [home.landing / f.landed for f in others]
            lookup_hash = fill_lookup(connection, f"lookup_{number}", lookup, source, paths, home.temporary)
        file = _received(newest, home)
        if file.problem:
            raise UnreadableFileError(file.problem)
        shape = shape_of(connection, feed.source, home.landing / file.landed)
        deliveries = load_batch(connection, feed, [file], shape, mapping.timezone, home, {}, lookup_hash)
    except UnreadableFileError as error:
        console.print(f"  [red]{error}[/red]", soft_wrap=True)
        return False
    finally:
        connection.close()
    received, good = sum(d.received for d in deliveries), sum(d.loaded for d in deliveries)
    console.print(f"  {newest.name}: {received} rows, {good} good", soft_wrap=True)
    for message in sorted({d.message for d in deliveries if d.message}):
        console.print(f"  {message}", soft_wrap=True)
    _print_rejects(console, home, deliveries)
    _print_rows(console, feed, home, deliveries)
    return all(d.status in ("loaded", "redelivered") for d in deliveries)


def preview(mapping: Mapping) -> int:
    """Print what each feed's newest file becomes; 0 when every one of them would be loaded, else 1."""
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="check-sources-") as folder:
        good = [_preview_feed(console, feed, mapping, Home(Path(folder))) for feed in mapping.feeds]
    connected = {feed.table.name for feed in mapping.feeds}
    console.print(f"{sum(good)} of {len(good)} feeds would load, {len(connected)} contract tables connected")
    return 0 if all(good) else 1
