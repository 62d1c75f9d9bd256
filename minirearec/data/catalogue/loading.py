"""Finding a data set by its name: in folders, by download, and for ``beauty`` by simulation as a last resort."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from minirearec.data.catalogue.cards import Card, card, cards
from minirearec.data.catalogue.download import download, file_sha256
from minirearec.data.made.hops import hops
from minirearec.data.made.markov import markov
from minirearec.data.catalogue.prepared import (check_parts, fetch_prepared, find_parts, find_prepared, load_prepared, missing_parts,
                                      nothing_there)
from minirearec.data.files.text import read_sequences
from minirearec.data.sequences import SequenceData
from minirearec.data.files.folder import is_dataset, load_directory
from minirearec.data.made.beauty_sim import beauty_sim
from minirearec.data.files.tables import SUFFIXES
from minirearec.errors import ConfigError, DataError, DownloadError

DATA_VARIABLE = "MINIREAREC_DATA"
FALLBACKS = {"beauty": "beauty-sim"}  # what stands in, announced, for a real set that cannot be had
GENERATORS: dict[str, Callable[..., SequenceData]] = {"beauty-sim": beauty_sim, "markov": markov, "hops": hops}


def cache_folder() -> Path:
    """The user's cache folder, where downloads go when no folder is named."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("minirearec"))


def data_folders(data_dir=None) -> list[Path]:
    """Where data files are looked for, in order: ``data_dir``, MINIREAREC_DATA, the user's cache.

    Downloads go to the first of them.
    """
    named = [data_dir, os.environ.get(DATA_VARIABLE)]
    return [Path(folder).expanduser() for folder in named if folder] + [cache_folder()]


def find(name: str, data_dir=None) -> Path | None:
    """The file of a data set, in the first folder that has one of its name, or None.

    Raises DataError for an unknown data set and a folder that cannot be looked into.
    """
    filename = card(name).filename
    for folder in data_folders(data_dir) if filename else []:
        try:
            if (folder / filename).exists():
                return folder / filename
        except OSError as error:
            raise DataError(f"cannot be looked into: {error.strerror}", str(folder),
                            f"Check its permissions, or choose another with --data-dir or {DATA_VARIABLE}.") from error
    return None


def fetch(name: str, folder, progress=None, any_version: bool = False) -> Path:
    """Download the file of a data set into a folder. Progress and errors as in ``download.download``.

    A set that is made from several files is prepared from them, and the directory it is kept in comes back; files
    that are in one of the ``data_folders`` already are taken from there. See ``recipes.prepare`` for ``any_version``.
    """
    chosen = card(name)
    if chosen.parts:
        return fetch_prepared(chosen, data_folders(folder), download, progress, any_version)
    return download(chosen, folder, progress)


def load(name_or_path, data_dir=None, *, download: bool = True, progress=None,
         on_fallback: Callable[[str], None] | None = None, seed: int = 0, require_real: bool = False) -> SequenceData:
    """A data set by its name, or your own by the path of a text file (``user item item ...``) or of an imported directory.

    A named set is looked for in ``data_folders`` and otherwise downloaded to the first of them. For ``beauty``
    alone, when it can be had from neither, ``beauty-sim`` is generated instead: ``source`` says why in a line,
    and ``on_fallback`` is given the whole story (several lines) beforehand; ``require_real`` makes that an error.
    ``seed`` is the seed of the synthetic data and of nothing else.
    Raises DataError for an unknown name and a file that is damaged (never replaced by a simulation),
    DownloadError when the file is nowhere.
    """
    if _is_path(name_or_path):
        path = Path(name_or_path).expanduser()
        where = str(path.resolve())
        if is_dataset(path):
            return replace(load_directory(path), where=where)
        if path.is_file() and {suffix.lower() for suffix in path.suffixes} & set(SUFFIXES):
            raise DataError("a table has to be imported before it is used", str(path),
                            f"Run: minirearec data import {path}")
        return replace(read_sequences(path), where=where)
    data = _load_named(card(name_or_path), data_dir, download, progress, on_fallback, seed, require_real)
    return replace(data, where=data.name if data.name in cards() else str(name_or_path))


def _load_named(chosen, data_dir, download, progress, on_fallback, seed, require_real) -> SequenceData:
    if chosen.synthetic:
        if require_real:
            raise ConfigError("the data set is synthetic, and --require-real asks for real data",
                              f"data set {chosen.name}", "Leave --require-real out, or choose another data set.")
        return GENERATORS[chosen.name](seed=seed)
    if chosen.parts:
        return _load_parts(chosen, data_dir, download, progress)
    path = find(chosen.name, data_dir)
    if path is None:
        try:
            path = _obtain(chosen.name, data_dir, download, progress)
        except DownloadError as error:
            if chosen.name not in FALLBACKS or require_real:
                raise
            return _simulate_instead(chosen.name, error, on_fallback, seed)
    data = read_sequences(path, expect=chosen)
    return replace(data, source=f"{chosen.title}, file {path}")


def _is_path(name_or_path) -> bool:
    """Whether a path is meant: a Path, or a text that is no data set's name and looks like a path or leads somewhere."""
    if isinstance(name_or_path, Path):
        return True
    text = str(name_or_path)
    return text not in cards() and (
        os.sep in text or "/" in text or text.endswith(".txt")
        or os.path.isfile(os.path.expanduser(text)) or is_dataset(Path(text).expanduser()))


def _obtain(name: str, data_dir, allowed: bool, progress) -> Path:
    folders = data_folders(data_dir)
    if not allowed:
        raise DownloadError(f"is not in {' or '.join(map(str, folders))}, and downloading is off",
                            f"data set {name}", f"Download it, or by hand: {card(name).by_hand}.")
    return fetch(name, folders[0], progress)


def _load_parts(chosen: Card, data_dir, allowed: bool, progress) -> SequenceData:
    folders = data_folders(data_dir)
    data = load_prepared(chosen, folders)
    if data is not None:
        return data
    if not allowed:
        raise nothing_there(chosen, find_parts(chosen, folders), folders)
    return load_directory(fetch(chosen.name, folders[0], progress))


def state(name: str, data_dir=None) -> tuple[str, Path | None]:
    """Whether a data set is here, in words, and where. Reads the files to compare their sha256, where it is known."""
    chosen, folders = card(name), data_folders(data_dir)
    if chosen.synthetic:
        return "generated when asked for", None
    if not chosen.parts:
        path = find(name, data_dir)
        if path is None:
            return "not here; downloaded when asked for", None
        return ("found" if file_sha256(path) == chosen.sha256 else "found, with a wrong sha256"), path
    path = find_prepared(chosen, folders)
    if path is not None:
        return "found, prepared", path
    files = find_parts(chosen, folders)
    missing = missing_parts(chosen, files)
    if not missing:
        try:
            check_parts(chosen, files)
        except DataError:
            return "found, with a wrong sha256", next(iter(files.values()))
        return "its files are here", next(iter(files.values())).parent
    by_hand = [part.filename for part in missing if not part.urls]
    return (f"not here; needs {' and '.join(by_hand)}, by hand" if by_hand else "not here; downloaded when asked for"), None


def _simulate_instead(name: str, error: DownloadError, on_fallback, seed: int) -> SequenceData:
    if on_fallback is not None:
        on_fallback(str(error))
    data = GENERATORS[FALLBACKS[name]](seed=seed)
    return replace(data, source=f"{data.source}, because {name} {error.what}")
