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
    adoption = np.clip(0.35 + 0.5 * accounts.fit + 0.15 * accounts.satisfaction, 0.15, 1.05)
    count = np.maximum(1, np.round(most_seats * adoption)).astype(np.int64)
    account = np.repeat(np.arange(len(accounts)), count)
    first = np.repeat(np.cumsum(count) - count, count)
    number = np.arange(len(account)) - first + 1
    influencers = np.minimum(3, np.repeat(most_seats, count) // 4)
    role = np.where(number == 1, DECISION_MAKER, np.where(number <= 1 + influencers, INFLUENCER, USER))
    is_contact = number <= 1 + influencers + np.minimum(4, 1 + np.repeat(most_seats, count) // 10)
    # One account in fifty has no contact rows at all, one in eight lacks a decision maker.
    unknown = rng.random(len(accounts)) < 0.02
    headless = rng.random(len(accounts)) < 0.12
    for character in accounts.character.values():
        unknown[character] = headless[character] = False
    is_contact &= ~unknown[account] & ~(headless[account] & (role == DECISION_MAKER))

    n = len(account)
    start = accounts.start_day[account]
    growth = accounts.momentum[account]
    late_joiner = rng.random(n) < np.clip(0.35 * growth, 0.02, 0.6)
    joins = start + np.where(number == 1, 0, rng.exponential(12, n)).astype(np.int64)
    horizon = np.maximum(world.days - np.maximum(start, 0), 1)
    joins = np.where(
        late_joiner & (number > 2), np.maximum(start, 0) + (rng.random(n) * horizon).astype(np.int64), joins
    )
    leaves = np.full(n, world.days + 10_000, dtype=np.int64)
    departs = rng.random(n) < 0.04 + 0.15 * (accounts.momentum[account] < -0.5)
    leaves = np.where(departs, np.maximum(joins, 0) + 10 + (rng.random(n) * world.days).astype(np.int64), leaves)
    is_champion = is_contact & (role != USER) & (rng.random(n) < 0.35)

    left = accounts.character["champion_left"]
    champion = int(np.flatnonzero((account == left) & is_contact & (number == 1))[0])
    is_champion[champion], leaves[champion] = True, world.at_fraction(0.6)

    rate = rng.gamma(1.6, 1.0, n) * np.where(role == DECISION_MAKER, 0.35, np.where(role == INFLUENCER, 0.8, 1.0))
    rate *= np.exp(0.6 * (accounts.fit[account] - 0.5) + 0.4 * accounts.satisfaction[account])
    zone_shift = np.array([0, 0, 0, 1, 6, -8])[accounts.country[account]]
    hour = (rng.normal(11.5, 2.2, n) + zone_shift) % 24
    satisfaction = np.clip(accounts.satisfaction[account] + rng.normal(0, 0.25, n), -1, 1)
    return People(account, number, role, is_contact, is_champion, joins, leaves, rate, hour, np.round(satisfaction, 4))
