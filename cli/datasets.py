"""Data sets on the terminal: the catalogue, a card, statistics with histograms, the steps of an import."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from minirearec.data import cards
from minirearec.data.catalogue.loading import state
from minirearec.data.splits.in_time import show_time
from minirearec.errors import MiniReaRecError
from minirearec_cli.console import say

BLOCK, ASCII_BLOCK = "█", "#"
WIDEST_BAR = 40


def catalogue(data_dir) -> dict[str, dict]:
    """Every data set by name, with what its card says and whether it is here."""
    return {name: facts(name, data_dir) for name in cards()}


def facts(name: str, data_dir) -> dict:
    """A card as plain values, with ``state`` and ``path``."""
    card = cards()[name]
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in vars(card).items()}
    plain["parts"] = [{key: list(value) if isinstance(value, tuple) else value for key, value in vars(part).items()}
                      for part in card.parts]
    try:
        where, path = state(name, data_dir)
    except (MiniReaRecError, OSError) as error:
        where, path = str(error), None
    return {**plain, "state": where, "path": None if path is None else str(path)}


def show_catalogue(console: Console, found: dict[str, dict], folders: list[str]) -> None:
    """One line a data set."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1))
    table.add_column("name", no_wrap=True)
    for name in ("users", "items", "interactions"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("state", overflow="fold")
    for name, card in found.items():
        table.add_row(name, *(f"{card[key]:,}" for key in ("users", "items", "interactions")), card["state"],
                      style="" if card["path"] or card["synthetic"] else "dim")
    console.print(table)
    say(console, f"Looked for in {', '.join(folders)}; a download goes to the first.", "dim")


def show_card(console: Console, card: dict) -> None:
    """All there is to know of one data set."""
    say(console, f"{card['name']}: {card['title']}", "bold")
    rows = dict(zip(("train", "validate", "test"), card["rows"]))
    lines = {
        "What": card["description"],
        "Size": f"{card['users']:,} users, {card['items']:,} items, {card['interactions']:,} interactions",
        "Split": card["split"] + ("; rows to " + ", ".join(f"{name} {count:,}" for name, count in rows.items())) * bool(rows),
        "Made by": " ".join([card["recipe"], *(f"{key} = {value:g}" for key, value in card["settings"].items())]),
        "Training": ", ".join(f"{key} {value}" for key, value in card["training"].items()),
        "Files": "\n".join(part["filename"] + " (may be missing)" * part["optional"] for part in card["parts"])
                 or card["filename"],
        "From": "\n".join(card["urls"] or [url for part in card["parts"] for url in part["urls"][:1]]),
        "sha256": card["sha256"], "State": card["state"] + f", {card['path']}" * bool(card["path"]),
        "By hand": card["by_hand"], "Licence": card["licence"], "Cite": card["citation"]}
    console.print(_grid(lines))


def show_statistics(console: Console, found: dict) -> None:
    """Sizes, and histograms of history lengths and of popularity."""
    stamp = " (SYNTHETIC DATA)" if found["synthetic"] else ""
    say(console, f"{found['name']}{stamp}", "bold")
    ties = found["tied_timestamps"]
    split = found["split"]
    lines = {
        "Size": f"{found['users']:,} users, {found['items']:,} items, {found['interactions']:,} interactions",
        "Sparsity": f"{found['sparsity']:.4%} of user-item pairs never met",
        "Repeats": f"{found['repeats']:.2%} of interactions are with an item the user had before",
        "Ties": "unknown, the data have no timestamps" if ties is None else
                f"{ties:.2%} of interactions share user and timestamp with another; their order is the file's",
        "Times": "" if ties is None else f"{show_time(found['first_time'])} to {show_time(found['last_time'])}",
        "Titles": f"{found['titles']:,} of {found['items']:,} items" if found["titles"] else "",
        "Split": f"{split['rule']}: {split['train']:,} interactions to train, {split['valid']:,} rows to validate, "
                 f"{split['test']:,} to test",
        "Source": found["source"], "sha256": found["sha256"]}
    console.print(_grid(lines))
    for title, name, of in (("Items in a history", "lengths", "users"), ("Interactions of an item", "popularity", "items")):
        spread = found[name]
        console.print()
        say(console, f"{title}: {spread['lowest']:,} to {spread['highest']:,}, mean {spread['mean']:.1f}, "
                     f"median {spread['median']:g}", "bold")
        console.print(histogram(console, spread["histogram"], of))
    say(console, f"The most popular 1 % of items have {found['popularity']['top_1_percent']:.1%} of all interactions.")


def histogram(console: Console, bins: list[dict], of: str) -> Table:
    """A bar for each bin."""
    block = ASCII_BLOCK if console.options.ascii_only else BLOCK
    highest = max(row["count"] for row in bins)
    table = Table(box=None, show_header=False, padding=(0, 1))
    for justify in ("right", "right", "left"):
        table.add_column(justify=justify, no_wrap=True)
    for row in bins:
        span = f"{row['low']:,}" if row["low"] == row["high"] else f"{row['low']:,}-{row['high']:,}"
        length = -(-row["count"] * WIDEST_BAR // highest)  # rounded up: what is there is seen
        table.add_row(span, f"{row['count']:,} {of}", Text(block * length, "cyan"))
    return table


def step_line(step) -> str:
    """``5-core: 943 users, 1,349 items, 99,287 interactions``."""
    return f"{step.what}: {step.users:,} users, {step.items:,} items, {step.interactions:,} interactions"


def _grid(lines: dict[str, str]) -> Table:
    grid = Table.grid(padding=(0, 2))
    for label, value in lines.items():
        if value:
            grid.add_row(Text(label, "bold"), Text(value, overflow="fold"))
    return grid
