"""Measure seconds and peak memory of making features from titles: hashed TF-IDF and the randomised SVD.

Run it on one core:  OMP_NUM_THREADS=1 python tests/benchmarks/features.py --titles 30000
Titles are drawn with word frequencies as in a language, 4 to 20 words each; the work runs in its own process. With
--data-dir the real titles, genres and attributes that the folder has follow.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import click
import numpy as np

from minirearec.data.catalogue.presence import state

VOCABULARY = 60_000


def made(number: int):
    """Return a data set of so many titles."""
    from minirearec.data.sequences import SequenceData

    rng = np.random.default_rng(0)
    lengths = rng.integers(4, 21, number)
    words = (VOCABULARY ** rng.random(lengths.sum())).astype(int)  # the n-th word has a share of 1 / n
    ends = np.cumsum(lengths)
    titles = [" ".join(f"w{word}" for word in words[end - length:end].tolist())
              for end, length in zip(ends.tolist(), lengths.tolist(), strict=True)]
    return SequenceData("made", np.zeros(3, np.int32), np.array([0, 3]), np.arange(1), np.arange(number), "", True, "",
                        np.array(titles, dtype=object))


def measure(titles: int, data_dir: str, name: str, source: str, width: int) -> dict:
    """Make features in this process; return seconds, peak memory, and what came of it."""
    from minirearec.data import load
    from minirearec.data.features import Making, make_features

    data = load(name, data_dir, download=False) if data_dir else made(titles)
    began = time.perf_counter()
    features = make_features(data, Making(source, width=width))
    return {"seconds": time.perf_counter() - began, "GiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
            "items": data.n_items, "origin": features.origin, "missing": features.missing,
            "kept": float((features.values ** 2).sum() / np.count_nonzero(features.values.any(axis=1)))}


@click.command()
@click.option("--titles", default=30_000, show_default=True)
@click.option("--width", default=128, show_default=True)
@click.option("--data-dir", default="")
@click.option("--one", nargs=3, hidden=True)
def main(titles, width, data_dir, one):
    """Make features of titles, and say how long it takes, with how much memory, and what share of the weights stays."""
    if one:
        print(json.dumps(measure(titles, *one, width=width)))
        return
    cases = [("", "", "titles")]
    attributes = Path(data_dir) / "Beauty_item2attributes.json"
    if data_dir and state("ml-100k", data_dir)[1]:
        cases += [(data_dir, "ml-100k", "titles"), (data_dir, "ml-100k", "all")]
    if data_dir and state("beauty", data_dir)[1] and attributes.exists():
        cases += [(data_dir, "beauty", str(attributes))]
    for case in cases:
        words = [sys.executable, __file__, "--titles", str(titles), "--width", str(width), "--one", *case]
        found = json.loads(subprocess.check_output(words, text=True))
        print(f"{found['seconds']:6.1f} s  {found['GiB']:.2f} GiB  {found['kept']:.1%} kept  {found['items']:,} items: "
              f"{found['origin']}")


if __name__ == "__main__":
    main()
