"""Loading a data set by its name: from a folder, by download, and for ``beauty`` by simulation as a last resort."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from minirearec.data.catalogue.cards import Card, card, known
from minirearec.data.catalogue.download import download
from minirearec.data.catalogue.folders import data_folders, find
from minirearec.data.catalogue.prepared import fetch_prepared, find_parts, load_prepared, not_here
from minirearec.data.features.kept import find_features
from minirearec.data.files.folder import is_dataset, load_directory
from minirearec.data.files.in_memory import from_frame, from_histories, is_frame
from minirearec.data.files.rows import SUFFIXES
from minirearec.data.files.text import read_sequences
from minirearec.data.made.beauty_sim import beauty_sim
from minirearec.data.made.hops import hops
from minirearec.data.made.markov import markov
from minirearec.data.sequences import SequenceData
from minirearec.errors import ConfigError, DataError, DownloadError

FALLBACKS = {"beauty": "beauty-sim"}  # what replaces, with a notice, a real set that cannot be obtained
GENERATORS: dict[str, Callable[..., SequenceData]] = {"beauty-sim": beauty_sim, "markov": markov, "hops": hops}
GENERATED = f"Or choose a data set that is generated and needs no download: {', '.join(GENERATORS)}."


def fetch(name: str | Card, folder, progress=None, any_version: bool = False) -> Path:
    """Download the file of a data set into a folder. Progress and errors are those of ``download.download``.

    A set that is made from several files is prepared from them, and the directory it is kept in is returned; files
    that one of the ``data_folders`` has already are used. See ``recipes.prepare`` for ``any_version``.
    """
    chosen = card(name)
    if chosen.parts:
        return fetch_prepared(chosen, data_folders(folder), progress, any_version)
    if chosen.file is None:
        raise DownloadError("is synthetic, so there is no file to download", f"data set {chosen}",
                            "Load it by its name.")
    return download(chosen.file, folder, progress)


def load(name_or_path: Any, data_dir: Path | str | None = None, *, download: bool = True,
         progress: Any = None,
         on_fallback: Callable[[str], None] | None = None, seed: int = 0, require_real: bool = False) -> SequenceData:
    """Load a data set by its name or card, or your own by the path of a text file or of an imported directory.

    Also from lists of item ids, one per user, and from a frame of pandas or polars; see ``files.in_memory``.

    A named set is looked for in ``data_folders`` and otherwise downloaded to the first of them. For ``beauty``
    alone, when it cannot be obtained, ``beauty-sim`` is generated instead: ``source`` says why in one line,
    and ``on_fallback`` is given the whole story (several lines) beforehand; ``require_real`` makes that an error.
    ``seed`` is the seed of the synthetic data and of nothing else. A text file has lines ``user item item ...``.
    Features that are kept for the data come with them; see ``find_features``.
    Raises DataError for an unknown name and for a damaged file (which is never replaced by a simulation),
    DownloadError when the file is nowhere to be found, and ConfigError for a negative seed.
    """
    if seed < 0:
        raise ConfigError(f"a seed of {seed}", "--seed", "It must be at least 0.")
    if isinstance(name_or_path, (list, tuple)):
        return from_histories(name_or_path)
    if is_frame(name_or_path):
        return from_frame(name_or_path)
    if not isinstance(name_or_path, (str, os.PathLike, Card)):
        raise DataError(f"a {type(name_or_path).__name__} is no data set", "load",
                        "Give a name, a path, a list of histories, or a frame of pandas or polars.")
    chosen = known(name_or_path)
    if chosen is None and _is_path(name_or_path):
        return _with_features(_load_path(Path(os.path.expanduser(str(name_or_path)))), data_dir)
    chosen = chosen or card(name_or_path)  # raises: it is unknown
    try:
        data = _load_named(chosen, data_dir, download, progress, on_fallback, seed, require_real)
    except DownloadError as error:
        fix = error.fix if require_real else f"{error.fix} {GENERATED}"
        raise DownloadError(error.what, error.where, fix) from error
    return _with_features(replace(data, where=data.where or chosen.name, training=dict(chosen.training)), data_dir)


def _with_features(data: SequenceData, data_dir) -> SequenceData:
    return replace(data, features=find_features(data, data_dir))


def _is_path(name_or_path) -> bool:
    """Return whether a path is meant: a Path, or text that looks like a path or leads somewhere."""
    if isinstance(name_or_path, Path):
        return True
    text = str(name_or_path)
    return (os.sep in text or "/" in text or text.endswith(".txt")
            or os.path.isfile(os.path.expanduser(text)) or is_dataset(Path(os.path.expanduser(text))))


def _load_path(path: Path) -> SequenceData:
    where = os.path.realpath(path)
    try:
        where.encode()  # a run remembers it as text
    except UnicodeEncodeError:
        raise DataError("the path is not UTF-8 text", str(path), "Rename the file or its folders.") from None
    if is_dataset(path):
        return replace(load_directory(path), where=where)
    if os.path.isfile(path) and {suffix.lower() for suffix in path.suffixes} & set(SUFFIXES):
        raise DataError("a table must be imported before it can be used", str(path),
                        f"Run: minirearec data import {path}")
    return replace(read_sequences(path), where=where)


def _load_named(chosen: Card, data_dir, allowed: bool, progress, on_fallback, seed: int,
                require_real: bool) -> SequenceData:
    if chosen.synthetic:
        if require_real:
            raise ConfigError("the data set is synthetic, but --require-real asks for real data",
                              f"data set {chosen}", "Leave out --require-real, or choose another data set.")
        return GENERATORS[chosen.name](seed=seed)
    if chosen.parts:
        return _load_parts(chosen, data_dir, allowed, progress)
    path = find(chosen, data_dir)
    if path is None:
        try:
            path = _obtain(chosen, data_dir, allowed, progress)
        except DownloadError as error:
            if chosen.name not in FALLBACKS or require_real:
                raise
            return _simulate_instead(chosen, error, on_fallback, seed)
    data = read_sequences(path, expect=chosen.file)
    return replace(data, source=f"{chosen.title}, file {path}")


def _obtain(chosen: Card, data_dir, allowed: bool, progress) -> Path:
    folders = data_folders(data_dir)
    if not allowed:
        raise DownloadError(f"is not in {' or '.join(map(str, folders))}, and downloading is off",
                            f"data set {chosen}", f"Download it, or by hand: {chosen.by_hand}.")
    return fetch(chosen, folders[0], progress)


def _load_parts(chosen: Card, data_dir, allowed: bool, progress) -> SequenceData:
    folders = data_folders(data_dir)
    data = load_prepared(chosen, folders)
    if data is not None:
        return data
    if not allowed:
        raise not_here(chosen, find_parts(chosen, folders), folders)
    return load_directory(fetch(chosen, folders[0], progress))


def _simulate_instead(chosen: Card, error: DownloadError, on_fallback, seed: int) -> SequenceData:
    if on_fallback is not None:
        on_fallback(str(error))
    name = FALLBACKS[chosen.name]
    data = GENERATORS[name](seed=seed)
    return replace(data, source=f"{data.source}, because {chosen} {error.what}", where=name)
