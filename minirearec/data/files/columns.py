"""Finding the columns of a table that hold the user, the item, the rating, the time and the texts of the item."""

from dataclasses import dataclass, replace

from minirearec.data.files.lines import short
from minirearec.errors import ConfigError, DataError

# Names that public files use, the commonest first; case and everything but letters is ignored.
KNOWN = {
    "user": ("userid", "user", "uid", "reviewerid", "customerid", "visitorid", "sessionid"),
    "item": ("itemid", "item", "iid", "parentasin", "asin", "businessid", "movieid", "productid", "artistid",
             "trackid"),
    "rating": ("rating", "ratings", "stars", "overall", "score", "ratingfloat"),
    "time": ("timestamp", "time", "date", "datetime", "unixreviewtime", "unixtime", "eventtime", "eventtimestamp",
             "eventdate", "interactiontime", "ts", "purchasedat", "purchasetime", "purchasedate", "orderedat",
             "ordertime", "orderdate", "boughtat", "viewedat", "clickedat", "ratedat", "reviewedat", "reviewtime",
             "reviewdate", "listenedat", "playedat", "watchedat", "visitedat", "transactiontime", "transactiondate",
             "occurredat", "createdat", "createdon"),
    "title": ("title", "itemtitle", "itemname", "movietitle", "productname", "name"),
    "brand": ("brand", "brandname", "store", "manufacturer"),
    "categories": ("categories", "category", "genres", "genre", "class", "tags"),
    "description": ("description", "itemdescription", "productdescription", "overview"),
    "price": ("price", "itemprice"),
    "year": ("releaseyear", "year", "movieyear"),
    "attributes": ("attributes", "attributeids", "itemattributes"),
}
ROLES = tuple(KNOWN)
MOST_NAMED = 12  # columns that a message names
TEXTS = ROLES[ROLES.index("title"):]  # what a column may say of an item


@dataclass(frozen=True)
class Columns:
    """Column names by role; an empty one is found among the usual names, and ``-`` leaves a role out.

    ``header``: the names of all columns, for a file without a header line. ``key``: the column of item ids in a table
    of items, where it has another name than in that of the interactions.
    """

    user: str = ""
    item: str = ""
    rating: str = ""
    time: str = ""
    title: str = ""
    brand: str = ""
    categories: str = ""
    description: str = ""
    price: str = ""
    year: str = ""
    attributes: str = ""
    header: tuple[str, ...] = ()
    key: str = ""

    def find(self, names: list[str], where: str, roles=ROLES, needed=("user", "item")) -> dict[str, str]:
        """Return the column of each role that the table has. Raises DataError if a needed one has none, or two fit."""
        twice = [name for index, name in enumerate(names) if name in names[:index]]
        if twice:
            raise DataError(f"two columns are called {short(twice[0])!r}", where, "Rename one of them.")
        found = {role: column for role in roles if (column := self._column(role, names, where, role in needed))}
        columns = list(found.values())
        if len(set(columns)) < len(columns):
            raise DataError(f"one column cannot be two of {', '.join(found)}", where, _listed(names))
        return found

    def within(self, names: list[str], others: list[str]) -> "Columns":
        """Return the columns for a table with these names, without those of texts that only the other table has."""
        return replace(self, **{role: "-" for role in TEXTS
                                if (name := getattr(self, role)) not in ("", "-", *names) and name in others})

    def of_items(self, names: list[str], others: list[str], where: str) -> dict[str, str]:
        """Return the columns of items and texts in a table of items, beside interactions with the columns ``others``.

        Raises DataError if there is none for the items or none for any text.
        """
        fitting = [self.item] if self.item in names else _best([one for one in names if _plain(one) in KNOWN["item"]],
                                                               "item") or [one for one in names if one == "id"]
        if not self.key and len(fitting) != 1:
            raise DataError(f"the item may be column {' or '.join(map(repr, fitting))}" if fitting else
                            "no column looks like the item", where, f"{_listed(names)} Say which with --items-column.")
        columns = replace(self.within(names, others), item=self.key or fitting[0])
        found = columns.find(names, where, ("item", *TEXTS), ("item",))
        if len(found) == 1:
            columns.find(names, where, ("item", "title"), ("item", "title"))  # says what is missing
        return found

    def _column(self, role: str, names: list[str], where: str, needed: bool) -> str | None:
        """Return the column of one role, or None when there is none."""
        wanted = getattr(self, role)
        if wanted == "-":
            if needed:
                raise ConfigError(f"the {role} column cannot be left out", f"--{role}-column", "Give its name.")
            return None
        if wanted:
            if wanted not in names:
                raise DataError(f"there is no column {wanted!r} for the {role}", where, _listed(names))
            return wanted
        given = vars(self).values()
        fitting = _best([name for name in names if _plain(name) in KNOWN[role] and name not in given], role)
        if len(fitting) > 1:
            raise DataError(f"the {role} may be column {' or '.join(map(repr, fitting))}", where,
                            f"Say which with --{role}-column.")
        if needed and not fitting:
            raise DataError(f"no column looks like the {role}", where,
                            f"{_listed(names)} Say which it is with --{role}-column; a file without a header line "
                            "needs --columns.")
        return fitting[0] if fitting else None


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalpha())


def _best(fitting: list[str], role: str) -> list[str]:
    """Return the commonest of several usual names, or all of them when it occurs twice."""
    ranked = sorted(fitting, key=lambda name: KNOWN[role].index(_plain(name)))
    return ranked[:1] if ranked and all(_plain(name) != _plain(ranked[0]) for name in ranked[1:]) else ranked


def shortened(names: list[str]) -> list[str]:
    """Return the first names of columns, each cut to a length that fits a message."""
    return [short(name) for name in names[:MOST_NAMED]]


def _listed(names: list[str]) -> str:
    return f"The columns are {', '.join(map(repr, shortened(names)))}{' ...' * (len(names) > MOST_NAMED)}."
