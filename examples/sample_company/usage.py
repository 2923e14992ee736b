"""What people do in the product, and the product-analytics export of it: one gzipped CSV per day.

Vectorised by day: no loop runs per event. Who the people are is in `people`, when their account may use the
product in `subscriptions`, which file arrives when in this module's list of planted incidents.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from examples.sample_company.archetypes import Accounts, Ints
from examples.sample_company.deliveries import Exports
from examples.sample_company.people import People
from examples.sample_company.subscriptions import PLANS, Billing
from examples.sample_company.world import World

CATALOGUE = Path(__file__).with_name("event_catalogue.csv")
RENAMED, RENAMED_TO = "report.exported", "report.export_completed"
DOUBLED = "search.run"
PLATFORMS = (*(f'{{"platform":"{name}"}}' for name in ("web", "desktop", "ios", "android")), "")
NO_USER = 0
WEEKDAY = np.array([1.0, 1.05, 1.05, 1.0, 0.85, 0.10, 0.07])
LATE_SHARE = 0.004  # of a day's events arrive in the file of one to five days later
DEPTH = 4.0  # mean events of an active person-day
UNNAMED_SHARE = 0.02  # events of integrations, without a user

Floats32 = npt.NDArray[np.float32]


def read_catalogue() -> list[dict[str, str]]:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass
class UsageTruth:
    """Events as they happened, whatever was delivered of them: counts by account and month."""

    months: list[str]
    events: Ints  # accounts x months
    value_events: Ints
    written_events: int


def easter(year: int) -> date:
    """Sunday of Easter in the Gregorian calendar (the anonymous algorithm of 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


def calendar_factor(world: World) -> Floats32:
    """Weekday, yearly season and holidays, as one factor per day."""
    factors = []
    for day in range(world.days):
        on = world.on(day)
        factor = WEEKDAY[on.weekday()] * (1 + 0.08 * np.cos(2 * np.pi * (on.timetuple().tm_yday - 60) / 365))
        if (on.month, on.day) >= (12, 22) or (on.month, on.day) <= (1, 4):
            factor *= 0.3
        elif on.month == 8:
            factor *= 0.8
        sunday = easter(on.year)
        if sunday - timedelta(days=2) <= on <= sunday + timedelta(days=1) or (on.month, on.day) == (5, 1):
            factor *= 0.35
        factors.append(factor)
    return np.array(factors, dtype=np.float32)


def account_factors(world: World, accounts: Accounts, billing: Billing) -> Floats32:
    """Accounts x days: how much of its ordinary use each account shows on each day."""
    rng = world.stream("usage rhythm")
    n, days = len(accounts), world.days
    t = np.arange(days, dtype=np.float32)
    tenure = t[None, :] - accounts.start_day[:, None].astype(np.float32)
    factor = np.where(tenure < 0, 0, 1 - 0.85 * np.exp(-np.maximum(tenure, 0) / 21)).astype(np.float32)
    # growth is new people (see people); a decline is people who do less
    growth = np.minimum(accounts.momentum, 0)[:, None].astype(np.float32)
    since = np.minimum(np.maximum(tenure, 0), t[None, :])
    factor *= np.exp2(growth * since / 180).astype(np.float32)
    weeks = (days + 6) // 7
    mood = np.exp(rng.normal(0, 0.15, (n, weeks))).astype(np.float32)
    factor *= np.repeat(mood, 7, axis=1)[:, :days]
    factor *= calendar_factor(world)[None, :]

    weekday = np.array([world.on(day).weekday() for day in range(days)])
    month = np.array([world.on(day).month for day in range(days)])
    chosen = rng.integers(0, 5, n)
    season_start = rng.integers(0, 12, n)
    season_start[accounts.character["seasonal"]] = (world.first_day.month + 1) % 12
    for account in range(n):
        name = accounts.archetype[account]
        if name == "sleeper" and account % 3 == 0:  # a weekly cadence
            factor[account] *= np.where(weekday == chosen[account], 3.0, 0.05)
        if name == "seasonal":  # five months off, without any use
            factor[account, (month - season_start[account]) % 12 < 5] = 0
        service = billing.services[account]
        if service.churned_on is not None and service.churned_on < days + 60:
            decline = np.clip((t - (service.churned_on - 75)) / 60, 0, 1)
            depth = 0.85 if name in ("leaver", "unhappy", "sleeper") else 0.25
            factor[account] *= 1 - depth * decline
        served = np.zeros(days, dtype=np.float32)
        for start, end in service.spells:
            served[max(start, 0) : days if end is None else max(end, 0)] = 1
        for start, end in service.pauses:
            served[max(start, 0) : max(end, 0)] *= 0.03
        factor[account] *= served
    return factor


def _entitled(accounts: Accounts, billing: Billing, catalogue: list[dict[str, str]]) -> npt.NDArray[np.bool_]:
    """Accounts x events: what the smallest plan that an account ever has contains."""
    entitled = np.ones((len(accounts), len(catalogue)), dtype=bool)
    for account in range(len(accounts)):
        plans = {line.plan for line in billing.lines_of(account)} & set(PLANS)
        smallest = min(plans, key=PLANS.index)
        for event, row in enumerate(catalogue):
            entitled[account, event] = not row["plans"] or smallest in row["plans"].split("|")
    return entitled


def habits(world: World, accounts: Accounts, billing: Billing) -> npt.NDArray[np.float64]:
    """Accounts x events: cumulated shares of the events; an account has adopted only some core features."""
    rng = world.stream("usage habits")
    catalogue = read_catalogue()
    popularity = np.array([4.0, 5, 1.2, 1.5, 3, 0.6, 3, 1.2, 2, 1, 0.8, 4, 1.5, 0.2, 0.1])
    n, size = len(accounts), len(catalogue)
    weights = popularity[None, :size] * rng.gamma(2.0, 0.5, (n, size))
    is_core = np.array([row["is_core"] == "true" for row in catalogue])
    breadth = np.clip(0.25 + 0.6 * accounts.fit + 0.15 * accounts.satisfaction, 0.15, 1)
    adopted = rng.random((n, size)) < breadth[:, None]
    adopted[:, ~is_core] = True
    adopted[:, 1] = True
    weights *= adopted & _entitled(accounts, billing, catalogue)
    shares: npt.NDArray[np.float64] = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    return shares


@dataclass
class _Day:
    """The events in the file of one slot, column by column."""

    account: Ints
    user: Ints
    event: Ints
    at: Ints
    quantity: Ints
    platform: Ints
    number: Ints

    def where(self, keep: npt.NDArray[np.bool_]) -> _Day:
        return _Day(*(column[keep] for column in self.columns()))

    def columns(self) -> tuple[Ints, ...]:
        return self.account, self.user, self.event, self.at, self.quantity, self.platform, self.number

    @staticmethod
    def joined(parts: list[_Day]) -> _Day:
        return _Day(*(np.concatenate(columns) for columns in zip(*(part.columns() for part in parts), strict=True)))


Change = Callable[[_Day], _Day]


@dataclass
class _Delivery:
    received: int
    change: Change | None = None


def plan_deliveries(world: World, exports: Exports) -> dict[int, list[_Delivery]]:
    """Slots that do not simply arrive on their own day. Incidents that do not fit into the window are left out."""
    plan: dict[int, list[_Delivery]] = {}

    def plant(fraction: float, kind: str, what: str, *deliveries: tuple[int, Change | None]) -> None:
        slot = world.at_fraction(fraction)
        if slot in plan or any(slot + wait > world.last for wait, _ in deliveries) or slot > world.last:
            return
        plan[slot] = [_Delivery(slot + wait, change) for wait, change in deliveries]
        exports.plant(kind, "usage.events", slot, "", what)

    def most(day: _Day) -> _Day:
        return day.where(day.number % 10 != 0)

    def few(day: _Day) -> _Day:
        return day.where(day.number % 8 == 0)

    def half_the_accounts(day: _Day) -> _Day:
        return day.where(day.account % 2 == 0)

    def with_test_events(day: _Day) -> _Day:
        extra = day.where(day.number % 7 == 0)
        extra.number = extra.number + 5_000_000
        return _Day.joined([day, extra])

    plant(0.10, "late_file", "received 1 day late", (1, None))
    plant(0.16, "late_file", "received 3 days late", (3, None))
    plant(0.26, "late_file", "received 5 days late", (5, None))
    plant(0.37, "late_file", "received 30 days late", (30, None))
    plant(0.21, "duplicate_file", "the same file received again the next day", (0, None), (1, None))
    plant(0.32, "corrected_file", "2nd revision after 2 days adds the tenth of rows that was missing",
          (0, most), (2, None))  # fmt: skip
    plant(0.42, "corrected_file_with_fewer_rows", "2nd revision after 1 day removes test events",
          (0, with_test_events), (1, None))  # fmt: skip
    plant(0.49, "reverted_file", "a wrong 2nd revision (half the accounts) is reverted a day later",
          (0, None), (1, half_the_accounts), (2, None))  # fmt: skip
    plant(0.55, "missing_day", "never delivered")
    plant(0.67, "outage", "an eighth of the rows; corrected 2 days later", (0, few), (2, None))
    return plan


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class _Export:
    """Writes days of events as gzipped CSV; each write has its own cursor."""

    def __init__(self, event_names: list[str]) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        self.event_names = event_names

    def write(self, path: Path, day: _Day, bad_rows: list[tuple[str, ...]]) -> None:
        names = [*self.event_names, RENAMED_TO]
        literal = ", ".join(f"'{name}'" for name in names)
        platforms = ", ".join(f"'{platform}'" for platform in PLATFORMS)
        frame = pd.DataFrame({
            "account": day.account, "person": day.user, "name": day.event, "seconds": day.at,
            "quantity": day.quantity, "platform": day.platform, "number": day.number,
        })  # fmt: skip
        cursor = self.connection.cursor()
        cursor.register("day", frame)
        extra = ""
        if bad_rows:
            rows = ", ".join(f"({', '.join(_quoted(value) for value in row)})" for row in bad_rows)
            extra = f"union all select * from (values {rows})"
        cursor.execute(
            f"""copy (
                select
                    format('{{:04x}}{{:07x}}', number >> 32, number & 4294967295) as insert_id,
                    case when person = {NO_USER} then null else 'u' || person end as distinct_id,
                    format('acc_{{:05d}}', account + 1) as group_id,
                    list_extract([{literal}], name + 1) as "event",
                    strftime(make_timestamp(seconds * 1000000), '%Y-%m-%dT%H:%M:%SZ') as "time",
                    cast(quantity as varchar) as "count",
                    list_extract([{platforms}], platform + 1) as properties
                from day {extra}
            ) to {_quoted(str(path))} (format csv, header, compression gzip)"""
        )
        cursor.close()


def export_usage(world: World, accounts: Accounts, billing: Billing, people: People, exports: Exports) -> UsageTruth:
    factors = account_factors(world, accounts, billing)
    shares = habits(world, accounts, billing)
    catalogue = read_catalogue()
    names = [row["event_name"] for row in catalogue]
    is_value = np.array([row["is_value"] == "true" for row in catalogue])
    renamed, doubled = names.index(RENAMED), names.index(DOUBLED)
    scale = world.events / max(_expected_events(world, people, factors), 1e-9)

    plan = plan_deliveries(world, exports)
    rename_from = world.at_fraction(0.79)
    double_from, double_until = world.at_fraction(0.86), world.at_fraction(0.86) + 3
    bad_slots = {world.at_fraction(fraction) for fraction in (0.13, 0.60)}
    if rename_from < world.days:
        exports.plant(
            "event_renamed", "usage.events", rename_from, "", f"{RENAMED} is called {RENAMED_TO} from here on"
        )
    if double_until <= world.last:
        exports.plant("event_doubled", "usage.events", double_from, "", f"{DOUBLED} is sent twice for 3 days")
    merge_day = world.merge_day() + 5  # the product follows the merge a few days after the CRM
    merged_away, merged_into = accounts.character["merged_away"], accounts.character["merged_into"]

    months = sorted({f"{world.on(day):%Y-%m}" for day in range(world.days)})
    shape = len(accounts), len(months)
    truth = UsageTruth(months, np.zeros(shape, np.int64), np.zeros(shape, np.int64), 0)
    late: dict[int, list[_Day]] = defaultdict(list)
    export = _Export(names)
    waiting: list[Future[None]] = []
    with ThreadPoolExecutor(max_workers=1) as writers:
        for slot in range(world.days):
            day = _simulate_day(world, people, shares, factors[:, slot] * np.float32(scale), slot)
            month = months.index(f"{world.on(slot):%Y-%m}")
            truth.events[:, month] += np.bincount(day.account, minlength=len(accounts))
            truth.value_events[:, month] += np.bincount(day.account[is_value[day.event]], minlength=len(accounts))
            if slot >= merge_day:
                moved = day.account == merged_away
                day.account = np.where(moved, merged_into, day.account)
                day.user = np.where(moved & (day.user != NO_USER), day.user + 1_000, day.user)
            if slot >= rename_from:
                day.event = np.where(day.event == renamed, len(names), day.event)
            if double_from <= slot < double_until <= world.last:
                again = day.where(day.event == doubled)
                again.number = again.number + 6_000_000
                day = _Day.joined([day, again])
            day, held_back = _hold_back(world, day, slot)
            for arrival, part in held_back:
                late[arrival].append(part)
            day = _Day.joined([day, *late.pop(slot, [])])
            bad = _bad_rows(world, accounts, slot, exports) if slot in bad_slots else []
            for delivery in plan.get(slot, [_Delivery(slot)]):
                shown = day if delivery.change is None else delivery.change(day)
                path = exports.path("product_analytics", delivery.received, f"events_{world.on(slot)}.csv.gz")
                waiting.append(writers.submit(export.write, path, shown, bad))
                truth.written_events += len(shown.account) + len(bad)
            while len(waiting) > 4:
                waiting.pop(0).result()
        for future in waiting:
            future.result()
    return truth


def _expected_events(world: World, people: People, factors: Floats32) -> float:
    """Sum over people and days, from sums per account of the rates of those who are there."""
    total = 0.0
    size = factors.shape[0]
    for day in range(world.days):
        there = (people.joins <= day) & (day < people.leaves)
        rates = np.bincount(people.account[there], weights=people.rate[there], minlength=size)
        total += float(rates @ factors[:, day])
    return total


def _simulate_day(world: World, people: People, shares: npt.NDArray[np.float64], factor: Floats32, slot: int) -> _Day:
    rng = world.stream(f"usage of day {slot}")
    there = (people.joins <= slot) & (slot < people.leaves)
    expected = people.rate * factor[people.account] * there
    depth = np.maximum(DEPTH, expected / 0.9)
    is_active = rng.random(len(people)) < expected / depth
    active = np.flatnonzero(is_active)
    counts = 1 + rng.poisson(np.maximum(depth[active] - 1, 0))
    person = np.repeat(active, counts)
    account = people.account[person]
    draw = rng.random(len(person))
    event = np.zeros(len(person), dtype=np.int64)
    for start in range(0, len(person), 200_000):
        part = slice(start, start + 200_000)
        event[part] = (shares[account[part]] < draw[part, None]).sum(axis=1)
    length = world.midnight(slot + 1) - world.midnight(slot)
    seconds = (people.hour[person] * 3600 + rng.normal(0, 5_400, len(person))).astype(np.int64) % length
    at = world.midnight(slot) + seconds
    unnamed = rng.random(len(person)) < UNNAMED_SHARE
    quantity = np.where(rng.random(len(person)) < 0.03, rng.integers(2, 20, len(person)), 1)
    platform = np.searchsorted([0.55, 0.75, 0.87, 0.95], rng.random(len(person)))
    order = np.argsort(at, kind="stable")
    return _Day(
        account[order], np.where(unnamed, NO_USER, people.number[person])[order], event[order], at[order],
        quantity[order], platform[order], (slot << 32) + np.arange(len(person)),
    )  # fmt: skip


def _hold_back(world: World, day: _Day, slot: int) -> tuple[_Day, list[tuple[int, _Day]]]:
    """Takes out the events of devices that were offline; they come with a later slot's file."""
    rng = world.stream(f"late events of day {slot}")
    wait = np.where(rng.random(len(day.at)) < LATE_SHARE, rng.integers(1, 6, len(day.at)), 0)
    wait = np.where(slot + wait > world.last, 0, wait)
    parts = [(slot + days, day.where(wait == days)) for days in range(1, 6) if (wait == days).any()]
    return day.where(wait == 0), parts


def _bad_rows(world: World, accounts: Accounts, slot: int, exports: Exports) -> list[tuple[str, ...]]:
    account = accounts.id_of("merged_into")
    on, next_day = world.on(slot), world.on(slot + 1)
    bad = (
        ("unparsable_time", account, f"{on} at noon", "time cannot be parsed"),
        ("time_after_slot", account, f"{next_day}T12:00:00Z", "event lies after the end of its slot"),
        ("missing_account", "", f"{on}T10:00:00Z", "account id is missing"),
    )
    rows: list[tuple[str, ...]] = []
    for number, (kind, account_id, time, what) in enumerate(bad):
        exports.plant(f"bad_{kind}", "usage.events", slot, account_id, what)
        rows.append((f"bad{slot:04d}{number}", "u1", account_id, "task.completed", time, "1", ""))
    return rows
