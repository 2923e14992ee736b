"""How often the classes of a published company change, how often that is taken back, and how long they wait.

The definitions are those of `segment_stability` (3-definitions 8), which reads what was published day after day. A company
that was refreshed in one pass has published one day, so this reads the current tables: every day as known on the last.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import duckdb

SEEDS = Path(__file__).resolve().parents[1] / "dbt" / "seeds"


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


AXES = tuple(row["axis"] for row in _seed("segment_axes"))
UNDONE_DAYS = next(
    int(row["value"]) for row in _seed("segment_history_parameters") if row["parameter"] == "undone_days"
)

CHANGES = """
with days as (
    select
        account_id,
        as_of_on,
        {axis}_class as class,
        lag({axis}_class) over by_day as earlier_class,
        {axis}_raw_class as raw_class,
        lag({axis}_raw_class) over by_day as earlier_raw_class
    from marts.account_segments_daily
    where not is_internal and scoring_version = (select min(scoring_version) from marts.account_segments)
    window by_day as (partition by account_id order by as_of_on)
),
followed as (
    select
        *,
        max(case when raw_class is distinct from earlier_raw_class then as_of_on end) over (
            partition by account_id order by as_of_on
        ) as raw_since_on
    from days
),
changes as (
    select * from followed
    where class <> earlier_class
)
select
    exists (
        select 1 from changes as returns
        where
            returns.account_id = changes.account_id
            and returns.class = changes.earlier_class
            and returns.as_of_on > changes.as_of_on
            and returns.as_of_on <= changes.as_of_on + {undone_days}
    ) as is_undone,
    case when raw_class = class then as_of_on - raw_since_on end as delay_days
from changes
"""


@dataclass(frozen=True)
class Stability:
    """The changes of an axis: how many were undone within `UNDONE_DAYS`, and for how many days each waited."""

    axis: str
    undone: int
    delays: tuple[int | None, ...]

    @property
    def changes(self) -> int:
        """From one class to another; to or from none does not count."""
        return len(self.delays)

    @property
    def flap_rate(self) -> float | None:
        """Share of the changes that was undone; none without changes."""
        return self.undone / self.changes if self.changes else None

    @property
    def delay_days(self) -> float | None:
        """Median of the days for which the raw class had been there before, where the class is the raw one."""
        known = [days for days in self.delays if days is not None]
        return median(known) if known else None

    def __add__(self, other: Stability) -> Stability:
        """The changes of both companies."""
        return Stability(self.axis, self.undone + other.undone, self.delays + other.delays)


def stability_of_company(published: Path) -> list[Stability]:
    """The stability of every axis over all days of a published database."""
    with duckdb.connect(str(published), read_only=True) as connection:
        found = {
            axis: connection.execute(CHANGES.format(axis=axis, undone_days=UNDONE_DAYS)).fetchall() for axis in AXES
        }
    return [
        Stability(axis, sum(undone for undone, _ in rows), tuple(delay for _, delay in rows))
        for axis, rows in found.items()
    ]


def as_markdown(axes: list[Stability]) -> str:
    """One row an axis, and one for all of them."""
    everything = Stability("all", sum(a.undone for a in axes), tuple(delay for a in axes for delay in a.delays))
    undone = f"undone within {UNDONE_DAYS} days"
    lines = [f"| axis | changes | {undone} | flap rate | median delay, days |", "|---|---|---|---|---|"]
    for found in [*axes, everything]:
        rate = "" if found.flap_rate is None else f"{found.flap_rate:.1%}".replace("%", " %")
        delay = "" if found.delay_days is None else f"{found.delay_days:g}"
        lines.append(f"| {found.axis} | {found.changes:,} | {found.undone} | {rate} | {delay} |")
    return "\n".join(lines)
