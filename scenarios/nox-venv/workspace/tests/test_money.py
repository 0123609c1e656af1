from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerline import Amount, CurrencyError

amounts = st.decimals(min_value=-10_000, max_value=10_000, places=2).map(
    lambda number: Amount(number, "EUR")
)


@pytest.mark.parametrize("text", ["12.50 EUR", "-0.01 USD", "7 CHF"])
def test_an_amount_is_written_as_it_is_read(text: str) -> None:
    assert str(Amount.parse(text)) == text


@pytest.mark.parametrize("text", ["", "EUR", "12,50 EUR", "1 eur", "1 EURO", "--1 EUR"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        Amount.parse(text)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyError):
        Amount.parse("1 EUR") + Amount.parse("1 USD")


def test_what_is_left_over_goes_to_the_largest_loss() -> None:
    parts = Amount.parse("10.00 EUR").split([1, 1, 1])
    assert [part.number for part in parts] == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]


@given(amounts, st.lists(st.integers(0, 20), min_size=1, max_size=8).filter(any))
def test_a_split_loses_nothing(amount: Amount, weights: list[int]) -> None:
    parts = amount.split(weights)
    assert sum((part.number for part in parts), Decimal()) == amount.number
    assert all(not part for part, weight in zip(parts, weights, strict=True) if weight == 0)


@pytest.mark.parametrize("weights", [[], [0], [2, -1]])
def test_weights_must_make_sense(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Amount.parse("1 EUR").split(weights)


@given(amounts, amounts)
def test_subtraction_undoes_addition(one: Amount, other: Amount) -> None:
    assert one + other - other == one
