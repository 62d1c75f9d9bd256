"""Training that starts from the weights of another run: the same items, more of them, or some of them."""

import numpy as np

from minirearec.config import Config
from minirearec.data.sequences import SequenceData
from minirearec.errors import RunError
from minirearec.runs.checkpoint import BEST
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_items
from minirearec.weights import check_fit, draw, starts_of


def starting_weights(run: Run, config: Config, data: SequenceData) -> dict[str, np.ndarray]:
    """Return the best weights of a run for a model of ``config`` on ``data``.

    Items are matched by their ids; items that the run does not know, and weights that it lacks (such as those of a
    method), start as without it, or as copies of what the run knows. Raises RunError when shapes differ, and when no
    item is known.
    """
    stored, _ = run.load_tensors(BEST)
    begin, wider = starts_of(config, data.n_items), starts_of(config, data.n_items + 1)
    weights = draw(begin, config.model.initial_std, config.training.seed)
    known = {one: index for index, one in enumerate(load_items(run).ids.tolist())}
    pairs = [(index, known[one]) for index, one in enumerate(data.item_ids.tolist()) if one in known]
    if not pairs:
        raise RunError(f"knows no item of data set {data.name}", str(run.path), "Start without it.")
    new, old = map(list, zip(*pairs, strict=True))
    for name in weights.keys() & stored.keys():
        if begin[name].shape == wider[name].shape:
            weights[name] = stored[name]
        elif stored[name].shape[1:] == weights[name].shape[1:]:
            weights[name][new] = stored[name][old]
    for name, start in begin.items():
        if start.like and name not in stored:
            weights[name] = weights[start.like].copy()
    check_fit(weights, begin, str(run.path / f"{BEST}.safetensors"), "Choose the settings of the run.")
    return weights
