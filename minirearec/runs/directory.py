"""A run directory: an interruption at any moment loses at most the last minute.

====================  =============================================================================
config.toml           format version, id, data set (name, sha256, ...), backend and every setting
metrics.jsonl         one line for each finished epoch, to look at; nothing depends on it
best.safetensors      the weights of the best epoch so far, fitted on train
refit.safetensors     with --refit: the weights fitted on train and validation, written once at the end
last.safetensors      weights, Adam's moments, all epochs and the place in the current one, to resume from
features.safetensors  the features of the items, if the item encoder needs them: float32 [V, F], written once
start.safetensors     with --from: the weights that training starts from, written once
more.json             new limits of a run that was continued after its end; see ``extending``
items.json            ids and titles of the items, so that the run recommends without its data set
results.json          test metrics, written once at the end
env.json              versions, cores, device, data sha256, seed and command
lock                  empty; see ``locks``
====================  =============================================================================

Every file is written under a temporary name and renamed when complete. ``seal`` says how the files know their run and
their content. No pickle: tensors are safetensors, the rest is TOML and JSON, so a run from elsewhere is safe to open.
"""

import hashlib
import json
import os
import tomllib
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from minirearec.atomic import write_bytes
from minirearec.backends import BACKENDS, MOST_THREADS
from minirearec.config import SECTIONS, Config
from minirearec.data.items import Items
from minirearec.data.sequences import SequenceData
from minirearec.errors import MiniReaRecError, RunError
from minirearec.events import EpochDone
from minirearec.parts import ITEM_ENCODERS
from minirearec.runs.contents import DATA, DataFacts, check_results, epochs_of, items_of
from minirearec.runs.extending import extended
from minirearec.runs.files import LONGEST_ITEMS, fits, parse_json, read
from minirearec.runs.locks import claim, release
from minirearec.runs.seal import Seal, json_sha256
from minirearec.runs.tensors import decode, encode
from minirearec.shown import Shown

FORMAT = 1
ITEMS, FEATURES, START = "items.json", "features", "start"


@dataclass(frozen=True, repr=False)
class Run(Shown):
    """An existing run directory and its settings."""

    path: Path
    config: Config
    data: DataFacts
    backend: str
    threads: int | None = None  # for PyTorch, when they were chosen
    seal: Seal = field(default_factory=Seal)
    files: dict[str, str] = field(default_factory=dict)  # sha256 of the files that never change

    def shown(self) -> dict[str, str]:
        return {"path": str(self.path), "method": self.config.objective.method, "data": self.data.name,
                "state": "finished" if self.has("results.json") else "not finished"}

    def analysis(self, **options):
        """Analyze the run: ``minirearec.analyze(run, ...)``."""
        import minirearec

        return minirearec.analyze(self, **options)

    @property
    def sealed(self) -> bool:
        """Return whether the files of the run are bound to it; those of an earlier version are not."""
        return self.seal.run is not None

    @classmethod
    def create(cls, path: Path, config: Config, data: SequenceData, backend: str, environment: dict,
               threads: int | None = None, features: np.ndarray | None = None,
               start: dict[str, np.ndarray] | None = None) -> "Run":
        """Claim a new or empty directory and write what is known before training. Raises RunError if it is taken."""
        import tomli_w

        path, facts, own = Path(path), DataFacts.of(data), uuid.uuid4().hex
        claim(path)
        run = cls(path, config, facts, backend, threads)
        try:
            run._write("env.json", json.dumps({**environment, "run": own}, indent=2).encode())
            items = run.write_items(data.catalogue)
            files = {ITEMS: hashlib.sha256(items).hexdigest()}
            content = tomli_w.dumps({"format": FORMAT, "id": own, "backend": backend,
                                     **({"threads": threads} if threads else {}), "data": vars(facts),
                                     "files": files, **config.to_dict()}).encode()
            run = cls(path, config, facts, backend, threads, Seal(own, hashlib.sha256(content).hexdigest()), files)
            if features is not None:
                run.save_tensors(FEATURES, {FEATURES: features}, {})
            if start is not None:
                run.save_tensors(START, start, {})
            run._write("config.toml", content)
        except BaseException:
            release(path, "env.json", ITEMS, f"{FEATURES}.safetensors", f"{START}.safetensors", "config.toml")
            raise
        return run

    @classmethod
    def open(cls, path: Path) -> "Run":
        """Read an existing run. Raises RunError when it is missing, half-written or of another version."""
        path = Path(path)
        where, fix = str(path / "config.toml"), "The file is damaged; train again."
        if not os.path.isdir(path):  # unlike Path.is_dir, no exception if a parent is not readable
            raise RunError("no such run directory", str(path), "Give the path that the training printed.")
        text = read(path / "config.toml")
        try:
            stored = tomllib.loads(text.decode())
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
            raise RunError(f"not readable as TOML ({error})", where, fix) from error
        if stored.get("format") != FORMAT:
            raise RunError(f"the run has format {stored.get('format')!r}, but this version reads {FORMAT}", where,
                           "Train it again, or use the version that made it.")
        known = {"id": str, "threads": int, "files": dict[str, str], "counting": dict}
        shape = {"backend": str, "data": DATA, "model": dict, "objective": dict, "training": dict,
                 **{name: kind for name, kind in known.items() if name in stored}}
        wrong = [name for name, kind in shape.items() if not fits(stored.get(name), kind)]
        if wrong or stored["backend"] not in BACKENDS or stored["data"]["items"] < 1 \
                or "\0" in stored["data"]["where"] or not 1 <= stored.get("threads", 1) <= MOST_THREADS:
            raise RunError(f"incomplete, or of another form ({', '.join(wrong) or 'values'})", where, fix)
        try:
            config = Config.from_dict({name: stored[name] for name in SECTIONS if name in stored})
            config, facts = extended(path, stored.get("id"), config), DataFacts(**stored["data"])
        except TypeError as error:
            raise RunError(f"incomplete ({error})", where, fix) from error
        except MiniReaRecError as error:
            raise RunError(str(error).rstrip("."), where,
                           "Correct it. If it comes from a plugin, load that too: --plugin FILE.py.") from error
        seal = Seal(stored["id"], hashlib.sha256(text).hexdigest()) if "id" in stored else Seal()
        return cls(path, config, facts, stored["backend"], stored.get("threads"), seal, stored.get("files", {}))

    def save_tensors(self, name: str, tensors: dict[str, np.ndarray], facts: dict) -> None:
        """Write NAME.safetensors, sealed, with facts in its metadata."""
        self._write(f"{name}.safetensors", encode(tensors, {**facts, **self.seal.facts()}))

    def load_tensors(self, name: str, fix: str = "Train again.") -> tuple[dict[str, np.ndarray], dict]:
        """Read NAME.safetensors: arrays and facts. Raises RunError when missing, damaged or of another run."""
        if not self.has(f"{name}.safetensors") and self.has("results.json"):
            raise RunError(f"{name}.safetensors is missing: the run is damaged", str(self.path), "Train again.")
        if not self.has(f"{name}.safetensors"):
            raise RunError(f"{name}.safetensors is missing: the run has no finished epoch", str(self.path),
                           f"Resume it: minirearec train --resume {self.path}. Or train again.")
        return decode(self.path / f"{name}.safetensors", self.seal, fix)

    def has(self, name: str) -> bool:
        """Return whether the run has a file of this name."""
        return os.path.exists(self.path / name)

    def write_items(self, items: Items) -> bytes:
        """Write items.json, ``{"ids": [...], "titles": [...] or null}`` in the order of the item table; return it."""
        titles = None if items.titles is None else items.titles.tolist()
        content = json.dumps({"ids": items.ids.tolist(), "titles": titles}, ensure_ascii=False).encode()
        self._write(ITEMS, content)
        return content

    def read_items(self) -> Items | None:
        """Read items.json; None for a run of an earlier version, which has none. Raises RunError when it is damaged."""
        path, fix = self.path / ITEMS, "The file is damaged. Delete it to take the items from the data set."
        if not self.has(ITEMS):
            return None
        content = read(path, LONGEST_ITEMS)
        if self.sealed and hashlib.sha256(content).hexdigest() != self.files.get(ITEMS):
            raise RunError("was changed after it was written, or belongs to another run", str(path), fix)
        stored = parse_json(content, str(path), fix)
        return items_of(stored, self.data.name, self.data.items, str(path), fix)

    def read_features(self) -> np.ndarray | None:
        """Read features.safetensors; None if the item encoder needs no features. Raises RunError when it is damaged."""
        model, fix = self.config.model, "The file is damaged; train again."
        if not ITEM_ENCODERS[model.items].needs_features:
            return None
        values = decode(self.path / f"{FEATURES}.safetensors", self.seal, fix)[0].get(FEATURES)
        shape = self.data.items, model.feature_width
        if values is None or values.dtype != np.float32 or values.shape != shape:
            raise RunError(f"does not hold features of {shape[0]:,} items and width {shape[1]}",
                           str(self.path / f"{FEATURES}.safetensors"), fix)
        return values

    def read_start(self) -> dict[str, np.ndarray] | None:
        """Read start.safetensors; None if training starts from random weights. Raises RunError when it is damaged."""
        return self.load_tensors(START)[0] if self.has(f"{START}.safetensors") else None

    def write_metrics(self, epochs: list[EpochDone]) -> None:
        """Write metrics.jsonl: one line per epoch."""
        self._write("metrics.jsonl", "".join(json.dumps(asdict(epoch)) + "\n" for epoch in epochs).encode())

    def read_metrics(self) -> list[EpochDone]:
        """Return the epochs of metrics.jsonl. Raises RunError naming the first line that is not one."""
        path, fix = self.path / "metrics.jsonl", "The file is damaged; train again."
        lines = read(path).decode(errors="replace").splitlines()
        return epochs_of([parse_json(line, f"{path}:{number}", fix) for number, line in enumerate(lines, 1)],
                         str(path), fix)

    def write_results(self, results: dict) -> dict:
        """Write results.json, sealed, and return its content."""
        sealed = {**results, **self.seal.facts()}
        sealed["sha256"] = json_sha256(sealed)
        self._write("results.json", json.dumps(sealed, indent=2).encode())
        return sealed

    def read_results(self) -> dict:
        """Return the content of results.json. Raises RunError when it is missing, damaged or of another run."""
        path, resume = self.path / "results.json", f"minirearec train --resume {self.path}"
        if not self.has("results.json"):
            raise RunError("the run has not finished", str(self.path), f"Resume it: {resume}")
        fix = f"Delete it; {resume} writes it again from the checkpoint."
        results = parse_json(read(path), str(path), fix)
        check_results(results, str(path), fix)
        self.seal.check(results, json_sha256(results), str(path), fix)
        if results["data"] != asdict(self.data) or results["seed"] != self.config.training.seed \
                or results["method"] != self.config.objective.method:
            raise RunError("belongs to another run", str(path), fix)
        return results

    def _write(self, name: str, content: bytes) -> None:
        """Replace a whole file: write a temporary file first, then move it over the old one."""
        place = self.path / name
        try:
            write_bytes(place, content)
        except OSError as error:
            fix = "Make room or give write access, or choose another folder with --out."
            if os.path.exists(self.path / "config.toml"):
                fix = ("Make room or give write access; what was written before is intact, and "
                       f"minirearec train --resume {self.path} continues from it.")
            raise RunError(f"cannot write this file ({error.strerror})", str(place), fix) from error


def describe(config: Config, data: DataFacts, part: str = "test") -> dict:
    """Return what all results of a part say about their run."""
    return {"format": FORMAT, "data": asdict(data), "method": config.objective.method, "seed": config.training.seed,
            "fitted_on": config.fitted_on(part), "settings": config.to_dict()}
