"""Import hostile data files: each becomes a consistent data set, or is refused with one message and exit code 2.

Run it:  OMP_NUM_THREADS=1 python -m tests.benchmarks.fuzz_data --count 5000 --seed 1
"""

import tempfile
import warnings
from collections import Counter
from pathlib import Path

import click
import numpy as np
from click.testing import CliRunner

from minirearec.data.files.folder import load_directory
from minirearec_cli.main import cli
from tests.benchmarks.hostile import hostile_file
from tests.cli.hostile import assert_clean

LOADED, REFUSED = "loaded", "refused"


def fuzz(folder: Path, count: int, seed: int) -> Counter:
    """Import ``count`` files of a seed and count the outcomes. Raise AssertionError, naming the file, at a fault."""
    outcomes = Counter()
    for number in range(count):
        path = hostile_file(folder, seed, number)
        kind = ("--format", "text") if number % 17 == 0 else ()
        outcome = call("data", "import", path, "--out", folder / "d", *kind)
        outcomes[outcome] += 1
        if outcome == LOADED:
            check_consistent(folder / "d")
            assert call("data", "stats", folder / "d", "--json") == LOADED
            (folder / "d").rename(folder / f"d{number}")
        elif (folder / "d").exists():
            raise AssertionError(f"{path}: refused, but the folder is there")
        used = call("train", "--dataset", path, "--method", "counts", "--out", folder / f"run{number}", "--quiet")
        assert (folder / f"run{number}").exists() == (used == LOADED), path
        path.unlink()
    return outcomes


def call(*words) -> str:
    """Return whether a command did its work or refused it. Raise AssertionError for any other end."""
    result = CliRunner().invoke(cli, list(map(str, words)))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise AssertionError(f"{words}: {result.exception!r}") from result.exception
    shown = result.stdout + result.stderr
    assert_clean(shown)
    assert max(map(len, result.stderr.split("\n"))) < 1000, f"{words}: {shown!r}"
    if result.exit_code == 0:
        return LOADED
    assert result.exit_code == 2 and result.stderr.count("Error: ") == 1, f"{words}: {shown!r}"
    return REFUSED


def check_consistent(folder: Path) -> None:
    """Check what the rest of the library relies on, as it is after the folder was read again."""
    data = load_directory(folder)
    assert data.n_users and len(np.unique(data.items)) == data.n_items and np.diff(data.offsets).min() >= 3
    assert len(np.unique(data.user_ids)) == data.n_users and (data.item_ids[:-1] < data.item_ids[1:]).all()
    if data.timestamps is not None:
        later = data.timestamps[1:] >= data.timestamps[:-1]
        later[data.offsets[1:-1] - 1] = True  # the next user begins
        assert np.isfinite(data.timestamps).all() and later.all()


@click.command()
@click.option("--count", default=500, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(count, seed):
    """Count the outcomes; a warning of NumPy counts as a fault."""
    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory() as folder:
        print(dict(fuzz(Path(folder), count, seed)))


if __name__ == "__main__":
    main()
