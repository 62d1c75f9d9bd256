"""Run random command lines: ``python tests/benchmarks/fuzz_commands.py --count 5000 --seed 1``.

Prints every one that ends badly, and how many ended in which way. They run in a temporary folder with a temporary home,
and find no network; memory is limited, so that a mistake here does not fill the machine.
"""

import argparse
import collections
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.cli.fuzzing import SLOW, TRAINING, attempt, furnish, fuzz

MEMORY = 12 << 30
NOWHERE = "http://127.0.0.1:9"


def main() -> int:
    """Run the command lines and return 1 if one ended badly."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=5000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--processes", action="store_true", help="also commands that start processes (slow)")
    given = options.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(HOME=home, XDG_CACHE_HOME=home, MINIREAREC_DATA="", HTTPS_PROXY=NOWHERE, HTTP_PROXY=NOWHERE)
        folder = Path(home) / "a" / "b" / "c"
        folder.mkdir(parents=True)
        os.chdir(folder)
        furnish(folder)
        for words in (["train", "--dataset", "data.txt", *TRAINING, "--out", "run"],
                      ["data", "import", "films.csv", "--out", "films"],
                      ["train", "--dataset", "./films", *TRAINING, "--out", "film-run", "--method", "prl"]):
            attempt([*words], 60)
        codes, bad, began = collections.Counter(), 0, time.process_time()
        for outcome in fuzz(given.seed, given.count, skip=frozenset() if given.processes else SLOW):
            codes[outcome.words[0], outcome.code] += 1
            if outcome.problem:
                bad += 1
                print(ascii(outcome.words), outcome.problem, sep="\n", flush=True)
    seconds = time.process_time() - began
    print(f"seed {given.seed}: {given.count} command lines, {bad} ended badly, {seconds:.0f} s of CPU")
    for (command, code), count in sorted(codes.items()):
        print(f"{command:16} exit {code}: {count}")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
