"""Which deliveries are in force: the later slot, then the later revision of a slot, never the time of loading.

A pure function of the set of deliveries. What a delivery is, and since when it is known, is in `ledger.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dagster_project.sources.ledger import Delivery
from dagster_project.sources.mapping import Feed

ACCEPTED = ("loaded", "redelivered")


def by_precedence(delivery: Delivery) -> tuple[str, str, int]:
    """Sorts deliveries from the one that gives way to the one that prevails.

    Only contents that one path held one after the other have the same slot and revision: there the last one counts.
    """
    return delivery.slot, delivery.revision, delivery.file_sequence


def in_force(feed: Feed, deliveries: Iterable[Delivery]) -> list[Delivery]:
    """The feed's deliveries whose rows count: every distinct content of a slot where rows add up (append), else the
    last revision of each slot; of snapshots of an append table only the last slot, for each shows all its rows.

    A blocked or unreadable delivery leaves its slot as it was. Rows delivered more than once are those of the first
    delivery that brought them, so that a re-delivery changes nothing.
    """
    candidates = sorted(
        (d for d in deliveries if d.table_name == feed.table.name and d.feed == feed.name and d.status in ACCEPTED),
        key=by_precedence,
    )
    first: dict[tuple[str, str], Delivery] = {}
    chosen: dict[tuple[str, str], Delivery] = {}
    adds_up = feed.source.delivery == "append"
    for delivery in candidates:
        first.setdefault((delivery.slot, delivery.content), delivery)
        chosen[(delivery.slot, delivery.content if adds_up else "")] = delivery
    if feed.source.delivery == "snapshot" and feed.table.kind == "append" and chosen:
        last = max(chosen)
        chosen = {last: chosen[last]}
    return [replace(d, raw_path=first[(d.slot, d.content)].raw_path) for d in chosen.values()]
