"""Files as Amazon Reviews 2023 publishes them, in which every filter drops a row, and the rows that are kept."""

import gzip
import json

import numpy as np

from minirearec.data import make_split

HEADER = "user_id,parent_asin,rating,timestamp,history\n"
TITLES = {name: f"Item {name}" for name in "ABCDFGH"} | {"E": "", "Z": None}  # null is no title, an empty one is
TRAIN = """\
U1,A,5.0,1000,
U1,B,4.0,1001,A
U1,C,5.0,1002,A B
U1,D,3.0,1003,A B C
U1,E,4.0,1004,A B C D
U2,B,5.0,1001,
U2,A,4.0,1002,B
U2,Z,5.0,1003,B A
U2,C,5.0,1004,B A Z
U3,F,5.0,1001,
U3,G,5.0,1002,F
U4,H,5.0,1000,
"""
VALID = """\
U1,G,5.0,1010,A B C D E
U1,B,3.0,1011,A B C D E G
U1,H,5.0,1012,A B C D E G B
U2,D,5.0,1010,B A Z C A
U3,A,5.0,1010,F G
U5,A,5.0,1010,
"""
TEST = """\
U1,F,4.0,1020,A B C D E G B H
U3,E,5.0,1020,F G A B C
U3,D,3.0,1021,F G A B C E
U6,G,5.0,1022,A B C D E
"""
KEPT = {"train": [("U1", "A", "B"), ("U1", "AB", "C"), ("U1", "ABCD", "E"), ("U2", "B", "A"), ("U3", "F", "G")],
        "valid": [("U1", "ABCDE", "G")], "test": [("U3", "FGABC", "E"), ("U6", "ABCDE", "G")]}


def write_amazon(folder, train=TRAIN, valid=VALID, test=TEST, titles=TITLES):
    files = {part: folder / f"Video_Games.{part}.csv.gz" for part in ("train", "valid", "test")}
    for path, text in zip(files.values(), (train, valid, test), strict=True):
        path.write_bytes(gzip.compress((HEADER + text).encode()))
    files["titles"] = folder / "meta_Video_Games.jsonl.gz"
    objects = [{"main_category": "Games", "title": title, "parent_asin": item, "price": None}
               for item, title in titles.items()]
    files["titles"].write_bytes(gzip.compress("".join(json.dumps(found) + "\n" for found in objects).encode()))
    return files


def rows(data):
    """Return (user, history, target) of every part in original ids, as training and evaluation see them."""
    split, found = make_split(data), {"train": []}
    ids = np.char.add(data.item_ids.astype(str), "")
    for user in range(data.n_users):
        begin, end = split.train_offsets[user:user + 2]
        items = ids[split.train_items[begin:end]]
        counted = np.ones(end - begin, dtype=bool) if split.is_target is None else split.is_target[begin:end]
        found["train"] += [(data.user_ids[user], "".join(items[:place]), items[place])
                           for place in range(1, end - begin) if counted[place]]
    for part in ("valid", "test"):
        pairs = zip(split.rows(part).user, split.target(part), strict=True)
        found[part] = [(data.user_ids[user], "".join(ids[split.history(row, part)]), ids[target])
                       for row, (user, target) in enumerate(pairs)]
    return found
