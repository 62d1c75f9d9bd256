"""Verifying a data set: is it the one its card or its directory says, and does its split leak nothing?"""

from pathlib import Path

import numpy as np

from minirearec.data.catalogue.cards import card, cards
from minirearec.data.catalogue.loading import data_folders, find, load
from minirearec.data.splits.leakage import check
from minirearec.data.catalogue.prepared import find_prepared
from minirearec.data.catalogue.recipes import count_differences, counts
from minirearec.data.sequences import SequenceData
from minirearec.data.splits import make_split
from minirearec.data.files.folder import is_dataset, verify_content
from minirearec.errors import DataError


def verify(name_or_path, data_dir=None) -> list[str]:
    """What was checked and found right, a line each. Nothing is downloaded.

    Raises DataError or DownloadError at the first thing that is wrong or missing.
    """
    named = str(name_or_path) in cards() and not isinstance(name_or_path, Path)
    data = load(name_or_path, data_dir, download=False, require_real=named and not card(name_or_path).synthetic)
    done = []
    if named:
        chosen = card(name_or_path)
        path = find_prepared(chosen, data_folders(data_dir)) if chosen.parts else None
        differences = count_differences(chosen, data)
        if differences:
            raise DataError(f"the counts are not those of its card: {differences}", f"data set {chosen.name}",
                            "It is of another release, or damaged; fetch it again.")
        if chosen.sha256:
            done.append(f"{find(chosen.name, data_dir)} has the sha256 of its card")
        found = counts(data, bool(chosen.rows))
        done.append("counts as on its card: " + ", ".join(f"{value:,} {what}" for what, value in found.items()))
    else:
        path = Path(name_or_path).expanduser()
        path = path if is_dataset(path) else None
        if path is None:
            done.append(f"{name_or_path} can be read: {data.n_users:,} users, {data.n_items:,} items, "
                        f"{data.n_interactions:,} interactions")
    if path is not None:
        verify_content(data, path)
        done.append(f"{path} has the content that was saved there")
    return done + verify_split(data)


def verify_split(data: SequenceData) -> list[str]:
    """The leakage checks that apply to the data's own split."""
    split = make_split(data)
    cut = data.given is not None and "cut in time" in data.given.rule
    timed = cut and data.timestamps is not None
    known = cut and bool(np.isin(data.items, split.train_items).all())
    check(split, in_time=timed, known_items=known)
    lines = ["no target is among the items that train, and none is a target twice"]
    lines += ["nothing that trains is later than a target"] * timed
    return lines + ["every target and history of validation and test is known to training"] * known
