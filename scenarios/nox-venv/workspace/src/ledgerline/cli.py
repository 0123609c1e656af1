"""The command line."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from ledgerline.balance import Balance, trial_balance
from ledgerline.config import Budget
from ledgerline.journal import Journal, JournalError, parse

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _read(path: Path) -> Journal:
    try:
        return parse(path.read_text(encoding="utf-8"))
    except JournalError as error:
        raise click.ClickException(f"{path.name}, {error}") from None


def _show(balance: Balance) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("account")
    table.add_column("holds", justify="right")
    for depth, name, amounts in balance.tree():
        last = name.rsplit(":", 1)[-1]
        table.add_row("  " * depth + last, ", ".join(str(amount) for amount in amounts))
    Console(width=72).print(table)


@click.group()
def main() -> None:
    """A plain-text double-entry ledger."""


@main.command()
@click.argument("journal", type=_FILE)
def check(journal: Path) -> None:
    """Say whether a journal is sound."""
    found = _read(journal)
    click.echo(f"{len(found.transactions)} transactions, {len(found.rules)} rules: sound")


@main.command()
@click.argument("journal", type=_FILE)
def balance(journal: Path) -> None:
    """Show what every account holds."""
    _show(trial_balance(_read(journal).transactions))


@main.command()
@click.argument("journal", type=_FILE)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True)
def forecast(journal: Path, until: datetime) -> None:
    """Show what every account will hold, repeated transactions included."""
    last: date = until.date()
    _show(trial_balance(_read(journal).until(last)))


@main.command()
@click.argument("journal", type=_FILE)
@click.argument("budget", type=_FILE)
def audit(journal: Path, budget: Path) -> None:
    """Name every limit that is exceeded."""
    held = trial_balance(_read(journal).transactions)
    over = [
        f"{limit.account}: {excess} {limit.currency} too much"
        for limit in Budget.load(budget).limit
        if (excess := limit.excess(held))
    ]
    if over:
        raise click.ClickException("; ".join(over))
    click.echo("within budget")
