"""Files of any supported format as a table of text: `landed`, one column per source column, `_path` and `_row`.

Nothing is cast here (`casting.py`), and nothing is decided about slots (`discovery.py`, `loading.py`).
Lines that cannot be split into columns go to the table `malformed` (`_path`, `_row`, `_text`, `_reason`).
"""

from __future__ import annotations

import codecs
import csv
import gzip
import tempfile
import zlib
from pathlib import Path

import duckdb

from dagster_project.sources.mapping import Source
from dagster_project.sources.warehouse import literal, quoted

DUCKDB_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "latin-1": "latin-1",
    "iso8859-1": "latin-1",
}
FORMAT_OF_SUFFIX = {".csv": "csv", ".tsv": "tsv", ".txt": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
                    ".parquet": "parquet"}  # fmt: skip
CHUNK = 1 << 20
LONGEST_LINE = 1 << 22
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


def _first_line(connection: duckdb.DuckDBPyConnection, path: Path, encoding: str) -> str:
    """The first line of a text file, whatever its compression."""
    compression = compression_of(path)
    if compression == "zstd":
        row = connection.execute(
            f"select line from read_csv({literal(str(path))}, columns = {{'line': 'varchar'}}, header = false, "
            f"auto_detect = false, delim = {literal(WHOLE_LINE)}, quote = '', escape = '', compression = 'zstd') limit 1"
        ).fetchone()
        return str(row[0]) if row and row[0] is not None else ""
    opened = gzip.open(path, "rt", encoding=encoding) if compression == "gzip" else path.open(encoding=encoding)
    try:
        with opened as stream:
            return stream.readline(LONGEST_LINE)
    except UnicodeError as error:
        raise UnreadableFileError(f"not valid {encoding}: {error}") from None


def _csv_header(connection: duckdb.DuckDBPyConnection, source: Source, path: Path, delimiter: str) -> tuple[str, ...]:
    if not source.header:
        return source.columns
    line = _first_line(connection, path, source.encoding).rstrip("\r\n")
    if not line.strip("\ufeff "):
        raise UnreadableFileError("the file has no header line")
    names = [name.strip().lstrip("\ufeff").strip() for name in next(csv.reader([line], delimiter=delimiter))]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise UnreadableFileError(f"the header names a column twice: {', '.join(map(repr, repeated))}")
    return tuple(names)


def shape_of(connection: duckdb.DuckDBPyConnection, source: Source, path: Path) -> tuple[str, ...]:
    """What two files must share to be read together: format, compression, and the header of delimited text.

    Raises UnreadableFileError when the file as a whole cannot be read.
    """
    if path.stat().st_size == 0:
        raise UnreadableFileError("the file is empty (0 bytes)")
    format_ = format_of(source, path)
    if compression_of(path) == "gzip":
        _check_gzip(path)
    if format_ not in ("csv", "tsv"):
        return (format_, compression_of(path))
    return (format_, compression_of(path), *_csv_header(connection, source, path, _delimiter(source, format_)))


def _delimiter(source: Source, format_: str) -> str:
    return source.delimiter or ("\t" if format_ == "tsv" else ",")


def _list(paths: list[Path]) -> str:
    return f"[{', '.join(literal(str(path)) for path in paths)}]"


def _land_csv(
    connection: duckdb.DuckDBPyConnection, source: Source, paths: list[Path], shape: tuple[str, ...], folder: Path
) -> None:
    format_, compression, *names = shape
    encoding = DUCKDB_ENCODINGS.get(source.encoding.lower())
    copies = paths if encoding else [_as_utf8(path, source.encoding, folder) for path in paths]
    if not encoding:
        compression = "none"
    struct = ", ".join(f"{literal(name)}: 'varchar'" for name in names)
    nulls = ", ".join(literal(value) for value in source.null_values)
    connection.execute(
        f"create or replace temp table landed as select *, row_number() over () as _row from read_csv("
        f"{_list(copies)}, columns = {{{struct}}}, header = {str(source.header).lower()}, auto_detect = false, "
        f"delim = {literal(_delimiter(source, format_))}, quote = '\"', escape = '\"', nullstr = [{nulls}], "
        f"compression = {literal(compression)}, encoding = {literal(encoding or 'utf-8')}, filename = '_path', "
        "allow_quoted_nulls = true, max_line_size = 16777216, store_rejects = true, rejects_limit = 0, "
        "rejects_table = 'rejected_lines', rejects_scan = 'rejected_scans')"
    )
    connection.execute(
        "create or replace temp table malformed as select rejected_scans.file_path as _path, line as _row, "
        "first(csv_line order by column_idx) as _text, first(error_message order by column_idx) as _reason "
        "from rejected_lines join rejected_scans using (scan_id, file_id) group by all"
    )
    connection.execute("drop table rejected_lines; drop table rejected_scans")
    for copy, path in zip(copies, paths, strict=True):
        if copy != path:
            for table in ("landed", "malformed"):
                connection.execute(f"update {table} set _path = ? where _path = ?", [str(path), str(copy)])
            copy.unlink()


def _land_json(
    connection: duckdb.DuckDBPyConnection, source: Source, paths: list[Path], shape: tuple[str, ...]
) -> None:
    format_, compression = shape
    options = (
        f"compression = {literal(compression if compression != 'none' else 'auto_detect')}, filename = '_path', "
        "maximum_object_size = 268435456"
    )
    if format_ == "jsonl":
        records = f"read_json_objects({_list(paths)}, format = 'newline_delimited', ignore_errors = true, {options})"
    elif source.records:
        steps = "".join(f".{quoted(part)}" for part in source.records.split("."))
        records = (
            f"(select unnest(cast(json_extract(json, {literal('$' + steps)}) as json[])) as json, _path "
            f"from read_json_objects({_list(paths)}, format = 'unstructured', {options}))"
        )
    else:
        records = f"read_json_objects({_list(paths)}, format = 'auto', {options})"
    connection.execute(
        f"create or replace temp table documents as select json, _path, row_number() over () as _row from {records}"
    )
    connection.execute(
        "create or replace temp table malformed as select _path, _row, cast(json as varchar) as _text, "
        "'the record is not a JSON object' as _reason from documents where json_type(json) is distinct from 'OBJECT'"
    )
    keys = [
        key
        for (key,) in connection.execute(
            "select distinct unnest(json_keys(json)) as key from documents "
            "where json_type(json) = 'OBJECT' order by key"
        ).fetchall()
    ]
    nulls = ", ".join(literal(value) for value in source.null_values) or "null"
    paths_in_record = ", ".join(literal('$."' + key.replace('"', '\\"') + '"') for key in keys)
    fields = f"json_extract_string(json, [{paths_in_record}])" if keys else "[]"
    columns = "".join(
        f"case when fields[{n}] in ({nulls}) then null else fields[{n}] end as {quoted(key)}, "
        for n, key in enumerate(keys, 1)
    )
    connection.execute(
        f"create or replace temp table landed as select {columns}_path, _row from ("
        f"select {fields} as fields, _path, _row from documents where json_type(json) = 'OBJECT')"
    )
    connection.execute("drop table documents")


def _land_parquet(connection: duckdb.DuckDBPyConnection, paths: list[Path]) -> None:
    described = connection.execute(f"describe select * from read_parquet({_list(paths)})").fetchall()
    columns = "".join(
        (
            f"cast(to_json({quoted(name)}) as varchar)"
            if str(type_).startswith(("STRUCT", "MAP", "UNION")) or str(type_).endswith("]")
            else f"cast({quoted(name)} as varchar)"
        )
        + f" as {quoted(name)}, "
        for name, type_, *_ in described
    )
    connection.execute(
        f"create or replace temp table landed as select {columns}filename as _path, row_number() over () as _row "
        f"from read_parquet({_list(paths)}, filename = true)"
    )
    connection.execute(
        "create or replace temp table malformed (_path varchar, _row bigint, _text varchar, _reason varchar)"
    )


def land(
    connection: duckdb.DuckDBPyConnection, source: Source, paths: list[Path], shape: tuple[str, ...], folder: Path
) -> list[str]:
    """Read files of one shape into the temp tables `landed` and `malformed`; returns the source's column names.

    `landed` has one text column per source column, `_path`, and `_row`, which counts through all files in order.
    `folder` is for temporary copies. Raises UnreadableFileError when the files cannot be read.
    """
    try:
        if shape[0] in ("csv", "tsv"):
            _land_csv(connection, source, paths, shape, folder)
        elif shape[0] == "parquet":
            _land_parquet(connection, paths)
        else:
            _land_json(connection, source, paths, shape)
    except duckdb.Error as error:
        raise UnreadableFileError(str(error).splitlines()[0]) from None
    names = [row[0] for row in connection.execute("describe landed").fetchall()]
    return [name for name in names if name not in ("_row", "_path")]
