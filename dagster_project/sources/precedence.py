"""Which deliveries are in force: the later slot, then the later revision of a slot, never the time of loading.

A pure function of the set of deliveries. What a delivery is, and since when it is known, is in `ledger.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dagster_project.sources.discovery import place
from dagster_project.sources.ledger import Delivery
from dagster_project.sources.mapping import Feed

ACCEPTED = ("loaded", "redelivered")
REFUSED = ("blocked", "unreadable")
NEVER = ("", 0)


def by_precedence(delivery: Delivery) -> tuple[str, str, int]:
    """Sorts deliveries from the one that gives way to the one that prevails.

    Only contents that one path held one after the other have the same slot and revision: there the last one counts.
    """
    return delivery.slot, delivery.revision, delivery.file_sequence


def by_receipt(delivery: Delivery) -> tuple[str, str, int]:
    """Sorts deliveries by when they were known: whatever is known on a day, the first of them is the same."""
    return delivery.known_on, delivery.revision, delivery.file_sequence


def in_force(feed: Feed, deliveries: Iterable[Delivery]) -> list[Delivery]:
    """The feed's deliveries whose rows count: every distinct content of a slot where rows add up (append), else the
    last revision of each slot; of snapshots of an append table only the last slot, for each shows all its rows.

    A blocked or unreadable delivery leaves its slot as it was. Rows delivered more than once are those of the delivery
    that was known first, so that a re-delivery changes nothing.
    """
    candidates = sorted(
        (d for d in deliveries if d.table_name == feed.table.name and d.feed == feed.name and d.status in ACCEPTED),
        key=by_precedence,
    )
    first = {(d.slot, d.content): d for d in sorted(candidates, key=by_receipt, reverse=True)}
    adds_up = feed.source.delivery == "append"
    chosen = {(d.slot, d.content if adds_up else ""): d for d in candidates}
    if feed.source.delivery == "snapshot" and feed.table.kind == "append" and chosen:
        last = max(chosen)
        chosen = {last: chosen[last]}
    return [replace(d, raw_path=first[(d.slot, d.content)].raw_path) for d in chosen.values()]


def open_refusals(feed: Feed, deliveries: Iterable[Delivery]) -> list[Delivery]:
    """The feed's refused deliveries that no later one has mended: none of the same file, nor, but where rows add up, of
    the same slot. A file that was not read and whose name says no slot is mended by its own name only.
    """
    own = sorted((d for d in deliveries if d.table_name == feed.table.name and d.feed == feed.name), key=_by_revision)
    mended: dict[str, tuple[str, int]] = {}
    for delivery in own:
        if delivery.status not in REFUSED:
            mended[delivery.file_name] = _by_revision(delivery)
            if feed.source.delivery != "append":
                mended[delivery.slot] = _by_revision(delivery)
    return [
        d
        for d in own
        if d.status in REFUSED
        and all(mended.get(told, NEVER) <= _by_revision(d) for told in (d.file_name, _told_slot(feed, d)))
    ]


def _by_revision(delivery: Delivery) -> tuple[str, int]:
    return delivery.revision, delivery.file_sequence


def _told_slot(feed: Feed, delivery: Delivery) -> str:
    """The slot of a delivery, empty where it is only the day on which an unreadable file came."""
    is_told = (
        delivery.status == "blocked"
        or feed.source.slot.where in ("whole", "received")
        or place(feed.source, delivery.file_name).slot is not None
    )
    return delivery.slot if is_told else ""
