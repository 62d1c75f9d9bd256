"""Features on the disk: ``NAME.features`` beside a data set, sealed, and refused by any other data.

=============  ====================================================================================================
features.toml  format, the data set's name, sha256 and number of items, width, origin, settings, sha256 of the values
               and of the texts that they are made of, how many items lack features or share them, and the sha256 of the
               other file; see ``sealed``
features.npy   float32 [V, F], in the order of item_ids
=============  ====================================================================================================
"""

import hashlib
import os
import stat
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from minirearec.atomic import new_folder
from minirearec.data.catalogue.folders import data_folders
from minirearec.data.features.features import Features, check, read_matrix
from minirearec.data.features.item_text import SOURCES, columns_of
from minirearec.data.files.lines import short, unreadable
from minirearec.data.files.sealed import CONTENTS, Files, check_kinds, contents, read_sealed, sealed
from minirearec.errors import DataError

if TYPE_CHECKING:
    from minirearec.data.sequences import SequenceData

FORMAT = 1
DESCRIPTION, VALUES, TEXTS = "features.toml", "features.npy", "texts_sha256"
ENDING = ".features"
KINDS = {"data": str, "data_sha256": str, "items": int, "width": int, "missing": int, "origin": str, "sha256": str,
         "settings": dict, CONTENTS: dict}


class KeptFeatures(Features):
    """Features in a folder. Both files are read and checked on first use, so data can be used without them."""

    def __init__(self, folder: Path, data: "SequenceData"):
        self.folder, self.n_items, self.data = Path(folder), data.n_items, data
        self.fix = f"Make them again: minirearec data features {data.where or data.name} --replace"

    @cached_property
    def about(self) -> dict:
        """Return what features.toml says. Raises DataError when it is damaged, or about other data."""
        about = read_description(self.folder, self.fix)
        if (about["data_sha256"], about["items"]) != (self.data.sha256, self.n_items):
            raise DataError(f"the features are those of other data: {short(about['data'])} with {about['items']:,} "
                            f"items and sha256 {about['data_sha256'][:12]}, not {self.data.sha256[:12]}",
                            str(self.folder), self.fix)
        if TEXTS in about and about[TEXTS] != texts_sha256(self.data, about["settings"]):
            raise DataError("the features are made of other titles and texts than the data have now", str(self.folder),
                            self.fix)
        return about

    @cached_property
    def values(self) -> np.ndarray:  # pyright: ignore[reportIncompatibleVariableOverride]
        where = Files(self.folder, self.about[CONTENTS], self.fix).checked(VALUES)
        return check(read_matrix(where, self.fix), self.n_items, str(where), self.fix)

    @property
    def origin(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.about["origin"]

    @property
    def sha256(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.about["sha256"]

    @property
    def width(self) -> int:
        return self.about["width"]

    @property
    def missing(self) -> int:
        return self.about["missing"]

    @property
    def alike(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.about["alike"] if "alike" in self.about else super().alike  # earlier versions did not count them


def read_description(folder: Path, fix: str) -> dict:
    """Read features.toml of a folder. Raises DataError when it is missing, damaged or of another version."""
    where = folder / DESCRIPTION
    try:
        about = read_sealed(where, fix)
    except FileNotFoundError as error:
        raise unreadable(where, error) from error
    if about.get("format") != FORMAT:
        raise DataError(f"the features have format {short(repr(about.get('format')))}, this version reads {FORMAT}",
                        str(where), fix)
    check_kinds(about, KINDS, where, fix)
    return about


def find_features(data: "SequenceData", data_dir=None) -> Features | None:
    """Return the features that are kept for a data set, or None. Nothing is read beyond features.toml.

    The first folder wins that is for exactly these data. If there are only others, using the result raises
    DataError, which says what is wrong with them.
    """
    found = [KeptFeatures(folder, data) for folder in places(data, data_dir)
             if os.path.lexists(folder / DESCRIPTION)]
    return next(filter(_fits, found), found[0] if found else None)


def _fits(features: KeptFeatures) -> bool:
    try:
        return bool(features.about)
    except DataError:
        return False


def places(data: "SequenceData", data_dir=None) -> list[Path]:
    """Return where the features of a data set may be, in order: beside the user's own data, then the data folders."""
    if not data.where:
        return []
    folders = data_folders(data_dir)
    if os.path.isabs(data.where):  # a path, not the name of a card
        folders.insert(0, Path(data.where).parent)
    return [folder / f"{Path(data.where).name.removesuffix('.txt')}{ENDING}" for folder in folders]


def choose_place(data: "SequenceData", data_dir=None, out=None, replace: bool = False) -> Path:
    """Return the folder that features of a data set should get: in ``out``, or the first of ``places`` that will do.

    Raises DataError when there are some already and ``replace`` is off, and for data made in Python without ``out``.
    """
    name = f"{Path(data.where or data.name).name.removesuffix('.txt')}{ENDING}"
    folders = [Path(os.path.expanduser(out)) / name] if out else places(data, data_dir)
    if not folders:
        raise DataError("has no place of its own for features", f"data set {data.name}", "Name a folder.")
    taken = next((folder for folder in folders if os.path.lexists(folder)), None)
    if taken is None:
        return next((folder for folder in folders if _can_write(folder.parent)), folders[0])
    _check_replaceable(taken, replace)
    return taken


def _check_replaceable(folder: Path, replace: bool) -> None:
    """Raise DataError for a folder that is there, unless it holds features and may be replaced."""
    if not replace:
        raise DataError("there are features here already", str(folder), "Replace them with --replace.")
    if not os.path.lexists(folder / DESCRIPTION):
        raise DataError("is not a folder of features, so it is not replaced", str(folder), "Move or remove it first.")


def _can_write(folder: Path) -> bool:
    """Return whether a folder can be written or made. One without write bits is left alone, even by root."""
    while not os.path.exists(folder):
        folder = folder.parent
    return os.access(folder, os.W_OK) and bool(stat.S_IMODE(os.stat(folder).st_mode) & 0o222)


def texts_sha256(data: "SequenceData", settings: dict) -> str:
    """Return the sha256 of the texts from which features with these settings are made; "" if from none."""
    source, wanted = settings.get("source", ""), tuple(settings.get("texts", ()))
    if source not in SOURCES:
        return ""
    digest = hashlib.sha256()
    with suppress(DataError):  # the data have none of them
        for role, column in columns_of(data, source, wanted).items():
            digest.update("\n".join([role, *column, "\0"]).encode())
    return digest.hexdigest()


def save_features(features: Features, data: "SequenceData", folder, settings: dict | None = None,
                  replace: bool = False) -> Path:
    """Write the features of a data set to a folder, complete or not at all. ``settings`` go into features.toml.

    With ``replace`` features that are there give way once the new ones are written. Raises DataError for
    features with another number of rows, and when the folder is taken or cannot be written.
    """
    import tomli_w

    folder = Path(folder)
    if os.path.lexists(folder):
        _check_replaceable(folder, replace)
    values = check(features.values, data.n_items, f"features for data set {data.name}")
    about = {"format": FORMAT, "data": data.name, "data_sha256": data.sha256, "items": data.n_items,
             "width": features.width, "missing": features.missing, "alike": features.alike,
             "origin": features.origin, "sha256": features.sha256, "settings": settings or {}}
    if made_of := texts_sha256(data, about["settings"]):
        about[TEXTS] = made_of
    try:
        with new_folder(folder, replace) as part:
            np.save(part / VALUES, values)
            about[CONTENTS] = contents(part)
            (part / DESCRIPTION).write_bytes(sealed(tomli_w.dumps(about).encode()))
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror or error}", str(error.filename or folder),
                        "Choose a folder with free space that you may write to.") from error
    return folder
