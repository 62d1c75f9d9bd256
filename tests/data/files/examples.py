"""Small files of interactions, and what their data hold, for the tests of this folder."""

import gzip
import json
import re
from pathlib import Path

from minirearec.data.files.importing import Filters, import_file
from minirearec.data.sequences import content_sha256

ALL = Filters(min_history=1)
ROWS = [("u2", "b", 5, 30), ("u1", "a", 4, 10), ("u2", "a", 3, 20), ("u1", "c", 2, 10), ("u1", "b", 5, 5),
        ("u2", "b", 4, 40)]
HEAD = "user_id,item_id,rating,timestamp\n"
GOOD = HEAD + "u,a,5,1\nu,b,5,2\nu,c,5,3\n"


def histories(data):
    """Return ``{user: [item, ...]}`` in original ids."""
    return {user: data.item_ids[data.history(index)].tolist() for index, user in enumerate(data.user_ids.tolist())}


def put(folder, name, content) -> Path:
    path = folder / name
    content = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def csv_of(rows, separator=",", names=("user_id", "item_id", "rating", "timestamp")):
    return "".join(separator.join(map(str, row)) + "\n" for row in [names[:len(rows[0])], *rows])


def json_of(rows, names=("user_id", "item_id", "rating", "timestamp")):
    return "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows)


def same(first, second) -> bool:
    assert histories(first) == histories(second)
    assert content_sha256(first) == content_sha256(second) == first.sha256 == second.sha256
    return (first.titles is None) == (second.titles is None) and (
        first.titles is None or first.titles.tolist() == second.titles.tolist())


def texts_of(data) -> dict:
    """Return the texts of the items besides titles, by role."""
    return {role: column.tolist() for role, column in data.texts.items()}


def unsealed(folder) -> Path:
    """Turn a data set's folder into one of an earlier version, without a seal."""
    path = folder / "dataset.toml"
    text = path.read_text().partition("\n")[2]
    path.write_text(re.sub(r"\[contents\]\n(.+ = .+\n)+", "", text))
    return folder


def small(folder, **options):
    return import_file(put(folder, "x.csv", csv_of(ROWS)), filters=ALL, **options)
