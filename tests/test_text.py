"""Text from others is safe to print."""

import json

import pytest

from minirearec.text import one_line, printable


@pytest.mark.parametrize("text, shown", [
    ("a\x1b[2Jb\rc\x07", r"a\x1b[2Jb\x0dc\x07"),
    ("a\x9b2J\x85b", r"a\u009b2J\u0085b"),
    ("a\u202ed\u2066e\u200ff\u061cg", r"a\u202ed\u2066e\u200ff\u061cg"),
    ("a\ufeffb\u200bc\u2028d\u00ade", r"a\ufeffb\u200bc\u2028d\u00ade"),
    ("\udcff\ud83d \U000e0041\x7f", r"\udcff\ud83d \U000e0041\u007f")])
def test_what_is_not_text_is_shown_not_sent(text, shown):
    assert printable(text) == one_line(text) == shown
    assert printable(shown) == shown, "what was escaped once stays as it is"


@pytest.mark.parametrize("text", [
    "", "plain [red]text[/red] :smile:", "日本語　の本", "رواية جميلة", "prix\u00a0: 5\u202f€", "नमस्ते", "👍🏽 ❤️ 🇩🇪",
    "👨\u200d👩\u200d👧", "ن\u200cر", "क्\u200dष"])
def test_text_of_every_script_stays_readable(text):
    assert printable(text) == one_line(text) == text


@pytest.mark.parametrize("text", ["a\u200db", "\u200d", "日\u200d", "\u200c日", "1\u200c2"])
def test_a_joiner_that_joins_nothing_hides_a_difference_and_is_shown(text):
    assert printable(text) == text.replace("\u200d", r"\u200d").replace("\u200c", r"\u200c")


def test_json_stays_json():
    value = {"title": "a\x7f\x1b\x9b\u202e\n\udcff"}
    shown = printable(json.dumps(value, indent=2))
    assert json.loads(shown) == value and shown.replace("\n", "").isprintable()


def test_lines_and_tabs_stay_in_a_text_but_not_in_a_line():
    assert printable("a\n\tb\x1b") == "a\n\tb\\x1b"
    assert one_line("a\n\tb\x1b") == r"a\n\tb\x1b"
