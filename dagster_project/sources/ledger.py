"""The ledger: every file ever received and every delivery (feed, file, slot) made of it, in SQLite.

The ledger is the truth about what is known and since when; a delivery exists once its row is committed here.
Which of them are in force is decided in `precedence.py`; reading and casting files in `loading.py`.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

from dagster_project.sources.mapping import Feed

SCHEMA = """
create table if not exists company (name text not null);
create table if not exists files (
    sequence integer primary key autoincrement,
    source text not null,
    name text not null,
    sha256 text not null,
    bytes integer not null,
    mtime_ns integer not null,
    slot text,
    known_on text not null,
    revision integer not null,
    landed text not null,
    problem text
);
create index if not exists files_by_name on files (source, name);
create table if not exists deliveries (
    delivery_id text not null,
    file_sequence integer not null,
    table_name text not null,
    feed text not null,
    fingerprint text not null,
    slot text not null,
    known_on text not null,
    revision text not null,
    file_name text not null,
    content text not null,
    status text not null,
    message text,
    received integer not null,
    loaded integer not null,
    unchanged integer not null,
    quarantined integer not null,
    duplicates integer not null,
    blocked integer not null,
    raw_path text,
    quarantine_path text,
    event_days text not null,
    lookup_hash text,
    lookup_misses integer not null,
    primary key (file_sequence, table_name, feed, fingerprint, slot)
);
"""


@dataclass(frozen=True)
class ReceivedFile:
    """One file as received; `landed` is its copy below the landing folder."""

    sequence: int
    source: str
    name: str
    sha256: str
    bytes: int
    mtime_ns: int
    slot: str | None
    known_on: str
    revision: int
    landed: str
    problem: str | None

    @property
    def order(self) -> str:
        """Sorts the revisions of a slot: the declared revision, then the day received, then the name."""
        return f"{self.revision:08d}|{self.known_on}|{self.name}"


@dataclass(frozen=True)
class Delivery:
    """What one file delivered to one table for one slot, with the row arithmetic.

    received = loaded + unchanged + quarantined + duplicates + blocked.
    """

    delivery_id: str
    file_sequence: int
    table_name: str
    feed: str
    fingerprint: str
    slot: str
    known_on: str
    revision: str
    file_name: str
    content: str
    status: str
    message: str | None
    received: int
    loaded: int
    unchanged: int
    quarantined: int
    duplicates: int
    blocked: int
    raw_path: str | None
    quarantine_path: str | None
    event_days: str
    lookup_hash: str | None
    lookup_misses: int

    @property
    def days(self) -> dict[str, int]:
        """Event day to number of rows; empty for tables without an event time."""
        return dict(json.loads(self.event_days))


class Ledger:
    """The ledger file; one process writes it at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = full")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside become visible at once, or none does."""
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def owner(self) -> str | None:
        """The company whose files have been received."""
        row = self._connection.execute("select name from company where exists (select 1 from files)").fetchone()
        return str(row[0]) if row else None

    def claim(self, company: str) -> str:
        """The company whose files these are; until a file is received it is the given one."""
        with self.transaction():
            self._connection.execute("delete from company where not exists (select 1 from files)")
            self._connection.execute("insert into company select ? where not exists (select 1 from company)", [company])
        return str(self._connection.execute("select name from company").fetchone()[0])

    def record_file(self, file: ReceivedFile) -> int:
        """Record a received file; returns its sequence number."""
        names = [f.name for f in fields(ReceivedFile) if f.name != "sequence"]
        cursor = self._connection.execute(
            f"insert into files ({', '.join(names)}) values ({', '.join('?' for _ in names)})",
            [getattr(file, name) for name in names],
        )
        return int(cursor.lastrowid or 0)

    def place_file(self, file: ReceivedFile) -> None:
        """Remember what a file's name says by the rules as they are now."""
        self._connection.execute(
            "update files set slot = ?, known_on = ?, revision = ?, problem = ? where sequence = ?",
            [file.slot, file.known_on, file.revision, file.problem, file.sequence],
        )

    def touch_file(self, sequence: int, mtime_ns: int) -> None:
        """Remember a file's new modification time, so that unchanged content is not hashed again."""
        self._connection.execute("update files set mtime_ns = ? where sequence = ?", [mtime_ns, sequence])

    def record_deliveries(self, deliveries: Iterable[Delivery]) -> None:
        """Record deliveries; a repeated load of the same file and mapping replaces its own record."""
        names = [f.name for f in fields(Delivery)]
        statement = f"insert or replace into deliveries ({', '.join(names)}) values ({', '.join('?' for _ in names)})"
        self._connection.executemany(statement, [[getattr(d, name) for name in names] for d in deliveries])

    def files(self, source: str) -> list[ReceivedFile]:
        """Every received file of a source, in the order received."""
        names = ", ".join(f.name for f in fields(ReceivedFile))
        rows = self._connection.execute(f"select {names} from files where source = ? order by sequence", [source])
        return [ReceivedFile(*row) for row in rows]

    def last_sequence(self) -> int:
        """Sequence number of the file received last; 0 before the first."""
        row = self._connection.execute("select coalesce(max(sequence), 0) from files").fetchone()
        return int(row[0])

    def loaded_files(self) -> set[int]:
        """Sequence numbers of the files that were loaded into any table, under whatever mapping."""
        return {row[0] for row in self._connection.execute("select distinct file_sequence from deliveries")}

    def all_files(self) -> list[ReceivedFile]:
        """Every received file of every source, in the order received."""
        names = ", ".join(f.name for f in fields(ReceivedFile))
        return [ReceivedFile(*row) for row in self._connection.execute(f"select {names} from files order by sequence")]

    def deliveries(self, feeds: Iterable[Feed], as_of: dt.date) -> list[Delivery]:
        """Deliveries of the feeds as mapped now, known on or before `as_of`, in the order received."""
        names = ", ".join(f.name for f in fields(Delivery))
        found: list[Delivery] = []
        for feed in feeds:
            rows = self._connection.execute(
                f"select {names} from deliveries where table_name = ? and feed = ? and fingerprint = ? "
                "and known_on <= ? order by file_sequence, slot",
                [feed.table.name, feed.name, feed.fingerprint, as_of.isoformat()],
            )
            found.extend(Delivery(*row) for row in rows)
        return found
