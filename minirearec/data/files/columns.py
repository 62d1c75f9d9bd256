"""Which column of a table is the user, the item, the rating, the time and the title."""

from dataclasses import dataclass

from minirearec.data.files.lines import short
from minirearec.errors import ConfigError, DataError

# Names that public files use, compared without case and without what is not a letter.
KNOWN = {
    "user": ("userid", "user", "uid", "reviewerid", "customerid", "visitorid", "sessionid"),
    "item": ("itemid", "item", "iid", "parentasin", "asin", "businessid", "movieid", "productid", "artistid", "trackid"),
    "rating": ("rating", "ratings", "stars", "overall", "score", "ratingfloat"),
    "time": ("timestamp", "time", "date", "datetime", "unixreviewtime", "unixtime", "createdat"),
    "title": ("title", "itemtitle", "itemname", "movietitle", "productname", "name"),
}
ROLES = tuple(KNOWN)


@dataclass(frozen=True)
class Columns:
    """Column names by role; an empty one is looked for among the usual names. ``-`` leaves a role out.

    ``header``: the names of all columns of a file that has no line of names.
    """

    user: str = ""
    item: str = ""
    rating: str = ""
    time: str = ""
    title: str = ""
    header: tuple[str, ...] = ()

    def find(self, names: list[str], where: str, roles=ROLES, needed=("user", "item")) -> dict[str, str]:
        """The column of each role that the table has. Raises DataError when a needed one has none, or two fit."""
        twice = [name for index, name in enumerate(names) if name in names[:index]]
        if twice:
            raise DataError(f"two columns are called {short(twice[0])!r}", where, "Rename one of them.")
        found = {}
        for role in roles:
            wanted = getattr(self, role)
            if wanted == "-":
                if role in needed:
                    raise ConfigError(f"the {role} column cannot be left out", f"--{role}-column", "Give its name.")
                continue
            if wanted:
                if wanted not in names:
                    raise DataError(f"no column {wanted!r}, which was asked for as the {role}", where, _listed(names))
                found[role] = wanted
                continue
            fitting = [name for name in names if _plain(name) in KNOWN[role] and name not in vars(self).values()]
            fitting = _best(fitting, role)
            if len(fitting) > 1:
                raise DataError(f"the {role} may be column {' or '.join(map(repr, fitting))}", where,
                                f"Say which with --{role}-column.")
            if fitting:
                found[role] = fitting[0]
            elif role in needed:
                raise DataError(f"no column looks like the {role}", where,
                                f"{_listed(names)} Say which it is with --{role}-column; a file without a line of names "
                                "needs --columns.")
        columns = list(found.values())
        if len(set(columns)) < len(columns):
            raise DataError(f"one column cannot be two of {', '.join(found)}", where, _listed(names))
        return found


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalpha())


def _best(fitting: list[str], role: str) -> list[str]:
    """Of several usual names the one that is known as the commonest, where they differ."""
    ranked = sorted(fitting, key=lambda name: KNOWN[role].index(_plain(name)))
    return ranked[:1] if ranked and all(_plain(name) != _plain(ranked[0]) for name in ranked[1:]) else ranked


def _listed(names: list[str]) -> str:
    return f"The columns are {', '.join(repr(short(name)) for name in names[:12])}{' ...' * (len(names) > 12)}."
