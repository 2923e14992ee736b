"""Landing and raw: what was received, exactly as received, and as typed rows of the inbound contract.

How files are read is in `sources/`; what is checked about the rows in `expectations/`.
"""

from collections.abc import Iterator

import dagster as dg

from dagster_project.partitions import newest_day
from dagster_project.publication import earlier_publications
from dagster_project.resources import SourcesResource, WarehouseResource
from dagster_project.sources.contract import contract
from dagster_project.sources.ledger import Delivery
from dagster_project.sources.loading import take_in
from dagster_project.sources.mapping import Mapping
from dagster_project.sources.run_state import prepare


def raw_assets(mapping: Mapping) -> dg.AssetsDefinition:
    """One asset per contract table; only the connected ones are materialized."""
    connected = {feed.table.name for feed in mapping.feeds}

    @dg.multi_asset(
        name="raw",
        specs=[
            dg.AssetSpec(
                key=table.name.split("."),
                description=table.description,
                group_name="raw",
                skippable=table.name not in connected,
            )
            for table in contract().values()
        ],
        retry_policy=dg.RetryPolicy(max_retries=2, delay=10),
    )
    def raw(
        context: dg.AssetExecutionContext, sources: SourcesResource, warehouse: WarehouseResource
    ) -> Iterator[dg.MaterializeResult]:
        """Rows of every delivery known on the day, typed, with slot, file and row number."""
        as_of = newest_day(context.run)
        current = sources.mapping()

        def report(d: Delivery) -> None:
            if d.status in ("blocked", "unreadable"):
                context.log.warning(f"{d.table_name} <- {d.file_name}: {d.status}: {d.message}")

        loaded = take_in(current, warehouse.home, as_of, report)
        prepared = prepare(current, warehouse.home, as_of, earlier_publications(warehouse.home))
        context.log.info(
            f"as of {as_of}: {prepared.touched_days} event days changed"
            + (", full rebuild" if prepared.is_full_rebuild else "")
        )
        for name in contract():
            if name not in connected:
                continue
            deliveries = [d for d in loaded if d.table_name == name]
            yield dg.MaterializeResult(
                asset_key=name.split("."),
                metadata={
                    "files": len(deliveries),
                    **{
                        part: sum(getattr(d, part) for d in deliveries)
                        for part in ("received", "loaded", "unchanged", "quarantined", "duplicates", "blocked")
                    },
                    "messages": dg.MetadataValue.md(
                        "\n".join(f"- `{d.file_name}` {d.status}: {d.message}" for d in deliveries if d.message)
                        or "none"
                    ),
                },
            )

    return raw
