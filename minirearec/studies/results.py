"""The results of a study: one line of JSON for each finished run, with all that its tables need.

A line holds metrics, the course of training and every target's rank, which is enough to compare runs later: the weights
are thrown away. Ranks take about 25 kB for each row of results on Beauty, a model takes 6 MB.
"""

import base64
import json
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from minirearec.atomic import write_bytes
from minirearec.config import Config
from minirearec.data.sequences import SequenceData
from minirearec.errors import MiniReaRecError, RunError
from minirearec.evaluation.ranking import Ranks
from minirearec.events import SELECTION
from minirearec.methods import METHODS
from minirearec.parts import ITEM_ENCODERS
from minirearec.runs.files import LONGEST_ITEMS, read

FORMAT = 2
LAST_PLACE = 1000  # ranks behind it count as this one; no metric looks so far
MOST_TIED = 65_535  # more items tied with a target count as so many: they leave none of them a gain worth counting


def packed(ranks: Ranks) -> str:
    """Return ranks as text, much smaller than in JSON."""
    small = np.stack([np.minimum(ranks.above, LAST_PLACE), np.minimum(ranks.tied, MOST_TIED)]).astype("<u2")
    return base64.b85encode(zlib.compress(small.tobytes(), 9)).decode()


def unpacked(text: str) -> Ranks:
    """Return the ranks in a text."""
    return Ranks(*np.frombuffer(zlib.decompress(base64.b85decode(text)), "<u2").astype(np.int64).reshape(2, -1))


def validation(line: dict[str, Any]) -> float:
    """Return the metric of a line by which a study chooses."""
    return line["valid"][line["answer"]][SELECTION]


def _was_exact(line: dict[str, Any]) -> bool:
    """Return whether a line of format 1 holds exact ranks: it counted at most LAST_PLACE tied items."""
    return line["format"] == 1 and all((unpacked(ranks).tied < LAST_PLACE).all() for ranks in line["ranks"].values())


class Results:
    """The file ``results.jsonl`` of a study on one data set. A run is found by its settings.

    So a setting that later versions add is as it was: at its default.
    """

    def __init__(self, folder: Path, data: SequenceData, blend: tuple[str, ...] = (), halts: bool = False,
                 sums: dict[str, str] | None = None):
        """Read the file if there is one; see ``measuring.measure``. Raises RunError for a line that is not a result.

        ``sums``: the sha256 of the results of every run in ``blend``: with other results, lines do not count.
        """
        self.path, self.blend, self.halts = folder / "results.jsonl", blend, halts
        self.sums, self.sha256, self.features = sums or {}, data.sha256, data.features
        self.lines: dict[Config, dict[str, Any]] = {}
        self.content = read(self.path, LONGEST_ITEMS) if self.path.exists() else b""
        if self.content and not self.content.endswith(b"\n"):  # after an editor
            self.content += b"\n"
        for number, text in enumerate(self.content.splitlines(), 1):
            try:
                line = json.loads(text)
                config = Config.from_dict(line["settings"])
                if (line["format"] == FORMAT or _was_exact(line)) and self._about(config).items() <= line.items():
                    validation(line)
                    for row in (line["answer"], *line["steps"], *line["ranks"]):
                        line["test"][row][SELECTION]
                    for ranks in line["ranks"].values():
                        unpacked(ranks)
                    self.lines[config] = line
            except (ValueError, TypeError, LookupError, AttributeError, RecursionError, zlib.error,
                    MiniReaRecError) as error:
                raise RunError(f"not a result of a study ({error})", f"{self.path}:{number}",
                               "Delete the line; the run is trained again.") from error

    def _about(self, config: Config) -> dict[str, Any]:
        """Return what identifies a run besides its settings."""
        blend = list(self.blend) if METHODS[config.objective.method].neural else []
        features = self.features if ITEM_ENCODERS[config.model.items].needs_features else None  # others may be unusable
        sums = {"blended": self.sums} if blend and self.sums else {}
        return {"data": self.sha256, "blend": blend, "halts": self.halts and bool(config.model.steps),
                "features": features and features.sha256, **sums}

    def add(self, name: str, config: Config, measured: dict[str, Any]) -> None:
        """Add a run to the file at once."""
        line = {"format": FORMAT, "name": name, "fitted_on": config.fitted_on(), **self._about(config), **measured,
                "settings": asdict(config)}
        self.content += json.dumps(line).encode() + b"\n"
        try:
            write_bytes(self.path, self.content)
        except OSError as error:
            raise RunError(f"cannot be written ({error.strerror})", str(self.path), "Make room or give write access; "
                           "the same command continues.") from error
        self.lines[config] = line
