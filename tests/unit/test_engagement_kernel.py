"""The engagement kernel against the formula, written out: person, day and event one by one.

The kernel is the SQL of `person_raw_days` as dbt renders it for another range; its block arithmetic must not show.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest
from jinja2 import Environment

MACROS = Path(__file__).parents[2] / "dbt" / "macros"
TABLES = {
    "int_use_person_days": "account_id varchar, person_key varchar, kind varchar, as_of_on date, events bigint",
    "int_touch_person_days": (
        "account_id varchar, person_key varchar, kind varchar, stage varchar, as_of_on date, n bigint"
    ),
    "int_engagement_weights": (
        "scoring_version varchar, kind varchar, is_use boolean, buying_role varchar, stage varchar, "
        "weight_micro bigint, daily_cap integer, short_half_life_days integer, long_half_life_days integer, "
        "is_short boolean"
    ),
    "int_contact_roles": (
        "account_id varchar, person_key varchar, buying_role varchar, valid_from date, valid_to date, "
        "is_contact boolean"
    ),
    "score_references": "scoring_version varchar, reference varchar, reference_group varchar, value bigint",
}
FIRST, LAST = date(2025, 1, 1), date(2025, 10, 31)
# kind, is_use, weight in micro-units, is_short; half-lives 14 and 30, cap 20
WEIGHTS = [
    ("use", True, 1_000_000, True),
    ("meeting", False, 8_000_000, False),
    ("complaint", False, -4_000_000, False),
]


def render_kernel(first: date, last: date) -> str:
    """The kernel's CTEs for a range of days, with relations by their bare names."""
    environment = Environment()

    class Adapter:
        @staticmethod
        def dispatch(name: str) -> object:
            return getattr(template.module, f"duckdb__{name}")

    names = ["days_between", "look_back_days", "day_series", "person_raw_days"]
    source = "\n".join(next(MACROS.rglob(f"{name}.sql")).read_text() for name in names)
    environment.globals |= {
        "adapter": Adapter,
        "return": str,  # dbt's return() leaves a macro with a value; as text it reads the same
        "ref": lambda name: name,
        "source": lambda schema, name: name,
    }
    template = environment.from_string(source)
    call = "{{ person_raw_days(first, last) }}"
    rendered = environment.from_string(source + call).render(
        first=f"cast('{first}' as date)", last=f"cast('{last}' as date)"
    )
    return "with " + rendered.strip() + " select * from person_raw"


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    rng = np.random.default_rng(7)
    connection = duckdb.connect()
    for name, columns in TABLES.items():
        connection.execute(f"create table {name} ({columns})")
    for kind, is_use, weight, is_short in WEIGHTS:
        connection.execute(
            "insert into int_engagement_weights values ('v1', ?, ?, 'user', 'any', ?, 20, 14, 30, ?)",
            [kind, is_use, weight, is_short],
        )
    days = (LAST - FIRST).days + 1
    connection.begin()
    for person in range(12):
        for day in rng.choice(days, size=int(rng.integers(1, 60)), replace=False):
            on = FIRST + timedelta(days=int(day))
            connection.execute(
                "insert into int_use_person_days values ('acct', ?, 'use', ?, ?)",
                [f"p{person}", on, int(rng.integers(1, 40))],
            )
        for day in rng.choice(days, size=int(rng.integers(0, 6)), replace=False):
            on = FIRST + timedelta(days=int(day))
            kind = ["meeting", "complaint"][int(rng.integers(0, 2))]
            connection.execute(
                "insert into int_touch_person_days values ('acct', ?, ?, 'any', ?, ?)",
                [f"p{person}", kind, on, int(rng.integers(1, 3))],
            )
    connection.commit()
    return connection


def kernel_raw(connection: duckdb.DuckDBPyConnection, first: date, last: date) -> dict[tuple[str, date], int]:
    """Raw engagement in micro-units by person and day."""
    query = render_kernel(first, last).removesuffix("select * from person_raw")
    rows = connection.execute(
        query + "select people.person_key, person_raw.as_of_on, person_raw.raw_micro "
        "from person_raw inner join people on people.person_number = person_raw.person_number"
    ).fetchall()
    return {(person, on): raw for person, on, raw in rows}


def naive_raw(connection: duckdb.DuckDBPyConnection, first: date, last: date) -> dict[tuple[str, date], float]:
    """max(0, sum of w x min(n, 20) x 2^(-(d - t) / H)) over 90 days, in micro-units."""
    weights = {kind: (weight, 14 if is_short else 30) for kind, _, weight, is_short in WEIGHTS}
    acts = connection.execute(
        "select person_key, kind, as_of_on, events from int_use_person_days "
        "union all select person_key, kind, as_of_on, n from int_touch_person_days"
    ).fetchall()
    raw: dict[tuple[str, date], float] = defaultdict(float)
    for person, kind, on, n in acts:
        weight, half_life = weights[kind]
        for age in range(90):
            d = on + timedelta(days=age)
            if first <= d <= last:
                raw[person, d] += weight * min(n, 20) * 2 ** (-age / half_life)
    return {key: max(0.0, value) for key, value in raw.items()}


def test_the_kernel_is_the_formula(connection: duckdb.DuckDBPyConnection) -> None:
    kernel = kernel_raw(connection, FIRST, LAST)
    naive = naive_raw(connection, FIRST, LAST)
    assert kernel.keys() == naive.keys()
    assert max(abs(kernel[key] - naive[key]) for key in naive) <= 0.51  # half a millionth, and the blocks' rounding


@pytest.mark.parametrize("first", [date(2025, 3, 28), date(2025, 3, 29), date(2025, 6, 27), date(2025, 10, 31)])
def test_a_recomputation_gives_the_same_integers_wherever_it_starts(
    connection: duckdb.DuckDBPyConnection, first: date
) -> None:
    whole = kernel_raw(connection, FIRST, LAST)
    assert kernel_raw(connection, first, LAST) == {key: raw for key, raw in whole.items() if key[1] >= first}


def test_the_number_of_threads_does_not_show(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("set threads = 1")
    one = kernel_raw(connection, FIRST, LAST)
    connection.execute("set threads = 4")
    assert kernel_raw(connection, FIRST, LAST) == one
