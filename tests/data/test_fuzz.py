"""Hostile files and descriptions, with fixed seeds; tests/benchmarks/fuzz_data.py does the same at any length."""

import datetime
import tomllib
from itertools import product

import tomli_w

from minirearec.data.files.folder import load_directory
from minirearec.data.files.sealed import sealed
from minirearec.data.sequences import content_sha256
from minirearec.errors import DataError
from tests.benchmarks.flips import make_dataset
from tests.benchmarks.fuzz_data import LOADED, REFUSED, fuzz
from tests.data.files.examples import unsealed

WRONG = (None, 0, -1, 10**30, 1.5, float("nan"), True, "", "x", "../../x", "a" * 5000, "\x1b[31m", [], ["x"], {},
         {"x": 1}, datetime.date(2018, 9, 4))


def test_500_hostile_files(tmp_path):
    found = fuzz(tmp_path, 500, seed=0)
    assert found[LOADED] > 50 and found[REFUSED] > 300


def test_mistyped_descriptions(tmp_path):
    """Put every wrong value in the place of every value: it is refused, or the arrays that load are those saved."""
    for number, seal in enumerate((True, False)):
        (tmp_path / str(number)).mkdir()
        folder = make_dataset(tmp_path / str(number))
        folder = folder if seal else unsealed(folder)
        path, expected = folder / "dataset.toml", content_sha256(load_directory(folder))
        about = tomllib.loads(path.read_text())
        places = [(key,) for key in about] + [(key, inner) for key in about if isinstance(about[key], dict)
                                              for inner in about[key]]
        assert len(places) >= 12
        for place, value in product(places, WRONG):
            text = tomli_w.dumps(changed(about, place, value)).encode()
            path.write_bytes(sealed(text) if seal else text)
            try:
                loaded = load_directory(folder)
            except DataError as error:
                assert len(str(error)) < 1000 and "\x1b" not in str(error)
            else:
                assert content_sha256(loaded) == expected, (place, value)


def changed(about: dict, place: tuple, value) -> dict:
    """Return a description with another value, or with none, in one place."""
    key, *inner = place
    value = changed(about[key], tuple(inner), value) if inner else value
    return {name: old for name, old in about.items() if name != key} | ({} if value is None else {key: value})
