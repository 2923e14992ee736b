"""SQL that turns the text of one column into the contract's type, and the words for text that does not cast.

How rows are put together from columns is in `typed_rows.py`; which rules apply to a table in `contract.yml`.
"""

from __future__ import annotations

from dataclasses import dataclass

from dagster_project.sources.contract import Column
from dagster_project.sources.mapping import EPOCHS, ColumnMapping, Source
from dagster_project.sources.warehouse import literal, quoted

FIRST_DAY, LAST_DAY = "1900-01-01", "2199-12-31"
INTEGER = r"[+-]?[0-9]{1,18}(\.0*)?"
NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
PLAIN_NUMBER = r"[+-]?([0-9]+\.?[0-9]{0,10}|\.[0-9]{1,10})0*"
COMMA_NUMBER = r"[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)(,[0-9]*)?"
DAY = r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
NAIVE = DAY + r"[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]*)?)?"
UTC_TIME = NAIVE + "Z"
ZONED = r":[0-9]{2}(\.[0-9]+)?( ?UTC|[Zz]|[+-][0-9]{2}(:?[0-9]{2})?)$"
TIME_OF_DAY = ("%H", "%I", "%X", "%c")
NUMERIC = ("integer", "decimal", "rate", "amount")

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


@dataclass(frozen=True)
class CastColumn:
    """SQL of one contract column, over `text_<column>`, in steps that each see the names of the step before.

    `civil` is the date of a text that is only a date, as `civil_<column>`; `interim` what the value is judged from, as
    `interim_<column>`; `value` and `day` are what raw holds. A row is rejected for `reason` when `rejected` holds.
    """

    name: str
    civil: str | None
    interim: str | None
    value: str
    day: str | None
    rejected: str | None
    reason: str


def text_expression(column: Column, mapping: ColumnMapping, source: Source) -> str:
    """The column's text before casting, over the columns of `landed`; numbers are written as the source writes them."""
    has_comma = source.decimal == "," and column.type in NUMERIC
    if mapping.constant is not None:
        return literal(mapping.constant.replace(".", ",") if has_comma else mapping.constant)
    if mapping.expression is not None:
        text = f"cast(({mapping.expression}) as varchar)"
        if has_comma:
            return (
                f"case when typeof(({mapping.expression})) = 'VARCHAR' then {text} else replace({text}, '.', ',') end"
            )
        return text
    return f"landed.{quoted(mapping.column or '')}"


def _number(text: str, source: Source) -> str:
    if source.decimal == ",":
        plain = f"replace(replace(trim({text}), '.', ''), ',', '.')"
        return f"case when regexp_full_match(trim({text}), '{COMMA_NUMBER}') then {plain} end"
    return f"trim({text})"


def _if_written(text: str, pattern: str, value: str) -> str:
    """The value where the text is written as the pattern says: casts alone take 'nan', 'epoch' and trailing words."""
    return f"case when regexp_full_match({text}, '{pattern}') then {value} end"


def _declared_formats(source: Source) -> str:
    """As it follows `is not a time`; nothing where none is declared."""
    declared = {"timestamp_format": source.timestamp_format, "date_format": source.date_format}
    named = " or ".join(f'{key} "{format_}"' for key, format_ in declared.items() if format_)
    return f" by {named}" if named else ""


def naive_time(text: str, source: Source) -> str:
    """The wall-clock time of a text without a zone."""
    if source.timestamp_format and source.timestamp_format not in EPOCHS:
        return f"try_strptime({text}, {literal(source.timestamp_format)})"
    return _if_written(text, NAIVE, f"try_cast({text} as timestamp)")


def _epoch(text: str, source: Source) -> str:
    """UTC time of seconds or milliseconds since 1970."""
    factor, digits = (1_000_000, 10) if source.timestamp_format == "epoch_seconds" else (1_000, 13)
    exact = f"try_cast(round(try_cast({text} as decimal(28, 6)) * {factor}) as bigint)"
    # most are whole, and the arithmetic of long decimals costs ten times as much
    return (
        f"case when regexp_full_match({text}, '-?[0-9]{{1,{digits}}}') then make_timestamp(cast({text} as bigint) * {factor}) "
        f"when abs({exact}) < 9000000000000000 then make_timestamp({exact}) end"
    )


def _civil(text: str, source: Source, format_: str | None) -> str:
    """The date of a text that is only a date; it is never converted."""
    iso = _if_written(text, DAY, f"try_cast({text} as date)")
    if format_:
        return f"coalesce(cast(try_strptime({text}, {literal(format_)}) as date), {iso})"
    return f"case when length({text}) <= 10 then {iso} end"


def civil_day(at: str, timezone: str) -> str:
    """The day of a UTC time in a timezone."""
    return f"cast({at} as date)" if timezone == "UTC" else f"cast({_local(at, timezone)} as date)"


def _local(at: str, timezone: str) -> str:
    return f"timezone({literal(timezone)}, timezone('UTC', {at}))"


def _utc(naive: str, timezone: str) -> str:
    """UTC time of a wall-clock time: in a gap the time after it, of an hour that comes twice the second."""
    return naive if timezone == "UTC" else f"timezone('UTC', timezone({literal(timezone)}, {naive}))"


def _instant(name: str, source: Source, timezone: str) -> tuple[str | None, str]:
    """(civil date, UTC time) of a text."""
    text = f"trim(text_{name})"
    format_ = source.timestamp_format
    if format_ in EPOCHS:
        return None, _epoch(text, source)
    if format_ and "%z" in format_.lower():
        return None, f"timezone('UTC', try_strptime({text}, {literal(format_)}))"
    midnight = _utc(f"cast(civil_{name} as timestamp)", timezone)
    if format_ and not any(mark in format_ for mark in TIME_OF_DAY):
        return _civil(text, source, format_), midnight
    naive = naive_time(text, source)
    naive_at = _utc(naive, source.timezone) if source.timezone else "cast(null as timestamp)"
    zoned = f"regexp_matches({text}, '{ZONED}')"
    if format_:
        zoned = f"{naive} is null and {zoned}"
    # most times end with Z: the plain cast, which does not look at the zone, takes a quarter of the time
    utc = "" if format_ else f"when regexp_full_match({text}, '{UTC_TIME}') then try_cast({text} as timestamp) "
    return _civil(text, source, source.date_format), (
        f"case when civil_{name} is not null then {midnight} {utc}"
        f"when {zoned} then timezone('UTC', try_cast({text} as timestamptz)) else {naive_at} end"
    )


def date_steps(name: str, source: Source, timezone: str) -> tuple[str, str, str]:
    """(civil, interim, value) of a date: of a time with a zone the day in the reporting timezone, else its own day."""
    text = f"trim(text_{name})"
    at = _epoch(text, source) if source.timestamp_format in EPOCHS else f"try_cast({text} as timestamptz)"
    if source.timestamp_format in EPOCHS:
        other = civil_day(at, timezone)
    else:
        zoned = f"cast(timezone({literal(timezone)}, {at}) as date)"
        other = f"case when regexp_matches({text}, '{ZONED}') then {zoned} else cast({naive_time(text, source)} as date) end"
    interim = f"case when civil_{name} is not null then civil_{name} else {other} end"
    return _civil(text, source, source.date_format), interim, _bounded(f"interim_{name}", "date")


def _bounded(value: str, sql_type: str) -> str:
    """Years before 1900 and after 2199 are mistakes: epoch milliseconds taken for seconds, year 1, year 9999."""
    return f"case when cast({value} as date) between date '{FIRST_DAY}' and date '{LAST_DAY}' then {value} end"


def _boolean(text: str) -> str:
    low = f"lower(trim({text}))"
    return (
        f"case when {low} in ('true', 't', 'yes', 'y', '1') then true "
        f"when {low} in ('false', 'f', 'no', 'n', '0') then false end"
    )


def _allowed(text: str, allowed: tuple[str, ...]) -> str:
    whens = " ".join(f"when {literal(value.lower())} then {literal(value)}" for value in allowed)
    return f"case lower(trim({text})) {whens} end"


def _major(number: str) -> str:
    """An amount in major units, exactly, in minor units of its currency; it may still have decimals."""
    scaled = f"try_cast({number} as decimal(28, 10)) * cast(power(10, currency_exponent) as bigint)"
    return _if_written(number, PLAIN_NUMBER, scaled)


def _value_of(
    column: Column, mapping: ColumnMapping, source: Source, timezone: str
) -> tuple[str | None, str | None, str, str]:
    """(civil, interim, value, words of a rejection) of a column."""
    name, text = column.name, f"text_{column.name}"
    words = WORDS.get(column.type, "cannot be read")
    if column.allowed:
        return None, None, _allowed(text, column.allowed), f"is none of {', '.join(column.allowed)}"
    if column.type == "instant":
        civil, interim = _instant(name, source, timezone)
        return civil, interim, _bounded(f"interim_{name}", "timestamp"), words + _declared_formats(source)
    if column.type == "date":
        return *date_steps(name, source, timezone), words + _declared_formats(source)
    if column.type == "boolean":
        return None, None, _boolean(text), words
    if column.type == "currency":
        return None, None, "currency_code", words
    if column.type == "id":
        return None, None, f"nullif(trim({text}), '')", words
    if column.type not in NUMERIC:
        return None, None, text, words
    if column.type == "amount" and mapping.unit == "major":
        whole = f"case when interim_{name} = trunc(interim_{name}) then try_cast(interim_{name} as bigint) end"
        return None, _major(_number(text, source)), whole, "is not an amount, or has more decimals than its currency"
    number, interim = f"interim_{name}", _number(text, source)
    pattern = NUMBER if column.type in ("decimal", "rate") else INTEGER
    return None, interim, _if_written(number, pattern, f"try_cast({number} as {column.sql_type})"), words


def cast_column(column: Column, mapping: ColumnMapping, source: Source, timezone: str) -> CastColumn:
    """The SQL of one mapped column; `timezone` is that of the reports."""
    name, text = column.name, f"text_{column.name}"
    civil, interim, value, words = _value_of(column, mapping, source, timezone)
    rejected = (
        []
        if column.type in ("id", "text") and not column.allowed
        else [f"({text} is not null and {quoted(name)} is null)"]
    )
    if column.minimum is not None:
        rejected.append(f"{quoted(name)} not between {column.minimum} and {column.maximum}")
        words += f" from {column.minimum} to {column.maximum}"
    said = literal(f"' {words}")
    reason = f"concat('{name}: ''', left({text}, 60), {said})"
    if column.required:
        rejected.append(f"{quoted(name)} is null")
        missing = f"'{name} is required and empty'"
        if mapping.lookup:
            keys = ", ', ', ".join(f"match_{name}_{n}" for n in range(len(mapping.lookup.match)))
            missing = f"concat('{name} has no match in the lookup {mapping.lookup.source} for ''', {keys}, '''')"
        reason = f"case when {text} is null then {missing} else {reason} end"
    if column.default is not None:
        default = literal(str(column.default).lower())
        value = f"case when {text} is null then cast({default} as {column.sql_type}) else {value} end"
    day = None
    if column.day_name:
        day = civil_day(f"interim_{name}", timezone)
        if civil:
            day = f"case when civil_{name} is not null then civil_{name} else {day} end"
        day = f"case when {quoted(name)} is not null then {day} end"
    return CastColumn(name, civil, interim, value, day, " or ".join(rejected) or None, reason)
