"""What a run knows of its data, and what metrics.jsonl and results.json must hold, so that readers can rely on it."""

from dataclasses import dataclass, fields

import numpy as np

from minirearec.data.items import Items
from minirearec.data.sequences import SequenceData
from minirearec.errors import RunError
from minirearec.evaluation.metrics import CUTOFFS
from minirearec.events import EpochDone, RefitEpochDone
from minirearec.runs.files import fits

METRICS = {f"{name}@{k}": float for name in ("Recall", "NDCG", "MRR") for k in CUTOFFS}
EPOCH = {one.name: one.type for one in fields(EpochDone)}
REFIT_EPOCH = {one.name: one.type for one in fields(RefitEpochDone)}
SEEN = {"targets": int, "excluded": METRICS, "kept": METRICS}  # groups in seen_in_training; older runs have none
ROWS = {"excluded": dict[str, dict[str, float]], "kept": dict[str, dict[str, float]]}
RESULTS = {"method": str, "seed": int, "data": {"name": str, "sha256": str, "synthetic": bool},
           "settings": {"model": {"steps": int}, "training": {"epochs": int}}, "epochs": int, "best_epoch": int,
           "reason": str, "seconds": float, "test": {"users": int, "targets": int, "answer": str, **ROWS}}


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


DATA = {one.name: one.type for one in fields(DataFacts)}


def epochs_of(values, where: str, fix: str) -> list[EpochDone]:
    """Return the epochs of a run from dicts, one per epoch. Raises RunError for the first that is no epoch."""
    if type(values) is not list:
        raise RunError("does not hold a list of epochs", where, fix)
    for number, epoch in enumerate(values, 1):
        if not fits(epoch, EPOCH) or set(epoch) != set(EPOCH) or not fits(epoch["metrics"], METRICS) \
                or epoch["epoch"] != number or not 1 <= epoch["best_epoch"] <= number:
            raise RunError(f"epoch {number} does not hold exactly {', '.join(sorted(EPOCH))}", where, fix)
    return [EpochDone(**epoch) for epoch in values]


def refit_epochs_of(values, epochs: list[EpochDone], where: str, fix: str) -> list[RefitEpochDone]:
    """Return the epochs of a refit after these. Raises RunError unless it has at most as many as were best."""
    right = type(values) is list and epochs and len(values) <= epochs[-1].best_epoch and all(
        fits(value, REFIT_EPOCH) and set(value) == set(REFIT_EPOCH) and value["epoch"] == number
        for number, value in enumerate(values, 1))
    if not right:
        raise RunError("does not hold the epochs of a refit", where, fix)
    return [RefitEpochDone(**value) for value in values]


def check_results(results, where: str, fix: str) -> None:
    """Raise RunError unless these are results as ``Trainer.results`` returns them."""
    if not fits(results, RESULTS):
        raise RunError("incomplete, or of another form", where, fix)
    test = results["test"]
    for rows in (test["excluded"], test["kept"]):
        if test["answer"] not in rows or not all(fits(row, METRICS) for row in rows.values()):
            raise RunError("lacks metrics of the test part", where, fix)
    groups = test.get("seen_in_training", {})
    if type(groups) is not dict or not all(fits(group, SEEN) for group in groups.values()):
        raise RunError("lacks metrics by how often training saw the target", where, fix)


def items_of(stored, name: str, count: int, where: str, fix: str) -> Items:
    """Return the ``count`` items of items.json. Raises RunError when it holds anything else."""
    ids = stored.get("ids") if isinstance(stored, dict) else None
    titles = stored.get("titles") if isinstance(stored, dict) else None
    same = [kind for kind in (int, str) if fits(ids, list[kind])]
    if not same or (not fits(titles, list[str]) and titles is not None) \
            or any(len(column) != count for column in (ids, titles) if column is not None):
        raise RunError(f"does not hold the ids and titles of {count:,} items", where, fix)
    return Items(name, np.array(ids), None if titles is None else np.array(titles, dtype=object))
