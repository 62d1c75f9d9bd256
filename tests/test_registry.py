"""Registries: choices are found by name and imported on first use; users add some but never replace built-in ones."""

import sys

import pytest

from minirearec.errors import ConfigError
from minirearec.registry import Registry


def test_an_unknown_name_lists_the_known_ones():
    table = Registry("colour", "--colour")
    table["red"] = 1
    with pytest.raises(ConfigError, match="--colour: unknown colour 'blue'. Choose one of: red."):
        table["blue"]
    assert "blue" not in table and table["red"] == 1


def test_a_name_of_the_package_is_imported_on_first_use(tmp_path, monkeypatch):
    package = tmp_path / "colours_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("from minirearec.registry import Registry\n"
                                         "COLOURS = Registry('colour', '', 'colours_of_a_test')\n")
    (package / "green.py").write_text("from colours_of_a_test import COLOURS\nCOLOURS['green'] = 'found'\n")
    monkeypatch.syspath_prepend(tmp_path)
    from colours_of_a_test import COLOURS

    with pytest.raises(ConfigError, match="the library has its own colour 'green'"):
        COLOURS.register("green", "mine")  # although nothing has imported it before
    del COLOURS["green"], sys.modules["colours_of_a_test.green"]
    assert "green" not in COLOURS and COLOURS["green"] == "found" and "green" in COLOURS
    for name in ("grey", "no-module", "../green"):
        with pytest.raises(ConfigError, match="has no colour"):
            COLOURS[name]


def test_users_add_and_replace_their_own_choices_but_not_the_librarys():
    table = Registry("colour", "--colour")
    table["red"] = 1
    table.register("blue", 2)
    table.register("blue", 3)
    assert table == {"red": 1, "blue": 3}
    with pytest.raises(ConfigError, match="the library has its own colour 'red'"):
        table.register("red", 4)
