"""A run directory: an interruption at any moment loses at most the current epoch.

=================  ==========================================================================
config.toml        format version, data set (name, sha256, ...), backend and every setting
metrics.jsonl      one line for each finished epoch
best.safetensors   the weights of the best epoch so far
last.safetensors   weights, Adam's moments and the number of the last finished epoch, to resume from
items.json         ids and titles of the items, so that the run recommends without its data set
results.json       test metrics, written once at the end
env.json           versions, cores, device, data sha256, seed and command
=================  ==========================================================================

Every file is written under a temporary name and renamed when complete. No pickle: tensors are safetensors,
the rest is TOML and JSON, so a run from elsewhere is safe to open.
"""

import json
import os
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from minirearec.atomic import write_bytes
from minirearec.config import Config
from minirearec.data.items import Items
from minirearec.data.sequences import SequenceData
from minirearec.errors import MiniReaRecError, RunError

FORMAT = 1


@dataclass(frozen=True)
class DataFacts:
    """What a run knows about its data set."""

    name: str
    where: str  # how to load it: its name, or the path of a user's file
    sha256: str
    synthetic: bool
    users: int
    items: int
    interactions: int

    @classmethod
    def of(cls, data: SequenceData) -> "DataFacts":
        return cls(data.name, data.where or data.name, data.sha256, data.synthetic, data.n_users, data.n_items,
                   data.n_interactions)


@dataclass(frozen=True)
class Run:
    """An existing run directory and its settings."""

    path: Path
    config: Config
    data: DataFacts
    backend: str

    @classmethod
    def create(cls, path: Path, config: Config, data: SequenceData, backend: str, environment: dict) -> "Run":
        """Make the directory and write what is known before training. Raises RunError if it already holds a run."""
        import tomli_w

        path = Path(path)
        try:
            path.mkdir(parents=True, exist_ok=True)
            taken = (path / "config.toml").exists()
        except OSError as error:
            raise RunError(f"cannot make this directory ({error.strerror})", str(path),
                           "Choose a folder you may write to with --out.") from error
        if taken:
            raise RunError("this directory already holds a run", str(path),
                           f"Choose another --out, or resume the run: minirearec train --resume {path}")
        facts = DataFacts.of(data)
        run = cls(path, config, facts, backend)
        run._write("env.json", json.dumps(environment, indent=2).encode())
        run.write_items(data.catalogue)
        run._write("config.toml", tomli_w.dumps({"format": FORMAT, "backend": backend, "data": vars(facts),
                                                 **config.to_dict()}).encode())
        return run

    @classmethod
    def open(cls, path: Path) -> "Run":
        """Read an existing run. Raises RunError when it is missing, half-written or of another version."""
        path = Path(path)
        if not os.path.isdir(path):  # unlike Path.is_dir, no exception if a parent is not readable
            raise RunError("no such run directory", str(path), "minirearec train prints the path of its run.")
        text = _read(path / "config.toml")
        try:
            stored = tomllib.loads(text.decode())
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise RunError(f"not readable as TOML ({error})", str(path / "config.toml"),
                           "The file is damaged; train again.") from error
        if stored.get("format") != FORMAT:
            raise RunError(f"the run has format {stored.get('format')!r}, but this version reads {FORMAT}",
                           str(path / "config.toml"), "Train it again, or use the version that made it.")
        try:
            sections = {name: stored[name] for name in ("model", "objective", "training")}
            return cls(path, Config.from_dict(sections), DataFacts(**stored["data"]), stored["backend"])
        except (KeyError, TypeError) as error:
            raise RunError(f"incomplete ({error})", str(path / "config.toml"), "Train it again.") from error
        except MiniReaRecError as error:
            raise RunError(str(error).rstrip("."), str(path / "config.toml"),
                           "Correct it. If it comes from a plugin, load that too: --plugin FILE.py.") from error

    def save_tensors(self, name: str, tensors: dict[str, np.ndarray], facts: dict) -> None:
        """Write NAME.safetensors with string metadata."""
        from safetensors.numpy import save

        contiguous = {key: np.ascontiguousarray(value) for key, value in tensors.items()}
        self._write(f"{name}.safetensors", save(contiguous, {key: json.dumps(value) for key, value in facts.items()}))

    def load_tensors(self, name: str) -> tuple[dict[str, np.ndarray], dict]:
        """Read NAME.safetensors: arrays and facts. Raises RunError when missing or damaged."""
        from safetensors import SafetensorError, safe_open

        path = self.path / f"{name}.safetensors"
        if not path.exists():
            raise RunError(f"{path.name} is missing: the run has no finished epoch", str(self.path), "Train it again.")
        try:
            with safe_open(path, "np") as file:
                facts = {key: json.loads(value) for key, value in (file.metadata() or {}).items()}
                names = file.keys()
                return {name: file.get_tensor(name) for name in names}, facts
        except (SafetensorError, OSError, ValueError) as error:
            raise RunError(f"not readable as safetensors ({error})", str(path),
                           "The file is damaged or half-written; train again.") from error

    def has(self, name: str) -> bool:
        """Return whether the run has a file of this name."""
        return (self.path / name).exists()

    def write_items(self, items: Items) -> None:
        """Write items.json: ``{"ids": [...], "titles": [...] or null}`` in the order of the item table."""
        titles = None if items.titles is None else items.titles.tolist()
        content = json.dumps({"ids": items.ids.tolist(), "titles": titles}, ensure_ascii=False)
        self._write("items.json", content.encode())

    def read_items(self) -> Items | None:
        """Read items.json; None for a run of an earlier version, which has none. Raises RunError when it is damaged."""
        path = self.path / "items.json"
        if not path.exists():
            return None
        fix = "The file is damaged. Delete it to take the items from the data set."
        try:
            stored = json.loads(_read(path))
        except ValueError as error:
            raise RunError(f"not JSON ({error})", str(path), fix) from error
        ids = stored.get("ids") if isinstance(stored, dict) else None
        titles = stored.get("titles") if isinstance(stored, dict) else None
        columns = [ids] if titles is None else [ids, titles]
        fits = all(isinstance(column, list) and len(column) == self.data.items for column in columns)
        if not isinstance(ids, list) or not fits or {type(one) for one in ids} not in ({int}, {str}):
            raise RunError(f"does not hold the ids and titles of {self.data.items:,} items", str(path), fix)
        return Items(self.data.name, np.array(ids), None if titles is None else np.array(titles, dtype=object))

    def write_metrics(self, epochs: list[dict]) -> None:
        """Write metrics.jsonl: one line per epoch."""
        self._write("metrics.jsonl", "".join(json.dumps(epoch) + "\n" for epoch in epochs).encode())

    def read_metrics(self, of) -> list[dict]:
        """Return the lines of metrics.jsonl, one dict per epoch with the fields of the dataclass ``of``.

        Raises RunError naming the first line that is not JSON, or has other fields.
        """
        path, epochs, names = self.path / "metrics.jsonl", [], {item.name for item in fields(of)}
        for number, line in enumerate(_read(path).decode(errors="replace").splitlines(), 1):
            try:
                epoch = json.loads(line)
            except ValueError as error:
                raise RunError(f"not JSON ({error})", f"{path}:{number}",
                               "The file is damaged; train again.") from error
            if not isinstance(epoch, dict) or set(epoch) != names:
                raise RunError(f"does not hold exactly {', '.join(sorted(names))}", f"{path}:{number}",
                               "The file is damaged; train again.")
            epochs.append(epoch)
        return epochs

    def write_results(self, results: dict) -> None:
        """Write results.json."""
        self._write("results.json", json.dumps(results, indent=2).encode())

    def read_results(self) -> dict:
        """Return the content of results.json. Raises RunError when it is missing or damaged."""
        path = self.path / "results.json"
        fix = f"Delete it; minirearec train --resume {self.path} writes it again from the checkpoint."
        try:
            results = json.loads(_read(path))
        except ValueError as error:
            raise RunError(f"not JSON ({error})", str(path), fix) from error
        if not isinstance(results, dict) or not {"data", "settings", "test"} <= set(results):
            raise RunError("incomplete", str(path), fix)
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


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise RunError(f"{path.name} is missing", str(path.parent),
                       "This is not a run directory, or it is incomplete; train again.") from error
    except OSError as error:
        raise RunError(f"cannot read this file ({error.strerror})", str(path), "Check its permissions.") from error


def describe(config: Config, data: DataFacts) -> dict:
    """Return what all results say about their run."""
    return {"format": FORMAT, "data": asdict(data), "method": config.objective.method, "seed": config.training.seed,
            "settings": config.to_dict()}
