"""Training that starts from the weights of another run: the same items, more of them, or some of them."""

from dataclasses import fields
from typing import Any

import numpy as np

from minirearec.config import SECTIONS, Config
from minirearec.count_models import COUNTS
from minirearec.data.sequences import SequenceData
from minirearec.engine import with_features
from minirearec.errors import RunError
from minirearec.methods import METHODS
from minirearec.parts import ITEM_ENCODERS
from minirearec.runs.checkpoint import BEST
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_items
from minirearec.weights import check_fit, draw, starts_of

CLOSE = 1e-3  # features have a root mean square near 1: made again on another machine, they differ by less
CHOICES = {"method": METHODS, "items": ITEM_ENCODERS, "counts": COUNTS}  # those with defaults of their own


def starting_config(run: Run, given: dict[str, Any]) -> Config:
    """Return the settings of a run with the given ones in place of its own.

    A choice that is new, such as another method, brings its defaults in place of those of the choice before it; what
    the run has set otherwise stays.
    """
    own = {name: value for section in run.config.to_dict().values() for name, value in section.items()}
    usual = {item.name: item.default for section in SECTIONS.values() for item in fields(section)}
    for name, table in CHOICES.items():
        before, after = table.get(own[name]), table.get(given.get(name, own[name]))
        if before and after and before is not after:
            own = {key: value for key, value in own.items() if key == name or key not in {**before.defaults,
                   **after.defaults} or value != before.defaults.get(key, usual[key])}
    return Config.make(**{**own, **given})


def known_items(run: Run, data: SequenceData) -> tuple[list[int], list[int]]:
    """Return the items of the data that a run knows, and their places in the run: two lists of the same length.

    Raises RunError when it knows none.
    """
    known = {one: index for index, one in enumerate(load_items(run).ids.tolist())}
    pairs = [(index, known[one]) for index, one in enumerate(data.item_ids.tolist()) if one in known]
    if not pairs:
        raise RunError(f"knows no item of data set {data.name}", str(run.path), "Start without it.")
    new, old = map(list, zip(*pairs, strict=True))
    return new, old


def starting_weights(run: Run, config: Config, data: SequenceData) -> dict[str, np.ndarray]:
    """Return the best weights of a run for a model of ``config`` on ``data``, which reads ``starting_features``.

    Items are matched by their ids; items that the run does not know, and weights that it lacks (such as those of a
    method), start as without it, or as copies of what the run knows. Raises RunError when shapes differ, when no item
    is known, and for a run that only counts.
    """
    if not METHODS[run.config.objective.method].neural:
        raise RunError("only counts, so it has no weights to start from", str(run.path), "Start without it.")
    if not METHODS[config.objective.method].neural:
        raise RunError(f"the method {config.objective.method} has no weights that could start from it", str(run.path),
                       "Start without it, or choose another method.")
    config, _ = with_features(config, data)
    stored, _ = run.load_tensors(BEST)
    begin, wider = starts_of(config, data.n_items), starts_of(config, data.n_items + 1)
    weights = draw(begin, config.model.initial_std, config.training.seed)
    new, old = known_items(run, data)
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


def starting_features(run: Run, config: Config, data: SequenceData) -> np.ndarray | None:
    """Return the features of the data as a model reads them that starts from a run; None if it reads none.

    They have the scale of the run's own, which its weights are used to; see ``with_features``. Raises RunError when
    known items have other features now: the weights that read features know nothing of new ones.
    """
    features, before = with_features(config, data)[1], run.read_features()
    if features is None or before is None:
        return features
    new, old = known_items(run, data)
    if features.shape[1] != before.shape[1]:
        changed = f"{before.shape[1]} wide; those of data set {data.name} are now {features.shape[1]} wide"
    else:
        sizes = [np.linalg.norm(one.astype(np.float64)) for one in (features[new], before[old])]
        features = np.ldexp(features, int(np.round(np.log2(sizes[1] / sizes[0]))) if all(sizes) else 0)
        others = int((np.abs(features[new] - before[old]) > CLOSE).any(1).sum())
        if not others:
            return features
        changed = f"that data set {data.name} has changed for {others:,} of the {len(new):,} items that both know"
    raise RunError(f"was trained with features {changed}", str(run.path),
                   f"Make the same ones again (minirearec data features {data.where or data.name} --replace), or start "
                   "without it.")
