"""Reading source as tokens."""

import time

import pytest

from minirearec_tutorials.grading.assignment.lexing import functions, reached, tokens

SOURCE = '''"""Text with def nothing(): in it."""
import numpy as np

def first(x):
    """Like second(x)."""
    return third(x)  # not second(x)

def second(
    x,
):
    text = 'def third'
    return first(x) ** 1.5e3

first.__name__ = second

class Box:
    def third(self):
        return second

def third(x): return np.exp(x)
def first(x):
    return x
'''


def test_code_without_prose():
    assert [token.text for token in tokens("a = 1.5 # b\nc['d']**=\"e\" '''f\n'''\n")] == [
        "a", "=", "1.5", "c", "[", "'d'", "]", "**", "=", '"e"']
    places = [(token.text, token.line, token.column) for token in tokens('"""x\ny""" z\n  w')]
    assert places == [("z", 2, 5), ("w", 3, 2)]


def test_functions_end_where_their_block_ends():
    found = functions(SOURCE)
    assert list(found) == ["first", "second", "third"]
    assert [token.text for token in found["first"]] == ["def", "first", "(", "x", ")", ":", "return", "x"]
    assert found["second"][-1].text == "1.5e3" and "np" in {token.text for token in found["third"]}


def test_which_functions_a_function_reaches():
    written = functions(SOURCE)
    assert reached(written, "second") == {"first"} and reached(written, "third") == set()
    written = functions("def a(): return b\ndef b(): return c(b)\ndef c(): return a\ndef d(): return 1")
    assert reached(written, "a") == {"b", "c"} and reached(written, "none") == set()


@pytest.mark.parametrize("source", [
    "\"\"\"" * 30_001, "'" * 99_999, "\\" * 100_000, "(" * 100_000, "def " * 50_000, "\"'" * 50_000, "\n" * 200_000,
    "'''\\" * 25_000, "rb'" * 40_000, "\x00\ud800\u202e" * 30_000, "x" * 10 ** 7])
def test_hostile_text_is_read_in_a_moment(source):
    start = time.perf_counter()
    functions(source)
    assert time.perf_counter() - start < 10
