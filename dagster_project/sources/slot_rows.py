"""The typed rows of a batch, counted by file and slot: what was received, what is good, what repeats itself.

Reads the temp tables `typed` (`typed_rows.py`), `landed` and `malformed` (`reading.py`) and `batch` (`batch.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.sources.ledger import ReceivedFile
from dagster_project.sources.mapping import Feed
from dagster_project.sources.text_files import ends_with_a_line
from dagster_project.sources.warehouse import quoted

BLOCKED_ABOVE_SHARE = 0.05
BLOCKED_FROM_ROWS = 20


@dataclass(frozen=True)
class SlotRows:
    """The rows of one file for one slot."""

    number: int  # of the file in its batch
    file: ReceivedFile
    slot: str
    content: str  # equal where the rows are the same, in any order
    rows: int
    rejected: int
    may_change: int  # with another content of the lookups
    duplicates: int
    malformed: int
    days: dict[str, int]
    ends_rows: str | None  # why the file, which takes the place of all before it, cannot say that any row has ended

    @property
    def received(self) -> int:
        """Rows of the file, those that could not be split into columns included."""
        return self.rows + self.malformed

    @property
    def all_rejected(self) -> int:
        """Rows that go to quarantine."""
        return self.rejected + self.malformed

    @property
    def is_blocked(self) -> bool:
        """Whether none of it is taken, because so much is wrong or because it would replace what is known by nothing."""
        is_much = self.all_rejected >= BLOCKED_FROM_ROWS and self.all_rejected > BLOCKED_ABOVE_SHARE * self.received
        return is_much or 0 < self.received == self.all_rejected or self.ends_rows is not None

    @property
    def good(self) -> int:
        """Rows that go to raw."""
        return 0 if self.is_blocked else self.rows - self.rejected - self.duplicates


def slot_of(feed: Feed, file: ReceivedFile) -> str | None:
    """The slot of a whole file; None where each row says it."""
    return file.known_on if feed.source.slot.where == "received" else file.slot


def count_rows(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: list[ReceivedFile], paths: list[Path]
) -> list[SlotRows]:
    """Every file and slot of the batch with its counts; a file without rows still speaks for its slot.

    `paths` has where each file was landed.
    Leaves the temp table `copies`: the rows that repeat another of their file.
    """
    counted = connection.execute(
        "select file_number, cast(_slot as varchar), count(*) || '-' || sum(_hash), count(*), count(_reason), "
        "count(*) filter (_may_change) from typed group by all order by all"
    ).fetchall()
    malformed = {
        number: (lines, content)
        for number, lines, content in connection.execute(
            "select file_number, count(*), count(*) || '-' || sum(hash(_text)) from malformed "
            "inner join batch using (_landed_path) group by file_number"
        ).fetchall()
    }
    duplicates = _duplicates(connection, feed)
    days = _event_days(connection, feed)
    ends_rows = _not_whole(connection, feed, paths, malformed) if feed.source.replaces_everything else {}
    found: list[SlotRows] = []
    for number, file in enumerate(files):
        own = [row for row in counted if row[0] == number]
        own = own or [(number, slot_of(feed, file) or file.known_on, "0-", 0, 0, 0)]
        for n, (_, slot, content, rows, rejected, may_change) in enumerate(own):
            lines, broken = malformed.get(number, (0, "")) if n == 0 else (0, "")
            found.append(
                SlotRows(
                    number, file, slot, f"{content}-{broken}" if lines else content, rows, rejected, may_change,
                    duplicates.get((number, slot), 0), lines, days.get((number, slot), {}),
                    ends_rows.get(number),
                )
            )  # fmt: skip
    return found


def _not_whole(
    connection: duckdb.DuckDBPyConnection, feed: Feed, paths: list[Path], malformed: Collection[int]
) -> dict[int, str]:
    """Files that cannot be the whole table, with why: no row at all, where a table always has some; a last line that
    is neither ended nor can be split. Rows that the condition of the feed leaves out count as rows."""
    last_rows = dict(
        connection.execute(
            "select file_number, max(_landed_row) - first_row + 1 from batch inner join landed using (_landed_path) "
            "group by file_number, first_row"
        ).fetchall()
    )
    filled = {*malformed, *last_rows}
    found = {n: "the file has no rows" for n in range(len(paths)) if feed.table.never_empty and n not in filled}
    for number, row in connection.execute(
        "select file_number, max(_row) from malformed inner join batch using (_landed_path) "
        "where regexp_matches(_text, '[^\\s\\x1A]') group by file_number"
    ).fetchall():
        if row > last_rows.get(number, 0) and not ends_with_a_line(paths[number]):
            found[number] = f"the file is cut off in line {row} (a footer needs its line end)"
    return found


def _duplicates(connection: duckdb.DuckDBPyConnection, feed: Feed) -> dict[tuple[int, str], int]:
    """Repeats of identical rows of a file that carry an id. Without an id each row is its own event, and rows of state
    tables are told apart by the models.
    """
    connection.execute("create or replace temp table copies (_landed_row bigint)")
    key = feed.table.key[0]
    if feed.table.kind != "append" or key not in feed.columns:
        return {}
    repeated = connection.execute(
        "select max(n) from (select count(*) - count(distinct _hash) as n from typed group by file_number)"
    ).fetchone()
    if not repeated or not repeated[0]:
        return {}
    connection.execute(
        "insert into copies select _landed_row from (select _landed_row, row_number() over (partition by file_number, "
        f"_slot, {quoted(key)}, _hash order by _row) as n from typed where _reason is null and {quoted(key)} is not "
        "null) where n > 1"
    )
    rows = connection.execute(
        "select file_number, cast(_slot as varchar), count(*) from typed "
        "semi join copies using (_landed_row) group by all"
    ).fetchall()
    return {(number, slot): count for number, slot, count in rows}


def _event_days(connection: duckdb.DuckDBPyConnection, feed: Feed) -> dict[tuple[int, str], dict[str, int]]:
    """Good rows by event day, of every file and slot."""
    if not feed.table.event_day:
        return {}
    day = quoted(feed.table.event_day)
    found: dict[tuple[int, str], dict[str, int]] = {}
    for number, slot, on, count in connection.execute(
        f"select file_number, cast(_slot as varchar), cast({day} as varchar), count(*) from typed "
        f"anti join copies using (_landed_row) where _reason is null and {day} is not null group by all order by all"
    ).fetchall():
        found.setdefault((number, slot), {})[on] = count
    return found
