"""How much is simulated, and the days that are measured."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

FIRST_DAY = dt.date(2025, 1, 1)
BACKFILL_DAYS = 90
HISTORY_DAYS = 90
SPREAD_DAYS = 5
LEAST_DAYS = 30


@dataclass(frozen=True)
class Size:
    """The arguments of one benchmark; every day it measures follows from them."""

    accounts: int
    events: int
    days: int
    repeats: int

    def __post_init__(self) -> None:
        if self.days < LEAST_DAYS:
            raise ValueError(f"days must be at least {LEAST_DAYS}, so that there are days to backfill, got {self.days}")
        if not 1 <= self.repeats <= 7:
            raise ValueError(f"repeats must be between 1 and 7, got {self.repeats}")

    @property
    def last(self) -> dt.date:
        """The newest day, K."""
        return FIRST_DAY + dt.timedelta(days=self.days - 1)

    @property
    def backfill_days(self) -> int:
        """Days filled in one run; fewer than 90 in a short history."""
        return min(BACKFILL_DAYS, self.days * 3 // 4)

    @property
    def before_backfill(self) -> dt.date:
        """The day up to which everything is known before the backfill."""
        return self.last - dt.timedelta(days=self.backfill_days)

    @property
    def last_days(self) -> list[dt.date]:
        """The newest days, one for each repeat: their refreshes have the whole history behind them."""
        return [self.last - dt.timedelta(days=n) for n in reversed(range(self.repeats))]

    @property
    def spread_days(self) -> list[dt.date]:
        """Five days spread evenly over the backfilled days, none of them among the newest."""
        room = self.backfill_days - self.repeats
        offsets = {int(room * (n + 0.5) / SPREAD_DAYS) + 1 for n in range(SPREAD_DAYS)}
        return [self.before_backfill + dt.timedelta(days=offset) for offset in sorted(offsets)]

    @property
    def short_history_days(self) -> int:
        """Days of the history that the whole one is compared with."""
        return min(HISTORY_DAYS, self.days // 2)

    @property
    def short_history_first(self) -> dt.date:
        """First day of the short history."""
        return self.last_days[0] - dt.timedelta(days=self.short_history_days)

    @property
    def words(self) -> str:
        """The size in one line."""
        return f"{self.events:,} simulated events, {self.accounts:,} accounts, {self.days} days"
