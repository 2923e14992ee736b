"""A company of named characters: each account is one story, as the exports of a company would tell it.

Everything is told in days before `LAST`: day 0 is `LAST`, day 7 a week before. Prices are minor units of EUR for a seat
and a billing interval. What each account must be is in `tests/golden/characters.yml`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIRST = dt.date(2024, 9, 1)
LAST = dt.date(2026, 1, 31)
"""A Saturday in winter; the tables reach back a year and five months, so that a season of a year ago is known."""

LONG = 1000
"""Days since which a customer of long standing pays."""
ALWAYS = (LAST - FIRST).days
"""Days since which anybody's use is known."""
ALL = ("edit", "share", "report", "automate")
"""The core features; the last two belong to the plan `full` alone."""
SETTINGS = {
    "score_references.csv": """scoring_version,reference,reference_group,value,n,from_on,to_on
v1,person_raw_p95,all,7000000,100,2025-01-01,2025-03-31
v1,depth_p95,all,3000000,100,2025-01-01,2025-03-31
v1,mrr_median,all,100000,100,2025-01-01,2025-03-31
v1,mrr_p90,all,500000,100,2025-01-01,2025-03-31
v1,arr_p75,all,3000000,100,2025-01-01,2025-03-31
v1,arr_p80,all,4000000,100,2025-01-01,2025-03-31
""",
    "event_catalogue.csv": """event_name,kind,is_value,is_core,plans
edit,use,true,true,
share,use,true,true,
report,use,true,true,full
automate,use,true,true,full
""",
    "sources.yml": """
company: Characters
calendar: {timezone: UTC, first_day: 2024-09-01}
reporting_currency: EUR
event_catalogue: event_catalogue.csv
score_references: score_references.csv
sources:
  accounts: {path: accounts.csv, delivery: snapshot, slot: whole, expected: on_demand}
  lines: {path: lines.csv, timezone: UTC, delivery: snapshot, slot: whole, expected: on_demand}
  invoices: {path: invoices.csv, timezone: UTC, delivery: slice, slot: whole, expected: on_demand}
  events: {path: events.csv, timezone: UTC, delivery: slice, slot: whole, expected: on_demand}
  answers: {path: answers.csv, timezone: UTC, delivery: slice, slot: whole, expected: on_demand}
  invitations: {path: invitations.csv, timezone: UTC, delivery: slice, slot: whole, expected: on_demand}
  contacts: {path: contacts.csv, delivery: snapshot, slot: whole, expected: on_demand}
  touchpoints: {path: touchpoints.csv, timezone: UTC, delivery: slice, slot: whole, expected: on_demand}
  ratings: {path: ratings.csv, delivery: slice, slot: whole, expected: on_demand}
tables:
  crm.accounts:
    from: accounts
    columns:
      account_id: account
      created_at: created
      potential_seats: potential_seats
      parent_account_id: parent
      usage_cadence: cadence
  billing.subscription_items:
    from: lines
    columns:
      subscription_id: account
      account_id: account
      plan: plan
      status: status
      status_since: status_since
      starts_at: starts
      ends_at: ends
      canceled_at: canceled
      trial_ends_at: trial_ends
      quantity: quantity
      seats: seats
      unit_amount: price
      currency: {constant: EUR}
      interval: interval
      interval_count: {constant: 1}
      pricing: pricing
  billing.invoices:
    from: invoices
    columns:
      invoice_id: id
      account_id: account
      issued_at: issued
      status: {constant: paid}
      amount: amount
      currency: {constant: EUR}
  usage.events:
    from: events
    columns: {event_id: id, account_id: account, user_id: person, event_name: event, occurred_at: at}
  nps.responses:
    from: answers
    columns: {response_id: id, account_id: account, user_id: person, score: score, comment: comment, responded_at: at}
  nps.invitations:
    from: invitations
    columns: {survey_id: survey, account_id: account, user_id: person, sent_at: at}
  crm.contacts:
    from: contacts
    columns: {account_id: account, user_id: person, buying_role: role, left_on: left}
  crm.touchpoints:
    from: touchpoints
    columns:
      touchpoint_id: id
      account_id: account
      user_id: person
      kind: kind
      occurred_at: at
      is_prompted: prompted
  crm.answers:
    from: ratings
    columns: {account_id: account, question: question, rating: rating, answered_on: "on"}
""",
}


def ago(days: int) -> dt.date:
    """The day so many days before the last."""
    return LAST - dt.timedelta(days=days)


@dataclass(frozen=True)
class Line:
    """A subscription line in force from one day before `LAST` to another, all in days before `LAST`."""

    seats: int | None = 10
    price: int = 100_00
    since: int = LONG
    ends: int | None = None
    plan: str = "full"
    status: str = "active"
    status_since: int | None = None
    canceled: int | None = None
    trial_ends: int | None = None
    interval: str = "month"
    pricing: str = "licensed"


@dataclass(frozen=True)
class Use:
    """People `first`, `first + 1`, ... who come every so many days and do each of some events once.

    Person `p` comes on the days `d` before `LAST` whose remainder by `every` is that of `p`: ten people who come every
    seven days are somebody on each day, and each of them on four of any 28.
    """

    people: int = 10
    features: tuple[str, ...] = ALL
    every: int = 7
    since: int = ALWAYS
    until: int = 0
    first: int = 0

    def days(self, person: int) -> Iterable[int]:
        """The days before `LAST` on which a person comes."""
        return (d for d in range(self.until, self.since + 1) if d % self.every == person % self.every)


@dataclass(frozen=True)
class Character:
    """One account. A person is a number: 0 is `u0`."""

    lines: tuple[Line, ...] = (Line(),)
    use: tuple[Use, ...] = (Use(),)
    potential_seats: int | None = None
    parent: str = ""
    cadence: str = ""
    roles: tuple[tuple[int, str], ...] = ()
    left: tuple[tuple[int, int], ...] = ()
    """Person, day on which they left."""
    answers: tuple[tuple[int, int, int, str], ...] = ()
    """Person, score, day, comment."""
    surveys: tuple[int, ...] = ()
    """Days on which person 0 was asked."""
    touchpoints: tuple[tuple[int, str, int, bool], ...] = ()
    """Person, kind, day, whether we asked for it."""
    ratings: str = "----"
    """Use case, sponsor, resource, culture: a digit, or - for none."""
    ratings_age: tuple[int, int, int, int] = (30, 30, 30, 30)
    invoices: int = 0
    """Invoiced on the tenth of each of the last six months, in minor units."""


DECIDES_AND_ADVISES = ((0, "decision_maker"), (1, "influencer"))


def _season(year: int) -> Use:
    """Ten people from May to September, as far back as use is known."""
    return Use(since=min(ALWAYS, (LAST - dt.date(year, 5, 1)).days), until=(LAST - dt.date(year, 9, 30)).days)


CHARACTERS = {
    # the two of the method
    "company_a": Character(
        lines=(Line(seats=50, price=800_00),),
        use=(Use(people=50),),
        potential_seats=50,
        roles=DECIDES_AND_ADVISES,
        answers=((0, 10, 30, ""), (1, 9, 30, ""), (2, 10, 30, "")),
        touchpoints=((0, "reference", 50, False), (1, "testimonial", 50, False)),
        ratings="3333",
    ),
    "company_b": Character(
        lines=(Line(seats=20, since=200),),
        use=(Use(people=15, features=("edit",) * 3, since=200),),
        potential_seats=200,
        roles=DECIDES_AND_ADVISES,
        answers=((0, 10, 20, ""), (1, 9, 20, "")),
        ratings="3333",
    ),
    # the four-pillar gate
    "four_threes": Character(ratings="3333"),
    "four_twos": Character(ratings="2222"),
    "three_three_one_and_a_gap": Character(ratings="331-"),
    "three_threes_and_a_gap": Character(ratings="333-"),
    "one_rating_a_year_old": Character(ratings="3333", ratings_age=(30, 30, 30, 365)),
    "one_refusal_a_year_old": Character(ratings="3331", ratings_age=(30, 30, 30, 365)),
    "absent_sponsor": Character(
        use=(Use(first=1),),
        roles=DECIDES_AND_ADVISES,
        ratings="3333",
    ),
    # silly answers
    "five_person_team": Character(
        lines=(Line(seats=5, price=40_00),),
        use=(Use(people=5, every=1),),
        roles=DECIDES_AND_ADVISES,
        answers=((0, 8, 30, ""),),
    ),
    "new_account_with_three_users": Character(
        lines=(Line(since=13),),
        use=(Use(people=3, features=("edit", "share"), every=1, since=13),),
    ),
    "camp_site_in_its_first_winter": Character(
        lines=(Line(since=(LAST - dt.date(2025, 5, 1)).days),),
        use=(_season(2025),),
        cadence="seasonal",
        answers=((3, 9, 40, ""),),
    ),
    "camp_site_with_a_year_of_its_own": Character(use=(_season(2024), _season(2025))),
    "quarterly_enterprise": Character(
        lines=(Line(seats=20, price=250_00),),
        use=tuple(Use(people=20, every=1, since=day, until=day) for day in range(60, ALWAYS, 91)),
    ),
    "promoter_with_three_complaints": Character(
        use=(Use(people=1, every=1), Use(people=9, first=1)),
        roles=DECIDES_AND_ADVISES,
        answers=((0, 10, 60, ""),),
        touchpoints=tuple((0, "complaint", day, True) for day in (5, 4, 3)),
    ),
    "advocate_who_never_answers": Character(
        roles=DECIDES_AND_ADVISES,
        surveys=(200, 110, 20),
        touchpoints=((0, "referral", 100, False),),
    ),
    "cancellation_scheduled": Character(
        lines=(Line(seats=20, price=250_00, status="canceled", status_since=0, canceled=0, ends=-31),),
        use=(Use(people=20),),
    ),
    "one_person_customer": Character(
        lines=(Line(seats=1, price=20_00),),
        use=(Use(people=1, every=1),),
        roles=((0, "decision_maker"), (0, "user")),
    ),
    "seats_overrun": Character(use=(Use(people=14),), potential_seats=8),
    "detractors_carried": Character(answers=((0, 3, 190, ""), (1, 4, 190, ""), (2, 5, 190, ""))),
    "detractors_silent": Character(
        use=(Use(until=28), Use(people=4, until=0, since=27)),
        answers=((0, 3, 230, ""), (1, 4, 230, ""), (2, 5, 230, "")),
        surveys=(120, 60),
    ),
    "paused": Character(
        lines=(Line(status="paused", status_since=20),),
        use=(Use(until=21),),
    ),
    "metered_giant": Character(
        lines=(Line(seats=None, price=0, pricing="metered"),),
        use=(Use(people=28),),
        roles=((90, "decision_maker"), (1, "influencer")),
        left=((90, 10),),
        invoices=50_000_00,
    ),
    # the other classes, each by what makes it
    "doubled": Character(
        lines=(Line(seats=20, ends=100), Line(seats=40, since=100)),
        use=(Use(people=20), Use(people=18, first=20, since=100)),
        potential_seats=80,
    ),
    "leader_in_decline": Character(
        lines=(Line(seats=50, price=200_00, ends=200), Line(seats=40, price=200_00, since=200)),
        use=(Use(people=40),),
        roles=DECIDES_AND_ADVISES,
        answers=((0, 9, 30, ""),),
    ),
    "angry_decision_maker": Character(
        roles=DECIDES_AND_ADVISES,
        answers=((0, 4, 30, "too slow"), (2, 10, 30, ""), (3, 10, 30, ""), (4, 10, 30, ""), (5, 10, 30, "")),
    ),
    "detractor_who_says_why": Character(answers=((3, 5, 30, "The export fails"),)),
    "passive_in_the_first_year": Character(
        lines=(Line(since=300),),
        use=(Use(since=300),),
        roles=DECIDES_AND_ADVISES,
        answers=((0, 8, 30, ""),),
    ),
    "sponsor_left": Character(
        lines=(Line(seats=20),),
        use=(Use(people=20),),
        potential_seats=80,
        roles=((90, "decision_maker"), (1, "influencer")),
        left=((90, 10),),
    ),
    "never_came": Character(use=()),
    "unpaid": Character(lines=(Line(status="unpaid", status_since=40),)),
    "past_due": Character(lines=(Line(status="past_due", status_since=20),)),
    "renewal_pending": Character(
        lines=(Line(price=1_200_00, since=736, ends=5, interval="year"),),
    ),
    "churned": Character(
        lines=(Line(status="canceled", status_since=60, canceled=60, ends=40),),
        use=(Use(until=41),),
    ),
    "trial": Character(
        lines=(Line(seats=3, since=10, status="trialing", trial_ends=-4),),
        use=(Use(people=3, every=1, since=10),),
    ),
    "free": Character(lines=(), use=(Use(people=3, features=("edit", "share"), every=1),)),
    "holding": Character(lines=(Line(seats=20, price=1_000_00),), use=(Use(people=20),)),
    "subsidiary": Character(
        lines=(Line(seats=2),),
        use=(Use(people=1, every=1, until=10), Use(people=1, every=1, first=1)),
        parent="holding",
        roles=((0, "decision_maker"), (1, "user")),
        left=((0, 10),),
    ),
}  # fmt: skip

PILLARS = ("use_case_fit", "sponsor_fit", "resource_fit", "culture_fit")


def _day(days: int | None) -> str:
    return "" if days is None else str(ago(days))


def _since(character: Character) -> int:
    return max([line.since for line in character.lines] or [ALWAYS])


def _rows() -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each export, the header first."""
    rows: dict[str, list[tuple[Any, ...]]] = {
        "accounts": [("account", "created", "potential_seats", "parent", "cadence")],
        "lines": [
            ("account", "plan", "status", "status_since", "starts", "ends", "canceled", "trial_ends", "quantity",
             "seats", "price", "interval", "pricing"),
        ],
        "invoices": [("id", "account", "issued", "amount")],
        "events": [("id", "account", "person", "event", "at")],
        "answers": [("id", "account", "person", "score", "comment", "at")],
        "invitations": [("survey", "account", "person", "at")],
        "contacts": [("account", "person", "role", "left")],
        "touchpoints": [("id", "account", "person", "kind", "at", "prompted")],
        "ratings": [("account", "question", "rating", "on")],
    }  # fmt: skip
    for name, told in CHARACTERS.items():
        created = _day(_since(told))
        rows["accounts"].append((name, created, told.potential_seats or "", told.parent, told.cadence))
        for line in told.lines:
            rows["lines"].append(
                (name, line.plan, line.status, _day(line.status_since), _day(line.since), _day(line.ends),
                 _day(line.canceled), _day(line.trial_ends), 1 if line.seats is None else line.seats,
                 "" if line.seats is None else line.seats, line.price, line.interval, line.pricing)
            )  # fmt: skip
        for month in range(6 if told.invoices else 0):
            issued = (LAST.replace(day=1) - dt.timedelta(days=31 * month + 1)).replace(day=10)
            rows["invoices"].append((f"{name}-{issued}", name, issued, told.invoices))
        for use in told.use:
            for person in range(use.first, use.first + use.people):
                for day in use.days(person):
                    for n, event in enumerate(use.features):
                        when = f"{ago(day)}T{9 + n:02d}:00:00"
                        rows["events"].append((f"{name}-{person}-{day}-{n}", name, f"u{person}", event, when))
        for person, score, day, comment in told.answers:
            rows["answers"].append((f"{name}-{person}", name, f"u{person}", score, comment, f"{ago(day)}T12:00:00"))
        for day in told.surveys:
            rows["invitations"].append((f"survey-{ago(day)}", name, "u0", f"{ago(day)}T08:00:00"))
        for person, role in told.roles:
            rows["contacts"].append((name, f"u{person}", role, _day(dict(told.left).get(person))))
        for n, (person, kind, day, is_prompted) in enumerate(told.touchpoints):
            when = f"{ago(day)}T12:00:00"
            rows["touchpoints"].append((f"{name}-{n}", name, f"u{person}", kind, when, str(is_prompted).lower()))
        for pillar, rating, age in zip(PILLARS, told.ratings, told.ratings_age, strict=True):
            if rating != "-":
                rows["ratings"].append((name, pillar, rating, ago(age)))
    return rows


def write(folder: Path) -> Path:
    """Write the exports, the catalogue, the references and `sources.yml`; returns the path of the last."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in SETTINGS.items():
        (folder / name).write_text(text, encoding="utf-8")
    for export, rows in _rows().items():
        text = "".join(",".join(str(value) for value in row) + "\n" for row in rows)
        (folder / f"{export}.csv").write_text(text, encoding="utf-8")
    return folder / "sources.yml"
