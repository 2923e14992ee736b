"""A file of any supported format as a table of text: `landed`, one column per source column, plus `_row`.

Nothing is cast here (`casting.py`), and nothing is decided about slots (`discovery.py`, `loading.py`).
Lines that cannot be split into columns go to the table `malformed` (`_row`, `_text`, `_reason`).
"""

from __future__ import annotations

import codecs
import gzip
import tempfile
import zlib
from pathlib import Path

import duckdb

from dagster_project.sources.mapping import Source
from dagster_project.sources.warehouse import literal, quoted

DUCKDB_ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "utf-8-sig": "utf-8", "latin-1": "latin-1", "iso8859-1": "latin-1"}
FORMAT_OF_SUFFIX = {".csv": "csv", ".tsv": "tsv", ".txt": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
                    ".parquet": "parquet"}  # fmt: skip
CHUNK = 1 << 20
WHOLE_LINE = "\x01"


class UnreadableFileError(Exception):
    """The file as a whole cannot be read; the message says why."""


def compression_of(path: Path) -> str:
    """gzip, zstd or none, by the file's extension."""
    return {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}.get(path.suffix.lower(), "none")


def format_of(source: Source, path: Path) -> str:
    """The source's format, declared or by the file's extension."""
    if source.format:
        return source.format
    inner = path.with_suffix("") if compression_of(path) != "none" else path
    try:
        return FORMAT_OF_SUFFIX[inner.suffix.lower()]
    except KeyError:
        raise UnreadableFileError(
            f"the extension of {path.name!r} names no format; declare format: csv, tsv, json, jsonl or parquet"
        ) from None


def _check_gzip(path: Path) -> None:
    """DuckDB does not verify gzip checksums; a damaged file must not be read as a shorter one."""
    try:
        with gzip.open(path, "rb") as stream:
            while stream.read(CHUNK):
                pass
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFileError(f"damaged gzip: {error}") from None


def _as_utf8(path: Path, encoding: str, folder: Path) -> Path:
    """A UTF-8 copy of a file in an encoding that DuckDB does not read itself."""
    if compression_of(path) == "zstd":
        raise UnreadableFileError(f"encoding {encoding!r} inside zstd is not supported; use gzip or UTF-8")
    opened = gzip.open(path, "rb") if compression_of(path) == "gzip" else path.open("rb")
    target = Path(tempfile.mkstemp(suffix=".csv", dir=folder)[1])
    try:
        with opened as raw, target.open("w", encoding="utf-8", newline="") as out:
            for text in codecs.getreader(encoding)(raw):
                out.write(text)
    except UnicodeError as error:
        raise UnreadableFileError(f"not valid {encoding}: {error}") from None
    return target


def _csv_header(connection: duckdb.DuckDBPyConnection, path: Path, options: str, delimiter: str) -> list[str]:
    row = connection.execute(
        f"select line from read_csv({literal(str(path))}, columns = {{'line': 'varchar'}}, header = false, "
        f"auto_detect = false, delim = {literal(WHOLE_LINE)}, quote = '', escape = '', {options}) limit 1"
    ).fetchone()
    if row is None or row[0] is None:
        return []
    import csv

    names = [name.strip().lstrip("\ufeff").strip() for name in next(csv.reader([row[0]], delimiter=delimiter))]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise UnreadableFileError(f"the header names a column twice: {', '.join(map(repr, repeated))}")
    return names


def _land_csv(connection: duckdb.DuckDBPyConnection, source: Source, path: Path, format_: str, folder: Path) -> None:
    delimiter = source.delimiter or ("\t" if format_ == "tsv" else ",")
    encoding = DUCKDB_ENCODINGS.get(source.encoding.lower())
    if encoding is None:
        path = _as_utf8(path, source.encoding, folder)
    options = f"compression = {literal(compression_of(path))}, encoding = {literal(encoding or 'utf-8')}"
    names = _csv_header(connection, path, options, delimiter) if source.header else list(source.columns)
    if not names:
        raise UnreadableFileError("the file has no header line")
    struct = ", ".join(f"{literal(name)}: 'varchar'" for name in names)
    nulls = ", ".join(literal(value) for value in source.null_values)
    connection.execute(
        f"create or replace temp table landed as select *, row_number() over () as _row from read_csv("
        f"{literal(str(path))}, columns = {{{struct}}}, header = {str(source.header).lower()}, auto_detect = false, "
        f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', nullstr = [{nulls}], {options}, "
        "allow_quoted_nulls = true, max_line_size = 16777216, store_rejects = true, rejects_limit = 0, "
        "rejects_table = 'rejected_lines', rejects_scan = 'rejected_scans')"
    )
    connection.execute(
        "create or replace temp table malformed as select line as _row, "
        "first(csv_line order by column_idx) as _text, first(error_message order by column_idx) as _reason "
        "from rejected_lines group by line"
    )
    connection.execute("drop table rejected_lines; drop table rejected_scans")


def _land_json(connection: duckdb.DuckDBPyConnection, source: Source, path: Path, format_: str) -> None:
    compression = compression_of(path)
    options = f"compression = {literal(compression if compression != 'none' else 'auto_detect')}, maximum_object_size = 268435456"
    if format_ == "jsonl":
        relation = (
            f"select json, row_number() over () as _row from read_json_objects({literal(str(path))}, "
            f"format = 'newline_delimited', ignore_errors = true, {options})"
        )
    elif source.records:
        steps = "".join(f".{quoted(part)}" for part in source.records.split("."))
        documents = f"read_json_objects({literal(str(path))}, format = 'unstructured', {options})"
        relation = (
            "select json, row_number() over () as _row from ("
            f"select unnest(cast(json_extract(json, {literal('$' + steps)}) as json[])) as json from {documents})"
        )
    else:
        relation = (
            f"select json, row_number() over () as _row from read_json_objects({literal(str(path))}, "
            f"format = 'auto', {options})"
        )
    connection.execute(f"create or replace temp table documents as {relation}")
    connection.execute(
        "create or replace temp table malformed as select _row, cast(json as varchar) as _text, "
        "'the record is not a JSON object' as _reason from documents where json_type(json) is distinct from 'OBJECT'"
    )
    keys = [
        key
        for (key,) in connection.execute(
            "select distinct unnest(json_keys(json)) as key from documents "
            "where json_type(json) = 'OBJECT' order by key"
        ).fetchall()
    ]
    nulls = ", ".join(literal(value) for value in source.null_values)
    paths = [literal('$."' + key.replace('"', '\\"') + '"') for key in keys]
    extracted = f"json_extract_string(json, [{', '.join(paths)}])" if keys else "[]"
    columns = "".join(
        f"case when fields[{n}] not in ({nulls or 'null'}) then fields[{n}] end as {quoted(key)}, "
        if nulls
        else f"fields[{n}] as {quoted(key)}, "
        for n, key in enumerate(keys, 1)
    )
    connection.execute(
        f"create or replace temp table landed as select {columns}_row from ("
        f"select {extracted} as fields, _row from documents where json_type(json) = 'OBJECT')"
    )
    connection.execute("drop table documents")


def _land_parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    described = connection.execute(f"describe select * from read_parquet({literal(str(path))})").fetchall()
    columns = "".join(
        (
            f"cast(to_json({quoted(name)}) as varchar)"
            if str(type_).startswith(("STRUCT", "MAP", "LIST", "UNION")) or str(type_).endswith("]")
            else f"cast({quoted(name)} as varchar)"
        )
        + f" as {quoted(name)}, "
        for name, type_, *_ in described
    )
    connection.execute(
        f"create or replace temp table landed as select {columns}file_row_number + 1 as _row "
        f"from read_parquet({literal(str(path))}, file_row_number = true)"
    )
    connection.execute(
        "create or replace temp table malformed (_row bigint, _text varchar, _reason varchar)"
    )


def land(connection: duckdb.DuckDBPyConnection, source: Source, path: Path, folder: Path) -> list[str]:
    """Read one file into the temp tables `landed` and `malformed`; returns the source's column names.

    `folder` is for temporary copies. Raises UnreadableFileError when the file as a whole cannot be read.
    """
    if path.stat().st_size == 0:
        raise UnreadableFileError("the file is empty (0 bytes)")
    format_ = format_of(source, path)
    if compression_of(path) == "gzip":
        _check_gzip(path)
    try:
        if format_ in ("csv", "tsv"):
            _land_csv(connection, source, path, format_, folder)
        elif format_ == "parquet":
            _land_parquet(connection, path)
        else:
            _land_json(connection, source, path, format_)
    except duckdb.Error as error:
        raise UnreadableFileError(str(error).splitlines()[0]) from None
    names = [row[0] for row in connection.execute("describe landed").fetchall()]
    return [name for name in names if name != "_row"]
