"""What customers say: survey invitations and NPS answers, exported as a survey tool does, weekly.

Satisfaction is a latent of the person (`people`); interactions with the customer team are in `crm`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np

from examples.sample_company.archetypes import Accounts
from examples.sample_company.deliveries import Exports, csv_text
from examples.sample_company.people import USER, People
from examples.sample_company.subscriptions import Billing
from examples.sample_company.world import World

WAVE_DAYS = 90
COMMENTS = {
    "promoter": (
        "Läuft seit Monaten rund, das ganze Team nutzt es.", "Love the automations, saves us hours every week.",
        "Support answered within minutes. Great!", "Best tool we introduced this year",
    ),
    "passive": (
        "Works well, reports could be faster.", "Gut, aber die App ist manchmal langsam.", "ok", "Does what we need.",
    ),
    "detractor": (
        "Too many outages in the last weeks.", "Export bricht ständig ab, niemand meldet sich.",
        "Price went up and nothing got better.", "We are evaluating alternatives, sorry.", "slow",
    ),
}  # fmt: skip


def export_voice(world: World, accounts: Accounts, billing: Billing, people: People, exports: Exports) -> None:
    """The first files also hold the survey wave before the window."""
    rng = world.stream("voice")
    asked = np.flatnonzero(people.is_contact | (people.number <= 6))
    phase = rng.integers(0, WAVE_DAYS, len(accounts))
    is_silent = rng.random(len(accounts)) < 0.04
    waves = range(-1, world.days // WAVE_DAYS + 1)
    person = np.concatenate([asked for _ in waves])
    sent = np.concatenate([phase[people.account[asked]] + WAVE_DAYS * wave for wave in waves])
    account = people.account[person]
    keep = (sent < world.days) & (people.joins[person] <= sent) & (sent < people.leaves[person])
    keep &= billing.is_served(account, sent, world.days)
    person, sent, account = person[keep], sent[keep], account[keep]

    mood = people.satisfaction[person] - 0.7 * billing.decline(account, sent)
    # who decides is asked in person and mostly answers
    willing = np.where(people.role[person] == USER, 0.3, 0.85)
    answers = rng.random(len(person)) < np.where(is_silent[account], 0.0, willing)
    answered = sent + rng.integers(0, 7, len(person))
    score = np.clip(np.round(7.4 + 4.2 * mood + rng.normal(0, 0.4, len(person))), 0, 10).astype(int)
    # the angry say why, the disappointed shrug
    has_comment = rng.random(len(person)) < np.where(score > 6, 0.45, np.where(mood < -0.65, 0.9, 0.08))
    which = rng.integers(0, 1_000, len(person))
    is_support = rng.random(len(person)) < 0.06
    second = rng.integers(6 * 3600, 18 * 3600, (2, len(person)))

    invited: dict[int, list[tuple[str, ...]]] = {}
    given: dict[int, list[dict[str, object]]] = {}
    slots = world.weekly_slots()
    for index in range(len(person)):
        who, day = int(person[index]), int(sent[index])
        survey = f"support-{world.on(day):%Y-%m}" if is_support[index] else f"relationship-{world.on(day)}"
        account_id, user_id = accounts.ids[int(account[index])], people.user_id(who)
        sent_at = datetime.fromtimestamp(world.midnight(day) + int(second[0, index]), UTC)
        row = (survey, account_id, user_id, sent_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
        invited.setdefault(_slot(slots, day), []).append(row)
        if not answers[index] or answered[index] > world.last:
            continue
        value = int(score[index])
        kind = "promoter" if value >= 9 else "passive" if value >= 7 else "detractor"
        moment = world.midnight(int(answered[index])) + int(second[1, index])
        if int(answered[index]) == day:
            moment = max(moment, int(sent_at.timestamp()) + 600)
        given.setdefault(_slot(slots, int(answered[index])), []).append({
            "id": f"r{day + 1000:05d}{who:07d}",
            "person": {"id": f"p{who:07d}", "email": f"{user_id}@{account_id.replace('_', '-')}.example"},
            "score": value,
            "comment": COMMENTS[kind][int(which[index]) % len(COMMENTS[kind])] if has_comment[index] else None,
            "created_at": moment,
            "person_properties": {
                "account_id": account_id,
                "user_id": user_id,
                "survey": survey,
                "survey_type": "transactional" if is_support[index] else "relationship",
                "is_decision": bool(people.role[who] != USER),
            },
        })  # fmt: skip

    late_slot = slots[int(0.45 * len(slots))]
    bad_slot = slots[int(0.3 * len(slots))]
    again: list[dict[str, object]] = []
    for number, slot in enumerate(slots):
        received, answers_of_week = slot, sorted(given.get(slot, []), key=_moment)
        if slot == late_slot and slot + 3 <= world.last:
            received = slot + 3
            exports.plant("late_file", "nps.responses", slot, "", "received 3 days late")
        shown = again + answers_of_week
        again = []
        if slot == bad_slot:
            shown = shown + _bad_answers(world, accounts, slot, exports)
        if number == len(slots) // 2 and answers_of_week and slot < world.last:
            again = answers_of_week[-1:]
            exports.plant(
                "repeated_row", "nps.responses", slots[number + 1], "", f"answer {again[0]['id']} comes again"
            )
        text = "[\n" + ",\n".join(json.dumps(answer, ensure_ascii=False) for answer in shown) + "\n]\n"
        exports.write("nps", received, f"delighted_responses_{world.on(slot)}.json", text)
        header = ("survey", "account_id", "user_id", "sent_at")
        rows = sorted(invited.get(slot, []), key=_sent_at)
        exports.write("nps", slot, f"delighted_invitations_{world.on(slot)}.csv", csv_text(header, rows))


def _slot(slots: list[int], day: int) -> int:
    return slots[int(np.searchsorted(slots, max(day, 0)))]


def _moment(answer: dict[str, object]) -> tuple[int, str]:
    return int(str(answer["created_at"])), str(answer["id"])


def _sent_at(row: tuple[str, ...]) -> tuple[str, ...]:
    return row[3], *row


def _bad_answers(world: World, accounts: Accounts, slot: int, exports: Exports) -> list[dict[str, object]]:
    account_id = accounts.id_of("merged_into")
    at = world.midnight(slot) + 40_000
    bad: tuple[tuple[str, object, object, str], ...] = (
        ("score_out_of_range", 11, at, "score 11"),
        ("score_out_of_range", -40, at, "score -40"),
        ("unparsable_time", 9, "yesterday", "created_at cannot be parsed"),
    )
    answers = []
    for number, (kind, score, created_at, what) in enumerate(bad):
        exports.plant(f"bad_{kind}", "nps.responses", slot, account_id, what)
        answers.append({
            "id": f"rbad{number}", "person": {"id": "p0", "email": "u1@acc.example"}, "score": score,
            "comment": None, "created_at": created_at,
            "person_properties": {
                "account_id": account_id, "user_id": "u1", "survey": "relationship-bad",
                "survey_type": "relationship", "is_decision": False,
            },
        })  # fmt: skip
    return answers
