"""Who the accounts are: archetypes, latent variables, firmographics, and the characters that are always cast.

The latents (fit, momentum, satisfaction, slack) drive everything an account does and appear in no export. They are
not the pipeline's scores. What an account pays is in `subscriptions`, what it uses in `usage`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from examples.sample_company.world import World

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LABEL_NOISE = 0.12


@dataclass(frozen=True)
class Archetype:
    name: str
    share: float
    fit: float  # 0..1, how well the product suits the account
    momentum: float  # doublings of the team in 180 days
    satisfaction: float  # -1..1
    slack: float  # 0..1, room left to grow at the end of the window
    seats: float  # median
    churn_hazard: float  # chance of leaving per month of monthly terms


ARCHETYPES = (
    Archetype("rocket", 0.14, 0.90, 0.9, 0.58, 0.65, 12, 0.004),
    Archetype("anchor", 0.18, 0.90, 0.0, 0.58, 0.10, 45, 0.002),
    Archetype("fan", 0.04, 0.90, 0.0, 0.92, 0.10, 20, 0.002),
    Archetype("newcomer", 0.16, 0.80, 0.3, 0.03, 0.60, 8, 0.02),
    Archetype("sleeper", 0.14, 0.25, 0.0, 0.52, 0.10, 10, 0.01),
    Archetype("unhappy", 0.12, 0.80, 0.3, -0.85, 0.65, 14, 0.02),
    Archetype("leaver", 0.14, 0.25, -0.9, -0.45, 0.10, 9, 0.03),
    Archetype("seasonal", 0.04, 0.85, 0.0, 0.58, 0.10, 9, 0.003),
    Archetype("free_rider", 0.04, 0.30, 0.0, 0.03, 0.50, 2, 0.0),
)
BY_NAME = {archetype.name: archetype for archetype in ARCHETYPES}

# The first accounts are cast, so that every trait is present in the smallest company.
CHARACTERS = (
    ("internal", "anchor"),
    ("currency_switch", "anchor"),
    ("merged_away", "sleeper"),
    ("merged_into", "anchor"),
    ("late_renewal", "anchor"),
    ("vanished_line", "leaver"),
    ("paused_and_resumed", "anchor"),
    ("churned_and_back", "sleeper"),
    ("past_due_recovered", "unhappy"),
    ("unpaid", "leaver"),
    ("metered", "rocket"),
    ("weekly_term", "anchor"),
    ("three_year_term", "anchor"),
    ("seasonal", "seasonal"),
    ("scheduled_cancellation", "leaver"),
    ("trial_converted", "newcomer"),
    ("trial_lost", "newcomer"),
    ("champion_left", "anchor"),
    ("upgraded", "rocket"),
    ("downgraded", "unhappy"),
    ("add_on", "rocket"),
    ("discount_ended", "newcomer"),
    ("lapsed", "leaver"),
    ("churned_monthly", "leaver"),
)

COUNTRIES = (  # country, share, region, timezone, language, currency
    ("DE", 0.30, "DACH", "Europe/Berlin", "de", "EUR"),
    ("AT", 0.06, "DACH", "Europe/Vienna", "de", "EUR"),
    ("FR", 0.10, "Southern Europe", "Europe/Paris", "fr", "EUR"),
    ("GB", 0.16, "UK & Ireland", "Europe/London", "en", "GBP"),
    ("US", 0.28, "North America", "America/New_York", "en", "USD"),
    ("JP", 0.10, "APAC", "Asia/Tokyo", "ja", "JPY"),
)


@dataclass
class Accounts:
    """One entry per account in every array."""

    ids: list[str]
    archetype: list[str]
    noisy_archetype: list[str]
    fit: Floats
    momentum: Floats
    satisfaction: Floats
    slack: Floats
    seats: Ints
    potential_seats: Ints
    start_day: Ints
    country: Ints
    parent: Ints  # -1: none
    rated_on: list[list[int]]  # the days on which the sales team rates the fit
    character_of: dict[int, str]
    character: dict[str, int]

    def __len__(self) -> int:
        return len(self.ids)

    def id_of(self, character: str) -> str:
        return self.ids[self.character[character]]

    def currency(self, account: int) -> str:
        return COUNTRIES[int(self.country[account])][5]


def _rating_days(rng: np.random.Generator, start: int, days: int) -> list[int]:
    """About every ten months, the first time when the account starts or at some time before the window."""
    rated, day = [], max(start, int(rng.integers(-300, 0)))
    while day < days:
        rated.append(day)
        day += int(rng.integers(270, 340))
    return rated


def draw_accounts(world: World) -> Accounts:
    rng = world.stream("accounts")
    n = world.accounts
    names = [archetype.name for archetype in ARCHETYPES]
    kinds = rng.choice(len(ARCHETYPES), n, p=[archetype.share for archetype in ARCHETYPES])
    for index, (_, archetype) in enumerate(CHARACTERS):
        kinds[index] = names.index(archetype)

    def latent(attribute: str, spread: float, low: float, high: float) -> Floats:
        centre = np.array([getattr(archetype, attribute) for archetype in ARCHETYPES])[kinds]
        drawn: Floats = np.clip(centre + rng.normal(0, spread, n), low, high)
        return drawn.round(4)

    medians = np.array([archetype.seats for archetype in ARCHETYPES])[kinds]
    seats = np.clip(np.round(medians * np.exp(rng.normal(0, 0.7, n))), 1, 400).astype(np.int64)
    momentum, slack = latent("momentum", 0.04, -1.5, 2.0), latent("slack", 0.05, 0.0, 0.95)
    is_new = np.array([names[kind] == "newcomer" for kind in kinds])
    start_day = np.where(is_new, rng.integers(0, max(1, int(0.8 * world.days)), n), -rng.integers(60, 1_500, n)).astype(
        np.int64
    )
    for name, start in (("trial_converted", 0.2), ("trial_lost", 0.3), ("discount_ended", 0.05)):
        start_day[[character for character, _ in CHARACTERS].index(name)] = int(start * world.days)

    grown = np.exp2(momentum * (world.days - np.maximum(start_day, 0)) / 180)

    parent = np.full(n, -1, dtype=np.int64)
    first_free = len(CHARACTERS)
    candidates = np.arange(first_free, n)
    children = candidates[rng.random(len(candidates)) < 0.08]
    for child in children:
        possible = int(rng.integers(0, n))
        if possible not in children and possible != child:
            parent[child] = possible

    noisy = [names[kind] for kind in kinds]
    flipped = rng.choice(n, int(np.ceil(LABEL_NOISE * n)), replace=False)
    for account in np.sort(flipped):
        others = [name for name in names if name != noisy[account]]
        noisy[account] = others[int(rng.integers(len(others)))]

    country = rng.choice(len(COUNTRIES), n, p=[country[1] for country in COUNTRIES]).astype(np.int64)
    # The legacy system knows euros only.
    for index, (character, _) in enumerate(CHARACTERS):
        if character in ("late_renewal", "vanished_line", "lapsed", "currency_switch"):
            country[index] = 0
    rated = [_rating_days(rng, int(start), world.days) if rng.random() < 0.75 else [] for start in start_day]
    return Accounts(
        ids=[f"acc_{index + 1:05d}" for index in range(n)],
        archetype=[names[kind] for kind in kinds],
        noisy_archetype=noisy,
        fit=latent("fit", 0.1, 0.0, 1.0),
        momentum=momentum,
        satisfaction=latent("satisfaction", 0.08, -1.0, 1.0),
        slack=slack,
        seats=seats,
        potential_seats=np.maximum(1, np.round(seats * grown / (1 - slack))).astype(np.int64),
        start_day=start_day,
        country=country,
        parent=parent,
        rated_on=rated,
        character_of={index: character for index, (character, _) in enumerate(CHARACTERS)},
        character={character: index for index, (character, _) in enumerate(CHARACTERS)},
    )
