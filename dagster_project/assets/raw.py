"""Landing and raw: what was received, exactly as received, and as typed rows of the inbound contract.

How files are read is in `sources/`; what is checked about the rows in `expectations/`.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb

from dagster_project.partitions import newest_day
from dagster_project.publication import earlier_publications
from dagster_project.resources import SourcesResource, WarehouseResource
from dagster_project.sources.contract import contract
from dagster_project.sources.ledger import Delivery
from dagster_project.sources.loading import loaded_files, nothing_has_arrived, take_in
from dagster_project.sources.mapping import Mapping, MappingError
from dagster_project.sources.precedence import REFUSED
from dagster_project.sources.run_state import prepare
from dagster_project.sources.wording import counted

PASSING_TROUBLE = (OSError, sqlite3.OperationalError, duckdb.IOException)
"""A share that is away, a disk that is full, a database that somebody looks into: worth a second try.
Anything else, and every failure of a model or a check, would fail again."""
TRIES = 3
PAUSE_SECONDS = 20
REFUSED_SHOWN = 3
"""Refused files of a feed that have a line of their own; all of them are in the asset's messages."""


def raw_assets(mapping: Mapping) -> dg.AssetsDefinition:
    """One asset per contract table. Those that are not connected are materialized too, empty: Dagster would skip
    every model downstream of an asset that is not, and nothing would be published without a failure.
    """
    connected = {feed.table.name for feed in mapping.feeds}

    @dg.multi_asset(
        name="raw",
        specs=[
            dg.AssetSpec(
                key=table.name.split("."),
                description=table.description,
                group_name="raw",
                owners=["team:data"],
                kinds={"parquet"},
            )
            for table in contract().values()
        ],
    )
    def raw(
        context: dg.AssetExecutionContext, sources: SourcesResource, warehouse: WarehouseResource
    ) -> Iterator[dg.MaterializeResult[Any]]:
        """Rows of every delivery known on the day, typed, with slot, file and row number."""
        as_of = newest_day(context.run, warehouse.home)

        refused: Counter[tuple[str, str]] = Counter()

        def report(d: Delivery) -> None:
            if d.status in REFUSED:
                refused[d.table_name, d.feed] += 1
                if refused[d.table_name, d.feed] <= REFUSED_SHOWN:
                    context.log.warning(f"{d.table_name} <- {d.file_name}: {d.status}: {d.message}")

        try:
            current = sources.mapping()
            before = loaded_files(warehouse.home)
            loaded = take_in(current, warehouse.home, as_of, report)
            for (table, feed), count in refused.items():
                if count > REFUSED_SHOWN:
                    context.log.warning(f"{table} <- {feed}: and {count - REFUSED_SHOWN:,} more blocked or unreadable")
            if not loaded and nothing_has_arrived(current, warehouse.home, as_of):
                raise dg.Failure(
                    f"no file that {current.path.name} names has arrived in {current.exports} by {as_of}; "
                    "make check-sources shows where it looks, --exports says another folder",
                    allow_retries=False,
                )
            prepared = prepare(current, warehouse.home, as_of, earlier_publications(warehouse.home))
        except MappingError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        except PASSING_TROUBLE as error:
            raise dg.RetryRequested(max_retries=TRIES - 1, seconds_to_wait=PAUSE_SECONDS) from error
        new = [d for d in loaded if d.file_sequence not in before]
        again = len({d.file_sequence for d in loaded} & before)
        context.log.info(
            f"as of {as_of}: {counted(len({d.file_sequence for d in new}), 'new file')}, "
            f"{counted(sum(d.received for d in new), 'row')}, "
            + (f"{counted(again, 'file')} loaded again because the mapping or a lookup changed, " if again else "")
            + f"{counted(prepared.touched_days, 'event day')} changed"
            + (", everything is rebuilt" if prepared.is_full_rebuild else "")
        )
        for name in contract():
            deliveries = [d for d in loaded if d.table_name == name]
            yield dg.MaterializeResult(
                asset_key=name.split("."), metadata={"is_connected": name in connected, **_shown(deliveries)}
            )

    return raw


def _shown(deliveries: list[Delivery]) -> dict[str, Any]:
    """What a run loaded into one table: files, the row arithmetic, and what is wrong with which file."""
    parts = ("received", "loaded", "unchanged", "quarantined", "duplicates", "blocked")
    messages = "\n".join(f"- `{d.file_name}` {d.status}: {d.message}" for d in deliveries if d.message)
    return {
        "files": len(deliveries),
        **{part: sum(getattr(d, part) for d in deliveries) for part in parts},
        "messages": dg.MetadataValue.md(messages or "none"),
    }
