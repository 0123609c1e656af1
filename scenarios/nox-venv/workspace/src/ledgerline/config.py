"""Budgets: a table of limits, checked against what was spent."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ledgerline.balance import Balance

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Limit(BaseModel):
    """The most that an account may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: Annotated[str, StringConstraints(min_length=1)]
    number: Annotated[Decimal, Field(gt=0)]
    currency: Currency = "EUR"

    def excess(self, balance: Balance) -> Decimal:
        """By how much the limit is exceeded; zero when it is kept."""
        held = sum(
            (
                amount.number
                for amount in balance.total(self.account)
                if amount.currency == self.currency
            ),
            Decimal(),
        )
        return max(held - self.number, Decimal())


class Budget(BaseModel):
    """All limits of a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: tuple[Limit, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Budget:
        """Read a TOML file.

        Raises:
            ValueError: when it is no TOML, or not a budget.
        """
        return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
