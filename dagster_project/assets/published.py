"""Published: what readers may open, replaced at once after every blocking check has passed.

How that is done is in `publication.py`; what a new release changes is in `release_report.py`.
"""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from dagster_project.partitions import newest_day
from dagster_project.publication import publish
from dagster_project.release_report import Release, keep, new_release
from dagster_project.resources import WarehouseResource
from dagster_project.sources.run_state import definitions_of_run, finish, recomputed_from

JUDGED = dg.DagsterEventType.ASSET_CHECK_EVALUATION
SHOWN = 5


def published_asset(
    marts: list[dg.AssetKey], gates: frozenset[dg.AssetCheckKey], partitions: dg.PartitionsDefinition
) -> dg.AssetsDefinition:
    """The asset that publishes the marts; every one of them must be built, and every gate passed, by the same run."""

    @dg.asset(
        key=["published", "customer_segments"],
        deps=marts,
        group_name="published",
        owners=["team:data"],
        kinds={"duckdb", "parquet"},
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def customer_segments(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Any]:
        """One database with every mart, as of the day; the last one stays until this one is complete."""
        home = warehouse.home
        as_of = newest_day(context.run, home)
        _refuse_unless_built(context.run, marts)
        refuse_unless_judged(context.instance.all_logs(context.run.run_id, JUDGED), gates)
        hash_now = definitions_of_run(home)
        release = new_release(home, hash_now)
        if release:
            keep(home, release)
            context.log.info(release.sentence)
            for table in release.changed:
                context.log.info(table.sentence)
        publication = publish(home, as_of, recomputed_from(home), hash_now)
        finish(home)
        context.log.info(f"published as of {as_of}: {publication.tables} tables")
        return dg.MaterializeResult(
            metadata={
                "database": dg.MetadataValue.path(str(publication.database)),
                "publication": publication.number,
                "tables": publication.tables,
                "as_of": as_of.isoformat(),
                **(_shown(release) if release else {}),
            }
        )

    return customer_segments


def _refuse_unless_built(run: dg.DagsterRun, marts: list[dg.AssetKey]) -> None:
    """What is published must have been built and checked by the same run; raises Failure."""
    if run.asset_selection and not set(marts) <= run.asset_selection:
        raise dg.Failure(
            "only what this run has built and checked is published, and not every mart is part of it: "
            "run the job refresh, or make run",
            allow_retries=False,
        )


def refuse_unless_judged(log: Iterable[dg.EventLogEntry], gates: frozenset[dg.AssetCheckKey]) -> None:
    """Every gate must have passed in this run; raises Failure. Dagster holds back what is downstream of a blocking check
    that failed, and lets it go on where the check gave no result at all."""
    verdicts = [entry.get_dagster_event().asset_check_evaluation_data for entry in log]
    open_gates = gates - {verdict.asset_check_key for verdict in verdicts if verdict.passed}
    if open_gates:
        names = sorted(f"{'.'.join(key.asset_key.path)} {key.name}" for key in open_gates)
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        raise dg.Failure(
            f"{len(names)} of {len(gates)} blocking checks have not passed in this run: {', '.join(names[:SHOWN])}{more}. "
            "What cannot be judged is not published: run the whole job refresh, or make run",
            allow_retries=False,
        )


def _shown(release: Release) -> dict[str, dg.MetadataValue[Any]]:
    records = [
        dg.TableRecord(
            {
                "table": table.table_name,
                "rows before": table.rows_before,
                "rows now": table.rows_after,
                "only before": table.rows_only_before,
                "only now": table.rows_only_after,
                "columns removed": table.columns_removed,
                "columns added": table.columns_added,
                "hash before": table.hash_before,
                "hash now": table.hash_after,
            }
        )
        for table in release.tables
    ]
    return {"release": dg.MetadataValue.text(release.sentence), "release_differences": dg.MetadataValue.table(records)}
