from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from ledgerline.cli import main
from ledgerline.config import Budget

BOOKS = """\
2026-01-03 Groceries
    expenses:food        42.10 EUR
    assets:bank
~ monthly from 2026-01-15 Rent
    expenses:rent       800.00 EUR
    assets:bank
"""


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "books.journal"
    path.write_text(BOOKS, encoding="utf-8")
    return path


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_a_sound_journal_is_called_so(journal: Path) -> None:
    assert run("check", journal) == (0, "1 transactions, 1 rules: sound\n")


def test_a_broken_one_is_named_with_its_line(journal: Path) -> None:
    journal.write_text("2026-01-03 A\n    b  1 EUR\n", encoding="utf-8")
    code, output = run("check", journal)
    assert code == 1
    assert "books.journal, line 1: 'A' does not balance" in output


def test_balance_and_forecast_differ_by_what_repeats(journal: Path) -> None:
    _, now = run("balance", journal)
    _, later = run("forecast", journal, "--until", "2026-03-31")
    assert "-42.10 EUR" in now
    assert "-2442.10 EUR" in later
    assert "rent" not in now


@pytest.mark.parametrize(("number", "code"), [("42.10", 0), ("40", 1)])
def test_a_budget_is_kept_or_not(journal: Path, number: str, code: int) -> None:
    budget = journal.with_name("budget.toml")
    budget.write_text(f'[[limit]]\naccount = "expenses"\nnumber = "{number}"\n', encoding="utf-8")
    found, output = run("audit", journal, budget)
    assert found == code, output


@pytest.mark.parametrize("text", ['limit = [{account = ""}]', "other = 1"])
def test_what_is_no_budget_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "budget.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValidationError):
        Budget.load(path)
