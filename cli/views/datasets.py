"""Data sets at the terminal: the catalogue, a card, statistics with histograms, the steps of an import."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from minirearec.data import Card, cards
from minirearec.data.catalogue.cards import FILE_FIELDS, PART_FIELDS
from minirearec.data.catalogue.presence import at_hand, state
from minirearec.data.catalogue.recipes import counts
from minirearec.data.files.columns import MOST_NAMED, shortened
from minirearec.data.files.folder import is_dataset, load_directory
from minirearec.data.files.lines import short
from minirearec.data.files.remote import RemoteFile
from minirearec.data.splits.in_time import show_time
from minirearec.data.statistics import known_of_items
from minirearec.errors import MiniReaRecError
from minirearec.text import one_line
from minirearec_cli.console import labelled, plain_table, say
from minirearec_cli.text import size

BLOCK, ASCII_BLOCK = "█", "#"
WIDEST_BAR = 40
NO_FILE = RemoteFile("")


def catalogue(data_dir) -> dict[str, dict]:
    """Return every data set by name, with what its card says and whether it is here."""
    return {name: facts(card, data_dir) for name, card in cards().items()}


def facts(card: Card, data_dir) -> dict:
    """Return a card as plain values, with ``state`` and ``path``."""
    plain = {}
    for name, value in vars(card).items():
        if name == "file":
            continue
        plain[name] = list(value) if isinstance(value, tuple) else value
        if name == "by_hand":
            plain.update(file_facts(card.file or NO_FILE, FILE_FIELDS))
    plain["parts"] = [file_facts(part, PART_FIELDS) for part in card.parts]
    where, path = place(card, data_dir)
    if path is not None and is_dataset(path):  # made from another release of the files, it has other counts
        here = load_directory(path)
        found = counts(here, bool(card.rows))
        plain |= {name: found[name] for name in ("users", "items", "interactions")}
        where += ", of another release" * (here.name != card.name)
    return {**plain, "state": where, "path": None if path is None else str(path)}


def file_facts(file: RemoteFile, names: tuple[str, ...]) -> dict:
    """Return some fields of a file as plain values."""
    values = {name: getattr(file, name) for name in names}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def place(card: Card, data_dir) -> tuple[str, Path | None]:
    """Return whether a data set is here, in words, and where; trouble with its folder becomes the words."""
    try:
        return state(card, data_dir)
    except (MiniReaRecError, OSError) as error:
        return str(error), None


def items_of(card: Card, data_dir) -> dict:
    """Return what is known of the items of a data set that opens in a moment, and nothing of others."""
    data = at_hand(card, data_dir)
    return {} if data is None else known_of_items(data)


def item_lines(found: dict, items: int) -> dict[str, str]:
    """Return lines on titles, other texts and features of items, for ``labelled``."""
    texts = ", ".join(f"{role} {count:,}" for role, count in found["texts"].items())
    return {"Titles": f"{found['titles']:,} of {items:,} items" if found["titles"] else "",
            "Texts": f"{texts} of {items:,} items" * bool(texts),
            "Features": "" if found["features"] is None else features_line(found["features"], items)}


def import_lines(data) -> list[str]:
    """Return lines such as ``titles: 1,682 of 1,682 items``, for the titles and other texts of imported data."""
    lines = item_lines({**known_of_items(data), "features": None}, data.n_items)
    return [f"{name.lower()}: {line}" for name, line in lines.items() if line]


def features_line(facts: dict, items: int) -> str:
    """Return ``128 wide, TF-IDF of title, 2,048 terms; 3 of 1,008 items lack them, 20 share theirs with others``."""
    if "error" in facts:
        return one_line(facts["error"])
    alike = f", {facts['alike']:,} share theirs with others" * bool(facts["alike"])
    return (f"{facts['width']:,} wide, {one_line(facts['origin'])}; "
            f"{facts['missing']:,} of {items:,} items lack them{alike}")


def show_catalogue(console: Console, found: dict[str, dict], folders: list[str]) -> None:
    """Show one line per data set."""
    console.print(catalogue_table(found))
    say(console, f"Searched: {', '.join(folders)}; downloads go to the first.", "dim")


def catalogue_table(found: dict[str, dict], places: bool = False) -> Table:
    """Return the table of data sets; ``places`` adds the path and the bytes of those that are here."""
    table = plain_table()
    table.add_column("name", no_wrap=True)
    for name in ("users", "items", "interactions"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("state", overflow="fold")
    for name, card in found.items():
        path = f": {card['path']}" if places and card["path"] else ""
        count = f" ({size(card['bytes'])})" if places and card["bytes"] else ""
        table.add_row(name, *(f"{card[key]:,}" for key in ("users", "items", "interactions")),
                      card["state"] + path + count, style="" if card["path"] or card["synthetic"] else "dim")
    return table


def show_card(console: Console, card: dict) -> None:
    """Show all that is known of one data set."""
    say(console, f"{card['name']}: {card['title']}", "bold")
    rows = dict(zip(("train", "validate", "test"), card["rows"], strict=True)) if card["rows"] else {}
    lines = {
        "What": card["description"],
        "Size": f"{card['users']:,} users, {card['items']:,} items, {card['interactions']:,} interactions",
        "Split": card["split"]
                 + ("; rows to " + ", ".join(f"{name} {count:,}" for name, count in rows.items())) * bool(rows),
        "Recipe": card["recipe"] and ", ".join(
            [card["recipe"], *(f"{key} = {value:g}" for key, value in card["settings"].items())]),
        "Training": "\n".join(training_lines(card["training"])),
        "Files": "\n".join(part["filename"] + " (may be missing)" * part["optional"] for part in card["parts"])
                 or card["filename"],
        "From": "\n".join(card["urls"] or [url for part in card["parts"] for url in part["urls"][:1]]),
        "sha256": card["sha256"], "State": card["state"] + f", {card['path']}" * bool(card["path"]),
        **(item_lines(card, card["items"]) if "texts" in card else {}),
        "By hand": card["by_hand"], "Licence": card["licence"], "Cite": card["citation"]}
    console.print(labelled(lines))


def training_lines(training: dict) -> list[str]:
    """Return the settings of a card in one line, and those for each count model in another."""
    plain = {name: value for name, value in training.items() if type(value) is not dict}
    lines = {"": plain} | {f"{name}: ": own for name, own in training.items() if name not in plain}
    return [lead + ", ".join(f"{name} {value}" for name, value in own.items()) for lead, own in lines.items() if own]


def show_statistics(console: Console, found: dict) -> None:
    """Show sizes, and histograms of history lengths and of popularity."""
    stamp = " (SYNTHETIC DATA)" if found["synthetic"] else ""
    say(console, f"{found['name']}{stamp}", "bold")
    ties = found["tied_timestamps"]
    split = found["split"]
    lines = {
        "Size": f"{found['users']:,} users, {found['items']:,} items, {found['interactions']:,} interactions",
        "Sparsity": f"{found['sparsity']:.4%} of user-item pairs have no interaction",
        "Repeats": f"{found['repeats']:.2%} of interactions are with an item the user had before",
        "Ties": "unknown, the data have no timestamps" if ties is None else
                f"{ties:.2%} of interactions share user and timestamp with another; the file decides their order",
        "Times": "" if ties is None else f"{show_time(found['first_time'])} to {show_time(found['last_time'])}",
        **item_lines(found, found["items"]),
        "Split": f"{split['rule']}: {split['train']:,} interactions to train, {split['valid']:,} rows to validate, "
                 f"{split['test']:,} to test",
        "Source": one_line(found["source"]), "sha256": found["sha256"]}
    console.print(labelled(lines))
    for title, name, of in (("Items in a history", "lengths", "users"),
                            ("Interactions of an item", "popularity", "items")):
        spread = found[name]
        console.print()
        say(console, f"{title}: {spread['lowest']:,} to {spread['highest']:,}, mean {spread['mean']:.1f}, "
                     f"median {spread['median']:g}", "bold")
        console.print(histogram(console, spread["histogram"], of))
    say(console, f"The most popular 1 % of items have {found['popularity']['top_1_percent']:.1%} of all interactions.")


def histogram(console: Console, bins: list[dict], of: str) -> Table:
    """Return a table with a bar for each bin."""
    block = ASCII_BLOCK if console.options.ascii_only else BLOCK
    highest = max(row["count"] for row in bins)
    spans = [f"{row['low']:,}" if row["low"] == row["high"] else f"{row['low']:,}-{row['high']:,}" for row in bins]
    counts = [f"{row['count']:,} {of if row['count'] != 1 else of.removesuffix('s')}" for row in bins]
    figures = max(map(len, spans)) + max(map(len, counts)) + 6  # 6: the padding of three columns
    widest = max(1, min(WIDEST_BAR, console.width - figures))
    table = Table(box=None, show_header=False, padding=(0, 1))
    for justify in ("right", "right", "left"):
        table.add_column(justify=justify, no_wrap=True)
    for row, span, count in zip(bins, spans, counts, strict=True):
        length = -(-row["count"] * widest // highest)  # rounded up, so that every count shows
        table.add_row(span, count, Text(block * length, "bright_blue"))
    return table


def columns_line(found: dict[str, str], others: list[str]) -> str:
    """Return ``columns: user = visitor, item = sku, time = purchased_at; not used: price``."""
    taken = ", ".join(f"{role} = {short(name)}" for role, name in found.items())
    rest = [*shortened(others), *["..."] * (len(others) > MOST_NAMED)]
    return f"columns: {taken}{'; not used: ' * bool(rest)}{', '.join(rest)}"


def no_time(others: list[str], split: str) -> str:
    """Say what it means that a table has no time."""
    tests = " Each user's last rows become the test targets." if split != "time" else ""
    hint = " If one of the columns that are not used holds the time, name it with --time-column." if others else ""
    return ("No column was taken for the time, so the order of the rows in the file is taken as the order of events."
            f"{tests} If the file is not in the order of time, such a test asks for items of the past, and its figures "
            f"mean nothing.{hint}")


def step_line(step) -> str:
    """Return ``5-core: 943 users, 1,349 items, 99,287 interactions``."""
    return f"{step.what}: {step.users:,} users, {step.items:,} items, {step.interactions:,} interactions"
