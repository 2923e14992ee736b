"""SQL that turns a feed's text columns into the contract's types and says why a row cannot be taken.

Reads the temp table `landed` (all text); every expression is over its columns. Reading files lives in
`reading.py`, what becomes of the rows in `loading.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from dagster_project.sources.contract import Column
from dagster_project.sources.mapping import ColumnMapping, Feed, nearest
from dagster_project.sources.reading import UnreadableFileError
from dagster_project.sources.warehouse import literal, quoted

FIRST_YEAR, LAST_YEAR = 1900, 2199
INTEGER = r"[+-]?\d{1,18}(\.0+)?"
ZONE = r".*\d{1,2}:\d{2}.*(Z|z|UTC|[+-]\d{2}(:?\d{2})?)$"
DAY_ONLY = r"\s*\d{4}-\d{2}-\d{2}\s*"


@dataclass(frozen=True)
class CastColumn:
    """SQL of one contract column: its text, its typed value, and the condition and words of a rejection."""

    name: str
    text: str
    value: str
    day: str | None
    rejected: str
    reason: str


def text_expression(mapping: ColumnMapping, lookup_number: int | None) -> str:
    """The column's text before casting."""
    if mapping.lookup is not None:
        return f"lookup_{lookup_number}.value"
    if mapping.constant is not None:
        return literal(mapping.constant)
    if mapping.expression is not None:
        return f"cast(({mapping.expression}) as varchar)"
    return f"landed.{quoted(mapping.column or '')}"


def _number(text: str, feed: Feed) -> str:
    trimmed = f"trim({text})"
    if feed.source.decimal == ",":
        return f"replace(replace({trimmed}, '.', ''), ',', '.')"
    return trimmed


def _exact(text: str, sql_type: str) -> str:
    """A decimal cast that refuses what it would otherwise round or swallow: NaN, infinities, words."""
    return f"case when regexp_full_match({text}, '[+-]?[0-9]*\\.?[0-9]+([eE][+-]?[0-9]+)?') then try_cast({text} as {sql_type}) end"


def _in_years(value: str) -> str:
    return f"case when year({value}) between {FIRST_YEAR} and {LAST_YEAR} then {value} end"


def _instant(text: str, feed: Feed, reporting_timezone: str) -> tuple[str, str]:
    """(UTC timestamp, civil day in the reporting timezone) of a text; both null when it is not a time."""
    zone = literal(reporting_timezone)
    trimmed = f"trim({text})"
    source_zone = feed.source.timezone
    format_ = feed.source.timestamp_format
    day_format = feed.source.date_format
    if format_ in ("epoch_seconds", "epoch_milliseconds"):
        divisor = 1_000_000 if format_ == "epoch_seconds" else 1_000
        micros = f"try_cast(round(try_cast({trimmed} as decimal(28, 6)) * {divisor}) as bigint)"
        at = _in_years(f"make_timestamp({micros})")
        return at, f"cast(timezone({zone}, timezone('UTC', {at})) as date)"
    if format_ and "%z" in format_.lower():
        zoned = f"try_strptime({trimmed}, {literal(format_)})"
        at = _in_years(f"timezone('UTC', {zoned})")
        return at, f"cast(timezone({zone}, timezone('UTC', {at})) as date)"
    date_only = f"regexp_full_match({text}, '{DAY_ONLY}')"
    day = f"try_cast({trimmed} as date)"
    if day_format:
        day = f"coalesce(cast(try_strptime({trimmed}, {literal(day_format)}) as date), {day})"
        date_only = f"(try_strptime({trimmed}, {literal(day_format)}) is not null or {date_only})"
    if format_ and "%H" not in format_ and "%I" not in format_:
        day, date_only = f"cast(try_strptime({trimmed}, {literal(format_)}) as date)", "true"
    naive = f"try_strptime({trimmed}, {literal(format_)})" if format_ else f"try_cast({trimmed} as timestamp)"
    zoned_at = f"timezone('UTC', try_cast({trimmed} as timestamptz))"
    naive_at = (
        f"timezone('UTC', timezone({literal(source_zone)}, {naive}))" if source_zone else "cast(null as timestamp)"
    )
    midnight = f"timezone('UTC', timezone({zone}, cast({day} as timestamp)))"
    at = _in_years(
        f"case when {date_only} then {midnight} "
        f"when regexp_full_match({trimmed}, '{ZONE}') then {zoned_at} else {naive_at} end"
    )
    civil = (
        f"case when {date_only} then {_in_years(day)} else cast(timezone({zone}, timezone('UTC', {at})) as date) end"
    )
    return at, civil


def _date(text: str, feed: Feed) -> str:
    trimmed = f"trim({text})"
    iso = f"coalesce(try_cast({trimmed} as date), cast(try_cast({trimmed} as timestamp) as date))"
    if feed.source.date_format:
        iso = f"coalesce(cast(try_strptime({trimmed}, {literal(feed.source.date_format)}) as date), {iso})"
    return _in_years(iso)


def _integer(text: str) -> str:
    return f"case when regexp_full_match({text}, '{INTEGER}') then try_cast({text} as bigint) end"


def _amount(text: str, unit: str, exponent: str) -> str:
    if unit == "minor":
        return _integer(text)
    scaled = f"({_exact(text, 'decimal(28, 10)')}) * cast(power(10, {exponent}) as bigint)"
    return f"case when ({scaled}) = floor({scaled}) then try_cast({scaled} as bigint) end"


def _boolean(text: str) -> str:
    low = f"lower(trim({text}))"
    return (
        f"case when {low} in ('true', 't', 'yes', 'y', '1') then true "
        f"when {low} in ('false', 'f', 'no', 'n', '0') then false end"
    )


def _allowed(text: str, allowed: tuple[str, ...]) -> str:
    whens = " ".join(f"when {literal(value.lower())} then {literal(value)}" for value in allowed)
    return f"case lower(trim({text})) {whens} end"


WORDS = {
    "integer": "is not a whole number",
    "decimal": "is not a number",
    "rate": "is not a number",
    "amount": "is not an amount in minor units",
    "currency": "is not a known currency",
    "instant": "is not a time",
    "date": "is not a date",
    "boolean": "is not true or false",
}


def cast_column(
    column: Column,
    mapping: ColumnMapping,
    feed: Feed,
    reporting_timezone: str,
    lookup_number: int | None,
) -> CastColumn:
    """The SQL of one mapped column, over `text_<column>`, `currency_code` and `currency_exponent`."""
    source_text = f"text_{column.name}"
    words = WORDS.get(column.type, "cannot be read")
    day: str | None = None
    if column.allowed:
        value = _allowed(source_text, column.allowed)
        words = f"is none of {', '.join(column.allowed)}"
    elif column.type == "integer":
        value = _integer(_number(source_text, feed))
    elif column.type in ("decimal", "rate"):
        value = _exact(_number(source_text, feed), column.sql_type)
    elif column.type == "amount":
        value = _amount(_number(source_text, feed), mapping.unit, "coalesce(currency_exponent, 2)")
        if mapping.unit == "major":
            words = "is not an amount, or has more decimals than its currency"
    elif column.type == "currency":
        value = "currency_code"
    elif column.type == "instant":
        value, day = _instant(source_text, feed, reporting_timezone)
        if feed.source.timezone is None and not feed.source.timestamp_format:
            words = "is not a time, or is a time without a zone while the source declares no timezone"
    elif column.type == "date":
        value = _date(source_text, feed)
    elif column.type == "boolean":
        value = _boolean(source_text)
    elif column.type == "id":
        value = f"nullif(trim({source_text}), '')"
    else:
        value = source_text
    rejected = [f"({source_text} is not null and {quoted(column.name)} is null)"] if column.type != "id" else []
    if column.minimum is not None:
        rejected.append(f"{quoted(column.name)} not between {column.minimum} and {column.maximum}")
        words += f" from {column.minimum} to {column.maximum}"
    shown = f"left({source_text}, 60)"
    reason = f"concat('{column.name}: ''', {shown}, ''' {words}')"
    if column.required:
        rejected.append(f"{quoted(column.name)} is null")
        missing = "has no match in the lookup" if mapping.lookup else "is required and empty"
        reason = f"case when {source_text} is null then '{column.name} {missing}' else {reason} end"
    if column.default is not None:
        default = literal(str(column.default).lower())
        value = f"case when {source_text} is null then cast({default} as {column.sql_type}) else {value} end"
    return CastColumn(
        name=column.name,
        text=text_expression(mapping, lookup_number),
        value=value,
        day=day,
        rejected=" or ".join(rejected) or "false",
        reason=reason,
    )


def usable_columns(feed: Feed, have: list[str]) -> tuple[dict[str, ColumnMapping], list[str]]:
    """The usable column mappings and notes; raises UnreadableFileError when a required column is missing."""
    used: dict[str, ColumnMapping] = {}
    missing_required: list[str] = []
    notes: list[str] = []
    read: set[str] = set()
    for name, column_mapping in feed.columns.items():
        wanted = [column_mapping.column] if column_mapping.column else []
        wanted += [here for here, _ in column_mapping.lookup.match] if column_mapping.lookup else []
        read.update(wanted)
        absent = [column for column in wanted if column not in have]
        if not absent:
            used[name] = column_mapping
        elif feed.table.columns[name].must_be_mapped:
            missing_required += absent
        else:
            notes.append(f"column {absent[0]!r} (for {name}) is missing{nearest(absent[0], have)}")
    if missing_required:
        hints = "".join(nearest(column, have) for column in missing_required[:1])
        raise UnreadableFileError(
            f"required column(s) {', '.join(map(repr, missing_required))} not found{hints}. "
            f"The file has: {', '.join(have) or 'none'}. The mapping reads: {', '.join(sorted(read))}."
        )
    expressions = " ".join(m.expression or "" for m in feed.columns.values()) + (feed.where or "")
    unknown = [column for column in have if column not in read and column not in expressions]
    if unknown:
        notes.append(f"columns not mapped, kept out: {', '.join(unknown)}")
    return used, notes


def typed_rows(feed: Feed, used: dict[str, ColumnMapping], have: list[str], reporting_timezone: str) -> str:
    """SQL of the typed rows over the temp tables `landed` and `batch` (`_path`, `file_number`, `slot`, `first_row`).

    Yields the contract's columns, `file_number`, `_slot`, `_row` (in its file), `_landed_row`, `_hash` of the row's
    text, and `_reason` (null when the row is good).
    """
    lookups: list[str] = []
    casts: list[CastColumn] = []
    for name, column_mapping in used.items():
        number = None
        if column_mapping.lookup:
            number = len(lookups)
            on = " and ".join(
                f"lookup_{number}.key_{n} = landed.{quoted(here)}"
                for n, (here, _) in enumerate(column_mapping.lookup.match)
            )
            lookups.append(f"left join lookup_{number} on {on}")
        casts.append(cast_column(feed.table.columns[name], column_mapping, feed, reporting_timezone, number))
    texts = ", ".join(f"{c.text} as text_{c.name}" for c in casts)
    scaled = "select * from texts"
    if "currency" in used:
        scaled = (
            "select texts.*, currencies.code as currency_code, currencies.exponent as currency_exponent from texts "
            "left join currencies on currencies.code = upper(trim(text_currency))"
        )
    values = ", ".join(
        f"{c.value} as {quoted(c.name)}"
        + (f", {c.day} as {quoted(feed.table.columns[c.name].day_name or '')}" if c.day else "")
        for c in casts
    )
    absent = "".join(_absent(column) for column in feed.table.columns.values() if column.name not in used)
    slot, slot_reasons = _slot_expression(feed)
    reasons = [f"when {c.rejected} then {c.reason}" for c in casts if c.rejected != "false"] + slot_reasons
    reason = f"case {' '.join(reasons)} end" if reasons else "cast(null as varchar)"
    hashed = ", ".join(f"landed.{quoted(name)}" for name in have)
    where = f"where {feed.where}" if feed.where else ""
    return f"""
        with texts as (
            select {texts}, {slot} as _slot, batch.file_number, landed._row as _landed_row,
                landed._row - batch.first_row + 1 as _row, hash({hashed}) as _hash
            from landed inner join batch on batch._path = landed._path {" ".join(lookups)} {where}
        ),
        scaled as ({scaled}),
        typed as (select *, {values}{absent} from scaled)
        select *, {reason} as _reason from typed
    """


def _absent(column: Column) -> str:
    """A column that is not mapped: its default, else null."""
    default = literal(str(column.default).lower()) if column.default is not None else "null"
    day = f", cast(null as date) as {quoted(column.day_name)}" if column.day_name else ""
    return f", cast({default} as {column.sql_type}) as {quoted(column.name)}{day}"


def _slot_expression(feed: Feed) -> tuple[str, list[str]]:
    """SQL of a row's slot, and the rejections that have to do with it."""
    slot_column = feed.source.slot.column
    if slot_column is None:
        if feed.table.kind != "append" or not feed.table.event_day:
            return "batch.slot", []
        time = feed.table.event_time
        too_late = f"concat('{time}: ''', left(text_{time}, 60), ''' lies after the end of its slot ', _slot)"
        return "batch.slot", [f"when {quoted(feed.table.event_day)} > _slot then {too_late}"]
    text = f"trim(landed.{quoted(slot_column)})"
    slot = f"try_cast(left({text}, 10) as date)"
    if feed.source.date_format:
        slot = f"cast(try_strptime({text}, {literal(feed.source.date_format)}) as date)"
    return slot, [f"when _slot is null then {literal(f'the slot column {slot_column} holds no day')}"]
