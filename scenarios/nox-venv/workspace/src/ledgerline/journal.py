"""Reading a journal: dates, texts and postings that sum to zero."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ledgerline.money import Amount
from ledgerline.schedule import Every, Rule

_HEAD = re.compile(r"^(?P<date>\d{4}-\d{2}-\d{2})\s+(?P<text>\S.*)$")
_RULE = re.compile(
    r"^~\s+(?P<every>\w+)\s+from\s+(?P<start>\S+)(?:\s+until\s+(?P<end>\S+))?\s+(?P<text>\S.*)$"
)
_POSTING = re.compile(r"^\s+(?P<account>[\w-]+(?::[\w-]+)*)(?:\s{2,}(?P<amount>\S.*?))?\s*$")


class JournalError(ValueError):
    """A line that is not what it should be."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount that an account receives."""

    account: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class Transaction:
    """Postings of one day that sum to zero in every currency."""

    day: date
    text: str
    postings: tuple[Posting, ...]
    line: int = 0

    def accounts(self) -> frozenset[str]:
        """The accounts that it touches."""
        return frozenset(posting.account for posting in self.postings)


@dataclass(slots=True)
class Journal:
    """Transactions as written, and the rules that repeat some."""

    transactions: list[Transaction] = field(default_factory=list)
    rules: list[tuple[Rule, Transaction]] = field(default_factory=list)

    def until(self, last: date) -> Iterator[Transaction]:
        """Every transaction up to a day, repeated ones included, in order of days."""
        repeated = [
            Transaction(day, model.text, model.postings, model.line)
            for rule, model in self.rules
            for day in rule.days(last)
        ]
        written = [entry for entry in self.transactions if entry.day <= last]
        yield from sorted(written + repeated, key=lambda entry: (entry.day, entry.line))


@dataclass(slots=True)
class _Open:
    """A transaction whose postings are still being read."""

    line: int
    text: str
    day: date
    rule: Rule | None
    postings: list[tuple[str, Amount | None]] = field(default_factory=list)

    def close(self) -> Transaction:
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for _, amount in self.postings:
            if amount is not None:
                sums[amount.currency] += amount.number
        missing = [account for account, amount in self.postings if amount is None]
        off = {currency: number for currency, number in sums.items() if number}
        if len(missing) > 1:
            raise JournalError(
                self.line, f"{len(missing)} postings of {self.text!r} lack an amount"
            )
        if not missing and off:
            left = ", ".join(f"{number} {currency}" for currency, number in sorted(off.items()))
            raise JournalError(self.line, f"{self.text!r} does not balance: {left} left over")
        if missing and not sums:
            raise JournalError(self.line, f"{self.text!r} has no amount at all")
        postings: list[Posting] = []
        for account, amount in self.postings:
            if amount is not None:
                postings.append(Posting(account, amount))
                continue
            postings.extend(
                Posting(account, Amount(-number, currency))
                for currency, number in sorted(off.items())
            )
        return Transaction(self.day, self.text, tuple(postings), self.line)


def _day(line: int, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise JournalError(line, f"{text!r} is no day: {error}") from None


def _head(number: int, line: str) -> _Open:
    if match := _HEAD.match(line):
        return _Open(number, match["text"], _day(number, match["date"]), None)
    if match := _RULE.match(line):
        try:
            every = Every(match["every"])
        except ValueError:
            words = ", ".join(Every)
            raise JournalError(number, f"{match['every']!r} is none of {words}") from None
        start = _day(number, match["start"])
        end = _day(number, match["end"]) if match["end"] else None
        return _Open(number, match["text"], start, Rule(every, start, end))
    raise JournalError(number, f"{line!r} begins no transaction")


def parse(text: str) -> Journal:
    """Read a journal.

    Raises:
        JournalError: for the first line that is wrong.
    """
    journal = Journal()
    current: _Open | None = None

    def close() -> None:
        if current is None:
            return
        transaction = current.close()
        if current.rule is None:
            journal.transactions.append(transaction)
        else:
            journal.rules.append((current.rule, transaction))

    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.split(";", 1)[0].rstrip()
        if not line:
            continue
        if not line[0].isspace():
            close()
            current = _head(number, line)
            continue
        if current is None:
            raise JournalError(number, "a posting without a transaction")
        match = _POSTING.match(line)
        if match is None:
            raise JournalError(number, f"{line.strip()!r} is no posting")
        try:
            amount = Amount.parse(match["amount"]) if match["amount"] else None
        except ValueError as error:
            raise JournalError(number, str(error)) from None
        current.postings.append((match["account"], amount))
    close()
    return journal
