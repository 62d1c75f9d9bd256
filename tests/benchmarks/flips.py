"""Flip single bytes of an imported data set's files: every flip is refused, or changes nothing that anybody sees.

Run it:  OMP_NUM_THREADS=1 python -m tests.benchmarks.flips --count 1000 --seed 0
"""

import tempfile
from collections import Counter
from pathlib import Path

import click
import numpy as np

from minirearec.data.files.folder import describe, load_directory, save
from minirearec.data.files.importing import SplitRule, import_file
from minirearec.errors import DataError

REFUSED, SAME, CHANGED = "refused", "without effect", "CHANGED AND ACCEPTED"


def make_dataset(folder: Path) -> Path:
    """Import a data set that has every kind of file: text ids, titles, brands, times and a split of its own."""
    rows = "".join(f"u{user},i{(user * place) % 7},{10 * place + user},Item {(user * place) % 7},Ace\n"
                   for user in range(5) for place in range(9))
    (folder / "x.csv").write_text(f"user_id,item_id,timestamp,title,brand\n{rows}")
    return save(import_file(folder / "x.csv", split=SplitRule("time", (0.6, 0.8))), folder / "d")


def flip_dataset(folder: Path, count: int, seed: int) -> Counter:
    """Flip one random byte of a random file, load, and restore it, ``count`` times; count (file, outcome)."""
    rng, outcomes = np.random.default_rng(seed), Counter()
    files, expected = sorted(folder.iterdir()), facts(folder)
    for number in range(count):
        path = files[number % len(files)]
        content = path.read_bytes()
        place = rng.integers(len(content))
        path.write_bytes(content[:place] + bytes([content[place] ^ rng.integers(1, 256)]) + content[place + 1:])
        try:
            outcomes[path.name, SAME if facts(folder) == expected else CHANGED] += 1
        except DataError:
            outcomes[path.name, REFUSED] += 1
        path.write_bytes(content)
    return outcomes


def facts(folder: Path) -> tuple:
    """Return all that the rest of the library sees of a folder; the sha256 is that of the arrays."""
    data = load_directory(folder)
    texts = {role: column.tolist() for role, column in data.texts.items()}
    return describe(data), texts, None if data.titles is None else data.titles.tolist()


@click.command()
@click.option("--count", default=1000, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(count, seed):
    """Count the outcomes, by file."""
    with tempfile.TemporaryDirectory() as made:
        for (name, outcome), times in sorted(flip_dataset(make_dataset(Path(made)), count, seed).items()):
            print(f"{name:24} {outcome:24} {times:6,}")


if __name__ == "__main__":
    main()
