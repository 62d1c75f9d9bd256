"""What a page needs to run trained models by itself: their weights, a map of the items, and examples of users."""

import base64
from dataclasses import replace
from typing import Any

import numpy as np

from minirearec.counts.scorer import CountScorer
from minirearec.data.sequences import SequenceData
from minirearec.data.splits import Split, make_split
from minirearec.errors import ExportError
from minirearec.export.as_numpy import KNOWN_REASONERS, check_known, counted, served_weights
from minirearec.methods import METHODS
from minirearec.parts import REASONERS
from minirearec.reference.ops import unit
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_scorer
from minirearec.text import numbered


def check_together(runs: list[Run]) -> None:
    """Raise ExportError unless a page can compute every model, and all were trained on the same data."""
    first, names = runs[0], [run.path.resolve() for run in runs]
    if len(set(names)) < len(names):
        raise ExportError("given twice", str(max(runs, key=lambda run: names.count(run.path.resolve())).path),
                          "Give each run once.")
    for run in runs:
        check_known(run, "the page", fix="A report needs a built-in backbone and method, and a reasoner that the page "
                    f"knows: {', '.join(KNOWN_REASONERS)}.")
        if run.data.sha256 != first.data.sha256:
            raise ExportError(f"trained on {run.data.name}, and {first.path} on {first.data.name}: the data differ",
                              str(run.path), "Make a report of each.")


def model_in_page(run: Run, half: bool = False) -> dict:
    """Return the model of a run as JSON can hold it; ``half`` stores the vectors of items as float16.

    ``arrays`` are those that ``serve.py`` reads, as ``{"dtype", "data": base64}``; the settings it needs come with it.
    ``combined``: the name of the row that combines the steps. ``everywhere``: all items take the steps. ``map``: see
    ``map_of``; None for counts.
    """
    scorer, method, settings = load_scorer(run, backend="numpy"), METHODS[run.config.objective.method], run.config
    if isinstance(scorer, CountScorer):
        arrays = {name: value.astype(np.float32 if value.dtype.kind == "f" else np.int32)
                  for name, value in counted(scorer).items()}
    else:
        arrays = served_weights(run, scorer)
    model, objective = settings.model, settings.objective
    return {
        "neural": method.neural, "combined": method.combined, "answer": scorer.answer.name, "cosine":
        model.scores == "cosine", "backbone": model.backbone, "steps": model.steps, "width": model.width,
        "everywhere": model.steps > 0 and REASONERS[model.reasoner].everywhere,
        "heads": model.heads, "guesses": model.guesses, "layers": model.layers, "max_length": scorer.max_length,
        "temperature": objective.temperature, "alpha": objective.alpha if method.contrasts_noise else 1.0,
        "map": map_of(arrays["item_embedding"]) if method.neural else None,
        "arrays": {name: packed(value, half and name == "item_embedding") for name, value in arrays.items()}}


def packed(values: np.ndarray, half: bool = False) -> dict[str, str]:
    """Return an array as ``{"dtype": "float32", "data": base64}``, little-endian."""
    kind = np.float16 if half else values.dtype
    data = np.ascontiguousarray(values, np.dtype(kind).newbyteorder("<")).tobytes()
    return {"dtype": np.dtype(kind).name, "data": base64.b64encode(data).decode()}


def map_of(table: np.ndarray) -> dict[str, Any]:
    """Return the plane on which the directions of the item vectors differ most: mean [D], two axes [D], their share.

    Principal components of ``e / |e|``: a state and an item can lie far apart in length, and scores compare directions.
    """
    directions = unit(table.astype(np.float64))  # [V, D]
    mean = directions.mean(0)
    values, axes = np.linalg.eigh(np.cov(directions.T, bias=True).reshape(len(mean), -1))
    total = values.sum()
    two = axes[:, ::-1][:, :2].T
    two = [*two, *[np.zeros(len(mean))] * (2 - len(two))]
    share = values[::-1][:2].sum() / total if total > 0 else 0.0
    return {"mean": mean.tolist(), "axes": [axis.tolist() for axis in two], "share": float(share)}


def examples_of(data: SequenceData, count: int) -> list[dict[str, Any]]:
    """Return test rows drawn at random, always the same ones: ``history`` and ``target`` (numbers) of a ``user``.

    The id of a user is text, followed by a number where several rows are of that user.
    """
    split = example_split(data, count)
    users = numbered([str(data.user_ids[user]) for user in split.test.user])
    return [{"user": user, "history": split.history(row, "test").tolist(), "target": int(target)}
            for row, (user, target) in enumerate(zip(users, split.target("test"), strict=True))]


def example_split(data: SequenceData, count: int) -> Split:
    """Return the split whose test rows are those of ``examples_of``."""
    split = make_split(data)
    drawn = np.random.default_rng(0).permutation(len(split.test))[:count]
    return replace(split, test=split.test.take(np.sort(drawn)))
