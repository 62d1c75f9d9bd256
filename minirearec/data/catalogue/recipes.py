"""Recipes: how a data set of the catalogue is made from the files that its card names."""

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from minirearec.data.catalogue.amazon import Limits, amazon_2023, read_item_titles
from minirearec.data.catalogue.cards import Card
from minirearec.data.files.columns import Columns
from minirearec.data.files.importing import Filters, SplitRule, import_file
from minirearec.data.files.texts import read_texts
from minirearec.data.sequences import SequenceData
from minirearec.data.splits import make_split
from minirearec.errors import DataError

ROWS = ("rows to train", "rows to validate", "rows to test")


def amazon(files: dict[str, Path], name: str, *, min_history: int, min_train_history: int) -> SequenceData:
    """Prepare a category of Amazon Reviews 2023; see ``amazon.amazon_2023``. Texts of the kept items are read last."""
    data = amazon_2023(files, read_item_titles(files["titles"]), Limits(min_history, min_train_history), name)
    columns = Columns(item="parent_asin", title="-")
    return replace(data, texts=read_texts(files["titles"], data.item_ids.tolist(), columns))


def yelp(files: dict[str, Path], name: str, *, core: int, min_history: int) -> SequenceData:
    """Prepare the Yelp Open Dataset: reviews above 3 stars, the core, cut at 80 % and 90 % of the time span.

    Repeated visits of a user to a business all count. Dates are taken as UTC; the time zone does not matter to a
    cut by span. Rows of all parts need ``min_history`` items before the target, and rows to validate and test may
    hold only items that occur in a training row (paper, section 4.1, and the authors' preparation).
    """
    columns = Columns(user="user_id", item="business_id", rating="stars", time="date")
    return import_file(files["reviews"], "jsonl", columns, Filters(above=3, core=core, min_history=0),
                       SplitRule("time", (0.8, 0.9), by="span", row_history=min_history), files.get("titles"), name)


def movielens(files: dict[str, Path], name: str, *, above: float, core: int) -> SequenceData:
    """Prepare MovieLens: ratings above a threshold, the core, in order of time; ties keep the order of the file."""
    return import_file(files["ratings"], "inter", Columns(), Filters(above=above, core=core), SplitRule(),
                       files.get("titles"), name)


RECIPES: dict[str, Callable[..., SequenceData]] = {"amazon-2023": amazon, "yelp": yelp, "movielens": movielens}


def prepare(card: Card, files: dict[str, Path], any_version: bool = False, folder: Path | None = None) -> SequenceData:
    """Make the data set of a card from its files: a path for the role of each part.

    Raises DataError when the counts differ from the card. With ``any_version`` such data are accepted, under a
    name that says so: they come from another release of the files and cannot be compared with published figures.
    ``folder``: where such data would be kept, for the message.
    """
    data = RECIPES[card.recipe](files, card.name, **card.settings)
    differences = count_differences(card, data)
    if differences and not any_version:
        raise DataError(f"the counts differ from those on its card: {differences}", f"data set {card}",
                        "The files may be from another release. To use them anyway, under a name that says so: "
                        f"minirearec data fetch {card.name} --any-version"
                        + (f" --data-dir {shlex.quote(str(folder))}" if folder else ""))
    name = f"{card.name}-other-version" if differences else card.name
    return replace(data, name=name, source=f"{card.title}, files {', '.join(str(path) for path in files.values())}")


def count_differences(card: Card, data: SequenceData) -> str:
    """Return what differs from the counts of a card, in words; empty when nothing does."""
    found = counts(data, bool(card.rows))
    expected = {"users": card.users, "items": card.items, "interactions": card.interactions}
    if card.rows:
        expected |= zip(ROWS, card.rows, strict=True)
    return ", ".join(f"{found[what]:,} {what}, not {count:,}" for what, count in expected.items()
                     if found.get(what) != count)


def counts(data: SequenceData, as_rows: bool = False) -> dict[str, int]:
    """Count users, items and interactions; ``as_rows`` counts as papers do that split in time.

    Then the interactions are the rows (history, target) that train, validate and test.
    """
    found = {"users": data.n_users, "items": data.n_items, "interactions": data.n_interactions}
    if not as_rows:
        return found
    split = make_split(data)
    train = len(split.train_items) - split.n_users if split.is_target is None else int(split.is_target.sum())
    rows = dict(zip(ROWS, (train, split.n_rows("valid"), split.n_rows("test")), strict=True))
    return {**found, "interactions": sum(rows.values()), **rows}
