"""The folder of a data set: one array per file, opened by memory map, and a TOML file that describes them.

=====================  =============================================================================
dataset.toml           format, name, counts, sha256 of the content, source, the split's rule and kind, and the
                       sha256 of every other file; see ``sealed``
items.npy offsets.npy  the histories, as in SequenceData
user_ids.* item_ids.*  the ids: .npy for numbers, .txt with one per line for text
titles.txt             one title per line, in the order of item_ids; optional, like brand.txt, categories.txt, ...
timestamps.npy         optional
split_*.npy            the rows of the split, when it is not leave-one-out
=====================  =============================================================================
"""

import os
from pathlib import Path

import numpy as np

from minirearec.atomic import new_folder
from minirearec.data.files.columns import TEXTS
from minirearec.data.files.interactions import LONGEST_ID
from minirearec.data.files.lines import short
from minirearec.data.files.sealed import CONTENTS, DESCRIPTION, FIX, Files, check_kinds, contents, read_sealed, sealed
from minirearec.data.sequences import GivenSplit, Rows, SequenceData, SplitKind, check_name, content_sha256
from minirearec.data.splits.leakage import check_rows, check_targets
from minirearec.data.splits.split import given_split
from minirearec.errors import DataError, MiniReaRecError

FORMAT = 1
TEXT_FILES = {role: "titles" if role == "title" else role for role in TEXTS}  # the name of the file of each role
SPLIT_ARRAYS = ("train_lengths", "is_target", "valid_user", "valid_length", "test_user", "test_length")
# How to tell the kind of a split that was saved before kinds were: words of its rule, and what such a split promises.
OLD_RULES = (("published cut in time", SplitKind.IN_TIME, True), ("cut in time", SplitKind.IN_TIME, False),
             ("each user's last", SplitKind.LAST_N, False), ("by users", SplitKind.BY_USERS, False))


def is_dataset(path: Path) -> bool:
    """Return whether a path is a directory with a data set."""
    return os.path.isfile(Path(path) / DESCRIPTION)


def save(data: SequenceData, path, notes: dict | None = None) -> Path:
    """Write a data set to a new directory, complete or not at all. ``notes`` go into dataset.toml.

    Its sha256 becomes that of its content. Raises DataError for a name that no folder can have, when there is something
    at ``path``, and when the directory cannot be written.
    """
    import tomli_w

    path = Path(path)
    refuse_existing(path)
    check_name(data.name, str(path), "Choose another with --name.")
    try:
        with new_folder(path) as part:
            for name, values in _arrays(data).items():
                np.save(part / f"{name}.npy", np.ascontiguousarray(values))
            for name, texts in _texts(data).items():
                (part / f"{name}.txt").write_bytes("".join(f"{text}\n" for text in texts).encode())
            about = describe(data) | (notes or {}) | {CONTENTS: contents(part)}
            (part / DESCRIPTION).write_bytes(sealed(tomli_w.dumps(about).encode()))
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror or error}", str(error.filename or path),
                        "Choose a folder with free space that you may write to.") from error
    return path


def refuse_existing(path: Path) -> None:
    """Raise DataError when there is something of that name: nothing is ever overwritten."""
    if os.path.lexists(path):
        raise DataError("there is something here already", str(path),
                        "Choose another name with --out, or remove it first.")


def load_directory(path) -> SequenceData:
    """Load the data set in a directory made by ``save``, its arrays memory-mapped.

    Raises DataError, naming the file, when one is missing, a link, of the wrong type, out of range or in any way not
    what was saved: every byte is read.
    """
    path = Path(path)
    about = read_description(path)
    files = Files(path, about.get(CONTENTS))
    user_ids, item_ids = (_load_ids(files, name) for name in ("user_ids", "item_ids"))
    timestamps = _load(files, "timestamps", "f8") if "timestamps.npy" in files else None
    texts = {role: np.array(_load_text(files, name), dtype=object) for role, name in TEXT_FILES.items()
             if f"{name}.txt" in files}
    items, offsets = _load(files, "items", "i4"), _load(files, "offsets", "i8")
    for what, wrong in {
            "offsets.npy": len(offsets) != len(user_ids) + 1 or offsets[0] != 0 or (offsets[1:] < offsets[:-1]).any()
            or offsets[-1] != len(items),
            "items.npy": len(items) == 0 or items.min() < 0 or items.max() >= len(item_ids),
            "timestamps.npy": timestamps is not None and (len(timestamps) != len(items)
                                                          or not np.isfinite(timestamps).all()),
            **{f"{TEXT_FILES[role]}.txt": len(column) != len(item_ids) for role, column in texts.items()},
            DESCRIPTION: about["counts"] != {"users": len(user_ids), "items": len(item_ids),
                                             "interactions": len(items)},
    }.items():
        if wrong:
            raise DataError("does not fit the other files of the data set", str(path / what), FIX)
    given = _load_split(files, about) if "split_test_user.npy" in files else None
    data = SequenceData(about["name"], items, offsets, user_ids, item_ids, about["sha256"], about["synthetic"],
                        about["source"], texts.pop("title", None), timestamps, given, texts=texts)
    if content_sha256(data) != data.sha256:
        raise DataError("the content does not have the sha256 that was recorded", str(path / DESCRIPTION), FIX)
    if given is not None:
        _check_split(data, given, path)
    return data


def read_description(path: Path) -> dict:
    """Read dataset.toml of a directory. Raises DataError when it is missing, damaged or of another version."""
    where = Path(path) / DESCRIPTION
    try:
        about = read_sealed(where, FIX)
    except FileNotFoundError:
        raise DataError(f"no data set here: {DESCRIPTION} is missing", str(path),
                        "Give a directory made by 'minirearec data import' or 'fetch'.") from None
    if about.get("format") != FORMAT:
        raise DataError(f"the data set has format {short(repr(about.get('format')))}, this version reads {FORMAT}",
                        str(where), "Import it again, or use the version that made it.")
    kinds = {"name": str, "source": str, "sha256": str, "split": str, "synthetic": bool, "counts": dict}
    check_kinds(about, {**kinds, CONTENTS: dict} if CONTENTS in about else kinds, where, FIX)
    check_name(about["name"], str(where), FIX)
    return about


def describe(data: SequenceData) -> dict:
    """Return what dataset.toml says of a data set."""
    counts = {"users": data.n_users, "items": data.n_items, "interactions": data.n_interactions}
    split = {"split": SplitKind.LEAVE_ONE_OUT.value}
    if data.given is not None:
        split = {"split": data.given.rule, "split_kind": data.given.kind.value, "known_items": data.given.known_items}
    return {"format": FORMAT, "name": data.name, "source": data.source, "synthetic": data.synthetic,
            "sha256": content_sha256(data), **split, "counts": counts}


def _arrays(data: SequenceData) -> dict[str, np.ndarray]:
    arrays = {"items": data.items, "offsets": data.offsets}
    arrays |= {name: ids for name, ids in (("user_ids", data.user_ids), ("item_ids", data.item_ids))
               if ids.dtype.kind == "i"}
    if data.timestamps is not None:
        arrays["timestamps"] = data.timestamps
    if data.given is not None:
        given = data.given
        values = (given.train_lengths, given.is_target, given.valid.user, given.valid.length, given.test.user,
                  given.test.length)
        arrays |= {f"split_{name}": value for name, value in zip(SPLIT_ARRAYS, values, strict=True)}
    return arrays


def _texts(data: SequenceData) -> dict[str, list[str]]:
    texts = {name: ids.tolist() for name, ids in (("user_ids", data.user_ids), ("item_ids", data.item_ids))
             if ids.dtype.kind != "i"}
    columns = data.texts if data.titles is None else {**data.texts, "title": data.titles}
    return texts | {TEXT_FILES[role]: [" ".join(str(text).split()) for text in column]
                    for role, column in columns.items()}


def _load(files: Files, name: str, kind: str) -> np.ndarray:
    where = files.checked(f"{name}.npy")
    try:
        array = np.lib.format.open_memmap(where, mode="r")  # not np.load, which also opens archives
    except Exception:  # NumPy's reader of headers fails in many ways, and its messages quote the file
        raise DataError("not readable as an array", str(where), FIX) from None
    if array.dtype.str[1:] != kind or array.ndim != 1:
        raise DataError(f"an array of type {short(array.dtype)} with {array.ndim} axes, expected {kind} with 1",
                        str(where), FIX)
    return array


def _load_text(files: Files, name: str) -> list[str]:
    where = files.checked(f"{name}.txt")
    try:
        return where.read_bytes().decode("utf-8").split("\n")[:-1]
    except UnicodeDecodeError:
        raise DataError("is not UTF-8 text", str(where), FIX) from None


def _load_ids(files: Files, name: str) -> np.ndarray:
    if f"{name}.npy" in files:
        return _load(files, name, "i8")
    ids = _load_text(files, name)
    if max(map(len, ids), default=0) > LONGEST_ID:  # the array would give every id as much memory as the longest
        raise DataError(f"holds an id of more than {LONGEST_ID} characters", str(files.folder / f"{name}.txt"), FIX)
    return np.array(ids, dtype=str)


def _load_split(files: Files, about: dict) -> GivenSplit:
    types = {"is_target": "b1"}
    arrays = [_load(files, f"split_{name}", types.get(name, "i8")) for name in SPLIT_ARRAYS]
    kind, known_items = _kind_of_split(files.folder, about)
    return GivenSplit(kind, about["split"], arrays[0], arrays[1], Rows(*arrays[2:4]), Rows(*arrays[4:6]), known_items)


def _kind_of_split(path: Path, about: dict) -> tuple[SplitKind, bool]:
    """Return the kind of a stored split, and whether it promises known items."""
    if "split_kind" not in about:
        return next(((kind, known_items) for words, kind, known_items in OLD_RULES if words in about["split"]),
                    (SplitKind.CUSTOM, False))
    try:
        kind = SplitKind(about["split_kind"])
    except ValueError:
        raise DataError(f"unknown split_kind {short(repr(about['split_kind']))}", str(path / DESCRIPTION),
                        FIX) from None
    if type(about.get("known_items")) is not bool:
        raise DataError("known_items is missing or not of type bool", str(path / DESCRIPTION), FIX)
    return kind, about["known_items"]


def _check_split(data: SequenceData, given: GivenSplit, path: Path) -> None:
    fits = (len(given.train_lengths) == data.n_users and len(given.is_target) == data.n_interactions
            and len(given.valid.user) == len(given.valid.length) and len(given.test.user) == len(given.test.length)
            and (given.train_lengths >= 0).all() and (given.train_lengths <= np.diff(data.offsets)).all())
    if not fits:
        raise DataError("the arrays of the split do not fit the data", str(path / "split_*.npy"), FIX)
    try:
        split = given_split(data)
        check_rows(split)
        check_targets(split)
    except MiniReaRecError as error:
        raise DataError(error.what, str(path), FIX) from None
