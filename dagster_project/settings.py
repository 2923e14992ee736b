"""What the environment says; the only Python that reads it (`.env.example` lists every variable).

Nothing heavy is imported here, so that `make status` and `make check-sources` answer at once. What is made of the
settings is in `resources.py`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
DBT_PROJECT = PROJECT / "dbt"
TARGETS = ("prod", "dev")
DAGSTER_SETTINGS = "dagster.yaml"


class RefusedError(ValueError):
    """A setting or a command that cannot be used as given; the message names the value and what is possible."""


def read_env_file(file: Path = PROJECT / ".env") -> None:
    """Take from `.env` the settings that the environment does not hold: lines of NAME=value."""
    if not file.exists():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        name, is_set, value = line.partition("=")
        if is_set and name.strip().startswith("CUSTOMER_SEGMENTS_"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def setting(name: str, default: str = "") -> str:
    """A setting of the environment by its name without the prefix CUSTOMER_SEGMENTS_."""
    return os.environ.get(f"CUSTOMER_SEGMENTS_{name}") or default


def target() -> str:
    """The target, prod or dev."""
    chosen = setting("TARGET", "prod")
    if chosen not in TARGETS:
        raise RefusedError(f"CUSTOMER_SEGMENTS_TARGET is {chosen!r}; it may be {' or '.join(TARGETS)}")
    return chosen


def data_root() -> Path:
    """The data folder; that of the target dev lies in it."""
    return Path(setting("DATA", str(PROJECT / "data"))).resolve()


def data_folder() -> Path:
    """The data folder of the chosen target; dev keeps its own landing, raw, warehouse and published tables."""
    return data_root() / "dev" if target() == "dev" else data_root()


def dagster_home() -> Path:
    """Where Dagster keeps its runs: those of dev are not those of prod, and another data folder has its own."""
    home = PROJECT / ".dagster" if data_root() == PROJECT / "data" else data_root() / "dagster"
    return home / "dev" if target() == "dev" else home


def make_dagster_home() -> Path:
    """The folder of `dagster_home`, with the shipped configuration where it has none."""
    home = dagster_home()
    if not (home / DAGSTER_SETTINGS).exists():
        home.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PROJECT / ".dagster" / DAGSTER_SETTINGS, home / DAGSTER_SETTINGS)
    return home


def dbt_target_path() -> Path:
    """Where dbt writes its manifest, relative to the dbt project; dev's does not overwrite prod's."""
    return Path(setting("DBT_TARGET_PATH", "target/dev" if target() == "dev" else "target"))


def engine_limits() -> dict[str, str | int]:
    """How much of the machine DuckDB may take, as its configuration; the models' connection takes the same."""
    threads = setting("THREADS", "2")
    if not threads.isdecimal() or int(threads) < 1:
        raise RefusedError(f"CUSTOMER_SEGMENTS_THREADS is {threads!r}; it may be a whole number from 1")
    return {"threads": int(threads), "memory_limit": setting("MEMORY", "3GB")}


def sources_file() -> Path:
    """The `sources.yml` in use."""
    return Path(setting("SOURCES", str(PROJECT / "sources.yml"))).resolve()


def exports_folder() -> Path | None:
    """The folder that the sources' paths start from, where it is not the one that `sources.yml` names."""
    return Path(setting("EXPORTS")).resolve() if setting("EXPORTS") else None


@contextmanager
def other_data_folder(path: Path) -> Iterator[None]:
    """Within it, this process and those that it starts work with another data folder, as the target prod."""
    before = dict(os.environ)
    os.environ.update({"CUSTOMER_SEGMENTS_DATA": str(path), "CUSTOMER_SEGMENTS_TARGET": "prod"})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
