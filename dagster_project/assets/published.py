"""Published: what readers may open, replaced at once after every blocking check has passed.

How that is done is in `publication.py`.
"""

import dagster as dg

from dagster_project.partitions import newest_day
from dagster_project.publication import publish
from dagster_project.resources import SourcesResource, WarehouseResource
from dagster_project.sources.run_state import definitions_hash, finish, recomputed_from


def published_asset(marts: list[dg.AssetKey], partitions: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The asset that publishes the marts; it depends on every one of them and on their blocking checks."""

    @dg.asset(
        key=["published", "customer_segments"],
        deps=marts,
        group_name="published",
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def customer_segments(
        context: dg.AssetExecutionContext, sources: SourcesResource, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:
        """One database with every mart, as of the day; the last one stays until this one is complete."""
        as_of = newest_day(context.run)
        hash_now = definitions_hash(sources.mapping())
        publication = publish(warehouse.home, as_of, recomputed_from(warehouse.home), hash_now)
        finish(sources.mapping(), warehouse.home, as_of, hash_now)
        context.log.info(f"published as of {as_of}: {publication.tables} tables in {publication.database}")
        return dg.MaterializeResult(
            metadata={
                "database": dg.MetadataValue.path(str(publication.database)),
                "publication": publication.number,
                "tables": publication.tables,
                "as_of": as_of.isoformat(),
            }
        )

    return customer_segments
