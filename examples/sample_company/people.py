"""The people of the accounts: who uses the product, how much, and who of them is known to the sales team.

What they do is in `usage`, what they say in `voice`, how the sales team records them in `crm`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from examples.sample_company.archetypes import Accounts, Floats, Ints
from examples.sample_company.subscriptions import Billing
from examples.sample_company.world import World

DECISION_MAKER, INFLUENCER, USER = 0, 1, 2
ROLES = ("decision_maker", "influencer", "user")


@dataclass
class People:
    """One entry per person in every array, ordered by account and number; `u1` exists in every account."""

    account: Ints
    number: Ints  # within the account, from 1: the user id is unique only there
    role: Ints
    is_contact: np.ndarray
    is_champion: np.ndarray
    joins: Ints  # day
    leaves: Ints  # day, beyond the window when they stay
    rate: Floats  # value-weighted events on an ordinary weekday, before scaling
    hour: Floats  # local to the reporting zone
    satisfaction: Floats

    def __len__(self) -> int:
        return len(self.account)

    def user_id(self, person: int) -> str:
        return f"u{int(self.number[person])}"


def draw_people(world: World, accounts: Accounts, billing: Billing) -> People:
    rng = world.stream("people")
    most_seats = accounts.seats.copy()
    for line in billing.lines:
        if line.seats is not None:
            most_seats[line.account] = max(most_seats[line.account], line.seats)
    adoption = np.clip(0.62 + 0.45 * accounts.fit + 0.1 * accounts.satisfaction, 0.15, 1.1)
    count = np.maximum(1, np.round(most_seats * adoption)).astype(np.int64)
    account = np.repeat(np.arange(len(accounts)), count)
    first = np.repeat(np.cumsum(count) - count, count)
    number = np.arange(len(account)) - first + 1
    influencers = np.minimum(3, np.repeat(most_seats, count) // 4)
    role = np.where(number == 1, DECISION_MAKER, np.where(number <= 1 + influencers, INFLUENCER, USER))
    is_contact = number <= 1 + influencers + np.minimum(4, 1 + np.repeat(most_seats, count) // 10)
    # One account in a hundred has no contact rows at all, one in twenty lacks a decision maker.
    unknown = rng.random(len(accounts)) < 0.01
    headless = rng.random(len(accounts)) < 0.05
    for character in accounts.character.values():
        unknown[character] = headless[character] = False
    is_contact &= ~unknown[account] & ~(headless[account] & (role == DECISION_MAKER))

    n = len(account)
    start = accounts.start_day[account]
    joins = start + np.where(number == 1, 0, rng.exponential(12, n)).astype(np.int64)
    # a growing team: who is beyond the first people joins on the day on which the team has grown that far
    at_first = np.repeat(np.maximum(2, accounts.seats * adoption), count)
    growth = accounts.momentum[account]
    reached = np.log2(np.maximum(number / at_first, 1)) * 180 / np.maximum(growth, 0.05)
    joins = np.where(reached > 0, np.maximum(start, 0) + reached.astype(np.int64), joins)
    leaves = np.full(n, world.days + 10_000, dtype=np.int64)
    departs = rng.random(n) < 0.04 + 0.15 * (accounts.momentum[account] < -0.5)
    leaves = np.where(departs, np.maximum(joins, 0) + 10 + (rng.random(n) * world.days).astype(np.int64), leaves)
    is_champion = is_contact & (role != USER) & (rng.random(n) < 0.35)

    left = accounts.character["champion_left"]
    champion = int(np.flatnonzero((account == left) & is_contact & (number == 1))[0])
    is_champion[champion], leaves[champion] = True, world.at_fraction(0.6)

    # who decides in a small team also does the work
    deciders_rate = np.where(np.repeat(most_seats, count) <= 3, 1.0, 0.35)
    rate = rng.gamma(2.5, 0.64, n) * np.where(
        role == DECISION_MAKER, deciders_rate, np.where(role == INFLUENCER, 0.8, 1.0)
    )
    rate *= np.exp(0.6 * (accounts.fit[account] - 0.5) + 0.4 * accounts.satisfaction[account])
    zone_shift = np.array([0, 0, 0, 1, 6, -8])[accounts.country[account]]
    hour = (rng.normal(11.5, 2.2, n) + zone_shift) % 24
    satisfaction = np.clip(accounts.satisfaction[account] + rng.normal(0, 0.08, n), -1, 1)
    return People(account, number, role, is_contact, is_champion, joins, leaves, rate, hour, np.round(satisfaction, 4))
