"""Staging, intermediate and marts: every dbt model as the asset of its name.

What the models say is in `dbt/`; the days that a run recomputes are decided there too (`int_recompute_windows`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from dagster_project.failures import plain, reason_of_test, sentences
from dagster_project.partitions import newest_day
from dagster_project.resources import SourcesResource, WarehouseResource
from dagster_project.scoring import FIRST_WINDOW_DAYS, calibrate_once
from dagster_project.settings import RefusedError
from dagster_project.sources.contract import contract
from dagster_project.sources.run_state import rebuilds_everything

FULL_REBUILD = ["build", "--full-refresh", "--exclude-resource-type", "unit_test"]
# seeds and the views of staging change only with the definitions; cautious, because an eager exclusion would also take the
# data tests that read anything defined in that folder, and a check that does not run does not stop anything
REFRESH = [
    "build", "--exclude-resource-type", "unit_test", "seed",
    "--exclude", "path:models/staging", "--indirect-selection", "cautious",
]  # fmt: skip


class Described(DagsterDbtTranslator):
    """What a model is for, without its SQL: a reader of the asset's page asks for the first, and dbt/ has the second."""

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The description as written in dbt."""
        return str(dbt_resource_props["description"])


def warehouse_assets(project: DbtProject) -> dg.AssetsDefinition:
    """One asset per dbt model and seed, in one dbt invocation a run."""

    @dbt_assets(
        manifest=project.manifest_path,
        project=project,
        name="models",
        dagster_dbt_translator=Described(),
    )
    def models(
        context: dg.AssetExecutionContext,
        dbt: DbtCliResource,
        sources: SourcesResource,
        warehouse: WarehouseResource,
    ) -> Iterator[Any]:
        """Every dbt model, seed and test; a full rebuild when definitions changed, else only what data can change."""
        as_of = newest_day(context.run, warehouse.home)
        try:
            first = calibrate_once(dbt, sources.mapping(), warehouse.home, as_of)
        except RefusedError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        if first:
            context.log.info(
                f"first run: the scores' references are taken from {first.from_on} to {first.to_on} and kept in "
                f"{first.path.name}; make calibrate takes them from other days"
            )
            if first.days < FIRST_WINDOW_DAYS:
                context.log.warning(
                    f"{first.days} days are few to take references from: once there are {FIRST_WINDOW_DAYS}, run "
                    f"make calibrate FROM={first.from_on} TO={first.from_on + timedelta(days=FIRST_WINDOW_DAYS - 1)}"
                )
        arguments = FULL_REBUILD if rebuilds_everything(warehouse.home) else REFRESH
        # one folder for all runs: by default dagster-dbt leaves 15 MB behind for each
        invocation = dbt.cli(arguments, context=context, target_path=warehouse.home.dbt_artifacts)
        yield from explained(invocation.stream(), invocation.manifest["nodes"], invocation.target_path, warehouse.path)

    return models


def explained(events: Iterable[Any], nodes: Mapping[str, Any], target: Path, warehouse: Path) -> Iterator[Any]:
    """The events of dbt; a test that fails says what it claims, and the step what the failed tests say of their rows."""
    queries: list[Path] = []
    try:
        for event in events:
            if isinstance(event, dg.AssetCheckResult) and not event.passed:
                test = nodes[str(event.metadata["unique_id"].value)]
                file = Path(test["original_file_path"])
                place = file if file.suffix == ".sql" else file / test["path"]
                queries.append(target / "compiled" / test["package_name"] / place)
                rows: Any = event.metadata.get("dagster_dbt/failed_row_count")
                reason = reason_of_test(test["description"] or test["name"], rows and rows.value, queries[-1])
                yield event._replace(description=reason)
            else:
                yield event
    except DagsterDbtCliRuntimeError as error:
        said = [sentence for query in queries for sentence in sentences(warehouse, query)]
        raise dg.Failure("\n".join([plain(str(error)), *said]), allow_retries=False) from error


def run_state_specs(project: DbtProject) -> list[dg.AssetSpec]:
    """What the models read besides raw: the run's parameters and the ledger (`ops`), and what was published before."""
    sources = json.loads(project.manifest_path.read_text(encoding="utf-8"))["sources"].values()
    raw = {name.split(".")[0] for name in contract()}
    return [
        dg.AssetSpec(
            key=[source["source_name"], source["name"]],
            description=source["description"],
            group_name="run_state",
            owners=["team:data"],
            kinds={"duckdb"},
        )
        for source in sources
        if source["source_name"] not in raw
    ]
