"""Figures that describe a data set: sizes, history lengths, popularity and texts of items, ties in time."""

import numpy as np

from minirearec.data.features import Features
from minirearec.data.files.filters import tied_share
from minirearec.data.sequences import SequenceData
from minirearec.data.splits import make_split
from minirearec.errors import DataError


def statistics(data: SequenceData) -> dict:
    """Return the figures of a data set as plain values, ready for JSON.

    ``sparsity``: the share of (user, item) pairs without an interaction. ``repeats``: the share of interactions with
    an item that the user had before. ``tied_timestamps``: the share of interactions at the same time as another of the
    same user, whose order the file decides and not the clock; None without timestamps. ``titles``, ``texts`` and
    ``features``: see ``known_of_items``. ``lengths`` and ``popularity``: see ``spread``. ``split``: rows of each part.
    """
    user = np.repeat(np.arange(data.n_users), np.diff(data.offsets))
    met = len(np.unique(user * data.n_items + data.items))
    split = make_split(data)
    popularity = np.bincount(data.items, minlength=data.n_items)
    return {
        "name": data.name, "synthetic": data.synthetic, "source": data.source, "sha256": data.sha256,
        "users": data.n_users, "items": data.n_items, "interactions": data.n_interactions,
        "sparsity": 1 - met / (data.n_users * data.n_items), "repeats": 1 - met / data.n_interactions,
        "tied_timestamps": tied_share(user, data.timestamps),
        "first_time": None if data.timestamps is None else float(data.timestamps.min()),
        "last_time": None if data.timestamps is None else float(data.timestamps.max()),
        **known_of_items(data),
        "lengths": spread(np.diff(data.offsets)),
        "popularity": {**spread(popularity), "top_1_percent": top_share(popularity)},
        "split": {"rule": "leave-one-out" if data.given is None else data.given.rule,
                  "train": int(np.diff(split.train_offsets).sum()), "valid": split.n_rows("valid"),
                  "test": split.n_rows("test")}}


def known_of_items(data: SequenceData) -> dict:
    """Return how many items have a title, how many have each other text, and the facts of the features."""
    return {"titles": 0 if data.titles is None else _filled(data.titles),
            "texts": {role: _filled(column) for role, column in data.texts.items()},
            "features": None if data.features is None else feature_facts(data.features)}


def feature_facts(features: Features) -> dict:
    """Return what features are, and how many items lack them or share them; for unusable ones ``{"error": ...}``."""
    try:
        return {"origin": features.origin, "width": features.width, "missing": features.missing,
                "alike": features.alike, "sha256": features.sha256}
    except DataError as error:
        return {"error": str(error)}


def _filled(column: np.ndarray) -> int:
    return int(sum(map(bool, column)))


def spread(counts: np.ndarray) -> dict:
    """Return lowest, mean, median and highest of some counts, and a histogram in bins that double: 1, 2-3, 4-7, ..."""
    edges = 2 ** np.arange(int(np.log2(max(counts.max(), 1))) + 2)
    edges = edges[np.searchsorted(edges, max(counts.min(), 1), side="right") - 1:]
    heights, _ = np.histogram(counts, edges)
    bins = [{"low": int(low), "high": int(high) - 1, "count": int(count)}
            for low, high, count in zip(edges[:-1], edges[1:], heights, strict=True)]
    return {"lowest": int(counts.min()), "mean": float(counts.mean()), "median": float(np.median(counts)),
            "highest": int(counts.max()), "histogram": bins}


def top_share(popularity: np.ndarray) -> float:
    """Return the share of interactions with the most popular 1 % of items, at least one of them."""
    top = max(1, len(popularity) // 100)
    return float(np.sort(popularity)[-top:].sum() / popularity.sum())
