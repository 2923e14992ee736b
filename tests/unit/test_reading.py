"""Every format, compression and way of writing text gives the same rows; what cannot be read says why."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.unit.intake import EVENT_COLUMNS, Intake, document, events_source

ROWS = [("1", "acct_champion", "login"), ("2", "acct_silent", "Größe, „quoted“ 東")]
LATIN_ROWS = [("1", "acct_champion", "login"), ("2", "acct_silent", 'Größe, "quoted"')]
AT = "2026-03-01T10:00:00Z"
GOLDEN = sorted(ROWS)
DAY = "events/events_2026-03-01"


def delimited(
    rows: list[tuple[str, str, str]] = ROWS, delimiter: str = ",", header: bool = True, end: str = "\n"
) -> str:
    """Rows as delimited text, every value quoted."""

    def line(values: tuple[str, ...]) -> str:
        return delimiter.join('"' + value.replace('"', '""') + '"' for value in values)

    lines = [line((*row, AT)) for row in rows]
    return end.join([line(("id", "account", "event", "at")), *lines] if header else lines) + end


def records(rows: list[tuple[str, str, str]] = ROWS) -> list[dict[str, str]]:
    """Rows as JSON objects."""
    return [{"id": i, "account": a, "event": e, "at": AT} for i, a, e in rows]


def lines_of_json() -> str:
    """Rows as JSON lines."""
    return "".join(json.dumps(record) + "\n" for record in records())


def gzipped(content: bytes) -> bytes:
    """The content packed without the time of packing: the names of the tests, which hold it, are the same each time."""
    return gzip.compress(content, mtime=0)


def zstd(text: str, folder: Path) -> bytes:
    """Text packed by DuckDB's zstd, which keeps every character as it is."""
    path = folder / "packed.zst"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select ? as line) to '{path}' (format csv, header false, quote '', escape '', delimiter '\x01', "
            "compression zstd)",
            [text.rstrip("\n")],
        )
    return path.read_bytes()


def parquet(folder: Path, query: str) -> bytes:
    """A query's result as a Parquet file."""
    path = folder / "made.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"copy ({query}) to '{path}' (format parquet)")
    return path.read_bytes()


def values(rows: list[tuple[str, str, str]] = ROWS) -> str:
    """Rows as a query."""
    listed = ", ".join(f"('{i}', '{a}', '{e}', timestamptz '{AT}')" for i, a, e in rows)
    return f'select * from (values {listed}) as rows (id, account, event, "at")'


def intake(folder: Path, **changes: Any) -> Intake:
    """A company whose events are exported as the changes say."""
    return Intake(folder, document({"events": events_source(**changes)}))


def taken(company: Intake) -> list[tuple[Any, ...]]:
    """The rows taken in, in full."""
    company.take_in()
    return company.rows("event_id, account_id, event_name")


@pytest.mark.parametrize(
    ("name", "content", "changes"),
    [
        (".csv", delimited(), {}),
        (".csv.gz", gzipped(delimited().encode()), {}),
        (".tsv", delimited(delimiter="\t"), {}),
        (".csv", delimited(delimiter=";"), {"delimiter": ";"}),
        (".csv", delimited(delimiter="|"), {"delimiter": "|"}),
        (".csv", delimited(delimiter="\x1f"), {"delimiter": "\x1f"}),
        (".csv", delimited(delimiter="||"), {"delimiter": "||"}),
        (".csv", delimited(end="\r\n"), {}),
        (".csv", delimited(header=False), {"header": False, "columns": ["id", "account", "event", "at"]}),
        (".csv", b"\xef\xbb\xbf" + delimited().encode(), {}),
        (".csv.gz", gzipped(b"\xef\xbb\xbf" + delimited().encode()), {}),
        (".csv", delimited().encode("utf-16"), {"encoding": "utf-16"}),
        (".csv.gz", gzipped(delimited().encode("utf-16-le")), {"encoding": "utf-16-le"}),
        (".export", delimited(), {"format": "csv"}),
        (".json", json.dumps(records()), {}),
        (".json", b"\xef\xbb\xbf" + json.dumps(records()).encode(), {}),
        (".json", json.dumps(records(), ensure_ascii=False).encode("utf-16"), {"encoding": "utf-16"}),
        (".json.gz", gzipped(json.dumps(records()).encode()), {}),
        (".json", json.dumps({"data": {"rows": records()}}), {"records": "data.rows"}),
        (".jsonl", lines_of_json(), {}),
        (".jsonl", b"\xef\xbb\xbf" + lines_of_json().encode(), {}),
        (".ndjson.gz", gzipped(lines_of_json().encode()), {}),
        (".jsonl", lines_of_json().replace("\n", "\n\n"), {}),
        (".csv.gz", gzipped(delimited(ROWS[:1]).encode()) + gzipped(delimited(ROWS[1:], header=False).encode()), {}),
    ],
)  # fmt: skip
def test_every_way_of_writing_the_same_rows_gives_the_same_rows(
    tmp_path: Path, name: str, content: str | bytes, changes: dict[str, Any]
) -> None:
    company = intake(tmp_path, **changes)
    company.write(DAY + name, content)
    assert taken(company) == GOLDEN


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "iso-8859-15"])
def test_single_byte_encodings_are_read_as_declared(tmp_path: Path, encoding: str) -> None:
    company = intake(tmp_path, encoding=encoding)
    company.write(DAY + ".csv", delimited(LATIN_ROWS).encode(encoding))
    company.write("events/events_2026-03-02.csv.gz", gzipped(delimited([("3", "acct_euro", "ü")]).encode(encoding)))
    assert taken(company) == [*LATIN_ROWS, ("3", "acct_euro", "ü")]


@pytest.mark.parametrize("name", [".csv.zst", ".jsonl.zst", ".json.zst"])
def test_zstd_is_read(tmp_path: Path, name: str) -> None:
    text = {".csv.zst": delimited(), ".jsonl.zst": lines_of_json(), ".json.zst": json.dumps(records())}[name]
    company = intake(tmp_path)
    company.write(DAY + name, zstd(text, tmp_path))
    assert taken(company) == GOLDEN


def test_parquet_is_read_whatever_its_types(tmp_path: Path) -> None:
    company = intake(tmp_path)
    company.write(DAY + ".parquet", parquet(tmp_path, values()))
    # a later file has its columns in another order, a number as id, and one more column
    company.write(
        "events/events_2026-03-02.parquet",
        parquet(
            tmp_path,
            "select 'x' as more, timestamp '2026-03-02 08:00:00' as \"at\", 'e' as event, 'a' as account, 7 as id",
        ),
    )
    company.describe(document({"events": events_source(timezone="UTC")}))
    assert taken(company) == [*GOLDEN, ("7", "a", "e")]


def test_nested_values_are_json_text_for_expressions(tmp_path: Path) -> None:
    columns = EVENT_COLUMNS | {"account_id": {"expression": "json_extract_string(customer, '$.ids[0]')"}}
    described = document(tables={"usage.events": [{"from": "events", "columns": columns}]})
    company = Intake(tmp_path, described)
    company.write(DAY + ".jsonl", json.dumps({"id": 1, "event": "e", "at": AT, "customer": {"ids": ["a"]}}))
    company.write(
        "events/events_2026-03-02.parquet",
        parquet(tmp_path, f"select 2 as id, 'e' as event, '{AT}' as \"at\", {{'ids': ['b']}} as customer"),
    )
    company.take_in()
    assert company.rows("event_id, account_id") == [("1", "a"), ("2", "b")]


@pytest.mark.parametrize("path", ["events", "events/events_2026-03-01.csv", "events/*.csv", "**/*_2026-*.csv"])
def test_a_path_is_a_folder_a_file_or_a_glob(tmp_path: Path, path: str) -> None:
    company = intake(tmp_path, path=path)
    company.write(DAY + ".csv", delimited())
    assert taken(company) == GOLDEN


def test_columns_are_bound_by_name_whatever_their_order(tmp_path: Path) -> None:
    company = intake(tmp_path)
    company.write(DAY + ".csv", f"at,event,id,extra,account\n{AT},login,1,x,acct_champion\n")
    assert taken(company) == [("1", "acct_champion", "login")]
    assert "columns not mapped, kept out: extra" in str(company.known()[0].message)


def test_null_marks_are_null_and_other_words_are_not(tmp_path: Path) -> None:
    columns = EVENT_COLUMNS | {"user_id": "user"}
    source = events_source(null_values=["", "NULL", "\\N"])
    company = Intake(tmp_path, document({"events": source}, {"usage.events": [{"from": "events", "columns": columns}]}))
    rows = "".join(f"{n},{AT},e,a,{user}\n" for n, user in enumerate(["NULL", "\\N", "", '"NULL"', "null", "u"]))
    company.write(DAY + ".csv", "id,at,event,account,user\n" + rows)
    company.write(
        "events/events_2026-03-02.jsonl",
        json.dumps({"id": "9", "at": AT, "event": "e", "account": "a", "user": "NULL"}),
    )
    company.take_in()
    assert [user for _, user in company.rows("event_id, user_id")] == [None, None, None, None, "null", "u", None]


def test_no_null_marks_leave_every_text_as_it_is(tmp_path: Path) -> None:
    columns = EVENT_COLUMNS | {"properties": "user"}
    source = events_source(null_values=[])
    company = Intake(tmp_path, document({"events": source}, {"usage.events": [{"from": "events", "columns": columns}]}))
    company.write(DAY + ".csv", f"id,at,event,account,user\n1,{AT},e,a,\n2,{AT},e,a,NULL\n")
    company.take_in()
    assert company.rows("event_id, properties") == [("1", ""), ("2", "NULL")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (".csv", b"", "the file is empty (0 bytes)"),
        (".csv.gz", gzipped(b""), "no header line"),
        (".csv", b"\n\n", "no header line"),
        (".csv", b"id,at,ID,event\n", "the header names a column twice: 'ID', 'id'"),
        (".csv.gz", gzipped(delimited().encode())[:-9], "damaged gzip"),
        (".csv.gz", b"not gzip at all", "damaged gzip: Not a gzipped file"),
        (".jsonl.gz", gzipped(lines_of_json().encode())[:-9], "damaged gzip"),
        (".parquet", b"PAR1" + b"x" * 100, "magic bytes"),
        (".csv.zst", b"\x28\xb5\x2f\xfd", "damaged zstd"),
        (".csv.zst", b"nothing like zstd", "damaged zstd"),
        (".json", b'[{"id": 1}, {"id"', "Malformed JSON"),
        (".json", b'[{"id": "\\ud800"}]', "no low surrogate"),
        (".xlsx", b"PK", "names no format"),
    ],
)  # fmt: skip
def test_an_unreadable_file_says_why(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    company = intake(tmp_path)
    company.write(DAY + name, content)
    delivery = company.only()
    assert (delivery.status, delivery.received, delivery.raw_path) == ("unreadable", 0, None)
    assert message in str(delivery.message)
    assert company.take_in() == []


def test_one_flipped_bit_in_a_gzip_is_found(tmp_path: Path) -> None:
    packed = bytearray(gzipped(delimited(ROWS * 200).encode()))
    packed[-6] ^= 1  # in the checksum: the rows would all be read
    company = intake(tmp_path)
    company.write(DAY + ".csv.gz", bytes(packed))
    assert "damaged gzip: CRC check failed" in str(company.only().message)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_zstd_or_parquet_is_not_a_shorter_file(tmp_path: Path, share: float) -> None:
    many = [(str(n), f"acct_{n * 7919 % 1000}", f"event {n * 104729 % 5000}") for n in range(20000)]
    company = intake(tmp_path)
    packed = zstd(delimited(many), tmp_path)
    company.write(DAY + ".csv.zst", packed[: int(len(packed) * share)])
    whole = parquet(tmp_path, values(many[:100]))
    company.write("events/events_2026-03-02.parquet", whole[: int(len(whole) * share)])
    assert [(d.status, d.received) for d in company.take_in()] == [("unreadable", 0)] * 2


def test_a_whole_zstd_of_many_blocks_passes_its_check(tmp_path: Path) -> None:
    many = [(str(n), f"acct_{n}", f"event {n * 104729 % 50000}") for n in range(20000)]
    company = intake(tmp_path)
    company.write(DAY + ".csv.zst", zstd(delimited(many), tmp_path))
    assert company.only().loaded == 20000


def test_a_small_file_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    company = intake(tmp_path)
    company.write(DAY + ".csv.gz", gzipped(b"id,account,event,at\n" + b"0" * (80 << 20)))
    assert "unpacks to more than" in str(company.only().message)
    assert list(company.home.temporary.iterdir()) == []


def test_text_in_another_encoding_than_declared_is_refused(tmp_path: Path) -> None:
    company = intake(tmp_path, encoding="utf-16")
    company.write(DAY + ".csv", delimited().encode() + b"x")
    company.describe(document({"events": events_source(encoding="ascii")}))
    assert "not valid ascii" in str(company.only().message)


ENCODED = delimited(LATIN_ROWS).replace("event", "été")
DECLARE = "; declare its encoding, such as encoding: cp1252"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (".csv", ENCODED.encode("cp1252"), f"The file has: id, account, \ufffdt\ufffd, at{DECLARE}. The mapping reads"),
        (".json", '[{"id": "é"}]'.encode("cp1252"), f"invalid UTF-8 encoding in string{DECLARE}"),
        (".json.gz", gzipped('[{"id": "é"}]'.encode("cp1252")), f"invalid continuation byte{DECLARE}"),
        (".csv", delimited(delimiter=";"), 'declare delimiter: ";"'),
        (".csv", "id|account|event|at\n", "the file has one column, 'id|account|event|at'; declare delimiter: \"|\""),
        (".csv", "id\taccount\n", "the file has one column, 'id\\taccount'; declare delimiter: \"\\t\""),
        (".tsv", "id,account\n", "the file has one column, 'id,account'; declare delimiter: \",\""),
    ],
)  # fmt: skip
def test_a_file_in_another_encoding_or_with_another_delimiter_says_what_to_declare(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    columns = EVENT_COLUMNS | {"event_name": "été"}
    company = Intake(tmp_path, document(tables={"usage.events": [{"from": "events", "columns": columns}]}))
    company.write(DAY + name, content)
    assert message in str(company.only().message)


@pytest.mark.parametrize("name", [".csv", ".jsonl", ".json", ".csv.gz"])
@pytest.mark.parametrize(
    ("declared", "encoding", "said"),
    [
        ("utf-8", "utf-16", "the file is not utf-8; declare encoding: utf-16"),
        ("utf-8", "utf-16-le", "the file is not utf-8; declare encoding: utf-16-le"),
        ("cp1252", "utf-16-be", "the file is not cp1252; declare encoding: utf-16-be"),
        ("utf-16", "utf-8", "the file is not utf-16; declare encoding: utf-8"),
        ("utf-16", "utf-8-sig", "the file is not utf-16; declare encoding: utf-8"),
        ("utf-16-le", "utf-8", "the file is not utf-16-le; declare encoding: utf-8"),
        ("utf-16", "cp1252", f"the file is not utf-16{DECLARE}"),
        ("utf-16", "utf-16-le", "the file is not utf-16; declare encoding: utf-16-le"),
        ("utf-16-le", "utf-16-be", "the file is not utf-16-le; declare encoding: utf-16-be"),
    ],
)
def test_utf_16_is_told_from_other_texts_both_ways(
    tmp_path: Path, name: str, declared: str, encoding: str, said: str
) -> None:
    content = ENCODED.encode(encoding)
    company = intake(tmp_path, encoding=declared)
    company.write(DAY + name, gzipped(content) if name.endswith(".gz") else content)
    assert company.only().message == said


def test_a_file_whose_lines_are_all_malformed_is_taken_in(tmp_path: Path) -> None:
    company = intake(tmp_path)
    company.write(DAY + ".jsonl", b'{"id": "\xe9"}\n{\n')
    company.take_in()
    assert company.quarantine("_row, _reason") == [
        (1, f"malformed line: not valid UTF-8{DECLARE}"), (2, "malformed line: not valid JSON"),
    ]  # fmt: skip


def test_lines_that_are_no_rows_go_to_quarantine_as_text(tmp_path: Path) -> None:
    company = intake(tmp_path)
    company.write(
        DAY + ".csv",
        b"id,account,event,at\n1,a,e,%b\n2,short\n3,a,e,%b,long\n4,a,\xff\xfe,%b\n5,a\x00b,e,%b\n"
        % ((AT.encode(),) * 4),
    )
    delivery = company.only()
    assert (delivery.received, delivery.loaded, delivery.quarantined) == (5, 2, 3)
    found = company.quarantine("_row, _reason, _text")
    assert [(row, reason.split(".")[0]) for row, reason, _ in found] == [
        (3, "malformed line: Expected Number of Columns: 4 Found: 2"),
        (4, "malformed line: Expected Number of Columns: 4 Found: 5"),
        (5, "malformed line: not valid UTF-8; declare its encoding, such as encoding: cp1252"),
    ]
    assert found[0][2] == "2,short"
    assert company.rows("event_id, account_id") == [("1", "a"), ("5", "a\x00b")]


@pytest.mark.parametrize("packed", [False, True])
def test_a_row_is_numbered_by_its_line_in_the_file(tmp_path: Path, packed: bool) -> None:
    company = intake(tmp_path)
    gap, header = {"from_row": "0", "gap": "0", "rowid": "0"}, "id,account,event,at,from_row,gap,rowid"
    lines = {"g": "1,a,e,{at},0,0,0", "b": "1,,e,{at},0,0,0", "m": "short"}  # good, without account, malformed
    for day, kinds in enumerate(["mbgmmbm", "bg", "mm", "gmb"], 1):
        text = "\n".join([header, *(lines[kind].format(at=AT) for kind in kinds)]) + "\n"
        name = f"events/events_2026-03-0{day}.csv"
        company.write(name + ".gz" if packed else name, gzipped(text.encode()) if packed else text)
    record = records()[0] | gap
    by_line = [
        json.dumps(record),
        b"\xff\xfe",
        json.dumps(record | {"account": ""}),
        "{",
        json.dumps(record | {"at": "x"}),
    ]
    text_of = b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in by_line)
    company.write("events/events_2026-03-05.jsonl", text_of)
    company.write("events/events_2026-03-06.json", json.dumps([record, 7, record | {"account": ""}]))
    company.take_in()
    # the header is line 1; a line that is no row has its number too
    rejected = [("1", [2, 3, 5, 6, 7, 8]), ("2", [2]), ("3", [2, 3]), ("4", [3, 4]), ("5", [2, 3, 4, 5]), ("6", [2, 3])]
    assert company.quarantine("_file[24:24], _row") == [(day, row) for day, rows in rejected for row in rows]
    assert [row for row, reason in company.quarantine() if not reason.startswith("malformed")] == [2, 3, 3, 3, 4, 5, 7]
    good = [("1", 4), ("2", 3), ("4", 2), ("5", 1), ("6", 1)]
    assert company.rows("_file[24:24], _row") == good


def test_without_a_header_the_first_row_is_line_1(tmp_path: Path) -> None:
    company = intake(tmp_path, header=False, columns=["id", "account", "event", "at"])
    company.write(DAY + ".csv", f"1,a,e,{AT}\nshort\n3,,e,{AT}\n")
    company.take_in()
    assert (company.rows("_row"), company.quarantine("_row")) == ([(1,)], [(2,), (3,)])


def test_json_lines_that_are_no_objects_go_to_quarantine_as_text(tmp_path: Path) -> None:
    company = intake(tmp_path)
    good = json.dumps(records()[0])
    company.write(DAY + ".jsonl", f'{{"id": \n{good}\n[1]\n\n{{"id": "\\ud800"}}\n')
    company.write("events/events_2026-03-02.json", json.dumps([records()[1], 7]))
    assert [(d.received, d.loaded, d.quarantined) for d in company.take_in()] == [(4, 1, 3), (2, 1, 1)]
    assert company.quarantine("_file, _row, _reason, _text") == [
        ("events/events_2026-03-01.jsonl", 1, "malformed line: not valid JSON", '{"id": '),
        ("events/events_2026-03-01.jsonl", 3, "malformed line: the record is not a JSON object", "[1]"),
        ("events/events_2026-03-01.jsonl", 4, "malformed line: not valid JSON", '{"id": "\\ud800"}'),
        ("events/events_2026-03-02.json", 2, "malformed line: the record is not a JSON object", "7"),
    ]


def test_a_very_long_field_is_taken_and_an_absurd_one_rejected_alone(tmp_path: Path) -> None:
    company = intake(tmp_path)
    company.write(
        DAY + ".csv", f"id,account,event,at\n1,a,{'x' * 5_000_000},{AT}\n2,a,{'y' * 20_000_000},{AT}\n3,a,e,{AT}\n"
    )
    delivery = company.only()
    assert (delivery.loaded, delivery.quarantined) == (2, 1)
    assert company.rows("event_id, length(event_name)") == [("1", 5_000_000), ("3", 1)]


def test_hostile_column_names_are_names(tmp_path: Path) -> None:
    names = {"event_id": 'i"d', "account_id": "a;c'c", "event_name": "two\nlines", "occurred_at": "); drop table x; --"}
    company = Intake(tmp_path, document(tables={"usage.events": [{"from": "events", "columns": names}]}))
    header = ",".join('"' + name.replace('"', '""') + '"' for name in [*names.values(), "slot", "value", "_row", ""])
    company.write(DAY + ".csv", f"{header}\n1,a,login,{AT},1,2,3,4\n2,,login,{AT},1,2,3,4\n")
    company.write(
        "events/events_2026-03-02.jsonl",
        json.dumps(dict(zip([*names.values(), ""], ["3", "a", "e", AT, 1], strict=True))),
    )
    company.take_in()
    assert company.rows("event_id, account_id, event_name") == [("1", "a", "login"), ("3", "a", "e")]
    assert company.quarantine("_reason, _text ->> '$._row'") == [("account_id is required and empty", "3")]


def test_expressions_may_use_columns_called_like_ours(tmp_path: Path) -> None:
    columns = EVENT_COLUMNS | {
        "quantity": {"expression": "slot"},
        "user_id": {"expression": "known_on || value || code"},
    }
    described = document(
        tables={"usage.events": [{"from": "events", "where": "file_number <> '0'", "columns": columns}]}
    )
    company = Intake(tmp_path, described)
    company.write(
        DAY + ".csv",
        f"id,account,event,at,slot,known_on,value,code,file_number\n1,a,e,{AT},5,x,y,z,1\n2,a,e,{AT},5,x,y,z,0\n",
    )
    company.take_in()
    assert company.rows("event_id, quantity::int, user_id") == [("1", 5, "xyz")]


def test_ten_thousand_columns_and_deep_json_are_read(tmp_path: Path) -> None:
    company = intake(tmp_path)
    more = ",".join(f"c{n}" for n in range(3000))
    company.write(DAY + ".csv", f"id,account,event,at,{more}\n1,a,e,{AT},{',' * 2999}\n")
    deep = '{"a":' * 5000 + "1" + "}" * 5000
    company.write("events/events_2026-03-02.jsonl", json.dumps(records()[1])[:-1] + f', "deep": {deep}}}\n')
    assert [d.loaded for d in company.take_in()] == [1, 1]


def test_the_list_at_records_must_be_there(tmp_path: Path) -> None:
    company = intake(tmp_path, records="data.rows")
    company.write(DAY + ".json", '{"data": {"items": []}}')
    assert company.only().message == "the document has no list at 'data.rows'"


@pytest.mark.parametrize(("name", "content"), [(".csv", "id,account,event,at\n"), (".json", "[]"), (".jsonl", "\n")])
def test_an_empty_feed_is_a_delivery_without_rows(tmp_path: Path, name: str, content: str) -> None:
    company = intake(tmp_path)
    company.write(DAY + name, content)
    delivery = company.only()
    assert (delivery.status, delivery.received, delivery.slot) == ("loaded", 0, "2026-03-01")
    assert str(delivery.message).startswith("no rows")


def test_a_missing_required_column_names_both_lists_and_the_nearest(tmp_path: Path) -> None:
    company = intake(tmp_path)
    company.write(DAY + ".csv", f"id,acount,event,at\n1,a,e,{AT}\n")
    delivery = company.only()
    assert delivery.status == "unreadable"
    assert delivery.message == (
        "required column 'account' not found; did you mean 'acount'? "
        "The file has: id, acount, event, at. The mapping reads: account, at, event, id."
    )


def test_a_json_file_without_a_required_key_is_refused_among_good_ones(tmp_path: Path) -> None:
    company = intake(tmp_path)
    company.write(DAY + ".jsonl", lines_of_json())
    company.write("events/events_2026-03-02.jsonl", json.dumps({"id": "3", "event": "e", "at": AT}))
    company.write("events/events_2026-03-03.jsonl", json.dumps(records([("4", "a", "e")])[0]))
    assert [(d.file_name[-16:], d.status) for d in company.take_in()] == [
        ("2026-03-01.jsonl", "loaded"), ("2026-03-02.jsonl", "unreadable"), ("2026-03-03.jsonl", "loaded"),
    ]  # fmt: skip
    assert "required column 'account' not found" in str(company.known()[1].message)


def test_json_may_leave_out_what_is_empty(tmp_path: Path) -> None:
    columns = EVENT_COLUMNS | {"user_id": "user", "quantity": {"expression": "coalesce(n, '2')"}}
    company = Intake(tmp_path, document(tables={"usage.events": [{"from": "events", "columns": columns}]}))
    company.write(DAY + ".jsonl", json.dumps({"id": 1, "account": "a", "event": "e", "at": AT}))
    company.take_in()
    assert company.rows("event_id, user_id, quantity::int") == [("1", None, 2)]
