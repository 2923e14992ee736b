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
    momentum: float  # doublings of use in 180 days
    satisfaction: float  # -1..1
    slack: float  # 0..1, room left to grow
    seats: float  # median
    churn_hazard: float  # chance of leaving per month of monthly terms


ARCHETYPES = (
    Archetype("rocket", 0.12, 0.85, 0.9, 0.6, 0.7, 12, 0.004),
    Archetype("anchor", 0.20, 0.85, 0.05, 0.55, 0.15, 45, 0.002),
    Archetype("newcomer", 0.16, 0.65, 0.5, 0.3, 0.6, 8, 0.02),
    Archetype("sleeper", 0.20, 0.5, -0.1, 0.0, 0.3, 8, 0.01),
    Archetype("unhappy", 0.10, 0.45, -0.2, -0.65, 0.35, 12, 0.03),
    Archetype("leaver", 0.12, 0.35, -0.8, -0.35, 0.2, 7, 0.15),
    Archetype("seasonal", 0.05, 0.7, 0.0, 0.4, 0.2, 9, 0.003),
    Archetype("free_rider", 0.05, 0.4, 0.1, 0.2, 0.5, 2, 0.0),
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
    character_of: dict[int, str]
    character: dict[str, int]

    def __len__(self) -> int:
        return len(self.ids)

    def id_of(self, character: str) -> str:
        return self.ids[self.character[character]]

    def currency(self, account: int) -> str:
        return COUNTRIES[int(self.country[account])][5]


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
    seats = np.clip(np.round(medians * np.exp(rng.normal(0, 0.8, n))), 1, 400).astype(np.int64)
    slack = latent("slack", 0.15, 0.0, 0.95)
    is_new = np.array([names[kind] == "newcomer" for kind in kinds])
    start_day = np.where(is_new, rng.integers(0, max(1, int(0.8 * world.days)), n), -rng.integers(60, 1_500, n)).astype(
        np.int64
    )
    for name, start in (("trial_converted", 0.2), ("trial_lost", 0.3), ("discount_ended", 0.05)):
        start_day[[character for character, _ in CHARACTERS].index(name)] = int(start * world.days)

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
    return Accounts(
        ids=[f"acc_{index + 1:05d}" for index in range(n)],
        archetype=[names[kind] for kind in kinds],
        noisy_archetype=noisy,
        fit=latent("fit", 0.15, 0.0, 1.0),
        momentum=latent("momentum", 0.2, -1.5, 2.0),
        satisfaction=latent("satisfaction", 0.25, -1.0, 1.0),
        slack=slack,
        seats=seats,
        potential_seats=np.ceil(seats / (1 - slack)).astype(np.int64),
        start_day=start_day,
        country=country,
        parent=parent,
        character_of={index: character for index, (character, _) in enumerate(CHARACTERS)},
        character={character: index for index, (character, _) in enumerate(CHARACTERS)},
    )
