"""Files of any supported format as a table of text: `landed`, one column per source column, and where each row was.

Nothing is cast here (`casting.py`), and nothing is decided about slots (`discovery.py`, `batch.py`).
Lines that cannot be split into columns go to the table `malformed` (`_landed_path`, `_row`, `_text`, `_reason`). A row is
numbered as its line in the file, the header being line 1; documents and Parquet have no lines, there records are counted.
"""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from dagster_project.sources.mapping import Source
from dagster_project.sources.text_files import (
    ENCODING,
    ENOUGH,
    NATIVE_ENCODINGS,
    UnreadableFileError,
    check_encoding,
    check_zstd,
    compression_of,
    copy_unpacked,
    first_bytes,
)
from dagster_project.sources.warehouse import literal, quoted

FORMAT_OF_SUFFIX = {".csv": "csv", ".tsv": "tsv", ".txt": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
                    ".parquet": "parquet"}  # fmt: skip
LONGEST_HEADER = 1 << 20
LONGEST_LINE = 1 << 24
BUFFER = 1 << 25
"""DuckDB would otherwise make its buffer sixteen times the longest line, for every thread."""
ALL_LINE = "\x01"
"""A delimiter that does not occur, so that a line is one value."""
NO_NULL = "\x02null"
INTERNAL = ("_landed_path", "_landed_row")


@dataclass(frozen=True)
class Shape:
    """What files must share to be read together: format, compression, and the columns where the file states them."""

    format: str
    compression: str
    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    @property
    def is_sparse(self) -> bool:
        """Whether records name their own columns and may leave out what is empty."""
        return self.format in ("json", "jsonl")

    @property
    def has_lines(self) -> bool:
        """Whether a record is a line of text."""
        return self.format in ("csv", "tsv", "jsonl")


@dataclass(frozen=True)
class Landed:
    """What was read: the names of the source's columns, and the path that each file was read from.

    `columns_of_file` has the keys that occur in each file with records, where records name their own columns.
    """

    columns: list[str]
    paths: list[Path]
    columns_of_file: list[list[str]]


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


def shape_of(connection: duckdb.DuckDBPyConnection, source: Source, path: Path) -> Shape:
    """The shape of one file; raises UnreadableFileError when the file as a whole cannot be read."""
    if path.stat().st_size == 0:
        raise UnreadableFileError("the file is empty (0 bytes)")
    format_, compression = format_of(source, path), compression_of(path)
    if format_ == "parquet":
        described = _run(connection, f"describe select * from read_parquet({literal(str(path))})").fetchall()
        return Shape(format_, compression, tuple(r[0] for r in described), tuple(r[1] for r in described))
    if compression == "zstd":
        check_zstd(path)
    else:
        check_encoding(source.encoding, first_bytes(path, ENOUGH))
    if format_ in ("csv", "tsv"):
        return Shape(format_, compression, _header(connection, source, path, _delimiter(source, format_)))
    return Shape(format_, compression)


def _run(connection: duckdb.DuckDBPyConnection, query: str) -> duckdb.DuckDBPyConnection:
    """Run a query that reads files; what is wrong with a file is told from what is wrong with the machine."""
    try:
        return connection.execute(query)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.IOException as error:
        if any(mark in str(error) for mark in ("No space left", "Could not write", "temporary")):
            raise
        raise UnreadableFileError(str(error).splitlines()[0]) from None
    except duckdb.Error as error:
        whys = {"state machine": "; are its line ends mixed?", "UTF-8": ENCODING}
        why = next((why for mark, why in whys.items() if mark in str(error)), "")
        raise UnreadableFileError(str(error).splitlines()[0].rstrip(". ") + why) from None


def _delimiter(source: Source, format_: str) -> str:
    return source.delimiter or ("\t" if format_ == "tsv" else ",")


def _start(connection: duckdb.DuckDBPyConnection, source: Source, path: Path) -> str:
    """The first lines of a delimited file, enough to hold its header."""
    if compression_of(path) == "zstd":
        lines = _run(connection, f"select line from {_lines([path], source.encoding, 'zstd')} limit 64").fetchall()
        return "\n".join(line or "" for (line,) in lines)
    text = first_bytes(path, LONGEST_HEADER)
    try:
        return text.decode(source.encoding)
    except UnicodeError:
        # a value further on may be cut or wrong: that is its line's affair, not the header's
        return text.decode(source.encoding, "replace")


def _header(connection: duckdb.DuckDBPyConnection, source: Source, path: Path, delimiter: str) -> tuple[str, ...]:
    """Names of the columns of a delimited file; a column without a name is called by its number."""
    if not source.header:
        return source.columns
    start = _start(connection, source, path).lstrip("\ufeff")
    if len(start) >= LONGEST_HEADER and not any(end in start for end in "\r\n"):
        raise UnreadableFileError(f"the header line is longer than {LONGEST_HEADER} characters")
    if len(delimiter) > 1:
        start, delimiter = start.replace(delimiter, ALL_LINE), ALL_LINE
    try:
        record = next(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter), [])
    except csv.Error as error:
        raise UnreadableFileError(f"the header cannot be read: {error}") from None
    names = [name.strip() or f"column_{n}" for n, name in enumerate(record, 1)]
    if not "".join(record).strip():
        raise UnreadableFileError("the file has no header line")
    if any("\0" in name for name in names):
        raise UnreadableFileError(f"the header is not valid {source.encoding}")
    counts = Counter(name.lower() for name in names)
    repeated = sorted({name for name in names if counts[name.lower()] > 1})
    if repeated:
        raise UnreadableFileError(f"the header names a column twice: {', '.join(map(repr, repeated))}")
    return tuple(names)


def _list(paths: list[Path]) -> str:
    return f"[{', '.join(literal(str(path)) for path in paths)}]"


def _lines(paths: list[Path], encoding: str, compression: str) -> str:
    """SQL of the lines of text files, as `line` and `_landed_path`."""
    return (
        f"read_csv({_list(paths)}, columns = {{'line': 'varchar'}}, header = false, auto_detect = false, "
        f"delim = {literal(ALL_LINE)}, quote = '', escape = '', nullstr = {literal(NO_NULL)}, "
        f"compression = {literal(compression)}, encoding = {literal(NATIVE_ENCODINGS.get(encoding, 'utf-8'))}, "
        f"filename = '_landed_path', {_limits()})"
    )


def _limits() -> str:
    return (
        f"max_line_size = {LONGEST_LINE}, buffer_size = {BUFFER}, store_rejects = true, rejects_limit = 0, "
        "rejects_table = 'rejected_lines', rejects_scan = 'rejected_scans'"
    )


def _keep_malformed(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create or replace temp table malformed as "
        "select rejected_scans.file_path as _landed_path, cast(line as bigint) as _row, "
        "min_by(csv_line, column_idx) as _text, "
        f"min_by(case when error_message like 'Invalid unicode%' then {literal(f'not valid UTF-8{ENCODING}')} "
        "else error_message end, column_idx) as _reason "
        "from rejected_lines inner join rejected_scans using (scan_id, file_id) group by all"
    )
    connection.execute("drop table rejected_lines; drop table rejected_scans")


def _number_lines(connection: duckdb.DuckDBPyConnection, table: str, header_lines: int = 0) -> None:
    """`starts`: the number that each file's first line has in the count through all files.

    Lines that DuckDB could not split count too: where there are any, the rows after them are numbered anew.
    """
    connection.execute(
        "create or replace temp table starts as "
        f"select _landed_path, min(_landed_row) - {header_lines} as first_row from {table} group by _landed_path"
    )
    row = connection.execute("select 1 from malformed semi join starts using (_landed_path) limit 1").fetchone()
    if not row:
        return
    # the nth line that is missing moves what follows it by n
    connection.execute(
        "create or replace temp table gaps as select from_row, max(gap) as gap from ("
        "select row_number() over (order by first_row, _row) as gap, "
        "first_row + _row - row_number() over (partition by _landed_path order by _row) as from_row "
        "from malformed inner join starts using (_landed_path)) group by from_row"
    )
    connection.execute(
        f"update {table} set _landed_row = moved.line from (select {table}._landed_row, {table}._landed_row + gaps.gap "
        f"as line from {table} asof join gaps on {table}._landed_row >= gaps.from_row) as moved "
        f"where {table}._landed_row = moved._landed_row"
    )
    connection.execute(
        "create or replace temp table starts as select _landed_path, cast(first_row + coalesce(sum(n) over ("
        "order by first_row rows between unbounded preceding and 1 preceding), 0) as bigint) as first_row from starts "
        "left join (select _landed_path, count(*) as n from malformed group by _landed_path) using (_landed_path)"
    )


def _nulls(source: Source) -> str:
    return ", ".join(literal(value) for value in source.null_values or (NO_NULL,))


def _land_csv(connection: duckdb.DuckDBPyConnection, source: Source, paths: list[Path], shape: Shape) -> None:
    struct = ", ".join(f"{literal(name)}: 'varchar'" for name in shape.columns)
    _run(
        connection,
        f"create or replace temp table landed as select *, row_number() over () as _landed_row from read_csv("
        f"{_list(paths)}, columns = {{{struct}}}, header = {str(source.header).lower()}, auto_detect = false, "
        f"delim = {literal(_delimiter(source, shape.format))}, quote = '\"', escape = '\"', "
        f"nullstr = [{_nulls(source)}], compression = {literal(shape.compression)}, "
        f"encoding = {literal(NATIVE_ENCODINGS.get(source.encoding, 'utf-8'))}, filename = '_landed_path', "
        f"allow_quoted_nulls = true, {_limits()})",
    )
    _keep_malformed(connection)


def _read_json_lines(
    connection: duckdb.DuckDBPyConnection, source: Source, paths: list[Path], compression: str
) -> None:
    """One document per line that is not blank; lines that are no JSON object are malformed."""
    _run(
        connection,
        "create or replace temp table documents as "
        "select case when json_valid(line) then cast(line as json) end as json, line, _landed_path, "
        f"row_number() over () as _landed_row from {_lines(paths, source.encoding, compression)} "
        "where trim(line) <> ''",
    )
    _keep_malformed(connection)


def _read_json_documents(
    connection: duckdb.DuckDBPyConnection, source: Source, paths: list[Path], compression: str
) -> None:
    """The records of whole documents: the elements of a list, one object, or the list at `records`."""
    options = (
        f"compression = {literal(compression if compression != 'none' else 'auto_detect')}, filename = '_landed_path', "
        "maximum_object_size = 268435456"
    )
    records = f"select json, _landed_path from read_json_objects({_list(paths)}, format = 'auto', {options})"
    if source.records:
        pointer = "".join(f"/{_escaped(part)}" for part in source.records.split("."))
        whole = f"read_json_objects({_list(paths)}, format = 'unstructured', {options})"
        found = f"json_extract(json, {literal(pointer)})"
        absent = _run(
            connection, f"select count(*) from {whole} where json_type({found}) is distinct from 'ARRAY'"
        ).fetchone()
        if absent and absent[0]:
            raise UnreadableFileError(f"the document has no list at {source.records!r}")
        records = f"select unnest(cast({found} as json[])) as json, _landed_path from {whole}"
    _run(
        connection,
        "create or replace temp table documents as select json, cast(json as varchar) as line, _landed_path, "
        f"row_number() over () as _landed_row from ({records})",
    )
    connection.execute(
        "create or replace temp table malformed (_landed_path varchar, _row bigint, _text varchar, _reason varchar)"
    )


def _escaped(key: str) -> str:
    """A key as a step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _spread_documents(connection: duckdb.DuckDBPyConnection, source: Source) -> list[list[str]]:
    """`landed`, with a text column for every key that any document has; what is no object becomes malformed.

    Returns the keys of each file that has records.
    """
    _number_lines(connection, "documents")
    connection.execute(
        "insert into malformed select _landed_path, _landed_row - first_row + 1, line, "
        "case when json is null then 'not valid JSON' else 'the record is not a JSON object' end "
        "from documents inner join starts using (_landed_path) where json_type(json) is distinct from 'OBJECT'"
    )
    keys_of_file = [
        keys
        for (keys,) in connection.execute(
            "select list_sort(list(key)) "
            "from (select distinct _landed_path, unnest(json_keys(json)) as key from documents "
            "where json_type(json) = 'OBJECT') group by _landed_path"
        ).fetchall()
    ]
    keys = sorted({key for keys in keys_of_file for key in keys})
    counts = Counter(key.lower() for key in keys)
    repeated = [key for key in keys if counts[key.lower()] > 1]
    if repeated:
        raise UnreadableFileError(f"keys differ in case only: {', '.join(map(repr, repeated))}")
    pointers = ", ".join(literal(f"/{_escaped(key)}") for key in keys)
    fields = f"json_extract_string(json, [{pointers}])" if keys else "[]"
    columns = "".join(
        f"case when fields[{n}] not in ({_nulls(source)}) then fields[{n}] end as {quoted(key or 'column_1')}, "
        for n, key in enumerate(keys, 1)
    )
    connection.execute(
        f"create or replace temp table landed as select {columns}_landed_path, _landed_row from ("
        f"select {fields} as fields, _landed_path, _landed_row from documents where json_type(json) = 'OBJECT')"
    )
    connection.execute("drop table documents")
    return keys_of_file


def _land_parquet(connection: duckdb.DuckDBPyConnection, paths: list[Path], shape: Shape) -> None:
    columns = "".join(
        (
            f"cast(to_json({quoted(name)}) as varchar)"
            if type_.startswith(("STRUCT", "MAP", "UNION")) or type_.endswith("]")
            else f"cast({quoted(name)} as varchar)"
        )
        + f" as {quoted(name)}, "
        for name, type_ in zip(shape.columns, shape.types, strict=True)
    )
    _run(
        connection,
        f"create or replace temp table landed as select {columns}_landed_path, row_number() over () as _landed_row "
        f"from read_parquet({_list(paths)}, filename = '_landed_path')",
    )
    connection.execute(
        "create or replace temp table malformed (_landed_path varchar, _row bigint, _text varchar, _reason varchar)"
    )


def _readable(source: Source, paths: list[Path], shape: Shape, folder: Path) -> tuple[list[Path], str]:
    """The files as DuckDB reads them, and their compression: copies where it would not read them right."""
    encoding = None if source.encoding in NATIVE_ENCODINGS else source.encoding
    if shape.format == "json":  # read without an encoding: a byte order mark would be an error, Latin-1 too
        encoding = "utf-8-sig" if source.encoding == "utf-8" else source.encoding
    readable: list[Path] = []
    for number, path in enumerate(paths):
        is_plain = shape.compression != "gzip" and (
            encoding is None or (encoding == "utf-8-sig" and (shape.compression == "zstd" or not _has_mark(path)))
        )
        readable.append(path if is_plain else folder / f"{number}.{shape.format}")
        if not is_plain:
            copy_unpacked(path, encoding, readable[-1])
    return readable, "none" if shape.compression == "gzip" else shape.compression


def _has_mark(path: Path) -> bool:
    return first_bytes(path, 3) == codecs.BOM_UTF8


def land(
    connection: duckdb.DuckDBPyConnection, source: Source, paths: list[Path], shape: Shape, folder: Path
) -> Landed:
    """Read files of one shape into the temp tables `landed` and `malformed`.

    `landed` has one text column per source column, `_landed_path`, and `_landed_row`, which counts the lines (or the
    records, where they are no lines) of all files in order; `starts` has the number of each file's first as
    `first_row`. `folder` is for temporary copies. Raises UnreadableFileError when the files cannot be read.
    """
    with tempfile.TemporaryDirectory(dir=folder) as copies:
        if shape.format == "parquet":
            readable = paths
            _land_parquet(connection, paths, shape)
        else:
            readable, compression = _readable(source, paths, shape, Path(copies))
            if shape.format == "jsonl":
                _read_json_lines(connection, source, readable, compression)
            elif shape.format == "json":
                _read_json_documents(connection, source, readable, compression)
            else:
                _land_csv(connection, source, readable, replace(shape, compression=compression))
    columns_of_file: list[list[str]] = []
    if shape.is_sparse:
        columns_of_file = _spread_documents(connection, source)
    else:
        _number_lines(connection, "landed", header_lines=int(source.header and shape.has_lines))
    names = [row[0] for row in connection.execute("describe landed").fetchall()]
    return Landed([name for name in names if name not in INTERNAL], readable, columns_of_file)
