"""What each account holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from ledgerline.journal import Transaction
from ledgerline.money import Amount


@dataclass(slots=True)
class Balance:
    """Numbers by account and currency; an account holds what those below it hold."""

    own: dict[str, dict[str, Decimal]] = field(default_factory=dict)

    def add(self, account: str, amount: Amount) -> None:
        """Book an amount."""
        currencies = self.own.setdefault(account, {})
        currencies[amount.currency] = currencies.get(amount.currency, Decimal()) + amount.number

    def total(self, account: str) -> list[Amount]:
        """What an account and those below it hold, by currency; empty sums are left out."""
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for name, currencies in self.own.items():
            if name == account or name.startswith(f"{account}:"):
                for currency, number in currencies.items():
                    sums[currency] += number
        return [Amount(number, currency) for currency, number in sorted(sums.items()) if number]

    def tree(self) -> Iterator[tuple[int, str, list[Amount]]]:
        """Depth, name and total of every account and of those above it, in order."""
        names = {
            ":".join(parts[: depth + 1])
            for parts in (name.split(":") for name in self.own)
            for depth in range(len(parts))
        }
        for name in sorted(names, key=lambda name: name.split(":")):
            if total := self.total(name):
                yield name.count(":"), name, total

    def is_zero(self) -> bool:
        """Whether everything sums to zero, as it must."""
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for currencies in self.own.values():
            for currency, number in currencies.items():
                sums[currency] += number
        return not any(sums.values())


def trial_balance(transactions: Iterable[Transaction]) -> Balance:
    """Book every posting."""
    balance = Balance()
    for transaction in transactions:
        for posting in transaction.postings:
            balance.add(posting.account, posting.amount)
    return balance
