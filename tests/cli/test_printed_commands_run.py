"""Every command that we print runs: each in a fresh copy of a folder that holds the files which the pages name.

Commands run as printed, with these changes:

- There is no network: ``INSTEAD`` names the data sets that take the place of others. ``beauty`` has its stand-in.
- Training is for one epoch, and sweeps and studies say how long they would take (``SHORTER``).
- Commands that differ only in the name of a run are one command.
- ``bench`` measures a small file, with small samples, and only once. ``bench --peers`` and ``tutorial open`` end where
  they would start another program: hours of training, and a browser.
- Values that a message fills in, and words in capitals, are those of the folder (``FILLED``).
- What a page does in the lines before a command is done before it (``BEFORE``).

Names of commands in prose, commands of other programs (pip, nbgrader, pytest) and the schematic lines of the change log
are not run here.
"""

import glob
import gzip
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from minirearec import plugins
from minirearec.bench import session
from minirearec.data.catalogue import loading
from minirearec.data.made.hops import hops
from minirearec_cli.commands import tutorial
from minirearec_cli.main import cli
from tests import official
from tests.cli.conftest import SMALL, call
from tests.cli.fuzzing import leaves
from tests.cli.test_printed_commands import FOUND, PLACEHOLDER, ROOT, words_of
from tests.registered import forget_registered

USERS, ITEMS = 50, 40
INSTEAD = {"lastfm": "beauty-sim", "NAME": "beauty"}
FILLED = {"train --resume": "RUN", "evaluate": "RUN", "data features": "./ratings", "data stats": "./ratings",
          "assignment start": "a3", "data fetch": "ml-100k", "data import": "ml-100k.inter"}
OTHER = {"K": "1", "SUBMISSIONS": "submissions", "FILE": "new.json", "FILE.toml": "my-study.toml",
         "FILE.npy": "vectors.npy"}
STUDY = """question = "Does a sharper softmax at every step help?"
common = {width = 8}
[[rows]]
name = "base"
method = "base"
[[rows]]
name = "sharper"
method = "prl"
alpha = 1.2
"""
REAL = {"data fetch": "ml-100k", "data features": "ml-100k", "data export": "ml-100k", "data stats": "ml-100k",
        "data verify": "./ratings", "sweep": "ml-100k"}  # for what needs real data
SHORTER = {"train": ("--epochs", "1"), "sweep": ("--estimate", "--dataset", "ml-100k"),
           "study": ("--quick", "--estimate", "--dataset", "ml-100k"), "import-official": ("--dataset", "authors.txt"),
           "bench": ("--quick", "--backend", "numpy", "--threads", "1", "--dataset", "my-histories.txt", *SMALL)}
GRADE = ("assignment", "grade", "a2", "submissions", "--out", "grades.csv")
BEFORE = {"assignment check a2": ("assignment", "start", "a2"), "--only": GRADE,
          "--rules course/": ("assignment", "release", "a2", "--out", "course"),
          "--compare before.json": ("bench", "-o", "before.json", *SHORTER["bench"], "--method", "prl"),
          "ml-100k --items": ("data", "features", "ml-100k", "--from", "titles"),
          "study backbones": ("data", "features", "ml-100k", "--from", "titles"),
          "study tests/benchmarks/items.toml": ("data", "features", "ml-100k", "--from", "titles")}
RUNS = {"erl3": ("--method", "erl", "--steps", 3), "prl2": ("--method", "prl"), "base-seed0": ("--method", "base"),
        "base-seed1": ("--method", "base", "--seed", 1), "erl-seed0": ("--method", "erl"),
        "erl-seed1": ("--method", "erl", "--seed", 1), "seed2": ("--method", "prl", "--seed", 2)}
COPIES = {"../RUN": "prl2", "films": "prl2", "first": "prl2", "prl": "prl2", "official": "prl2", "base": "base-seed0",
          "erl": "erl-seed0", "seed0": "base-seed0", "seed1": "base-seed1"}


def printed() -> Iterator[list[str]]:
    """Yield the words of all commands that are printed to be run."""
    tree, lines = dict(leaves(cli)), {}
    for words in sorted({tuple(words_of(line)) for place, line in FOUND if place != "CHANGELOG.md"}):
        command = tree.get(words)
        if command is None or not any(param.required for param in command.params):  # else it is a name in prose
            lines[re.sub(r"runs/(erl3|first)\b", "RUN", " ".join(words))] = list(words)
    yield from lines.values()


def example(page: str, number: int) -> str:
    """Return an example in Python of a page."""
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)[number]


def write_tables(folder: Path) -> None:
    """Write interactions in the formats that the pages import."""
    rows = [(user, (user * step) % ITEMS + 1, 5, 100 * step + user) for user in range(1, USERS + 1)
            for step in range(1, 9)]
    lines = ["\t".join(map(str, row)) for row in rows]
    head = "user_id:token\titem_id:token\trating:float\ttimestamp:float"
    (folder / "u.data").write_text("\n".join(lines) + "\n")
    (folder / "ml-100k.inter").write_text("\n".join([head, *lines]) + "\n")
    titles = {1: "The Matrix", 2: "Jumanji"}
    (folder / "ratings.csv").write_text("\n".join(["user,item,rating,timestamp,title,brand,paper", *(
        f"{user},{item},{rating},{time},{titles.get(item, f'Film {item}')},Brand {item % 3},{item}"
        for user, item, rating, time in rows)]) + "\n")
    with gzip.open(folder / "events.jsonl.gz", "wt") as file:
        file.writelines(json.dumps({"visitor": user, "sku": item, "timestamp": time}) + "\n"
                        for user, item, _, time in rows)
    histories: dict[int, list[int]] = {}
    for user, item, *_ in rows:
        histories.setdefault(user, []).append(item)
    for name in ("my-histories.txt", "new.txt"):
        (folder / name).write_text("".join(f"{user} {' '.join(map(str, own))}\n" for user, own in histories.items()))
    (folder / "Beauty_item2attributes.json").write_text(json.dumps({str(item): [item % 7 + 1, 9] for item in titles}))


def write_files(folder: Path) -> None:
    """Write the other files: plugins, settings, features, and a checkpoint of the authors' code with its data."""
    weighted = example("README.md", 1)
    for name, text in {"weighted.py": weighted, "my_method.py": weighted.replace('"weighted"', '"mine"'),
                       "convolution.py": example("CONTRIBUTING.md", 0), "mine.toml": "steps = 1\nwidth = 8\n",
                       "my-study.toml": STUDY}.items():
        (folder / name).write_text(text)
    np.save(folder / "vectors.npy", np.random.default_rng(0).standard_normal((ITEMS, 4)))
    recorded = official.read("prl_k2")
    torch.save({key.removeprefix("weight/"): torch.tensor(value).float() for key, value in recorded.arrays.items()
                if key.startswith("weight/")}, folder / "PRL.pt")
    settings = {"model_name": "PRL", "num_heads": recorded.config["n_heads"], "reason_step": 2,
                "temperature": recorded.config["temperature"]}
    (folder / "prl.toml").write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items()))
    items = np.arange(recorded.config["n_items"]) + 1
    (folder / "authors.txt").write_text("".join(f"{user} {' '.join(map(str, items))}\n" for user in range(1, 5)))


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    """Make a folder with everything that the pages name."""
    folder, before = tmp_path_factory.mktemp("printed"), os.getcwd()
    write_tables(folder)
    write_files(folder)
    shutil.copytree(ROOT / "tutorials/assignments/a1", folder / "a7")
    studies = folder / "tests/benchmarks"
    studies.mkdir(parents=True)
    for path in (ROOT / "tests/benchmarks").glob("*.toml"):
        shutil.copy(path, studies)
    for path in folder.glob("a7/*.*"):
        path.write_text(re.sub(r'("|# |Task )1\.(?=[1-6]\b)', r"\g<1>7.", path.read_text()).replace('"a1"', '"a7"'))
    os.chdir(folder)
    try:
        words = [("data", "import", "ratings.csv", "--out", name)
                 for name in ("ratings", "newer", "data/ml-100k", "data/yelp", "data/video-games")]
        train = ("train", "--dataset", "./ratings", "--epochs", 1, "--quiet", *SMALL)
        words += [(*train, "--out", f"runs/{run}", *options) for run, options in RUNS.items()]
        words += [("assignment", "start", "a2", "--out", "homework"), ("assignment", "release", "a2", "--out", "c")]
        for each in words:
            done = call(*each)
            assert done.exit_code == 0, done.output
    finally:
        os.chdir(before)
    for copy, run in COPIES.items():
        shutil.copytree(folder / "runs" / run, folder / "runs" / copy)
    shutil.copyfile(folder / "c/grading.toml", folder / "grading.toml")
    (folder / "submissions/ann").mkdir(parents=True)
    shutil.copyfile(folder / "homework/a2.py", folder / "submissions/ann/a2.py")
    return folder


@pytest.fixture(scope="module")
def measured_once():
    """Return a ``session.measure`` that measures each method only once."""
    measure, kept = session.measure, {}

    def once(request):
        method = request.config.objective.method
        kept[method] = kept.get(method) or list(measure(request))
        yield from kept[method]

    return once


def as_run_here(words: list[str]) -> list[str]:
    """Return the words of a printed command as it runs here; see above."""
    line = " ".join(words)
    filled = next((value for start, value in FILLED.items() if line.startswith(start)), "")
    real = next((value for start, value in REAL.items() if line.startswith(start)), "beauty")
    named = {PLACEHOLDER: filled or PLACEHOLDER, "beauty": real, **INSTEAD, **OTHER}
    words = [named.get(word, word) for word in words]
    if words[1:3] == ["RUN", "RUN"]:
        words[2] = "runs/base"
    if "--help" in words:
        return words
    if "--epochs" in words:
        words[words.index("--epochs") + 1] = "2" if "--resume" in words else "1"
    elif words != ["study"] and "--resume" not in words and "--peers" not in words:
        words += SHORTER.get(words[0], ())
    return [word for given in words for word in sorted(glob.glob(given)) or [os.path.expanduser(given)]]


@pytest.mark.parametrize("words", list(printed()), ids=" ".join)
def test_a_printed_command_runs(words, furnished, measured_once, tmp_path, monkeypatch):
    shutil.copytree(furnished, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    for name, value in {"MINIREAREC_DATA": "data", "HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(loading.GENERATORS, "hops", lambda seed: hops(seed, users=300))
    monkeypatch.setattr(plugins, "_loaded", set())
    monkeypatch.setattr(session, "measure", measured_once)
    monkeypatch.setattr(tutorial, "subprocess", SimpleNamespace(run=lambda words: SimpleNamespace(returncode=0)))
    monkeypatch.setattr(subprocess, "call", lambda words: 0)
    line = " ".join(words)
    for package in {"tensorboard", "onnx", "wordllama"} & set(words):
        pytest.importorskip(package, reason=f"{package} is not installed")
    for earlier in (before for part, before in BEFORE.items() if part in line):
        assert call(*earlier).exit_code in (0, 1)
    for made in ("runs/erl3" * ("--out runs/erl3" in line), "runs/official" * (words[0] == "import-official"), "RUN" * (
            "--out RUN" in line), "ratings" * (words[:2] == ["data", "import"])):
        if made:
            shutil.rmtree(made)
    try:
        result = call(*as_run_here(words))
    finally:
        forget_registered()
    expected = 1 if line.startswith("assignment check a2") else 0  # the stub earns no points
    assert result.exit_code == expected, f"{as_run_here(words)}: {result.output}"
