"""Training that starts from the weights of another run: the same items, more of them, or some of them."""

import numpy as np

from minirearec.config import Config
from minirearec.data.sequences import SequenceData
from minirearec.engine import with_features
from minirearec.errors import RunError
from minirearec.runs.checkpoint import BEST
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_items
from minirearec.weights import check_fit, draw, starts_of

CLOSE = 1e-3  # features have a root mean square near 1: made again on another machine, they differ by less


def starting_weights(run: Run, config: Config, data: SequenceData) -> dict[str, np.ndarray]:
    """Return the best weights of a run for a model of ``config`` on ``data``.

    Items are matched by their ids; items that the run does not know, and weights that it lacks (such as those of a
    method), start as without it, or as copies of what the run knows. Raises RunError when shapes differ, when no item
    is known, and when known items have other features now: the weights that read features know nothing of new ones.
    """
    config, features = with_features(config, data)
    stored, _ = run.load_tensors(BEST)
    begin, wider = starts_of(config, data.n_items), starts_of(config, data.n_items + 1)
    weights = draw(begin, config.model.initial_std, config.training.seed)
    known = {one: index for index, one in enumerate(load_items(run).ids.tolist())}
    pairs = [(index, known[one]) for index, one in enumerate(data.item_ids.tolist()) if one in known]
    if not pairs:
        raise RunError(f"knows no item of data set {data.name}", str(run.path), "Start without it.")
    new, old = map(list, zip(*pairs, strict=True))
    if features is not None:
        _same_features(run, data, features, new, old)
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


def _same_features(run: Run, data: SequenceData, features: np.ndarray, new: list[int], old: list[int]) -> None:
    """Raise RunError unless the items ``new`` have, in ``features``, those that the run has of its items ``old``."""
    before = run.read_features()
    if before is None:
        return
    if features.shape[1] != before.shape[1]:
        changed = f"{before.shape[1]} wide; those of data set {data.name} are now {features.shape[1]} wide"
    else:
        others = min(int((np.abs(features[new] - np.ldexp(before[old], power)) > CLOSE).any(1).sum())
                     for power in (-1, 0, 1))  # other items may change the scale, see ``with_features``
        if not others:
            return
        changed = f"that data set {data.name} has changed for {others:,} of the {len(new):,} items that both know"
    raise RunError(f"was trained with features {changed}", str(run.path),
                   f"Make the same ones again (minirearec data features {data.where or data.name} --replace), or start "
                   "without it.")
