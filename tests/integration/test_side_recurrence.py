"""Sides and stages, over drawn accounts near the lines: as a plain reading of docs/segments.md has them, and the same in
one pass, in pieces, and after late files.

The models of the sides of risk and growth potential and of the lifecycle stage run as shipped; what they read is drawn
here. The plain reading goes through an account day by day, and was written from the documentation alone.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from tests.integration.drawn_models import DrawnModels

pytestmark = [pytest.mark.integration]

FIRST = dt.date(2025, 1, 1)
DAYS = 120
ACCOUNTS = 300
REST = 14  # days within which nothing that was left is taken again
DECISIVE = 3  # fresh days in a row
ENTER, EXIT = 5_000, 3_500  # hundredths of a point, of risk and of growth potential
FLOOR = 5_000  # a floor of so many hundredths reaches the line of risk alone
IMMEDIATE = {"churned", "paused", "trial", "free", "onboarding"}
SIDES = ["int_risk_side_daily", "int_growth_side_daily"]
MODELS = [*SIDES, "int_lifecycle_daily"]


@dataclass(frozen=True)
class Day:
    """What an account is judged by on a day."""

    account: str
    on: dt.date
    risk: int | None
    floor: int | None
    risk_status: str
    is_risk_late: bool
    growth: int | None
    growth_status: str
    is_growth_late: bool
    stage: str | None
    is_stage_late: bool


def _phases(draw: random.Random, choices: list[Any], *lengths: int) -> Iterator[Any]:
    """One of the choices a day, kept for one of the lengths."""
    while True:
        choice = draw.choice(choices)
        yield from [choice] * draw.choice(lengths)


def _account(number: int, seed: str, late: set[dt.date]) -> list[Day]:
    """An account from one of the first days on, more or less restless, whose figures stand at or near the lines."""
    draw = random.Random(f"{seed} {number}")
    lengths = draw.choice([(1, 2, 3, 3, 4, 5), (3, 4), (1, 3, 6, 12), (2, 3, 16, 17, 18)])
    levels = [1_000, 3_499, 3_500, 3_501, 4_200, 4_999, 5_000, 5_001, 9_000]
    unknowns = draw.choice([0, 1, 5])
    risks = _phases(draw, levels + [None] * unknowns, *lengths)
    growths = _phases(draw, levels + [None] * unknowns, *lengths)
    floors = _phases(draw, [None] * draw.choice([3, 12, 40]) + [4_999, 5_000, 9_500], 1, 1, 2, 5)
    stages = _phases(
        draw,
        ["adoption", "growth", "mature"] * draw.choice([2, 4])
        + ["paused", "churned", "onboarding"]
        + ["trial", "free"] * draw.choice([0, 1])
        + [None] * unknowns,
        *lengths,
    )
    is_late = _phases(draw, [False] * draw.choice([4, 10, 30]) + [True], 1, 1, 2)
    statuses = _phases(draw, ["fresh"] * draw.choice([6, 20]) + ["held_stale", "churned"], 1, 2, 5)
    days: list[Day] = []
    # the same first day in every seed, for a late file changes figures, not accounts
    for day in range(random.Random(number).randint(0, 40), DAYS):
        on = FIRST + dt.timedelta(days=day)
        risk, floor, growth, stage = next(risks), next(floors), next(growths), next(stages)
        is_account_late, status, growth_status = next(is_late), next(statuses), next(statuses)
        days.append(
            Day(
                account=f"acct_{number:03}",
                on=on,
                # a floor lifts a risk that is known, and leaves one unknown that is not
                risk=None if risk is None else max(risk, floor or 0),
                floor=floor,
                risk_status=status if risk is not None else draw.choice(["unknown", "uncalibrated"]),
                is_risk_late=is_account_late,
                growth=growth,
                growth_status=growth_status if growth is not None else draw.choice(["unknown", "uncalibrated"]),
                is_growth_late=is_account_late,
                stage=stage,
                is_stage_late=on in late,
            )
        )
    return days


def _drawn(seed: str) -> list[Day]:
    draw = random.Random(0)
    late = {FIRST + dt.timedelta(days=draw.randrange(DAYS)) for _ in range(12)}
    return [day for number in range(ACCOUNTS) for day in _account(number, seed, late)]


@dataclass
class Border:
    """A side by decisive days; nothing that was left is taken again so soon."""

    side: str | None = None
    since: dt.date | None = None
    decided: str | None = None
    has_stood: bool = False  # on a side since the account began, or since its side was forgotten
    left_on: dict[str, dt.date] = field(default_factory=dict)
    high: int = 0
    low: int = 0
    unknown: int = 0

    def see(self, on: dt.date, figure: int | None, is_fresh: bool, is_forced: bool) -> tuple[Any, ...]:
        """Whether it is high, since when, and how many days point elsewhere."""
        is_known = is_fresh and figure is not None
        self.high = self.high + 1 if is_fresh and figure is not None and figure >= ENTER else 0
        self.low = self.low + 1 if is_fresh and figure is not None and figure <= EXIT else 0
        self.unknown = self.unknown + 1 if is_fresh and figure is None and not is_forced else 0
        if is_forced or self.high >= DECISIVE:
            self.decided = "high"
        elif self.low >= DECISIVE:
            self.decided = "low"
        elif self.unknown >= DECISIVE:
            self.decided, self.has_stood = None, False
        elif is_fresh and figure is not None and not self.has_stood:
            self.decided = "high" if figure >= ENTER else "low"
        self.has_stood = self.has_stood or is_known or is_forced
        if self.decided != self.side and (is_forced or None in (self.side, self.decided) or self._has_rested(on)):
            # what was left because nobody could tell does not rest
            if self.side is not None and self.decided is not None:
                self.left_on[self.side] = on
            self.side, self.since = self.decided, on
        if self.side is None:
            return None, None, None
        elsewhere = self.low if self.side == "high" else self.high
        return self.side == "high", self.since, max(elsewhere, self.unknown)

    def _has_rested(self, on: dt.date) -> bool:
        left_on = self.left_on.get(self.decided or "")
        return left_on is None or on > left_on + dt.timedelta(days=REST)


@dataclass
class Stage:
    """A class by decisive days; neither what is immediate waits, nor what follows on it, nor on what was unknown."""

    shown: str | None = None
    since: dt.date | None = None
    decided: str | None = None
    raw: str | None = None
    run: int = 0
    has_been_known: bool = False
    left_on: dict[str, dt.date] = field(default_factory=dict)

    def see(self, on: dt.date, raw: str | None, is_fresh: bool) -> tuple[Any, ...]:
        """The class, since when, and how many days speak for another one."""
        if not is_fresh:
            self.run = 0
        elif self.run and raw == self.raw:
            self.run += 1
        else:
            self.run = 1
        self.raw = raw
        is_immediate = is_fresh and raw in IMMEDIATE
        is_first = is_fresh and raw is not None and not self.has_been_known
        self.has_been_known = self.has_been_known or is_first
        if is_immediate or is_first or self.run >= DECISIVE:
            self.decided = raw
        if self.decided != self.shown:
            does_not_wait = is_immediate or self.decided is None
            follows = self.shown is None or self.shown in IMMEDIATE
            left_on = self.left_on.get(self.decided or "")
            if does_not_wait or follows or left_on is None or on > left_on + dt.timedelta(days=REST):
                # what was left on a day that did not wait does not rest
                if self.shown is not None and not does_not_wait:
                    self.left_on[self.shown] = on
                self.shown, self.since = self.decided, on
        pending = self.run if is_fresh and raw != self.shown else 0
        return self.shown, self.since if self.shown else None, pending


def _readings(days: Iterable[Day]) -> dict[str, dict[tuple[str, dt.date], tuple[Any, ...]]]:
    """What the rules say, for each model, account and day."""
    readings: dict[str, dict[tuple[str, dt.date], tuple[Any, ...]]] = {model: {} for model in MODELS}
    for account, account_days in groupby(days, key=lambda day: day.account):
        risk, growth, stage = Border(), Border(), Stage()
        for day in account_days:
            at = account, day.on
            readings["int_risk_side_daily"][at] = risk.see(
                day.on, day.risk, is_risk_fresh(day), day.floor is not None and day.floor >= FLOOR
            )
            readings["int_growth_side_daily"][at] = growth.see(day.on, day.growth, is_growth_fresh(day), False)
            readings["int_lifecycle_daily"][at] = stage.see(day.on, day.stage, not day.is_stage_late)
    return readings


def is_risk_fresh(day: Day) -> bool:
    """A day with a score of its own, or one on which nobody can tell though no source is late."""
    return day.risk_status == "fresh" or (day.risk_status in ("unknown", "uncalibrated") and not day.is_risk_late)


def is_growth_fresh(day: Day) -> bool:
    """The same of growth potential, which stays fresh by its status only while no source is late."""
    return day.growth_status in ("fresh", "unknown", "uncalibrated") and not day.is_growth_late


FACTS = (
    "account_id varchar, as_of_on date, risk_bp bigint, floor_bp bigint, risk_status varchar, risk_stale_since_on date, "
    "growth_bp bigint, growth_status varchar, growth_stale_since_on date, is_late boolean, billing_status varchar, "
    "is_paying boolean, first_paid_on date, paid_days bigint, activated_on date, breadth_micro bigint"
)
LONG_AGO = dt.date(2024, 1, 1)
# what billing and use say in each stage: status, pays, has paid, paid days, activated, breadth of use in millionths
STAGES = {
    "churned": ("canceled", False, LONG_AGO, 400, LONG_AGO, None),
    "paused": ("paused", False, LONG_AGO, 400, LONG_AGO, 600_000),
    "trial": ("trialing", False, None, 0, None, 100_000),
    "free": ("none", False, None, 0, None, 600_000),
    "onboarding": ("active", True, LONG_AGO, 90, None, 800_000),
    "mature": ("active", True, LONG_AGO, 400, LONG_AGO, 750_000),
    "growth": ("active", True, LONG_AGO, 400, LONG_AGO, 500_000),
    "adoption": ("active", True, LONG_AGO, 91, None, 499_999),
    None: ("active", True, LONG_AGO, 91, None, None),
}


def _fact(day: Day) -> tuple[Any, ...]:
    return (
        day.account, day.on, day.risk, day.floor, day.risk_status, day.on if day.is_risk_late else None,
        day.growth, day.growth_status, day.on if day.is_growth_late else None, day.is_stage_late, *STAGES[day.stage],
    )  # fmt: skip


VIEWS = {
    "marts.health_daily": "select account_id, as_of_on, 'v1' as scoring_version, risk_bp, floor_bp, "
    "risk_status as status, risk_stale_since_on as stale_since_on from main.known",
    "marts.growth_potential_daily": "select account_id, as_of_on, 'v1' as scoring_version, growth_bp, "
    "growth_status as status, growth_stale_since_on as stale_since_on from main.known",
    "intermediate.int_account_days": "select account_id, as_of_on from main.known",
    "intermediate.int_health_evaluation_days": "select as_of_on, 'v1' as scoring_version, "
    "bool_or(is_late) as is_usage_stale, false as is_billing_stale from main.known group by as_of_on",
    "intermediate.int_billing_daily": "select account_id, as_of_on, billing_status, is_paying, first_paid_on, "
    "paid_days, false as is_renewal_pending, cast(null as bigint) as seats from main.known",
    "intermediate.int_use_daily": "select account_id, as_of_on, activated_on, breadth_micro, "
    "cast(null as bigint) as seat_utilisation_micro from main.known",
    "intermediate.int_usage_growth_daily": "select account_id, as_of_on, 'v1' as scoring_version, "
    "cast(0 as bigint) as doublings_micro from main.known",
}


class Models(DrawnModels):
    """The models of the sides and of the stage over drawn facts."""

    def __init__(self, data: Path, days: list[Day]) -> None:
        super().__init__(data, FIRST)
        self.take_in("main.facts", FACTS, (_fact(day) for day in days))
        self.take_in("main.drafts", FACTS, (_fact(day) for day in _drawn("draft")))
        self.know(DAYS - 1)
        self.sql(*(f"create view {view} as {query}" for view, query in VIEWS.items()))
        self.dbt(
            "seed", "--select", "segment_axes", "segment_borders", "segment_classes", "segment_history_parameters",
            "segment_parameters",
        )  # fmt: skip

    def know(self, to_day: int, draft_from: int = DAYS) -> None:
        """The facts end with a day, and from another one on they are drafts that nobody has corrected yet."""
        self.sql(
            "create or replace view main.known as "
            f"select * from main.facts where as_of_on <= '{self.day(to_day)}' and as_of_on < '{self.day(draft_from)}' "
            "union all select * from main.drafts "
            f"where as_of_on <= '{self.day(to_day)}' and as_of_on >= '{self.day(draft_from)}'"
        )

    def shown(self, model: str, schema: str = "intermediate") -> dict[tuple[str, dt.date], tuple[Any, ...]]:
        """The side or class, since when, and the days pending, of each account and day."""
        shown = "stable_class" if model == "int_lifecycle_daily" else "is_high"
        rows = self.sql(
            f"select account_id, as_of_on, {shown}, case when {shown} is not null then since_on end, pending_days "
            f"from {schema}.{model} order by account_id, as_of_on"
        )
        return {(account, on): tuple(told) for account, on, *told in rows}


def _windows() -> Iterator[tuple[int, int, int]]:
    """First day, last day, and the day from which the figures are drafts; the window after it begins with that day."""
    draw = random.Random(9)
    from_day, to_day = 0, 0
    while from_day < DAYS:
        to_day = min(max(to_day, from_day + draw.choice([0, 1, 13, 14, 15, 30, 40])), DAYS - 1)
        is_draft = to_day < DAYS - 1 and draw.random() < 0.4
        draft_from = draw.randint(from_day, to_day) if is_draft else DAYS
        yield from_day, to_day, draft_from
        from_day = min(to_day + 1, draft_from)


@pytest.fixture(scope="module")
def days() -> list[Day]:
    return _drawn("final")


@pytest.fixture(scope="module")
def readings(days: list[Day]) -> dict[str, dict[tuple[str, dt.date], tuple[Any, ...]]]:
    return _readings(days)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, days: list[Day]) -> Models:
    """Built in pieces, which are kept in `pieces`, and then in one pass."""
    built = Models(tmp_path_factory.mktemp("sides"), days)
    for from_day, to_day, draft_from in _windows():
        built.know(to_day, draft_from)
        built.recompute(from_day, to_day, MODELS)
    built.sql("create schema pieces")
    for model in MODELS:
        built.sql(f"create table pieces.{model} as select * from intermediate.{model}")
    built.know(DAYS - 1)
    built.recompute(0, DAYS - 1, MODELS, "--full-refresh")
    return built


def _differing(
    days: list[Day], expected: dict[tuple[str, dt.date], Any], found: dict[tuple[str, dt.date], Any]
) -> list[str]:
    """The first day on which they differ, in the account that is shortest until then, with the days before it."""
    histories = {account: list(history) for account, history in groupby(days, key=lambda day: day.account)}
    wrong = []
    for account, history in histories.items():
        for number, day in enumerate(history):
            at = account, day.on
            if expected[at] != found.get(at):
                told = [f"{d}: {expected[account, d.on]}, found {found.get((account, d.on))}" for d in history]
                wrong.append(told[: number + 1])
                break
    return min(wrong, key=len, default=[])[-20:]


@pytest.mark.parametrize("model", MODELS)
def test_one_pass_is_a_plain_reading_of_the_rules(
    models: Models, readings: dict[str, Any], days: list[Day], model: str
) -> None:
    found = models.shown(model)
    differing = _differing(days, readings[model], found)
    assert not differing, "\n".join(differing)
    assert len(found) == len(days)


@pytest.mark.parametrize("model", MODELS)
def test_windows_of_any_length_and_late_files_give_the_same(
    models: Models, readings: dict[str, Any], days: list[Day], model: str
) -> None:
    found = models.shown(model, "pieces")
    differing = _differing(days, readings[model], found)
    assert not differing, "\n".join(differing)
    assert len(found) == len(days)
    pieces, one_pass = f"select * from pieces.{model}", f"select * from intermediate.{model}"
    assert models.sql(f"({pieces} except {one_pass}) union all ({one_pass} except {pieces}) limit 3") == []


def test_the_windows_are_long_and_short_and_some_come_twice() -> None:
    windows = list(_windows())
    assert len(windows) >= 8
    assert min(to_day - from_day for from_day, to_day, _ in windows) <= 1
    assert max(to_day - from_day for from_day, to_day, _ in windows) >= 15
    assert sum(draft_from < DAYS for _, _, draft_from in windows) >= 2


def _returns(
    days: list[Day], shown: dict[tuple[str, dt.date], tuple[Any, ...]]
) -> Iterator[tuple[Day, Any, int, list[Any]]]:
    """Each day on which something that was left is taken again: what, after how many days, and what was there between."""
    for account, history in groupby(days, key=lambda day: day.account):
        spells: list[tuple[Day, Any]] = []
        for day in history:
            told = shown[account, day.on][0]
            if not spells or spells[-1][1] != told:
                spells.append((day, told))
        for number, (day, told) in enumerate(spells):
            before = [earlier for earlier in range(number) if spells[earlier][1] == told]
            if told is not None and before:
                left_on = spells[before[-1] + 1][0].on
                yield day, told, (day.on - left_on).days, [between for _, between in spells[before[-1] + 1 : number]]


@pytest.mark.parametrize("source", ["readings", "models"])
@pytest.mark.parametrize("model", SIDES)
def test_a_side_comes_back_within_14_days_by_a_floor_or_by_unknown_only(
    models: Models, readings: dict[str, Any], days: list[Day], model: str, source: str
) -> None:
    shown = readings[model] if source == "readings" else models.shown(model)
    seen: Counter[str] = Counter()
    for day, told, after, between in _returns(days, shown):
        if after > REST:
            seen["on the 15th day" if after == REST + 1 else "later"] += 1
        elif None in between:
            seen["by unknown"] += 1
        else:
            assert model == "int_risk_side_daily", (day, after, between)
            assert told is True, (day, after, between)
            assert (day.floor or 0) >= FLOOR, (day, after, between)
            seen["by a floor"] += 1
    expected = {"on the 15th day", "later", "by unknown"} | ({"by a floor"} if "risk" in model else set())
    assert set(seen) == expected
    assert min(seen.values()) >= 20, seen


@pytest.mark.parametrize("source", ["readings", "models"])
def test_a_stage_comes_back_within_14_days_by_billing_or_by_unknown_only(
    models: Models, readings: dict[str, Any], days: list[Day], source: str
) -> None:
    model = "int_lifecycle_daily"
    seen: Counter[str] = Counter()
    for day, told, after, between in _returns(days, readings[model] if source == "readings" else models.shown(model)):
        if after > REST:
            seen["on the 15th day" if after == REST + 1 else "later"] += 1
        elif told in IMMEDIATE:
            assert day.stage == told, (day, after, between)
            assert not day.is_stage_late, (day, after, between)
            seen["is immediate"] += 1
        elif between[-1] is None or between[-1] in IMMEDIATE:
            seen["follows"] += 1
        else:
            assert between[0] is None or between[0] in IMMEDIATE, (day, after, between)
            seen["did not rest"] += 1
    assert set(seen) == {"on the 15th day", "later", "is immediate", "follows", "did not rest"}
    assert min(seen.values()) >= 20, seen
