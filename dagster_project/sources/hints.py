"""What to declare in `sources.yml` so that a rejected text would be read, added to the reason of its row.

Works on the temp table `typed` after the fact, and only where rows were rejected: what is loaded every day does not pay
for it. The reasons themselves are in `casting.py` and `typed_rows.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import duckdb

from dagster_project.sources.casting import naive_time
from dagster_project.sources.mapping import EPOCHS, Feed, Source
from dagster_project.sources.warehouse import literal

DATE_FORMATS = (
    "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%Y", "%m-%d-%Y", "%Y.%m.%d", "%Y%m%d",
)  # fmt: skip
FIELDS = {
    "%d": "(0?[1-9]|[12][0-9]|3[01])", "%m": "(0?[1-9]|1[0-2])", "%Y": "(19|20|21)[0-9]{2}", "%y": "[0-9]{2}", ".": "[.]",
}  # fmt: skip
CLOCK = "( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)"
DECIMAL_COMMA = r"[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+),[0-9]+"
COMMA_OF_THOUSANDS = r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+"


def add_hints(connection: duckdb.DuckDBPyConnection, feed: Feed, used: Iterable[str]) -> None:
    """Add to the reasons in `typed` what would mend them; `used` names the columns that are mapped."""
    if not connection.execute("select 1 from typed where _reason is not null limit 1").fetchone():
        return
    told = {f"{name}: '%' is not a%": _hint(feed.table.columns[name].type, feed.source) for name in used}
    told[f"the slot column {feed.source.slot.column} holds no day: '%"] = _hint("date", feed.source)
    whens = " ".join(f"when _reason like {literal(like)} then {hint}" for like, hint in told.items() if hint)
    # the text stands between the quotes of its reason
    text = "trim(regexp_extract(_reason, '''(.*)''', 1, 's'))"
    connection.execute(
        f"update typed set _reason = concat(_reason, hint) from (select _landed_row, case {whens} end as hint from "
        f"(select _landed_row, _reason, {text} as said from typed where _reason is not null)) as hints "
        "where typed._landed_row = hints._landed_row and hint is not null"
    )


def _hint(type_: str, source: Source) -> str | None:
    """SQL over the text `said`, null where nothing can be told."""
    if type_ == "instant":
        format_, told = source.timestamp_format, _of_a_time(source, needs_timezone=source.timezone is None)
        if source.timezone or format_ in EPOCHS or (format_ and "%z" in format_.lower()):
            return told
        has_no_zone = f"{naive_time('said', source)} is not null"
        return f"case when {has_no_zone} then ': it has no zone; declare timezone' else {told} end"
    if type_ == "date":
        return _of_a_time(source, needs_timezone=False)
    return _of_a_number(source) if type_ in ("decimal", "rate", "amount") else None


def _of_a_time(source: Source, needs_timezone: bool) -> str:
    if source.date_format and source.timestamp_format:
        return "null"
    clock = CLOCK + "?" if not (source.date_format or source.timestamp_format) else CLOCK if source.date_format else ""
    zone = "' and timezone'" if needs_timezone else "''"
    told = (
        "'; declare ' || case when said like '%:%' then 'timestamp' else 'date' end || '_format: ' "
        f"|| {_fitting(clock)} || case when said like '%:%' then {zone} else '' end"
    )
    if source.timestamp_format:
        return told
    epoch = "'; declare timestamp_format: epoch_"
    return (
        f"case when regexp_full_match(said, '[0-9]{{10}}') then {epoch}seconds' "
        f"when regexp_full_match(said, '[0-9]{{13}}') then {epoch}milliseconds' else {told} end"
    )


def _fitting(clock: str) -> str:
    """The usual formats that fit, each in quotes; `clock` is the pattern of what may follow the date."""
    seconds = "case when said like '%:%:%' then ' %H:%M:%S' when said like '%:%' then ' %H:%M' else '' end"
    fits: list[str] = []
    for format_ in DATE_FORMATS:
        pattern = re.sub("|".join(map(re.escape, FIELDS)), lambda field: FIELDS[field[0]], format_)
        fits.append(
            f"case when regexp_full_match(said, '{pattern}{clock}') then '\"{format_}' || {seconds} || '\"' end"
        )
    return f"nullif(concat_ws(' or ', {', '.join(fits)}), '')"


def _of_a_number(source: Source) -> str:
    """Whether its comma is the decimal mark; `1,234` could be either, so nothing is said of it."""
    if source.decimal == ",":
        return "case when said like '%.%' then '; decimal is \",\"' end"
    return (
        f"case when regexp_full_match(said, '{DECIMAL_COMMA}') "
        f"and not regexp_full_match(said, '{COMMA_OF_THOUSANDS}') then '; declare decimal: \",\"' end"
    )
