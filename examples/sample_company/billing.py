"""How two billing systems and their invoices are exported: nested JSON lines, a legacy CSV, an invoice CSV.

The subscriptions themselves, and what they are worth, do not belong here; see `subscriptions` and `truth`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from examples.sample_company.archetypes import Accounts
from examples.sample_company.deliveries import Exports, csv_text
from examples.sample_company.subscriptions import EXPONENT, NEVER, Billing, Contract, Line, term_end
from examples.sample_company.world import REPORTING_ZONE, World

LEGACY_HEADER = (
    "Vertragsnr", "Position", "Kundennummer", "Tarif", "Status", "Status seit", "Beginn", "Ende", "Gekündigt am",
    "Menge", "Einzelpreis", "Währung", "Turnus", "Nutzer", "Rabatt %", "Rabatt Betrag", "Rabatt bis",
    "Verlängerung am", "Automatische Verlängerung", "Kündigungsfrist Tage",
)  # fmt: skip
LEGACY_STATUS = {
    "active": "aktiv", "trialing": "Test", "past_due": "überfällig", "unpaid": "unbezahlt", "paused": "ruhend",
    "canceled": "gekündigt",
}  # fmt: skip
LEGACY_TURNUS = {("month", 1): "monatlich", ("year", 1): "jährlich", ("year", 3): "dreijährlich"}
INVOICE_HEADER = (
    "invoice_number", "customer", "subscription", "created", "due_date", "paid_at", "status", "total", "currency",
)  # fmt: skip


def export_billing(world: World, accounts: Accounts, billing: Billing, exports: Exports) -> None:
    """Writes one snapshot of each system per slot: every line ever opened, as known at the end of the slot."""
    stripe = [_Shown(world, accounts, line) for line in billing.lines if line.system == "stripe"]
    legacy = [_Shown(world, accounts, line) for line in billing.lines if line.system == "legacy"]
    header = ";".join(LEGACY_HEADER)
    slots = world.billing_slots()
    late_slot = slots[int(0.35 * len(slots))] if len(slots) > 12 else None
    for slot in slots:
        now = world.midnight(slot + 1)
        received = slot
        if slot == late_slot:
            received = slot + 1
            exports.plant("late_file", "billing.subscription_items", slot, "", "snapshot received a day late")
        exports.write(
            "billing", received, f"subscription_items_{world.on(slot)}.jsonl",
            "".join(shown.text(slot, now) for shown in stripe),
        )  # fmt: skip
        exports.write(
            "legacy_billing", slot, f"Vertraege_{world.on(slot)}.csv",
            header + "\n" + "".join(shown.text(slot, now) for shown in legacy), encoding="latin-1",
        )  # fmt: skip
    with_legacy = sorted({line.account for line in billing.lines if line.system == "legacy"})
    with_stripe = sorted({line.account for line in billing.lines if line.system == "stripe"})
    exports.write(
        "legacy_billing", 0, f"Kunden_{world.on(0)}.csv",
        csv_text(("Kundennummer", "CRM_Id"), ((_legacy_customer(a), accounts.ids[a]) for a in with_legacy), ";"),
    )  # fmt: skip
    exports.write(
        "billing", 0, f"customers_{world.on(0)}.csv",
        csv_text(("id", "crm_account_id"), (
            (customer(a), accounts.ids[a]) for a in sorted({*with_legacy, *with_stripe})
        )),
    )  # fmt: skip


def plant_characters(world: World, accounts: Accounts, billing: Billing, exports: Exports) -> None:
    """What the cast accounts go through, for `truth/planted.csv`: the day on which each trait begins, if it does."""

    def plant(character: str, day: int | None, what: str) -> None:
        if day is not None and 0 <= day < world.days:
            exports.plant(character, "billing.subscription_items", day, accounts.id_of(character), what)

    def contract(character: str) -> Contract:
        return billing.contracts[accounts.character[character]]

    def churned_on(character: str) -> int | None:
        return billing.services[accounts.character[character]].churned_on

    switch, pause = contract("currency_switch").switches_to, contract("paused_and_resumed").pauses[0]
    late = contract("late_renewal")
    plant("currency_switch", switch[0] if switch else None, "changes from EUR to USD")
    plant("late_renewal", world.month_later(late.start, 12), "the renewal is shown 2 days after the term ended")
    plant("lapsed", churned_on("lapsed"), "the yearly term ends, is not cancelled and never renewed")
    plant("vanished_line", contract("vanished_line").vanishes_on, "the line is gone from this snapshot on")
    plant("paused_and_resumed", pause[0], f"paused until {world.on(pause[1])}")
    plant(
        "churned_and_back",
        churned_on("churned_and_back"),
        "cancelled; back with a new subscription 25 days later",
    )
    plant("churned_monthly", churned_on("churned_monthly"), "cancelled 10 days before")
    plant("scheduled_cancellation", billing.services[accounts.character["scheduled_cancellation"]].cancel_known_on,
          "cancelled to the end of a term that lies beyond the window")  # fmt: skip
    for character in ("past_due_recovered", "unpaid"):
        arrears = contract(character).arrears
        plant(character, arrears[0] if arrears else None, "past due from here on")
    for character, what in (("trial_converted", "is paid for"), ("trial_lost", "ends without a purchase")):
        plant(character, contract(character).start, f"trial of 14 days that {what}")
    for character, what in (
        ("upgraded", "more seats, later a higher plan"),
        ("downgraded", "fewer seats, later a lower plan"),
    ):
        plant(character, contract(character).changes[0][0], what)
    add_on = contract("add_on").add_on
    plant("add_on", add_on[0] if add_on else None, "books the add-on, drops it later")
    plant("discount_ended", contract("discount_ended").start, "20 % for two months")


def customer(account: int) -> str:
    return f"cus_{(account + 1) * 7919 % 1_000_003:06d}"


def _legacy_customer(account: int) -> str:
    return f"K-{10_001 + account}"


@dataclass
class _Shown:
    """A line as a snapshot shows it. Rendered anew only when something about it changed."""

    world: World
    accounts: Accounts
    line: Line
    rendered: str = ""
    valid_until: int = -NEVER

    def text(self, slot: int, now: int) -> str:
        """The row as known at `now`, the end of the slot; nothing before it is known or after it vanished."""
        line = self.line
        if line.visible_from >= now or (line.vanishes_on is not None and slot >= line.vanishes_on):
            return ""
        if now > self.valid_until:
            renews = self._renews(now)
            ahead = (
                *(since for since, _ in line.statuses), line.end_known, line.ends or NEVER,
                line.canceled_at or NEVER, renews or NEVER,
            )  # fmt: skip
            self.valid_until = min((moment for moment in ahead if moment >= now), default=NEVER)
            self.rendered = (self._stripe if line.system == "stripe" else self._legacy)(now, renews)
        return self.rendered

    def _renews(self, now: int) -> int | None:
        line = self.line
        known_end = line.ends if line.end_known < now else None
        if known_end is not None and known_end < now:
            return None
        today = self.world.on(self.world.day_of(now) - 1)
        end = term_end(line.anchor, line.interval, line.interval_count, max(today, line.anchor))
        start_second = line.starts - self.world.midnight(self.world.day_of(line.starts))
        return self.world.midnight(self.world.day(end)) + start_second

    def _status(self, now: int) -> tuple[int, str]:
        return [entry for entry in self.line.statuses if entry[0] < now][-1]

    def _known(self, moment: int | None, now: int) -> int | None:
        return moment if moment is not None and moment < now else None

    def _stripe(self, now: int, renews: int | None) -> str:
        line = self.line
        since, status = self._status(now)
        ends = line.ends if line.end_known < now else None
        has_ended = ends is not None and ends < now
        discount = None
        if line.discount_percent is not None or line.discount_amount is not None:
            coupon = {
                "percent_off": line.discount_percent,
                "amount_off": line.discount_amount,
                "duration": "forever" if line.discount_ends is None else "repeating",
            }
            discount = {"coupon": coupon, "end": line.discount_ends}
        subscription = {
            "id": line.subscription,
            "customer": customer(line.account),
            "status": "active" if status == "paused" else status,
            "status_changed_at": max(since, line.starts),
            "pause_collection": {"behavior": "void"} if status == "paused" else None,
            "cancel_at": None if has_ended else ends,
            "ended_at": ends if has_ended else None,
            "canceled_at": self._known(line.canceled_at, now),
            "trial_end": line.trial_ends,
            "current_period_end": renews,
            "cancel_at_period_end": ends is not None and not has_ended,
            "discount": discount,
            "metadata": {"account_id": self.accounts.ids[line.account]},
        }
        item = {
            "id": f"si_{line.item}",
            "object": "subscription_item",
            "created": line.starts,
            "quantity": line.quantity,
            "seats": line.seats,
            "price": {
                "nickname": line.plan,
                "unit_amount": line.unit_amount,
                "currency": line.currency.lower(),
                "recurring": {
                    "interval": line.interval,
                    "interval_count": line.interval_count,
                    "usage_type": line.pricing,
                },
            },
            "subscription": subscription,
        }
        return json.dumps(item, separators=(",", ":")) + "\n"

    def _legacy(self, now: int, renews: int | None) -> str:
        line = self.line
        since, status = self._status(now)
        ends = line.ends if line.end_known < now else line.planned_ends
        amount = "" if line.discount_amount is None else _comma(line.discount_amount, line.currency)
        percent = "" if line.discount_percent is None else str(line.discount_percent).replace(".", ",")
        fields = (
            line.subscription, line.item, _legacy_customer(line.account), line.plan, LEGACY_STATUS[status],
            _german(max(since, line.starts)), _german(line.starts), _german(ends),
            _german(self._known(line.canceled_at, now)), str(line.quantity), _comma(line.unit_amount, line.currency),
            line.currency, LEGACY_TURNUS[line.interval, line.interval_count],
            "" if line.seats is None else str(line.seats), percent, amount, _german(line.discount_ends),
            _german(renews if line.interval == "year" else None), "ja" if line.auto_renews else "nein",
            "" if line.notice_days is None else str(line.notice_days),
        )  # fmt: skip
        return ";".join(fields) + "\n"


def _german(moment: int | None) -> str:
    return "" if moment is None else datetime.fromtimestamp(moment, REPORTING_ZONE).strftime("%d.%m.%Y")


def _comma(minor: int, currency: str) -> str:
    exponent = EXPONENT[currency]
    return f"{minor / 10**exponent:.{exponent}f}".replace(".", ",")


def _major(minor: int, currency: str) -> str:
    exponent = EXPONENT[currency]
    return f"{minor / 10**exponent:.{exponent}f}"


def _utc(moment: int | None) -> str:
    return "" if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


@dataclass
class _Invoice:
    number: str
    account: int
    subscription: str
    issued: int
    due: int
    paid: int | None
    amount: int
    currency: str
    is_written_off: bool = False

    @property
    def overdue_from(self) -> int:
        return self.due + 86_400


def export_invoices(world: World, accounts: Accounts, billing: Billing, exports: Exports) -> None:
    """Weekly files of the invoices issued or changed in that week; the later row of an invoice is its state."""
    rng = world.stream("invoices")
    by_subscription: dict[str, list[Line]] = {}
    for line in billing.lines:
        by_subscription.setdefault(line.subscription, []).append(line)
    invoices = []
    for contract in billing.contracts:
        for subscription, lines in _subscriptions_of(contract, by_subscription):
            invoices += _invoices_of(world, contract, subscription, lines, rng)
    changes: dict[int, list[tuple[int, _Invoice]]] = {}
    slots = world.weekly_slots()
    for invoice in invoices:
        moments = [invoice.issued] + ([invoice.paid] if invoice.paid else [invoice.overdue_from])
        for moment in moments:
            day = max(world.day_of(moment), 0)
            if day < world.days:
                index = int(np.searchsorted(slots, day))
                changes.setdefault(slots[index], []).append((moment, invoice))
    for slot in slots:
        now = world.midnight(slot + 1)
        in_order = sorted(changes.get(slot, []), key=_moment_and_number)
        shown = {invoice.number: invoice for _, invoice in in_order}
        rows: list[tuple[str, ...]] = [_invoice_row(invoice, now) for invoice in shown.values()]
        if slot == slots[len(slots) // 3]:
            rows += _bad_invoices(world, accounts, slot, exports)
        exports.write("invoices", slot, f"invoices_{world.on(slot)}.csv", csv_text(INVOICE_HEADER, rows))


def _moment_and_number(change: tuple[int, _Invoice]) -> tuple[int, str]:
    return change[0], change[1].number


def _subscriptions_of(contract: Contract, by_subscription: dict[str, list[Line]]) -> list[tuple[str, list[Line]]]:
    prefix = "V-" if contract.system == "legacy" else "sub_"
    names = (f"{prefix}{contract.account + 1:05d}{spell}" for spell in (1, 2))
    return [(name, by_subscription[name]) for name in names if name in by_subscription]


def _invoices_of(
    world: World, contract: Contract, subscription: str, lines: list[Line], rng: np.random.Generator
) -> list[_Invoice]:
    """One invoice at the start of each paid term; terms older than 60 days before the window are left out."""
    first = lines[0]
    anchor, offset = first.anchor, first.starts - world.midnight(world.day_of(first.starts))
    day = world.on(-60)
    issue = anchor if anchor >= day else term_end(anchor, first.interval, first.interval_count, day)
    invoices = []
    arrears = contract.arrears
    while issue < world.on(world.days):
        at = world.midnight(world.day(issue)) + offset
        amount, currency = 0, first.currency
        for line in lines:
            if line.starts <= at and (line.ends is None or line.ends > at) and line.pricing == "licensed":
                passed = [entry for entry in line.statuses if entry[0] <= at]
                if passed and passed[-1][1] in ("active", "past_due", "unpaid"):
                    percent = line.discount_percent or 0.0
                    off = line.discount_amount or 0
                    if line.discount_ends is not None and line.discount_ends <= at:
                        percent, off = 0.0, 0
                    amount += max(0, round(line.unit_amount * line.quantity * (1 - percent / 100)) - off)
                    currency = line.currency
        if amount:
            number = f"INV-{subscription[-6:]}-{issue:%Y%m%d}"
            issued_day = world.day(issue)
            due = at + 14 * 86_400
            paid: int | None = at + int(rng.integers(1, 12)) * 86_400 + int(rng.integers(0, 20_000))
            is_written_off = False
            if arrears and arrears[0] - 20 <= issued_day <= arrears[0] + arrears[1]:
                settled = arrears[0] + arrears[1]
                is_written_off = settled > world.days
                paid = None if is_written_off else world.midnight(max(settled, issued_day + 1)) + 36_000
            invoices.append(
                _Invoice(number, contract.account, subscription, at, due, paid, amount, currency, is_written_off)
            )
        issue = term_end(anchor, first.interval, first.interval_count, issue)
    if contract.is_metered:
        invoices += _metered_invoices(world, contract, first, rng)
    return invoices


def _metered_invoices(world: World, contract: Contract, line: Line, rng: np.random.Generator) -> list[_Invoice]:
    """Usage of the month, invoiced on the first of the next."""
    issue = (world.on(-60).replace(day=1) + timedelta(days=32)).replace(day=1)
    invoices = []
    while issue < world.on(world.days):
        at = world.midnight(world.day(issue)) + 6 * 3600
        if line.starts < at and (line.ends is None or line.ends > at):
            amount = int(rng.integers(80, 400)) * 10 ** EXPONENT[line.currency]
            due = at + 14 * 86_400
            number = f"INV-{line.subscription[-6:]}-{issue:%Y%m%d}-M"
            invoices.append(
                _Invoice(
                    number,
                    contract.account,
                    line.subscription,
                    at,
                    due,
                    at + 5 * 86_400,
                    amount,
                    line.currency,
                )
            )
        issue = (issue + timedelta(days=32)).replace(day=1)
    return invoices


def _invoice_row(invoice: _Invoice, now: int) -> tuple[str, ...]:
    paid = invoice.paid if invoice.paid is not None and invoice.paid < now else None
    status = "paid" if paid else "open" if now <= invoice.overdue_from else "past_due"
    if invoice.is_written_off and now > invoice.overdue_from:
        status = "unpaid"
    return (
        invoice.number, customer(invoice.account), invoice.subscription, _utc(invoice.issued), _utc(invoice.due),
        _utc(paid), status, _major(invoice.amount, invoice.currency), invoice.currency,
    )  # fmt: skip


def _bad_invoices(world: World, accounts: Accounts, slot: int, exports: Exports) -> list[tuple[str, ...]]:
    account = accounts.character["past_due_recovered"]
    at = world.midnight(slot) + 40_000
    bad = (
        ("unknown_currency", "100.00", "ZZZ", "currency ZZZ does not exist"),
        ("too_many_decimals", "10.999", "EUR", "10.999 has more decimals than EUR"),
        ("not_a_number", "NaN", "EUR", "amount is not a number"),
    )
    rows: list[tuple[str, ...]] = []
    for number, (kind, amount, currency, what) in enumerate(bad, start=1):
        exports.plant(f"bad_{kind}", "billing.invoices", slot, accounts.ids[account], what)
        rows.append((
            f"INV-BAD-{number}", customer(account), "", _utc(at), _utc(at + 14 * 86_400), "", "open", amount, currency,
        ))  # fmt: skip
    return rows
