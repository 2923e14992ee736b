"""SQL of the typed rows of one feed: its columns, slot and lookups put together, and why a row cannot be taken.

Reads the temp tables `landed` and `starts` (`reading.py`), `batch` (`batch.py`), `lookup_<n>` (`lookups.py`) and
`currencies`. How one column is cast is in `casting.py`; what becomes of the rows in `batch.py`.
"""

from __future__ import annotations

from dagster_project.sources.casting import CastColumn, cast_column, date_steps, text_expression
from dagster_project.sources.checked_yaml import nearest
from dagster_project.sources.contract import Column
from dagster_project.sources.expressions import columns_read
from dagster_project.sources.mapping import ColumnMapping, Feed
from dagster_project.sources.text_files import UnreadableFileError, encoding_of_names, one_column
from dagster_project.sources.warehouse import literal, quoted

SLOT = "_slot_in_row"


def _wanted(mapping: ColumnMapping) -> list[str]:
    """The source's columns that a mapping names."""
    if mapping.lookup:
        return [here for here, _ in mapping.lookup.match]
    return [mapping.column] if mapping.column else []


def _expressions(feed: Feed) -> list[str]:
    return [e for e in (feed.where, *(m.expression for m in feed.columns.values())) if e]


def usable_columns(feed: Feed, have: list[str], is_sparse: bool) -> tuple[dict[str, ColumnMapping], list[str]]:
    """The column mappings that a file's columns allow, and notes on the others.

    `is_sparse`: records leave out what is empty, so a column that may be empty may be absent. Raises
    UnreadableFileError when a required column is missing.
    """
    used: dict[str, ColumnMapping] = {}
    missing: list[str] = []
    notes: list[str] = []
    slot_column = feed.source.slot.column
    read = {slot_column} if slot_column else set()
    if slot_column and slot_column not in have:
        missing.append(slot_column)
    for name, mapping in feed.columns.items():
        column = feed.table.columns[name]
        wanted = _wanted(mapping)
        read.update(wanted)
        absent = [w for w in wanted if w not in have]
        if not absent:
            used[name] = mapping
        elif column.required or (column.must_be_mapped and not is_sparse):
            missing += absent
        else:
            notes.append(f"column {absent[0]!r} (for {name}) is missing{nearest(absent[0], have)}")
    in_expressions = {column for expression in _expressions(feed) for column in columns_read(expression)}
    if missing:
        if said := one_column(have):
            raise UnreadableFileError(said)
        missing = list(dict.fromkeys(missing))
        named = "; ".join(f"required column {column!r} not found{nearest(column, have)}" for column in missing)
        raise UnreadableFileError(
            f"{named}{'' if named.endswith('?') else '.'} The file has: {', '.join(have) or 'none'}{encoding_of_names(have)}. "
            f"The mapping reads: {', '.join(sorted(read | in_expressions))}."
        )
    read_by_case = {column.lower() for column in in_expressions}
    unknown = [column for column in have if column not in read and column.lower() not in read_by_case]
    if unknown:
        notes.append(f"columns not mapped, kept out: {', '.join(unknown)}")
    return used, notes


def named_columns(feed: Feed) -> list[str]:
    """Every column of the source that the mapping names, in expressions too."""
    slot = [feed.source.slot.column] if feed.source.slot.column else []
    named = [column for mapping in feed.columns.values() for column in _wanted(mapping)]
    return [*dict.fromkeys([*named, *slot, *absent_columns(feed, [*named, *slot])])]


def absent_columns(feed: Feed, have: list[str]) -> list[str]:
    """Columns that expressions read and no record of a sparse file has."""
    known = {column.lower() for column in have}
    found = {column: None for expression in _expressions(feed) for column in columns_read(expression)}
    return [column for column in found if column.lower() not in known]


def _lookup_texts(name: str, mapping: ColumnMapping) -> list[str]:
    assert mapping.lookup is not None
    return [f"trim(landed.{quoted(here)}) as match_{name}_{n}" for n, (here, _) in enumerate(mapping.lookup.match)]


def _lookup_join(number: int, name: str, mapping: ColumnMapping) -> str:
    assert mapping.lookup is not None
    on = " and ".join(f"lookup_{number}.key_{n} = texts.match_{name}_{n}" for n in range(len(mapping.lookup.match)))
    return f"left join lookup_{number} on {on}"


def _slot_reasons(feed: Feed) -> list[str]:
    """Rejections that have to do with the row's slot."""
    reasons: list[str] = []
    if feed.source.slot.column:
        no_day = literal(f"the slot column {feed.source.slot.column} holds no day")
        read = f"': ''' || left(text_{SLOT}, 60) || ''''"
        reasons.append(f"when {SLOT} is null then concat({no_day}, {read})")
    if feed.table.kind == "append" and feed.table.event_day and feed.table.event_time:
        time = feed.table.event_time
        too_late = f"concat('{time}: ''', left(text_{time}, 60), ''' lies after the end of its slot ', _slot)"
        reasons.append(f"when {quoted(feed.table.event_day)} > _slot then {too_late}")
    return reasons


def _absent(column: Column) -> str:
    """A column that is not mapped: its default, else null."""
    default = literal(str(column.default).lower()) if column.default is not None else "null"
    day = f", cast(null as date) as {quoted(column.day_name)}" if column.day_name else ""
    return f", cast({default} as {column.sql_type}) as {quoted(column.name)}{day}"


def typed_rows(feed: Feed, used: dict[str, ColumnMapping], timezone: str) -> str:
    """SQL of the typed rows; `timezone` is that of the reports.

    Yields the contract's columns, `file_number`, `_slot`, `_row` (its line in the file), `_landed_row`, `_hash` of all text that
    the mapping reads, `_reason` (null when the row is good), and `_may_change`: another content of the lookups could
    make another row of it.
    """
    columns = feed.table.columns
    casts = [cast_column(columns[name], mapping, feed.source, timezone) for name, mapping in used.items()]
    looked_up = {name: mapping for name, mapping in used.items() if mapping.lookup}
    texts = [
        f"{text_expression(columns[name], mapping, feed.source)} as text_{name}"
        for name, mapping in used.items()
        if not mapping.lookup
    ]
    texts += [text for name, mapping in looked_up.items() for text in _lookup_texts(name, mapping)]
    civils = [f"{c.civil} as civil_{c.name}" for c in casts if c.civil]
    interims = [f"{c.interim} as interim_{c.name}" for c in casts if c.interim]
    slot = "_slot_of_file"
    if feed.source.slot.column:
        texts.append(f"landed.{quoted(feed.source.slot.column)} as text_{SLOT}")
        civil, interim, slot_value = date_steps(SLOT, feed.source, timezone)
        civils.append(f"{civil} as civil_{SLOT}")
        interims.append(f"{interim} as interim_{SLOT}")
        slot = slot_value
    names = [text.rsplit(" as ", 1)[1] for text in texts]
    numbers = {name: number for number, name in enumerate(feed.looked_up)}
    joins = [_lookup_join(numbers[name], name, mapping) for name, mapping in looked_up.items()]
    joined = [f"lookup_{numbers[name]}.value as text_{name}" for name in looked_up]
    if "currency" in used:
        joined += ["currencies.code as currency_code", "currencies.exponent as currency_exponent"]
        text = f"lookup_{numbers['currency']}.value" if "currency" in looked_up else "texts.text_currency"
        joins.append(f"left join currencies on currencies.code = upper(trim({text}))")
    else:
        joined.append("cast(null as integer) as currency_exponent")
    where = f"where {feed.where}" if feed.where else ""
    own = ", ".join(quoted(column) for column in feed.table.raw_types() if not column.startswith("_"))
    return f"""
        with texts as (select {", ".join(texts)}, _landed_path, _landed_row from landed {where}),
        joined as (
            select texts.*, {", ".join(joined)}, hash({", ".join(names)}) as _hash, batch.file_number,
                batch.slot as _slot_of_file, batch.known_on as _known_on, _landed_row - batch.first_row + 1 as _row
            from texts inner join batch on batch._landed_path = texts._landed_path {" ".join(joins)}
        ),
        civil as (select *{"".join(f", {c}" for c in civils)} from joined),
        interim as (select *{"".join(f", {i}" for i in interims)} from civil),
        valued as (
            select *, {", ".join(f"{c.value} as {quoted(c.name)}" for c in casts)}, {slot} as {SLOT} from interim
        ),
        dated as (
            select *{_days(casts, columns)}{"".join(_absent(c) for c in columns.values() if c.name not in used)},
                coalesce({SLOT}, _known_on) as _slot
            from valued
        ),
        judged as (select *, {_reason(feed, casts)} as _reason from dated)
        select {own}, file_number, _slot, _row, _landed_row, _hash, _reason,
            {_may_change(list(looked_up))} as _may_change
        from judged
    """


def _days(casts: list[CastColumn], columns: dict[str, Column]) -> str:
    return "".join(f", {c.day} as {quoted(columns[c.name].day_name or '')}" for c in casts if c.day)


def _reason(feed: Feed, casts: list[CastColumn]) -> str:
    # an unknown currency leaves its amounts without decimals: it is the reason
    first = sorted(casts, key=lambda c: feed.table.columns[c.name].type != "currency")
    reasons = [f"when {c.rejected} then {c.reason}" for c in first if c.rejected] + _slot_reasons(feed)
    return f"case {' '.join(reasons)} end" if reasons else "cast(null as varchar)"


def _may_change(looked_up: list[str]) -> str:
    if not looked_up:
        return "false"
    return " or ".join(["_reason is not null", *(f"text_{name} is null" for name in looked_up)])
