"""Measure seconds and memory of importing 1.5 million rows: Amazon 2023 files with history, CSV and JSON lines.

Run it on one core:  OMP_NUM_THREADS=1 python tests/benchmarks/importing.py
The files are made in a temporary folder (about 0.8 GB); every import runs in its own process.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

KINDS = ("amazon", "csv", "jsonl")


def make_files(folder: Path, rows: int) -> None:
    """Make three files of the published format, and the same rows as Yelp writes them; both have long tails."""
    rng, made, user = random.Random(0), 0, 0
    items = [f"B{number:09d}" for number in range(90_000)]
    with (open(folder / "X.train.csv", "w") as train, open(folder / "X.valid.csv", "w") as valid,
          open(folder / "X.test.csv", "w") as test, open(folder / "reviews.json", "w") as reviews):
        for file in (train, valid, test):
            file.write("user_id,parent_asin,rating,timestamp,history\n")
        while made < rows:
            user, rate = user + 1, 1 / 7 if rng.random() > 0.01 else 1 / 150
            length = 5 + int(rng.expovariate(rate))
            history = list(dict.fromkeys(items[int(90_000 * rng.random() ** 3)] for _ in range(length)))
            for place, item in enumerate(history):
                late = user % 3 == 0 and place - len(history)
                file, rating = {-1: test, -2: valid}.get(late, train), rng.choice((1, 2, 3, 4, 4, 5, 5, 5, 5, 5))
                file.write(f"AGKHLEW2SOWHNMFQIJGBECAF{user:06d},{item},{rating}.0,{1500000000000 + place},"
                           f"{' '.join(history[:place])}\n")
                reviews.write(json.dumps({
                    "review_id": f"{made + place:022d}", "user_id": f"u{user:021d}", "business_id": item,
                    "stars": rating, "useful": 0, "text": "Good food, good mood. " * 5,
                    "date": f"20{10 + place % 12}-03-04 05:06:07"}) + "\n")
            made += len(history)
    with open(folder / "meta.jsonl", "w") as file:
        for number, item in enumerate(items):
            title = None if number % 997 == 0 else f"Title {item}"
            file.write(json.dumps({"parent_asin": item, "title": title}) + "\n")


def measure(kind: str, folder: Path) -> dict:
    """Measure one import in this process."""
    from minirearec.data.catalogue.recipes import amazon
    from minirearec.data.files.columns import Columns
    from minirearec.data.files.importing import Filters, import_file

    began = time.perf_counter()
    if kind == "amazon":
        files = {part: folder / f"X.{part}.csv" for part in ("train", "valid", "test")}
        files["titles"] = folder / "meta.jsonl"
        data = amazon(files, "x", min_history=5, min_train_history=1)
    elif kind == "csv":
        data = import_file(folder / "X.train.csv", filters=Filters(above=3, core=5))
    else:
        columns = Columns(user="user_id", item="business_id", rating="stars", time="date", title="-")
        data = import_file(folder / "reviews.json", "jsonl", columns, Filters(above=3, core=5))
    return {"seconds": time.perf_counter() - began, "interactions": data.n_interactions,
            "GiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}  # Linux counts in KiB


@click.command()
@click.option("--rows", default=1_500_000, show_default=True)
@click.option("--one", hidden=True, default=None)
@click.option("--folder", hidden=True, default=None)
def main(rows, one, folder):
    """Make the files and import each of them."""
    if one:
        print(json.dumps(measure(one, Path(folder))))
        return
    with tempfile.TemporaryDirectory() as made:
        make_files(Path(made), rows)
        for kind in KINDS:
            words = [sys.executable, __file__, "--one", kind, "--folder", made]
            found = json.loads(subprocess.check_output(words, text=True))
            print(f"{kind:7} {found['seconds']:6.1f} s  {found['GiB']:.2f} GiB  "
                  f"{found['interactions']:,} interactions kept")


if __name__ == "__main__":
    main()
