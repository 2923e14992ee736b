"""The arguments of a simulation, its calendar, and its independent streams of random numbers.

Knowledge about accounts, money or usage does not belong here; see `archetypes`, `subscriptions` and `usage`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

REPORTING_ZONE = ZoneInfo("Europe/Berlin")
DAILY_SNAPSHOTS_UP_TO = 2_000  # accounts; above, full snapshots are weekly so that their size stays bounded
EVENTS_PER_ACCOUNT_DAY = 9


@lru_cache(maxsize=16_384)
def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), tzinfo=REPORTING_ZONE).timestamp())


@lru_cache(maxsize=16_384)
def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month0 == 11), (month0 + 1) % 12 + 1, 1)
    last_of_month = (first_of_next - timedelta(days=1)).day
    return date(year, month0 + 1, min(day.day, last_of_month))


@dataclass(frozen=True)
class World:
    """What a simulation is a pure function of. Days are counted from `first_day`, which is day 0."""

    accounts: int
    days: int
    seed: int
    first_day: date
    events: int
    snapshots: str  # daily or weekly

    def stream(self, name: str) -> np.random.Generator:
        """Random numbers of their own for each subject: a change in one leaves the others as they were."""
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])

    @property
    def last(self) -> int:
        return self.days - 1

    def on(self, day: int) -> date:
        return self.first_day + timedelta(days=day)

    def day(self, of: date) -> int:
        return (of - self.first_day).days

    def midnight(self, day: int) -> int:
        """Epoch seconds of the local midnight that starts the day."""
        return _midnight(self.on(day))

    def day_of(self, epoch: int) -> int:
        return self.day(datetime.fromtimestamp(epoch, REPORTING_ZONE).date())

    def month_later(self, day: int, months: int) -> int:
        return self.day(add_months(self.on(day), months))

    def at_fraction(self, fraction: float) -> int:
        """The Tuesday, Wednesday or Thursday at or after this fraction of the window."""
        day = int(fraction * self.days)
        while self.on(day).weekday() not in (1, 2, 3):
            day += 1
        return day

    def merge_day(self) -> int:
        """The day on which the sales team merges two accounts; the product follows a few days later."""
        return self.at_fraction(0.5)

    def weekly_slots(self) -> list[int]:
        """Days 6, 13, ... and the last day: what a weekly file covers ends there."""
        return sorted({*range(6, self.days, 7), self.last})

    def billing_slots(self) -> list[int]:
        if self.snapshots == "daily":
            return list(range(self.days))
        return sorted({0, *self.weekly_slots()})

    def crm_slots(self) -> list[int]:
        """Weekly; every four weeks where snapshots are large."""
        step = 7 if self.snapshots == "daily" else 28
        return sorted({*range(0, self.days, step), self.last})


def make_world(
    accounts: int, days: int, seed: int, first_day: date, events: int | None = None, snapshots: str = "auto"
) -> World:
    if accounts < 24:
        raise ValueError(f"accounts must be at least 24 (the planted characters), got {accounts}")
    if days < 1:
        raise ValueError(f"days must be at least 1, got {days}")
    if events is not None and events < 1:
        raise ValueError(f"events must be at least 1, got {events}")
    if snapshots == "auto":
        snapshots = "daily" if accounts <= DAILY_SNAPSHOTS_UP_TO else "weekly"
    return World(accounts, days, seed, first_day, events or EVENTS_PER_ACCOUNT_DAY * accounts * days, snapshots)
