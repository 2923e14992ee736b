"""The answers: latents and labels, MRR counted from the simulated states, use as it happened, planted incidents.

Counted from the simulation, never from the exports, and without the pipeline's formulas for scores. MRR alone
follows a definition that is the pipeline's too, because it is arithmetic: what is in force at the end of a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from examples.sample_company.archetypes import COUNTRIES, LABEL_NOISE, Accounts
from examples.sample_company.deliveries import Exports, write_table
from examples.sample_company.people import People
from examples.sample_company.subscriptions import CURRENCY_FACTOR, EXPONENT, Billing, Line
from examples.sample_company.usage import UsageTruth
from examples.sample_company.world import World

MONTHS = {"month": Fraction(1), "year": Fraction(12), "week": Fraction(12, 52), "day": Fraction(12, 365)}
PAYING = ("active", "past_due")
CLASSES = {
    "avatar": ("disruptor", "leader", "entrant", "slow_runner"),
    "advocacy": ("advocate", "loyal", "neutral", "dissatisfied", "actively_dissatisfied"),
    "fit_class": ("right_fit", "not_a_fit", "unassessed"),
    "touch": ("high", "low"),
    "playbook": ("grow", "invest", "sustain", "protect"),
}
ATTENTION_EUROS = 6_000  # what the hours of high touch cost in a year
# whether the account is at risk and whether it has room to grow, to its playbook
PLAYBOOKS = {(False, True): "grow", (True, True): "invest", (False, False): "sustain", (True, False): "protect"}


def line_mrr(line: Line, end_of_day: int) -> int:
    """MRR of a licensed line at the midnight that ends a day, in minor units, rounded half away from zero."""
    if line.pricing != "licensed" or line.starts >= end_of_day:
        return 0
    if line.ends is not None and line.ends < end_of_day:
        return 0
    status = [status for since, status in line.statuses if since < end_of_day][-1]
    if status not in PAYING and not (status == "canceled" and line.ends is not None):
        return 0
    amount = Fraction(line.unit_amount * line.quantity)
    if line.discount_ends is None or line.discount_ends >= end_of_day:
        amount *= 1 - Fraction(str(line.discount_percent or 0)) / 100
        amount -= line.discount_amount or 0
    per_month = max(amount, Fraction(0)) / (line.interval_count * MONTHS[line.interval])
    return int(per_month + Fraction(1, 2))


def mrr_days(world: World) -> list[int]:
    """Every month's last day within the window, and the window's last day."""
    return [day for day in range(world.days) if day == world.last or world.on(day + 1).day == 1]


def write_truth(
    world: World, accounts: Accounts, billing: Billing, people: People, usage: UsageTruth, exports: Exports,
    merged_on: int,
) -> None:  # fmt: skip
    folder = exports.root / "truth"
    _write_mrr(world, accounts, billing, exports, merged_on)
    _write_accounts(world, accounts, billing, people, exports)
    write_table(
        folder / "usage_monthly.csv",
        ("account_id", "month", "events", "value_events"),
        (
            (
                accounts.ids[account],
                usage.months[month],
                usage.events[account, month],
                usage.value_events[account, month],
            )
            for account, month in np.argwhere(usage.events > 0)
        ),
    )
    write_table(folder / "planted.csv", ("kind", "table", "day", "account_id", "what"), sorted(exports.planted))


def _write_mrr(world: World, accounts: Accounts, billing: Billing, exports: Exports, merged_on: int) -> None:
    from_account, into_account = accounts.character["merged_away"], accounts.character["merged_into"]
    rows = []
    for day in mrr_days(world):
        end_of_day = world.midnight(day + 1)
        totals: dict[tuple[int, str], int] = {}
        for line in billing.lines:
            mrr = line_mrr(line, end_of_day)
            if mrr:
                key = line.account, line.currency
                totals[key] = totals.get(key, 0) + mrr
        for (account, currency), mrr in sorted(totals.items()):
            merged = into_account if account == from_account and day >= merged_on else account
            rows.append((accounts.ids[account], accounts.ids[merged], world.on(day), currency, mrr))
    header = ("account_id", "account_id_after_merges", "day", "currency", "mrr_minor")
    write_table(exports.root / "truth" / "mrr.csv", header, rows)


def _euros_a_year(billing: Billing, account: int, end_of_day: int) -> float:
    """What an account pays at the midnight that ends a day, scaled to a year, at the price list's rates."""
    return sum(
        12 * line_mrr(line, end_of_day) / 10.0 ** EXPONENT[line.currency] / CURRENCY_FACTOR[line.currency]
        for line in billing.lines_of(account)
    )


@dataclass(frozen=True)
class _Portfolio:
    """What the company's customers paid in the first quarter: the middle of it, and where its top fifth begins."""

    median: float
    top_fifth: float

    @staticmethod
    def of(world: World, billing: Billing) -> _Portfolio:
        day = world.midnight(min(90, world.days))
        paid = [_euros_a_year(billing, account, day) for account in range(len(billing.contracts))]
        paying = [euros for euros in paid if euros]
        return _Portfolio(*np.quantile(paying, [0.5, 0.8]))


@dataclass(frozen=True)
class _Decider:
    """Who decides in an account: how satisfied the person is, and the day on which the person leaves."""

    feeling: float
    left: int


def _labels(
    world: World, accounts: Accounts, billing: Billing, portfolio: _Portfolio, account: int, decider: _Decider
) -> dict[str, str]:
    """Where the account belongs at the end, judged by its latents, its age and what it pays; empty: no class applies.

    The labels are what a person who knew everything would say; none of the figures that the pipeline estimates
    (momentum, risk, growth potential, expected return) is in them.
    """
    momentum, slack, feeling = accounts.momentum[account], accounts.slack[account], decider.feeling
    contract, service = billing.contracts[account], billing.services[account]
    euros = _euros_a_year(billing, account, world.midnight(world.days))
    is_leaving = service.cancel_known_on is not None and service.cancel_known_on < world.days
    is_at_risk = feeling < -0.21 or momentum < -0.5 or is_leaving or world.days - 90 <= decider.left < world.days
    has_room = slack >= 0.35
    age = world.days - contract.start - contract.trial_days
    avatar = (
        "disruptor" if momentum >= 0.5 and age >= 180 and euros >= portfolio.median
        else "leader" if euros >= portfolio.top_fifth and age >= 365
        else "entrant" if age < 180 or has_room
        else "slow_runner"
    )  # fmt: skip
    advocacy = CLASSES["advocacy"][sum(feeling < bound for bound in (0.75, 0.26, -0.21, -0.65))]
    if advocacy == "loyal" and euros < 0.95 * _euros_a_year(billing, account, world.midnight(world.days - 365)):
        advocacy = "neutral"  # who is content and buys less is not loyal
    is_rated = any(day >= world.days - 365 for day in accounts.rated_on[account])
    # a year of a person's attention is worth its hours where enough would leave without it, or come with it
    at_stake = euros * (0.15 * is_at_risk + 0.16 * has_room * slack / (1 - slack))
    return {
        "avatar": avatar if euros else "",
        "advocacy": advocacy if euros else "",
        "fit_class": "unassessed" if not is_rated else "right_fit" if accounts.fit[account] >= 0.55 else "not_a_fit",
        "touch": ("high" if at_stake >= ATTENTION_EUROS else "low") if euros else "",
        "playbook": PLAYBOOKS[bool(is_at_risk), bool(has_room)] if euros else "",
    }


def _write_accounts(world: World, accounts: Accounts, billing: Billing, people: People, exports: Exports) -> None:
    rng = world.stream("label noise")
    portfolio = _Portfolio.of(world, billing)
    decides = people.number == 1
    deciders = map(_Decider, people.satisfaction[decides].tolist(), people.leaves[decides].tolist())
    labels = [
        _labels(world, accounts, billing, portfolio, account, decider) for account, decider in enumerate(deciders)
    ]
    noisy = [dict(label) for label in labels]
    for axis, classes in CLASSES.items():
        labelled = [account for account, label in enumerate(labels) if label[axis]]
        flipped = rng.choice(len(labelled), int(np.ceil(LABEL_NOISE * len(labelled))), replace=False)
        for index in np.sort(flipped):
            account = labelled[int(index)]
            others = [name for name in classes if name != labels[account][axis]]
            noisy[account][axis] = others[int(rng.integers(len(others)))]
    header = (
        "account_id", "archetype", "archetype_noisy", "character", "fit", "momentum", "satisfaction", "slack",
        "started_on", "churned_on", "cancellation_known_on", "returned_on", "country", "seats",
        *(f"{label}{suffix}" for label in CLASSES for suffix in ("", "_noisy")),
    )  # fmt: skip

    def on(day: int | None) -> str:
        return "" if day is None or day >= world.days else str(world.on(day))

    rows = []
    for account in range(len(accounts)):
        service = billing.services[account]
        returned = service.spells[1][0] if len(service.spells) > 1 else None
        rows.append((
            accounts.ids[account], accounts.archetype[account], accounts.noisy_archetype[account],
            accounts.character_of.get(account, ""), accounts.fit[account], accounts.momentum[account],
            accounts.satisfaction[account], accounts.slack[account], on(billing.contracts[account].start),
            on(service.churned_on), on(service.cancel_known_on), on(returned),
            COUNTRIES[int(accounts.country[account])][0], int(accounts.seats[account]),
            *(value for axis in CLASSES for value in (labels[account][axis], noisy[account][axis])),
        ))  # fmt: skip
    write_table(exports.root / "truth" / "accounts.csv", header, rows)
