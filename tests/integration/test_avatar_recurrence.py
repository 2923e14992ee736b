"""The avatar and its watch, over four years of drawn accounts: as a plain reading of the rules has them, and the same
in one pass, in pieces, and after a late file.

The models from the borders to the class run as shipped; what they read is drawn here.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.integration.drawn_models import DrawnModels

pytestmark = [pytest.mark.integration]

FIRST = dt.date(2022, 1, 1)
DAYS = 1_460
ACCOUNTS = 60
MEDIAN, ARR_80, ARR_75 = 1_000, 24_000, 20_000
MODELS = [
    "int_avatar_momentum_side_daily", "int_avatar_arr_side_daily", "int_avatar_growth_side_daily",
    "int_avatar_standing_daily", "int_avatar_watch_daily", "int_avatar_daily",
]  # fmt: skip


@dataclass
class Day:
    """What an account is judged by on a day."""

    account: str
    on: dt.date
    status: str  # pays, pauses, pends or has churned
    paid_days: int
    mrr: int
    momentum: int | None
    growth: int | None
    is_falling: bool
    is_fresh: bool

    @property
    def is_customer(self) -> bool:
        return self.status in ("pays", "pends")


def _phases(draw: random.Random, choices: list[Any], low: int, high: int) -> Iterator[Any]:
    """One of the choices a day, kept for a while."""
    while True:
        choice = draw.choice(choices)
        yield from [choice] * draw.randint(low, high)


def _account(number: int, stale: set[dt.date]) -> list[Day]:
    draw = random.Random(number)
    statuses = _phases(draw, ["pays"] * 7 + ["pauses", "pends", "churned"], 3, 160)
    prices = _phases(draw, [500, 999, 1_000, 1_666, 1_667, 1_999, 2_000, 4_000], 2, 300)
    momenta = _phases(draw, [None, -200_000, 340_000, 350_000, 400_000, 500_000, 900_000], 1, 120)
    growths = _phases(draw, [None, 2_000, 3_500, 3_900, 4_000, 4_999, 5_000, 7_000], 1, 200)
    noise = _phases(draw, [0, 0, 0, -1, 200], 1, 4)
    falling = _phases(draw, [False, False, False, True], 1, 60)
    days: list[Day] = []
    paid_days = draw.choice([0, 0, 100, 300, 900])
    for day in range(draw.randint(0, 200), DAYS):
        status = next(statuses) if days else "pays"
        paid_days += status == "pays"
        growth, shift = next(growths), next(noise)
        on = FIRST + dt.timedelta(days=day)
        days.append(
            Day(
                account=f"acct_{number:02}",
                on=on,
                status=status,
                paid_days=paid_days,
                mrr=next(prices) if status in ("pays", "pends") else 0,
                momentum=next(momenta) if paid_days >= 180 and status != "churned" else None,
                growth=None if growth is None or status == "churned" else growth + shift,
                is_falling=next(falling),
                is_fresh=on not in stale,
            )
        )
    return days


@dataclass
class Border:
    """A side by decisive days that is not taken again within 14 days after it was left, but by churn."""

    decisive: int
    decided: bool | None = None
    changed_on: dt.date | None = None
    side: bool | None = None
    high: int = 0
    low: int = 0
    measured: bool = False

    def see(self, value: int | None, enter: int, leave: int, day: Day, is_released: bool = False) -> None:
        known = day.is_fresh and value is not None
        self.high = self.high + 1 if known and value is not None and value >= enter else 0
        self.low = self.low + 1 if known and value is not None and value <= leave else 0
        if self.high >= self.decisive:
            self.decided = True
        elif self.low >= self.decisive:
            self.decided = False
        elif known and value is not None and not self.measured:
            self.decided = value >= enter
        self.measured = self.measured or known
        if self.side is None or self.side is self.decided:
            self.side = self.decided
        elif (
            self.changed_on is None
            or day.on > self.changed_on + dt.timedelta(days=14)
            or (is_released and not self.decided)
        ):
            self.side, self.changed_on = self.decided, day.on


@dataclass
class Reading:
    """The rules of the avatar, day after day."""

    fast: Border = field(default_factory=lambda: Border(3))
    large: Border = field(default_factory=lambda: Border(3))
    roomy: Border = field(default_factory=lambda: Border(3))
    was_top: bool = False
    growth_days: int = 0
    grows_since: dt.date | None = None  # no fresh day since has said otherwise
    watch_left: int = 365  # paid days, the one at hand or to come included
    watched_on: dt.date | None = None

    def read(self, day: Day) -> tuple[str | None, bool | None]:
        """Class and watch of the next day."""
        momentum = day.momentum
        if day.status == "churned" or (day.is_customer and (day.is_falling or day.mrr < MEDIAN)):
            momentum = 350_000 if momentum is None else min(momentum, 350_000)
        elif not day.is_customer:
            momentum = None
        is_churned = day.status == "churned"
        self.fast.see(momentum, 500_000, 350_000, day, is_churned)
        arr = 12 * day.mrr if day.is_customer or day.status == "churned" else None
        self.large.see(arr, ARR_80, ARR_75, day, is_churned)
        room = (4_000 if day.growth is None else day.growth) if day.is_customer else None
        self.roomy.see(room, 4_000, 3_500, day)
        is_large = bool(self.large.side) and day.paid_days >= 365
        is_top = bool(self.fast.side) or is_large
        grows = day.is_fresh and day.is_customer and day.growth is not None and day.growth >= 5_000
        self.growth_days = self.growth_days + 1 if grows else 0
        if grows:
            self.grows_since = self.grows_since or day.on
        elif day.is_fresh or not day.is_customer:
            self.grows_since = None
        is_paying = day.status == "pays"
        if (self.was_top and not is_top) or (
            is_paying and not is_top and self.watch_left <= 0 and self.growth_days >= 30
        ):
            self.watch_left = 365
        self.was_top = is_top
        if self.watch_left > (0 if is_paying else -1):
            self.watched_on = day.on
        is_growing = (
            self.grows_since is not None and self.watched_on is not None and self.grows_since <= self.watched_on
        )
        is_on_watch = self.watched_on == day.on or (not is_top and is_growing)
        if is_paying:
            self.watch_left -= 1
        if not day.is_customer:
            return None, None
        if self.fast.side:
            return "disruptor", is_on_watch
        if is_large:
            return "leader", is_on_watch
        if is_on_watch and (day.paid_days < 180 or self.roomy.side is not False):
            return "entrant", is_on_watch
        return "slow_runner", is_on_watch


FACTS = (
    "account_id varchar, as_of_on date, scoring_version varchar, is_fresh boolean, is_paying boolean, "
    "is_customer boolean, is_churned boolean, is_renewal_pending boolean, is_young boolean, paid_days bigint, "
    "mrr bigint, arr bigint, mrr_180d_ago bigint, mrr_growth_365d_micro bigint, is_mrr_falling boolean, "
    "mrr_doublings_micro bigint, usage_doublings_micro bigint, momentum_micro bigint, momentum_source varchar, "
    "growth_bp bigint"
)


def _drawn() -> list[Day]:
    draw = random.Random(0)
    stale = {FIRST + dt.timedelta(days=draw.randrange(DAYS)) for _ in range(30)}
    return [day for number in range(ACCOUNTS) for day in _account(number, stale)]


def _fact(day: Day) -> tuple[Any, ...]:
    return (
        day.account, day.on, "v1", day.is_fresh, day.status == "pays", day.is_customer, day.status == "churned",
        day.status == "pends", day.paid_days < 180, day.paid_days, day.mrr, 12 * day.mrr, None, None, day.is_falling,
        None, None, day.momentum, None, day.growth,
    )  # fmt: skip


class Models(DrawnModels):
    """The models of the avatar over drawn facts."""

    def __init__(self, data: Path, days: list[Day]) -> None:
        super().__init__(data, FIRST)
        self.take_in("main.facts", FACTS, (_fact(day) for day in days))
        self.sql(
            "create view intermediate.int_account_days as select account_id, as_of_on from main.facts",
            "create view intermediate.int_billing_daily as select account_id, as_of_on, 'active' as billing_status, "
            "as_of_on as first_paid_on from main.facts",
            f"create table intermediate.int_avatar_references as select 'v1' as scoring_version, {MEDIAN} as mrr_median, "
            f"{ARR_80} as arr_enter_at, {ARR_75} as arr_exit_at, true as is_calibrated, "
            "cast(null as varchar) as uncalibrated_because",
        )
        self.dbt("seed", "--select", "segment_borders", "segment_parameters", "segment_history_parameters")

    def run(self, from_day: int, to_day: int, *arguments: str, momentum: str = "momentum_micro") -> None:
        """Recompute the days from one to another, both by number; the facts end with the last."""
        to_on = self.day(to_day)
        self.sql(
            "create or replace view intermediate.int_avatar_facts_daily as "
            f"select * replace ({momentum} as momentum_micro) from main.facts where as_of_on <= '{to_on}'",
            "create or replace view intermediate.int_account_days as "
            f"select account_id, as_of_on from main.facts where as_of_on <= '{to_on}'",
        )
        self.recompute(from_day, to_day, MODELS, *arguments)


@pytest.fixture(scope="module")
def days() -> list[Day]:
    return _drawn()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, days: list[Day]) -> Models:
    """Built in pieces; the fourth with momenta that the fifth corrects. What they gave is kept in `pieces`."""
    built = Models(tmp_path_factory.mktemp("avatars"), days)
    built.run(0, 500)
    built.run(501, 501)
    built.run(502, 900)
    built.run(901, 1_100, momentum=f"case when as_of_on > '{FIRST}'::date + 949 then 900000 else momentum_micro end")
    built.run(950, 1_101)
    built.run(1_102, DAYS - 1)
    built.sql("create schema pieces")
    for model in MODELS:
        built.sql(f"create table pieces.{model} as select * from intermediate.{model}")
    built.run(0, DAYS - 1, "--full-refresh")
    return built


def test_avatars_are_those_of_a_plain_reading_of_the_rules(models: Models, days: list[Day]) -> None:
    found = {
        (account, on): (avatar, is_on_watch)
        for account, on, avatar, is_on_watch in models.sql(
            "select account_id, as_of_on, stable_class, is_on_watch from intermediate.int_avatar_daily"
        )
    }
    assert len(found) == len(days)
    readings: dict[str, Reading] = {}
    seen: set[tuple[str | None, bool | None]] = set()
    for day in days:
        if day.account not in readings:
            readings[day.account] = Reading(watch_left=366 - day.paid_days)
        expected = readings[day.account].read(day)
        assert found[day.account, day.on] == expected, day
        seen.add(expected)
    # off watch nobody is an entrant; everything else occurs
    assert len(seen) == 8


def test_watches_begin_for_every_reason(models: Models) -> None:
    ((first, left, left_unpaid, grown),) = models.sql(
        """
        with watches as (
            select
                watch.*, standing.has_left_top, facts.is_paying,
                lag(watch.watch_from_paid_days) over (partition by watch.account_id order by watch.as_of_on) as earlier
            from intermediate.int_avatar_watch_daily as watch
            inner join intermediate.int_avatar_standing_daily as standing using (account_id, as_of_on)
            inner join intermediate.int_avatar_facts_daily as facts using (account_id, as_of_on)
        )
        select
            count(*) filter (earlier is null), count(*) filter (watch_from_paid_days > earlier and has_left_top and is_paying),
            count(*) filter (watch_from_paid_days > earlier and has_left_top and not is_paying),
            count(*) filter (watch_from_paid_days > earlier and not has_left_top)
        from watches
        """
    )
    assert first == ACCOUNTS
    assert min(left, left_unpaid, grown) >= 5, (left, left_unpaid, grown)


@pytest.mark.parametrize("model", MODELS)
def test_pieces_and_a_late_file_give_what_one_pass_gives(models: Models, model: str) -> None:
    pieces, one_pass = f"select * from pieces.{model}", f"select * from intermediate.{model}"
    assert models.sql(f"({pieces} except {one_pass}) union all ({one_pass} except {pieces}) limit 3") == []
    assert models.sql(f"select count(*) from ({pieces})") == models.sql(f"select count(*) from ({one_pass})")
