"""A file of attributes, ``{item id: [attribute, ...]}`` in JSON, as the public sequence sets have them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minirearec.data.files.lines import short, unreadable
from minirearec.errors import DataError
from minirearec.plain import open_plain

if TYPE_CHECKING:
    from minirearec.data.sequences import SequenceData

FORM = 'Expected one JSON object: {"item id": ["attribute", ...], ...}.'


def read_attributes(path: Path, data: "SequenceData") -> list[list[str]]:
    """Return the attributes of each item of a data set; items that the file lacks have none, others are skipped.

    Raises DataError for a file that cannot be read or has another form, and for one without any of the items.
    """
    try:
        with open_plain(path) as file:
            found = json.loads(file.read(), object_pairs_hook=lambda pairs: _unique(pairs, path))
    except FileNotFoundError:
        raise DataError("no such file", str(path), "Check the path.") from None
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"not JSON ({short(error, 80)})", str(path), FORM) from None
    if not isinstance(found, dict):
        raise DataError(f"a JSON {type(found).__name__}, not an object", str(path), FORM)
    for item, attributes in found.items():
        if not isinstance(attributes, list) or any(type(one) not in (str, int) for one in attributes):
            raise DataError(f"item {short(item)!r} has no list of texts or whole numbers", str(path), FORM)
    attributes = [list(dict.fromkeys(map(str, found.get(str(item), ())))) for item in data.item_ids.tolist()]
    if not any(attributes):
        raise DataError(f"has no attributes for any of the {data.n_items:,} items", str(path),
                        f"Its keys must be the item ids of data set {data.name}.")
    return attributes


def _unique(pairs: list[tuple[str, Any]], path: Path) -> dict[str, Any]:
    """Return pairs as a dict. Raises DataError for a name that occurs twice, where JSON would keep the last one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f"item {short(twice)!r} occurs twice", str(path), "Put all its attributes into one list.")
    return found
