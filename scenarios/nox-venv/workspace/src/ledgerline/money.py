"""Exact amounts of one currency."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_AMOUNT = re.compile(r"^(?P<sign>-?)(?P<number>\d+(?:\.\d+)?)\s+(?P<currency>[A-Z]{3})$")


class CurrencyError(ValueError):
    """Two amounts of different currencies met."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of units of one currency."""

    number: Decimal
    currency: str

    @classmethod
    def parse(cls, text: str) -> Amount:
        """Read `-12.50 EUR`.

        Raises:
            ValueError: when the text is no amount.
        """
        match = _AMOUNT.match(text.strip())
        if match is None:
            raise ValueError(f"{text.strip()!r} is no amount, expected for example `12.50 EUR`")
        return cls(Decimal(match["sign"] + match["number"]), match["currency"])

    def _same(self, other: Amount) -> None:
        if self.currency != other.currency:
            raise CurrencyError(f"{self.currency} and {other.currency} do not add up")

    def __add__(self, other: Amount) -> Amount:
        self._same(other)
        return Amount(self.number + other.number, self.currency)

    def __sub__(self, other: Amount) -> Amount:
        return self + -other

    def __neg__(self) -> Amount:
        return Amount(-self.number, self.currency)

    def __bool__(self) -> bool:
        return bool(self.number)

    def __str__(self) -> str:
        return f"{self.number} {self.currency}"

    def split(self, weights: Sequence[int]) -> list[Amount]:
        """Divide into parts by weight, without losing a cent.

        What rounding leaves over goes to the parts that lost most by it, the earlier first.

        Raises:
            ValueError: when there is no positive weight, or a negative one.
        """
        total = sum(weights)
        if total <= 0 or any(weight < 0 for weight in weights):
            raise ValueError("weights are not negative, and one is positive")
        scaled = self.number.as_tuple().exponent
        places = min(scaled, 0) if isinstance(scaled, int) else 0
        units = int(self.number.scaleb(-places))
        sign = -1 if units < 0 else 1
        shares = [divmod(abs(units) * weight, total) for weight in weights]
        left = abs(units) - sum(share for share, _ in shares)
        by_loss = sorted(range(len(shares)), key=lambda at: (-shares[at][1], at))
        extra = set(by_loss[:left])
        return [
            Amount(Decimal(sign * (share + (at in extra))).scaleb(places), self.currency)
            for at, (share, _) in enumerate(shares)
        ]
