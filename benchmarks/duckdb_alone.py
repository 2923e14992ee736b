"""The same work in DuckDB alone, in one connection: what the pipeline is compared with.

`load` reads the same files with bare `create table as select * from read_csv` (or read_json): types as sniffed, bad
lines skipped, no ledger, no slots, no contract. `models` runs the SQL that dbt ran, in the order in which dbt ran it.
"""

from __future__ import annotations

import argparse
import codecs
import datetime as dt
import json
from pathlib import Path

import duckdb

from benchmarks.clock import step
from benchmarks.dbt_process import target
from dagster_project.publication import earlier_publications
from dagster_project.sources.discovery import discover
from dagster_project.sources.home import Home
from dagster_project.sources.mapping import Mapping, Source, read_mapping
from dagster_project.sources.run_state import prepare
from dagster_project.sources.warehouse import literal, quoted

ENCODINGS = {"utf-8": "utf-8", "utf-8-sig": "utf-8", "iso8859-1": "latin-1"}
"""What DuckDB calls the encodings of the simulated company."""
SETTINGS = "set threads = 2; set memory_limit = '3GB'; set TimeZone = 'UTC'; set preserve_insertion_order = false"


def bare_statement(source: Source, files: list[Path]) -> str:
    """One `create table as` over all files of a source."""
    paths = f"[{', '.join(literal(str(file)) for file in files)}]"
    if {".json", ".jsonl"} & set(files[0].suffixes):
        return f"create table {quoted(source.name)} as select * from read_json({paths}, ignore_errors = true)"
    options = ["header = true", "ignore_errors = true"]
    if source.delimiter:
        options.append(f"delim = {literal(source.delimiter)}")
    options.append(f"encoding = {literal(ENCODINGS[codecs.lookup(source.encoding).name])}")
    return f"create table {quoted(source.name)} as select * from read_csv({paths}, {', '.join(options)})"


def load(mapping: Mapping, database: Path) -> None:
    """Load every file of the exports into a new database."""
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as connection:
        connection.execute(SETTINGS)
        for source in mapping.sources.values():
            files = [found.path for found in discover(source, mapping.exports)]
            if files:
                with step(source.name) as facts:
                    row = connection.execute(bare_statement(source, files)).fetchone()
                    facts["rows"] = row[0] if row else 0
        with step("checkpoint"):
            connection.execute("checkpoint")


def model_statements(folder: Path) -> list[tuple[str, str]]:
    """(model, SQL) of every model of dbt's last build, as it was run and in that order.

    dbt builds a table aside and renames it; in an empty database it can have its own name at once.
    """
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads((folder / "run_results.json").read_text(encoding="utf-8"))["results"]
    statements = []
    for result in results:
        node = manifest[result["unique_id"]]
        if node["resource_type"] != "model":
            continue
        file = folder / "run" / node["package_name"] / node["original_file_path"]
        statements.append((result["unique_id"], file.read_text(encoding="utf-8").replace('__dbt_tmp"', '"')))
    return statements


def models(mapping: Mapping, built: Home, scratch: Home, as_of: dt.date) -> None:
    """Run the models' SQL on the raw tables of `built`, into the empty data folder `scratch`."""
    scratch.path.mkdir(parents=True, exist_ok=True)
    for place in (built.raw, built.quarantine):
        link = scratch.path / place.name
        if place.exists() and not link.exists():
            link.symlink_to(place.resolve())
    scratch.warehouse.unlink(missing_ok=True)
    prepare(mapping, scratch, as_of, earlier_publications(scratch))
    statements = model_statements(target(built))
    with duckdb.connect(str(scratch.warehouse)) as connection:
        connection.execute(SETTINGS)
        connection.execute(f"set temp_directory = {literal(str(scratch.temporary))}")
        connection.execute(f"attach {literal(str(built.warehouse))} as built (read_only)")
        for schema in ("seeds", "staging", "intermediate", "marts"):
            connection.execute(f"create schema if not exists {schema}")
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'built' and schema_name = 'seeds'"
        ).fetchall():
            connection.execute(f"create table seeds.{quoted(name)} as select * from built.seeds.{quoted(name)}")
        connection.execute("detach built")
        for model, sql in statements:
            with step(model):
                connection.execute(sql)
        with step("checkpoint"):
            connection.execute("checkpoint")


def main() -> None:
    """Run as told by the arguments."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duckdb_alone", description=__doc__)
    parser.add_argument("work", choices=("load", "models"))
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True)
    parser.add_argument("--built", type=Path, help="data folder whose build is repeated (models)")
    parser.add_argument("--scratch", type=Path, required=True, help="folder for the database that is made")
    arguments = parser.parse_args()
    mapping = read_mapping(arguments.sources)
    arguments.scratch.mkdir(parents=True, exist_ok=True)
    if arguments.work == "load":
        load(mapping, arguments.scratch / "bare.duckdb")
    else:
        models(mapping, Home(arguments.built), Home(arguments.scratch), arguments.as_of)


if __name__ == "__main__":
    main()
