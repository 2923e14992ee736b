"""What the assets work with, and the only Python that reads the environment (`.env.example` lists every variable)."""

import os
import sys
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject

from dagster_project.sources.home import Home
from dagster_project.sources.mapping import Mapping, read_mapping

PROJECT = Path(__file__).resolve().parents[1]
DBT_PROJECT = PROJECT / "dbt"

os.environ.setdefault("DO_NOT_TRACK", "1")
# dbt of this environment, also when the environment is not activated
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")


def setting(name: str, default: str = "") -> str:
    """A setting of the environment by its name without the prefix CUSTOMER_SEGMENTS_."""
    return os.environ.get(f"CUSTOMER_SEGMENTS_{name}") or default


class WarehouseResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The data folder: landing, raw, the private working database, what is published."""

    data: str

    @property
    def home(self) -> Home:
        """The places below the data folder."""
        return Home(Path(self.data))

    @property
    def path(self) -> Path:
        """The private working database."""
        return self.home.warehouse


class SourcesResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The company's `sources.yml`, read anew by each run so that a mended mapping needs no restart."""

    sources: str
    exports: str = ""

    def mapping(self) -> Mapping:
        """The checked mapping; raises MappingError with every problem found."""
        return read_mapping(Path(self.sources), Path(self.exports) if self.exports else None)


def data_folder() -> Path:
    """The data folder of the chosen target; dev keeps its own beside prod's."""
    root = Path(setting("DATA", str(PROJECT / "data"))).resolve()
    return root / "dev" if setting("TARGET", "prod") == "dev" else root


def sources_file() -> Path:
    """The `sources.yml` in use."""
    return Path(setting("SOURCES", str(PROJECT / "sources.yml"))).resolve()


def dbt_project() -> DbtProject:
    """The dbt project with a manifest that is newer than its files; parsing takes a few seconds, once."""
    project = DbtProject(
        project_dir=DBT_PROJECT,
        target=setting("TARGET", "prod"),
        target_path=Path(setting("DBT_TARGET_PATH", "target")),
    )
    inputs = [p for p in DBT_PROJECT.rglob("*") if p.suffix in (".sql", ".yml", ".csv") and "target" not in p.parts]
    manifest = project.manifest_path
    if not manifest.exists() or manifest.stat().st_mtime < max(p.stat().st_mtime for p in inputs):
        project.preparer.prepare(project)
    return project


def resources() -> dict[str, object]:
    """Every resource by its key, from the environment."""
    os.environ["CUSTOMER_SEGMENTS_DATA"] = str(Path(setting("DATA", str(PROJECT / "data"))).resolve())
    return {
        "warehouse": WarehouseResource(data=str(data_folder())),
        "sources": SourcesResource(sources=str(sources_file()), exports=setting("EXPORTS")),
        "dbt": DbtCliResource(project_dir=dbt_project()),
    }
