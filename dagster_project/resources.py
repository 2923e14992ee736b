"""What the assets work with: the data folder, the company's sources, dbt. Settings come from `settings.py`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject

from dagster_project.settings import (
    DBT_PROJECT,
    data_folder,
    data_root,
    dbt_target_path,
    engine_limits,
    exports_folder,
    sources_file,
    target,
)
from dagster_project.sources.home import Home
from dagster_project.sources.mapping import Mapping, read_mapping
from dagster_project.sources.writer_lock import sole_writer

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
# dbt of this environment, also when the environment is not activated
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"


class WarehouseResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # provides itself
    """The data folder: landing, raw, the private working database, what is published.

    A run holds it from its first step to its last; sensors and schedules only look.
    """

    data: str

    @property
    def home(self) -> Home:
        """The places below the data folder."""
        return Home(Path(self.data))

    @property
    def path(self) -> Path:
        """The private working database."""
        return self.home.warehouse

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["WarehouseResource"]:
        """Wait until no other run writes the data folder, and hold it while this one does."""
        if context.run is None:
            yield self
            return

        def waiting() -> None:
            if context.log:
                context.log.warning(f"waiting for another run to finish with {self.data}")

        with sole_writer(self.home, waiting):
            yield self


class SourcesResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # provides itself
    """The company's `sources.yml`, read anew by each run so that a mended mapping needs no restart."""

    sources: str
    exports: str = ""

    def mapping(self) -> Mapping:
        """The checked mapping; raises MappingError with every problem found."""
        return read_mapping(Path(self.sources), Path(self.exports) if self.exports else None)


def dbt_project() -> DbtProject:
    """The dbt project with a manifest that is newer than its files; parsing takes a few seconds, once."""
    project = DbtProject(project_dir=DBT_PROJECT, target=target(), target_path=dbt_target_path())
    inputs = [p for p in DBT_PROJECT.rglob("*") if p.suffix in (".sql", ".yml", ".csv") and "target" not in p.parts]
    manifest = project.manifest_path
    if not manifest.exists() or manifest.stat().st_mtime < max(p.stat().st_mtime for p in inputs):
        project.preparer.prepare(project)
    return project


def resources() -> dict[str, object]:
    """Every resource by its key, from the settings; raises RefusedError."""
    # profiles.yml would read threads that are no number as 0
    engine_limits()
    # profiles.yml starts from the same folder, wherever dbt is called
    os.environ["CUSTOMER_SEGMENTS_DATA"] = str(data_root())
    return {
        "warehouse": WarehouseResource(data=str(data_folder())),
        "sources": SourcesResource(sources=str(sources_file()), exports=str(exports_folder() or "")),
        "dbt": DbtCliResource(project_dir=dbt_project()),
    }
