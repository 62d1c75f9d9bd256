"""Damage the files of runs in every way; each fault must be refused with one message or change no figure.

    python tests/benchmarks/faults.py --flips 1000            # single bytes, in all files of runs
    python tests/benchmarks/faults.py --flips 500 --data      # and in all files of an imported data set
    python tests/benchmarks/faults.py --mistyped 300          # values of other types, in runs without sums
    python tests/benchmarks/faults.py --others                # truncations, swaps, links, pipes, devices, a pickle

The last line is a JSON object: how often a fault was refused, had no effect, or did harm.
"""

import json
import os
import pickle
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

SMALL = ("--method", "prl", "--epochs", "2", "--width", "8", "--inner-width", "8", "--layers", "1", "--batch-positions",
         "150", "--learning-rate", "0.01", "--warmup-epochs", "1", "--save-every", "0", "--quiet")
HANGS = 60  # seconds
NOT_COMPARED = {"seconds", "run", "config", "sha256"}


def call(*words) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of a command; 1 for a traceback, 124 for one that hangs."""
    from click.testing import CliRunner

    from minirearec_cli.main import cli

    def hangs(*_):
        raise TimeoutError

    signal.signal(signal.SIGALRM, hangs)
    signal.alarm(HANGS)
    try:
        result = CliRunner().invoke(cli, list(map(str, words)))
    finally:
        signal.alarm(0)
    code = 124 if isinstance(result.exception, TimeoutError) else result.exit_code
    return code, result.stdout, result.stderr if code in (0, 2) else repr(result.exception)


class Runs:
    """Runs to damage: a finished one and one inside an epoch, with their data, and a second pair of another seed."""

    def __init__(self, folder: Path, old: bool = False):
        self.folder = folder
        self.data = folder / "data"
        self._write_data()
        for name, seed in (("a", 0), ("b", 1)):
            train = ("train", "--dataset", self.data, "--seed", seed, *SMALL)
            assert call(*train, "--out", folder / name)[0] == 0
            self._stop(folder / f"{name}-inside", train)
        if old:
            from tests.runs.old import age

            for name in ("a", "b", "b-inside"):
                age(folder / name)
            shutil.rmtree(folder / "a-inside")
            shutil.copytree(folder / "a", folder / "a-inside")
            (folder / "a-inside" / "results.json").unlink()
        self.expected = {name: self.figures(self.copy(name)) for name in ("", "-inside")}
        assert all(code == 0 for figures in self.expected.values() for code, _ in figures)

    def _write_data(self) -> None:
        from minirearec.data import beauty_sim

        data = beauty_sim(users=100, items=50, interactions=800)
        rows = [f"u{user},i{item},Title {item},{place}" for user in range(data.n_users)
                for place, item in enumerate(data.history(user).tolist())]
        (self.folder / "rows.csv").write_text("\n".join(["user_id,item_id,title,timestamp", *rows]))
        assert call("data", "import", self.folder / "rows.csv", "--out", self.data)[0] == 0

    def _stop(self, out: Path, train) -> None:
        """Leave a run inside its second epoch."""
        from minirearec.nn.learner import TorchLearner

        real, calls = TorchLearner.train_batch, []

        def train_batch(learner, batch, done):
            calls.append(1)
            if len(calls) == 7:
                raise KeyboardInterrupt
            return real(learner, batch, done)

        TorchLearner.train_batch = train_batch
        try:
            assert call(*train, "--out", out)[0] == 130
        finally:
            TorchLearner.train_batch = real

    def figures(self, run: Path, user: bool = False) -> list[tuple[int, str]]:
        """Return exit code and output of the commands that read a run; the last one continues it."""
        commands = [("evaluate", run, "--json"), ("recommend", run, "--json", *(
            ("--user", "u3") if user else ("--history", "i3,i5"))), ("train", "--resume", run, "--quiet", "--json")]
        found = []
        for words in commands:
            code, out, err = call(*words)
            if code == 0 and words[0] != "recommend":
                out = json.dumps({name: value for name, value in json.loads(out).items() if name not in NOT_COMPARED})
            elif code == 0:
                out = json.dumps(json.loads(out) | {"run": ""})
            found.append((code, out if code == 0 else err))
        return found

    def verdict(self, run: Path, name: str) -> tuple[str, str]:
        """Return refused, no effect or harm for a damaged copy, and what happened."""
        found = self.figures(run)
        for (code, text), (_, expected) in zip(found, self.expected[name], strict=True):
            refused = code == 2 and text.count("Error: ") == 1 and "Traceback" not in text
            if not refused and (code != 0 or text != expected):
                return "harm", f"exit code {code}: {text[-300:]}"
        return ("refused", next(text for code, text in found if code)) if any(code for code, _ in found) \
            else ("no effect", "")

    def copy(self, name: str) -> Path:
        run = self.folder / "damaged"
        shutil.rmtree(run, ignore_errors=True)
        return shutil.copytree(self.folder / f"a{name}", run, symlinks=True)


def flip(path: Path, rng: random.Random) -> str:
    """Change one byte of a file at random; return what was changed."""
    content = bytearray(path.read_bytes())
    place, by = rng.randrange(len(content)), rng.randint(1, 255)
    content[place] ^= by
    path.write_bytes(content)
    return f"{path.name}: byte {place} xor {by}"


def flips(runs: Runs, count: int, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """Yield what was damaged, the verdict and what happened, for single bytes in all files of runs."""
    for _ in range(count):
        name = rng.choice(["", "-inside"])
        run = runs.copy(name)
        files = sorted(path for path in run.iterdir() if path.stat().st_size)
        yield flip(rng.choice(files), rng), *runs.verdict(run, name)


def flips_of_data(runs: Runs, count: int, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """Do the same for the files of the imported data set; titles and descriptions may change without effect."""
    kept = runs.folder / "kept"
    shutil.copytree(runs.data, kept)
    expected = runs.figures(runs.copy(""), user=True)
    for _ in range(count):
        changed = flip(rng.choice(sorted(path for path in runs.data.iterdir() if path.stat().st_size)), rng)
        found = runs.figures(runs.copy(""), user=True)
        good = [one == before or (one[0] == 2 and one[1].count("Error: ") == 1)
                for one, before in zip(found, expected, strict=True)]
        yield changed, "harm" if not all(good) else "no effect" if found == expected else "refused", str(found)[:300]
        shutil.rmtree(runs.data)
        shutil.copytree(kept, runs.data)


class Attack:
    """A pickle that makes a folder when it is loaded."""

    def __init__(self, place: Path):
        self.place = place

    def __reduce__(self):
        return os.mkdir, (str(self.place),)


def others(runs: Runs, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """Yield the same for truncations, swaps with another run, links, pipes, devices, folders and a pickle."""
    attacked = runs.folder / "attacked"
    for name in ("", "-inside"):
        for file in sorted(path.name for path in (runs.folder / f"a{name}").iterdir()):
            size, other = (runs.folder / f"a{name}" / file).stat().st_size, runs.folder / f"b{name}" / file
            half = other.read_bytes()[:rng.randint(0, max(size, 1) - 1)]
            ways = {"nothing": lambda path: path.write_bytes(b""), "pipe": os.mkfifo, "folder": os.mkdir,
                    "half": lambda path, half=half: path.write_bytes(half),
                    "other run": lambda path, other=other: shutil.copy(other, path),
                    "link to other run": lambda path, other=other: path.symlink_to(other),
                    "device": lambda path: path.symlink_to("/dev/zero"),
                    "passwords": lambda path: path.symlink_to("/etc/passwd"),
                    "missing": lambda path: None,
                    "pickle": lambda path: path.write_bytes(pickle.dumps(Attack(attacked)))}
            for way, damage in ways.items():
                run = runs.copy(name)
                (run / file).unlink()
                damage(run / file)
                verdict, told = runs.verdict(run, name)
                if attacked.exists() or "root:" in told:
                    verdict = "harm"
                yield f"{file}: {way}", verdict, told


@click.command()
@click.option("--flips", "count", type=int, help="Flip this many bytes.")
@click.option("--data", "in_data", is_flag=True, help="Flip them in an imported data set.")
@click.option("--mistyped", "strange", type=int, help="Put this many values of other types into runs without sums.")
@click.option("--others", "more", is_flag=True, help="Cut, swap, link and replace files.")
@click.option("--seed", type=int, default=0, show_default=True)
def main(count, in_data, strange, more, seed):
    """Damage runs, and count what happens."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from tests.benchmarks.mistyped import mistyped

    with tempfile.TemporaryDirectory() as folder:
        runs, rng = Runs(Path(folder), old=bool(strange)), random.Random(seed)
        faults = others(runs, rng) if more else mistyped(runs, strange, rng) if strange else \
            flips_of_data(runs, count, rng) if in_data else flips(runs, count, rng)
        found = Counter()
        for what, verdict, told in faults:
            found[verdict] += 1
            if verdict == "harm":
                print(f"{what}: {told}")
    print(json.dumps({"faults": found.total(), **found}))
    sys.exit(bool(found["harm"]))


if __name__ == "__main__":
    main()
