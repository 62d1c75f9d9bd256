"""Verifying a data set: is it the one that its card or its directory describes, and does its split leak nothing?"""

import os
from pathlib import Path

from minirearec.data.catalogue.cards import Card, known
from minirearec.data.catalogue.folders import data_folders, find
from minirearec.data.catalogue.loading import load
from minirearec.data.catalogue.prepared import find_prepared
from minirearec.data.catalogue.recipes import count_differences, counts
from minirearec.data.files.folder import is_dataset
from minirearec.data.sequences import SequenceData
from minirearec.data.splits import make_split
from minirearec.data.splits.leakage import check
from minirearec.errors import DataError


def verify(name_or_path, data_dir=None) -> list[str]:
    """Check a data set, given by name, card or path; return what is right, one line each.

    Nothing is downloaded. Raises DataError or DownloadError at the first thing that is wrong or missing.
    """
    chosen = known(name_or_path)
    data = load(chosen or name_or_path, data_dir, download=False, require_real=bool(chosen) and not chosen.synthetic)
    if chosen is not None:
        done = verify_card(chosen, data, data_dir)
        path = find_prepared(chosen, data_folders(data_dir)) if chosen.parts else None
    else:
        done = []
        path = Path(os.path.expanduser(name_or_path))
        path = path if is_dataset(path) else None
        if path is None:
            done.append(f"{name_or_path} can be read: {data.n_users:,} users, {data.n_items:,} items, "
                        f"{data.n_interactions:,} interactions")
    if path is not None:
        done.append(f"{path} has the content that was saved there")  # or load would have failed
    return done + check(make_split(data))


def verify_card(chosen: Card, data: SequenceData, data_dir=None) -> list[str]:
    """Return in what a loaded data set agrees with its card. Raises DataError for other counts."""
    differences = count_differences(chosen, data)
    if differences:
        raise DataError(f"the counts differ from those on its card: {differences}", f"data set {chosen}",
                        "It is from another release, or damaged; fetch it again.")
    done = [f"{find(chosen, data_dir)} has the sha256 of its card"] if chosen.file else []
    found = counts(data, bool(chosen.rows))
    return [*done, "counts as on its card: " + ", ".join(f"{value:,} {what}" for what, value in found.items())]
