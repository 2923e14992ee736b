"""Loading: everything that is due by a day and not yet in the ledger, feed by feed, batch by batch.

Landing files is in `landing.py`, what becomes of one batch in `batch.py`, what is in force in `precedence.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace

import duckdb

from dagster_project.sources.batch import connect, load_batch, unreadable
from dagster_project.sources.home import Home
from dagster_project.sources.landing import land_new_files
from dagster_project.sources.ledger import Delivery, Ledger, ReceivedFile
from dagster_project.sources.lookups import NO_LOOKUPS, LookupContent, changed_by_lookups, fill_lookups
from dagster_project.sources.mapping import Feed, Mapping, MappingError, Source
from dagster_project.sources.precedence import ACCEPTED, by_receipt, in_force
from dagster_project.sources.reading import Shape, shape_of
from dagster_project.sources.text_files import UnreadableFileError, unpacked_size

BATCH_FILES = 60
BATCH_BYTES = 256 << 20

Report = Callable[[Delivery], None]


def _ignore(delivery: Delivery) -> None:
    """Report to nobody."""


def take_in(mapping: Mapping, home: Home, as_of: dt.date, report: Report = _ignore) -> list[Delivery]:
    """Land and load everything that is due by `as_of` and not yet in the ledger; returns the new deliveries."""
    ledger = Ledger(home.ledger)
    try:
        _refuse_another(mapping, home, ledger.claim(mapping.company))
        land_new_files(mapping, home, ledger, as_of)
    finally:
        ledger.close()
    return load_received(mapping, home, as_of, report)


def loaded_files(home: Home) -> set[int]:
    """The files that some run has loaded; where it loads one of them again, its mapping or a lookup has changed."""
    ledger = Ledger(home.ledger)
    try:
        return ledger.loaded_files()
    finally:
        ledger.close()


def nothing_has_arrived(mapping: Mapping, home: Home, as_of: dt.date) -> bool:
    """Whether no file of the company is known on the day: there is nothing to make tables of."""
    ledger = Ledger(home.ledger)
    try:
        return not ledger.deliveries(mapping.feeds, as_of)
    finally:
        ledger.close()


def refuse_another_company(mapping: Mapping, home: Home) -> None:
    """Look whether the data folder is another company's, before anything begins; raises MappingError."""
    if not home.ledger.exists():
        return
    ledger = Ledger(home.ledger)
    try:
        _refuse_another(mapping, home, ledger.owner() or mapping.company)
    finally:
        ledger.close()


def _refuse_another(mapping: Mapping, home: Home, owner: str) -> None:
    """What one company published is not continued by another; raises MappingError."""
    if owner != mapping.company:
        problem = (
            f"company is {mapping.company!r}, and {home.path} holds what was received from {owner!r}: "
            f"if it is the same one, say company: {owner}; if not, use another data folder (--data), or remove this one"
        )
        raise MappingError(mapping.path, [problem])


def load_received(mapping: Mapping, home: Home, as_of: dt.date, report: Report = _ignore) -> list[Delivery]:
    """Load every landed file known by `as_of` that the ledger has no delivery of; returns the new deliveries."""
    ledger = Ledger(home.ledger)
    connection = connect(home)
    try:
        made: list[Delivery] = []
        for feed in mapping.feeds:
            for delivery in _load_feed(connection, feed, mapping, home, ledger, as_of):
                report(delivery)
                made.append(delivery)
        return made
    finally:
        connection.close()
        ledger.close()


def _load_feed(
    connection: duckdb.DuckDBPyConnection, feed: Feed, mapping: Mapping, home: Home, ledger: Ledger, as_of: dt.date
) -> Iterator[Delivery]:
    def known_files(source: Source) -> list[ReceivedFile]:
        return [f for f in ledger.files(source.name) if f.known_on <= as_of.isoformat()]

    known = _BySlot(feed, ledger.deliveries([feed], as_of))
    lookups = fill_lookups(connection, feed, mapping, home, known_files)
    known = known.without(_changed(connection, feed, home, ledger, lookups, known))
    files = sorted((f for f in known_files(feed.source) if f.sequence not in known.sequences), key=_by_receipt)
    for batch, shape in _batches(connection, feed, files, home):
        made = _load_or_refuse(connection, feed, batch, shape, mapping.timezone, home, known, lookups)
        labelled = [known.add(delivery) for delivery in made]
        with ledger.transaction():
            ledger.record_deliveries(labelled)
        yield from labelled


def _by_receipt(file: ReceivedFile) -> tuple[str, str, int]:
    return file.known_on, file.order, file.sequence


class _BySlot:
    """A feed's deliveries by slot, to tell what a new one changes."""

    def __init__(self, feed: Feed, deliveries: list[Delivery]) -> None:
        self._feed = feed
        self._slots: dict[str, list[Delivery]] = {}
        self.sequences: set[int] = set()
        self.first: dict[tuple[str, str], Delivery] = {}
        for delivery in deliveries:
            self._put(delivery)

    def _put(self, delivery: Delivery) -> None:
        self._slots.setdefault(delivery.slot, []).append(delivery)
        self.sequences.add(delivery.file_sequence)
        key = (delivery.slot, delivery.content)
        if delivery.status in ACCEPTED:
            self.first[key] = min(self.first.get(key, delivery), delivery, key=by_receipt)

    @property
    def all(self) -> list[Delivery]:
        """Every delivery."""
        return [delivery for deliveries in self._slots.values() for delivery in deliveries]

    def without(self, sequences: set[int]) -> _BySlot:
        """The deliveries but those of files that are to be loaded again."""
        return _BySlot(self._feed, [d for d in self.all if d.file_sequence not in sequences])

    def add(self, delivery: Delivery) -> Delivery:
        """Add a delivery; what its slot already holds is a re-delivery, and its rows are unchanged."""
        held = {d.content for d in in_force(self._feed, self._slots.get(delivery.slot, []))}
        if delivery.status == "loaded" and delivery.content in held:
            delivery = replace(delivery, status="redelivered", loaded=0, unchanged=delivery.loaded)
        self._put(delivery)
        return delivery


def _changed(
    connection: duckdb.DuckDBPyConnection, feed: Feed, home: Home, ledger: Ledger, lookups: LookupContent,
    known: _BySlot,
) -> set[int]:  # fmt: skip
    """Files to be loaded again because the lookups changed; the others are as if made with the lookups as they are."""
    if lookups.hash is None:
        return set()
    changed = {d.file_sequence for d in changed_by_lookups(connection, feed, home, lookups.hash, known.all)}
    same = [d for d in known.all if d.file_sequence not in changed and d.lookup_hash not in (None, lookups.hash)]
    with ledger.transaction():
        ledger.record_deliveries(replace(d, lookup_hash=lookups.hash) for d in same)
    return changed


def _batches(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: list[ReceivedFile], home: Home
) -> Iterator[tuple[list[ReceivedFile], Shape | UnreadableFileError]]:
    """Consecutive files of one shape together, up to a size; a file that cannot be opened alone with its error."""
    batch: list[ReceivedFile] = []
    shape: Shape | None = None
    size = 0
    for file in files:
        path = home.landing / file.landed
        its_shape: Shape | UnreadableFileError
        try:
            if file.problem:
                raise UnreadableFileError(file.problem)
            its_shape = shape_of(connection, feed.source, path)
        except UnreadableFileError as error:
            its_shape = error
        is_full = len(batch) >= BATCH_FILES or size >= BATCH_BYTES
        if batch and shape and (its_shape != shape or is_full):
            yield batch, shape
            batch, size = [], 0
        if isinstance(its_shape, UnreadableFileError):
            yield [file], its_shape
            continue
        batch, shape, size = [*batch, file], its_shape, size + unpacked_size(path)
    if batch and shape:
        yield batch, shape


def _load_or_refuse(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    files: list[ReceivedFile],
    shape: Shape | UnreadableFileError,
    timezone: str,
    home: Home,
    known: _BySlot,
    lookups: LookupContent = NO_LOOKUPS,
) -> list[Delivery]:
    """Load files together; when together they cannot be read, one by one, so that only the bad one is refused."""
    if isinstance(shape, UnreadableFileError):
        return [unreadable(feed, files[0], str(shape))]
    try:
        return load_batch(connection, feed, files, shape, timezone, home, known.first, lookups)
    except UnreadableFileError as error:
        if len(files) == 1:
            return [unreadable(feed, files[0], str(error))]
    made: list[Delivery] = []
    for file in files:
        made += _load_or_refuse(connection, feed, [file], shape, timezone, home, known, lookups)
    return made
