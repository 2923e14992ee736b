"""What every account is subscribed to: contracts, their changes, pauses, arrears and ends, as subscription lines.

These lines are the simulator's reality. How a billing system shows them is in `billing`; what they are worth on a
given day is counted in `truth`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from examples.sample_company.archetypes import BY_NAME, Accounts
from examples.sample_company.world import World, add_months

PLANS = ("free", "starter", "team", "business", "enterprise")
SEAT_PRICE_EUR = {
    "free": 0, "starter": 19, "team": 39, "business": 69, "enterprise": 99, "insights_add_on": 149, "api_calls": 1,
}  # fmt: skip  # per month
CURRENCY_FACTOR = {"EUR": 1.0, "USD": 1.1, "GBP": 0.9, "JPY": 160.0}
EXPONENT = {"EUR": 2, "USD": 2, "GBP": 2, "JPY": 0}
TERM_DISCOUNT = {("week", 1): 1.1, ("month", 1): 1.0, ("year", 1): 0.85, ("year", 3): 0.75}
NEVER = 1 << 40  # an epoch that does not come


@dataclass
class Line:
    """A subscription line with one price, plan and quantity; times are epoch seconds."""

    account: int
    system: str  # stripe or legacy
    subscription: str
    item: str
    plan: str
    starts: int
    quantity: int
    unit_amount: int  # minor units per interval
    currency: str
    interval: str
    interval_count: int
    seats: int | None
    anchor: date  # the terms are counted from here
    ends: int | None = None
    end_known: int = NEVER
    planned_ends: int | None = None  # what a fixed term shows until its end is known
    canceled_at: int | None = None
    trial_ends: int | None = None
    discount_percent: float | None = None
    discount_amount: int | None = None
    discount_ends: int | None = None
    auto_renews: bool = True
    notice_days: int | None = None
    pricing: str = "licensed"
    visible_from: int = 0
    vanishes_on: int | None = None  # first day whose snapshot lacks it
    statuses: list[tuple[int, str]] = field(default_factory=list)  # since, status; in time order


@dataclass
class Contract:
    """The script of one account's billing life; days are counted from the first day of the window."""

    account: int
    system: str
    plan: str
    interval: str
    interval_count: int
    currency: str
    seats: int
    start: int
    is_flat: bool = False
    trial_days: int = 0
    converts: bool = True
    cancel_on: int | None = None  # leaves at the end of the term that runs on this day
    notice: int = 20  # days between the cancellation and the end of the term
    lapses: bool = False  # not cancelled: the renewal just never comes
    returns_after: int | None = None
    pauses: list[tuple[int, int]] = field(default_factory=list)
    arrears: tuple[int, int, str] | None = None  # from, days until settled, how far it goes
    changes: list[tuple[int, str]] = field(default_factory=list)
    seat_steps: list[tuple[int, int]] = field(default_factory=list)  # day, seats from then on
    add_on: tuple[int, int | None] | None = None
    is_metered: bool = False
    discount: tuple[float | None, int | None, int | None] | None = None  # %, major units, months
    switches_to: tuple[int, str] | None = None
    renews_late: bool = False
    vanishes_on: int | None = None


@dataclass
class Service:
    """When an account could use the product: [start, end) in days, end open when None, and its pauses."""

    spells: list[tuple[int, int | None]]
    pauses: list[tuple[int, int]]
    churned_on: int | None = None
    cancel_known_on: int | None = None


@dataclass
class Billing:
    lines: list[Line]
    contracts: list[Contract]
    services: list[Service]
    _by_account: dict[int, list[Line]] = field(default_factory=dict)

    def is_served(
        self, account: npt.NDArray[np.int64], day: npt.NDArray[np.int64], until: int
    ) -> npt.NDArray[np.bool_]:
        """Whether each account may use the product on the day beside it; open spells last until `until`."""
        served = np.zeros(len(account), dtype=bool)
        for number in (0, 1):
            spells = [service.spells[number : number + 1] for service in self.services]
            start = np.array([spell[0][0] if spell else until for spell in spells])
            ends = [spell[0][1] if spell else None for spell in spells]
            end = np.array([until if end is None else end for end in ends])
            served |= (start[account] <= day) & (day < end[account])
        return served

    def decline(self, account: npt.NDArray[np.int64], day: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """0 for who stays, rising to 1 over the 60 days before an account leaves."""
        left = np.array([NEVER if s.churned_on is None else s.churned_on for s in self.services])[account]
        return np.clip(1 - (left - day) / 60, 0, 1)

    def lines_of(self, account: int) -> list[Line]:
        if not self._by_account:
            for line in self.lines:
                self._by_account.setdefault(line.account, []).append(line)
        return self._by_account.get(account, [])


def seat_price(plan: str, currency: str, interval: str, count: int) -> int:
    """Price of a seat per billing interval, in minor units."""
    months = {"week": 12 / 52, "month": 1, "year": 12}[interval] * count
    major = round(SEAT_PRICE_EUR[plan] * CURRENCY_FACTOR[currency] * months * TERM_DISCOUNT[interval, count])
    return int(major * 10 ** EXPONENT[currency])


def term_end(anchor: date, interval: str, count: int, after: date) -> date:
    """The first end of a term that lies after the given day."""
    if interval == "week":
        weeks = (after - anchor).days // (7 * count) + 1
        return anchor + timedelta(days=7 * count * weeks)
    step = count * (12 if interval == "year" else 1)
    terms = max(0, ((after.year - anchor.year) * 12 + after.month - anchor.month) // step - 1)
    while True:
        terms += 1
        end = add_months(anchor, terms * step)
        if end > after:
            return end


def draw_contracts(world: World, accounts: Accounts) -> list[Contract]:
    rng = world.stream("contracts")
    contracts = []
    for account in range(len(accounts)):
        character = accounts.character_of.get(account)
        contract = _draw_contract(world, accounts, account, rng)
        contracts.append(_cast(world, contract, character) if character else contract)
    return contracts


def _draw_contract(world: World, accounts: Accounts, account: int, rng: np.random.Generator) -> Contract:
    archetype = BY_NAME[accounts.archetype[account]]
    seats, start = int(accounts.seats[account]), int(accounts.start_day[account])
    satisfaction = float(accounts.satisfaction[account])
    is_free = archetype.name == "free_rider"
    size = 1 + int(seats > 8) + int(seats > 25) + int(seats > 80)
    # who has no room left has bought the whole product
    smallest = 3 if accounts.slack[account] < 0.3 else 1
    plan = "free" if is_free else PLANS[int(np.clip(size + rng.integers(-1, 2), smallest, 4))]
    p_year = 0.15 if seats < 8 else 0.55
    term = rng.choice(4, p=[0.02, 0.95 - p_year, p_year, 0.03])
    interval, count = (("week", 1), ("month", 1), ("year", 1), ("year", 3))[int(term)]
    if is_free:
        interval, count = "month", 1
    currency = accounts.currency(account)
    system = "legacy" if currency == "EUR" and start < 0 and not is_free and rng.random() < 0.35 else "stripe"
    if system == "legacy" and interval == "week":
        interval = "month"
    contract = Contract(account, system, plan, interval, count, currency, seats, start)
    contract.is_flat = plan == "enterprise" and bool(rng.random() < 0.4)
    if start >= 0 and not is_free and rng.random() < 0.6:
        contract.trial_days = int(rng.choice([14, 30]))
        contract.converts = bool(rng.random() < 0.55 + 0.3 * satisfaction)
    if not is_free:
        hazard = archetype.churn_hazard * np.exp(-1.2 * satisfaction)
        window_months = world.days / 30
        if archetype.name == "leaver" and rng.random() < 0.3:
            hazard *= 0.1  # some never go: the label is no oracle
        if interval == "year":
            hazard *= 1.5
        wait = rng.exponential(1 / max(hazard, 1e-4))
        if wait < window_months or interval == "year":
            contract.cancel_on = max(start, 0) + int(wait * 30)
            contract.notice = int(rng.choice([0, 7, 20, 45]))
            contract.lapses = bool(rng.random() < 0.2)
            if rng.random() < 0.12:
                contract.returns_after = int(rng.integers(10, 90))
        if rng.random() < 0.03:
            pause = int(rng.integers(max(start, 0) + 5, max(start, 0) + 10 + world.days))
            contract.pauses = [(pause, pause + int(rng.integers(20, 75)))]
        if rng.random() < 0.05 + 0.08 * (satisfaction < 0):
            due = int(rng.integers(max(start, 0), max(start, 0) + world.days))
            days = int(rng.choice([4, 9, 25, 60]))
            contract.arrears = (due, days, "unpaid" if days > 20 and rng.random() < 0.5 else "past_due")
        growth = float(accounts.momentum[account])
        horizon = max(world.days - max(start, 0), 1)
        for _ in range(int(rng.poisson(0.25 * horizon / 365))):
            day = max(start, 0) + contract.trial_days + 3 + int(rng.integers(horizon))
            up = rng.random() < 0.5 + 0.45 * np.tanh(1.5 * growth)
            choices = ("seats_up", "seats_up", "upgrade") if up else ("seats_down", "seats_down", "downgrade")
            kind = "price_rise" if rng.random() < 0.08 else choices[int(rng.integers(3))]
            contract.changes.append((day, kind))
        contract.seat_steps = _seat_steps(world, contract, growth, rng)
        if rng.random() < 0.06:
            first = max(start, 0) + int(rng.integers(horizon))
            stays = rng.random() < 0.6
            contract.add_on = (first, None if stays else first + int(rng.integers(30, 120)))
        if rng.random() < 0.2:
            if rng.random() < 0.75:
                contract.discount = (float(rng.choice([10.0, 12.5, 15.0, 20.0])), None, None)
            else:
                contract.discount = (None, int(rng.choice([10, 25, 50])), None)
            if rng.random() < 0.6:
                contract.discount = (*contract.discount[:2], int(rng.choice([3, 6, 12])))
        contract.is_metered = system == "stripe" and bool(rng.random() < 0.03)
    return contract


def _seat_steps(world: World, contract: Contract, growth: float, rng: np.random.Generator) -> list[tuple[int, int]]:
    """The licence follows the team: every few weeks the seats are brought into line with its size."""
    first = max(contract.start, 0) + contract.trial_days
    steps, seats, day = [], contract.seats, first + int(rng.integers(10, 50))
    while day < world.days:
        wanted = max(1, round(contract.seats * 2 ** (growth * (day - first) / 180)))
        if abs(wanted - seats) > 0.04 * seats:
            steps.append((day, wanted))
            seats = wanted
        day += int(rng.integers(30, 60))
    return steps


def _cast(world: World, contract: Contract, character: str) -> Contract:
    """Overwrites what the character's role needs; everything else it drew stays."""
    calm = replace(
        contract, system="stripe", plan="team", interval="month", interval_count=1, is_flat=False, trial_days=0,
        converts=True, cancel_on=None, returns_after=None, lapses=False, notice=20, pauses=[], arrears=None,
        changes=[], seat_steps=[], add_on=None, is_metered=False, discount=None,
    )  # fmt: skip
    at = world.at_fraction

    def ending(day: int, years: int) -> int:
        """The start of a contract of so many years that ends on the day."""
        return world.month_later(day, -12 * years)

    if character == "currency_switch":
        return replace(calm, switches_to=(at(0.5), "USD"))
    if character == "late_renewal":
        return replace(calm, system="legacy", interval="year", start=ending(at(0.55), 1), renews_late=True)
    if character == "lapsed":
        end = at(0.4)
        return replace(calm, system="legacy", interval="year", start=ending(end, 1), cancel_on=end - 1, lapses=True)
    if character == "vanished_line":
        slot = next((slot for slot in world.billing_slots() if slot >= at(0.6)), NEVER)
        return replace(calm, system="legacy", vanishes_on=slot)
    if character == "paused_and_resumed":
        return replace(calm, pauses=[(at(0.3), at(0.5))])
    if character == "churned_and_back":
        return replace(calm, start=world.month_later(at(0.3), -9), cancel_on=at(0.3) - 3, returns_after=25)
    if character == "past_due_recovered":
        return replace(calm, arrears=(at(0.4), 18, "past_due"))
    if character == "unpaid":
        return replace(calm, arrears=(at(0.5), 10 * world.days, "unpaid"))
    if character == "metered":
        return replace(calm, is_metered=True)
    if character == "weekly_term":
        return replace(calm, interval="week")
    if character == "three_year_term":
        return replace(calm, interval="year", interval_count=3, plan="enterprise")
    if character == "scheduled_cancellation":
        end = world.last + 25
        return replace(
            calm, interval="year", start=ending(end, 1), cancel_on=end - 1, notice=25 + int(0.25 * world.days)
        )
    if character in ("trial_converted", "trial_lost"):
        return replace(calm, trial_days=14, converts=character == "trial_converted")
    if character == "upgraded":
        return replace(calm, changes=[(at(0.3), "seats_up"), (at(0.6), "upgrade")])
    if character == "downgraded":
        return replace(calm, changes=[(at(0.3), "seats_down"), (at(0.6), "downgrade")])
    if character == "add_on":
        return replace(calm, add_on=(at(0.25), at(0.7)))
    if character == "discount_ended":
        return replace(calm, discount=(20.0, None, 2))
    if character == "churned_monthly":
        return replace(calm, start=world.month_later(at(0.65), -14), cancel_on=at(0.65) - 3, notice=10)
    return calm


def simulate_billing(world: World, accounts: Accounts) -> Billing:
    contracts = draw_contracts(world, accounts)
    rng = world.stream("subscriptions")
    lines: list[Line] = []
    services = []
    for contract in contracts:
        seconds = 0 if contract.system == "legacy" else int(rng.integers(8 * 3600, 16 * 3600))
        writer = _Writer(world, contract, seconds)
        services.append(writer.write())
        lines += writer.lines
    return Billing(lines, contracts, services)


class _Writer:
    """Turns one contract into lines. A spell is a subscription from its start to its end."""

    def __init__(self, world: World, contract: Contract, seconds: int) -> None:
        self.world = world
        self.contract = contract
        self.seconds = seconds
        self.lines: list[Line] = []

    def at(self, day: int) -> int:
        return self.world.midnight(day) + self.seconds

    def next_term_end(self, anchor: int, after: int) -> int:
        contract = self.contract
        end = term_end(self.world.on(anchor), contract.interval, contract.interval_count, self.world.on(after))
        return self.world.day(end)

    def write(self) -> Service:
        contract, world = self.contract, self.world
        start = contract.start
        service = Service([], [])
        if contract.trial_days and not contract.converts:
            trial_end = start + contract.trial_days
            contract.lapses = False
            self.spell(1, start, trial_end, known=trial_end)
            service.spells = [(start, trial_end)]
            return service
        end: int | None = None
        known: int | None = None
        if contract.vanishes_on is not None and contract.vanishes_on < world.days:
            end = contract.vanishes_on
        elif contract.cancel_on is not None:
            paid_from = start + contract.trial_days
            end = self.next_term_end(start, max(contract.cancel_on, paid_from))
            known = end if contract.lapses else max(end - contract.notice, paid_from, 0)
        service.spells.append((start, end))
        service.churned_on, service.cancel_known_on = end, None if contract.lapses else known
        self.spell(1, start, end, known=known)
        if end is not None and contract.returns_after is not None:
            back = end + contract.returns_after
            if back < world.days:
                self.spell(2, back, None, known=None)
                service.spells.append((back, None))
        service.pauses = [(first, until) for first, until in contract.pauses if end is None or until < end]
        return service

    def status_timeline(self, spell: int, start: int, end: int | None, known: int | None) -> list[tuple[int, str]]:
        contract = self.contract
        timeline = [(self.at(start), "active")]
        if spell == 1 and contract.trial_days:
            timeline = [(self.at(start), "trialing")]
            if contract.converts:
                timeline.append((self.at(start + contract.trial_days), "active"))
        if spell == 1:
            for first, until in contract.pauses:
                if first > start and (end is None or until < end):
                    timeline += [(self.at(first), "paused"), (self.at(until), "active")]
            if contract.arrears and not contract.pauses:
                first, days, worst = contract.arrears
                first = max(first, start + contract.trial_days + 1)
                if end is None or first + days < end:
                    timeline.append((self.at(first), "past_due"))
                    if worst == "unpaid":
                        timeline.append((self.at(first + 14), "unpaid"))
                    timeline.append((self.at(first + days), "active"))
        if end is not None and known is not None and not contract.lapses:
            # The legacy system says cancelled from the notice on, the other only once the term is over.
            told = known if contract.system == "legacy" else end
            timeline = [entry for entry in timeline if entry[0] < self.at(told)]
            timeline.append((self.at(told), "canceled"))
        return timeline

    def spell(self, number: int, start: int, end: int | None, known: int | None) -> None:
        """Writes the lines of one subscription; `known` is the day on which its end was announced."""
        contract, world = self.contract, self.world
        timeline = self.status_timeline(number, start, end, known)
        last = end if end is not None else world.days
        changes = [(day, kind) for day, kind in sorted(contract.changes) if start < day < min(last, world.days)]
        cuts: dict[int, list[str]] = {}
        for day, kind in changes:
            cuts.setdefault(day, []).append(kind)
        steps = {day: seats for day, seats in contract.seat_steps if start < day < min(last, world.days)}
        for day in steps:
            cuts.setdefault(day, []).append("seats")
        has_fixed_terms = contract.system == "legacy" and contract.interval == "year"
        if has_fixed_terms:
            boundary = self.next_term_end(start, start)
            while boundary < min(last, world.days):
                cuts.setdefault(boundary, []).append("renewal")
                boundary = self.next_term_end(start, boundary)
        switch = contract.switches_to
        if switch and start < switch[0] < min(last, world.days):
            cuts.setdefault(switch[0], []).append("currency")

        name = f"{contract.account + 1:05d}{number}"
        subscription = f"V-{name}" if contract.system == "legacy" else f"sub_{name}"
        plan, seats, currency, raised = contract.plan, contract.seats, contract.currency, 0
        edges = [start, *sorted(cuts), end]
        for first, until in pairwise(edges):
            assert first is not None
            for kind in cuts.get(first, ()):
                if kind == "seats":
                    seats = steps[first]
                elif kind == "seats_up":
                    seats += max(1, round(0.2 * seats))
                elif kind == "seats_down":
                    seats = max(1, seats - max(1, round(0.2 * seats)))
                elif kind in ("upgrade", "downgrade") and plan != "free":
                    step = 1 if kind == "upgrade" else -1
                    plan = PLANS[min(4, max(1, PLANS.index(plan) + step))]
                elif kind == "price_rise":
                    raised += 1
                elif kind == "currency" and switch:
                    currency = switch[1]
            line = self.line(subscription, f"{name}A", first, plan, seats, currency, raised)
            line.anchor = world.on(start)
            line.statuses = timeline
            superseded = until is not None and (until != end or end is None)
            if until is not None:
                line.ends = self.at(until)
            if superseded and until is not None:
                line.end_known = self.at(until)
                line.statuses = [entry for entry in timeline if entry[0] < self.at(until)]
            elif end is not None and known is not None:
                line.end_known = self.at(known)
                if not contract.lapses:
                    line.canceled_at = self.at(known)
            if has_fixed_terms:
                line.planned_ends = self.at(self.next_term_end(start, first))
                if line.ends is None:
                    line.ends = line.planned_ends
            if number == 1 and contract.trial_days:
                line.trial_ends = self.at(start + contract.trial_days)
            if "renewal" in cuts.get(first, ()) and contract.renews_late and first >= 0:
                line.visible_from = world.midnight(first + 2)
            line.auto_renews = not (contract.lapses and has_fixed_terms)
            line.vanishes_on = contract.vanishes_on
            self.lines.append(line)
        self.extras(number, name, subscription, start, end, known, timeline)

    def line(self, subscription: str, item: str, first: int, plan: str, seats: int, currency: str, raised: int) -> Line:
        contract = self.contract
        price = seat_price(plan, currency, contract.interval, contract.interval_count)
        unit = 10 ** EXPONENT[currency]
        price = round(price * 1.07**raised / unit) * unit
        quantity = 1 if contract.is_flat else seats
        line = Line(
            contract.account, contract.system, subscription, item, plan, self.at(first), quantity,
            price * seats if contract.is_flat else price, currency, contract.interval, contract.interval_count,
            seats, self.world.on(first),
        )  # fmt: skip
        line.visible_from = line.starts
        line.notice_days = 30 if contract.interval == "year" else None
        if contract.discount and plan != "free":
            percent, amount, months = contract.discount
            line.discount_percent = percent
            if amount is not None:
                line.discount_amount = amount * unit
            if months is not None:
                line.discount_ends = self.at(self.world.month_later(contract.start + contract.trial_days, months))
        return line

    def extra(self, subscription: str, item: str, first: int, plan: str) -> Line:
        line = self.line(subscription, item, first, plan, 1, self.contract.currency, 0)
        return replace(line, seats=None, discount_percent=None, discount_amount=None, discount_ends=None)

    def extras(
        self, number: int, name: str, subscription: str, start: int, end: int | None, known: int | None,
        timeline: list[tuple[int, str]],
    ) -> None:  # fmt: skip
        """Add-ons and metered items: lines of their own beside the plan."""
        contract, world = self.contract, self.world
        last = end if end is not None else world.days
        if contract.add_on and start < contract.add_on[0] < min(last, world.days) and contract.plan != "free":
            first, until = contract.add_on
            line = self.extra(subscription, f"{name}B", first, "insights_add_on")
            line.anchor = world.on(start)
            ends = until if until is not None and until < min(last, world.days) else end
            line.statuses = timeline
            if ends is not None:
                line.ends = self.at(ends)
                line.end_known = self.at(known if ends == end and known is not None else ends)
                if ends != end:
                    line.statuses = [entry for entry in timeline if entry[0] < self.at(ends)]
            self.lines.append(line)
        if contract.is_metered:
            line = self.extra(subscription, f"{name}M", start, "api_calls")
            line.pricing, line.anchor, line.statuses = "metered", world.on(start), timeline
            if end is not None:
                line.ends = self.at(end)
                line.end_known = self.at(known if known is not None else end)
            self.lines.append(line)
