"""Recipes: how a data set of the catalogue is made from the files that its card names."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from minirearec.data.catalogue.amazon import Limits, amazon_2023, read_item_titles
from minirearec.data.catalogue.cards import Card
from minirearec.data.files.columns import Columns
from minirearec.data.files.importing import Filters, SplitRule, import_file
from minirearec.data.sequences import SequenceData
from minirearec.data.splits import make_split
from minirearec.errors import DataError


def amazon(files: dict[str, Path], name: str, *, min_history: int, min_train_history: int) -> SequenceData:
    """A category of Amazon Reviews 2023; see ``amazon.amazon_2023``."""
    return amazon_2023(files, read_item_titles(files["titles"]), Limits(min_history, min_train_history), name)


def yelp(files: dict[str, Path], name: str, *, core: int, min_history: int) -> SequenceData:
    """Reviews of the Yelp Open Dataset with more than 3 stars, the core, cut at 80 % and 90 % of the time span.

    Visits of one business by one user all count. Dates are taken as UTC; where they are from does not matter to a
    cut by span. Rows of all parts need ``min_history`` items before the target, and those of validation and
    test only items that occur in a training row (paper, section 4.1, and the authors' preparation).
    """
    columns = Columns(user="user_id", item="business_id", rating="stars", time="date", title="-")
    return import_file(files["reviews"], "jsonl", columns, Filters(above=3, core=core, min_history=0),
                       SplitRule("time", (0.8, 0.9), by="span", row_history=min_history), files.get("titles"), name)


def movielens(files: dict[str, Path], name: str, *, above: float, core: int) -> SequenceData:
    """Ratings above a threshold, the core, each user's in the order of time; ties in the order of the file."""
    return import_file(files["ratings"], "inter", Columns(), Filters(above=above, core=core), SplitRule(),
                       files.get("titles"), name)


RECIPES: dict[str, Callable[..., SequenceData]] = {"amazon-2023": amazon, "yelp": yelp, "movielens": movielens}


def prepare(card: Card, files: dict[str, Path], any_version: bool = False) -> SequenceData:
    """The data set of a card, made from its files: a path for the role of each part.

    Raises DataError when the counts are not those of the card. With ``any_version`` such data are taken, under a
    name that says so: another release of the files, to be compared with nothing published.
    """
    data = RECIPES[card.recipe](files, card.name, **card.settings)
    differences = count_differences(card, data)
    if differences and not any_version:
        raise DataError(f"the counts are not those of its card: {differences}", f"data set {card.name}",
                        "The files may be of another release. To use them all the same, under a name that says so: "
                        f"minirearec data fetch {card.name} --any-version.")
    name = f"{card.name}-other-version" if differences else card.name
    return replace(data, name=name, source=f"{card.title}, files {', '.join(str(path) for path in files.values())}")


def count_differences(card: Card, data: SequenceData) -> str:
    """What differs from the counts of a card, in words; empty when nothing does."""
    found = counts(data, bool(card.rows))
    expected = {"users": card.users, "items": card.items, "interactions": card.interactions,
                **dict(zip(("rows to train", "rows to validate", "rows to test"), card.rows))}
    return ", ".join(f"{found[what]:,} {what} and not {count:,}" for what, count in expected.items()
                     if found.get(what) != count)


def counts(data: SequenceData, as_rows: bool = False) -> dict[str, int]:
    """Users, items and interactions; ``as_rows`` counts them as papers do that split in time.

    Then the interactions are the rows (history, target) that train, validate and test.
    """
    found = {"users": data.n_users, "items": data.n_items, "interactions": data.n_interactions}
    if not as_rows:
        return found
    split = make_split(data)
    train = len(split.train_items) - split.n_users if split.is_target is None else int(split.is_target.sum())
    rows = {"rows to train": train, "rows to validate": split.n_rows("valid"), "rows to test": split.n_rows("test")}
    return {**found, "interactions": sum(rows.values()), **rows}
