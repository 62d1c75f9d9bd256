"""Fingerprints and similar pairs. tests/tutorials/classroom tries them on a class."""

import random
import re

from minirearec_tutorials.grading.reporting.similarity import WINDOW, K, fingerprints, similar_pairs

FIRST = '''
def scale(values, factor):
    """Multiply."""
    total = 0
    for place, value in enumerate(values):
        if value > factor:
            total = total + value * factor  # more
        else:
            total = total - value / factor
    return [total, place, np.sqrt(total), "first"]

def shift(values, by):
    out = []
    while values:
        out.insert(0, values.pop() + by)
        by += len(out) % 7
    return np.array(out).reshape(-1, 2).T
'''
OTHER = '''
def scale(values, factor):
    return list(map(lambda value: value if value > factor else value / factor, values))

def shift(values, by):
    a, b = zip(*[(x, x + by) for x in sorted(values)])
    return {"a": a, "b": dict.fromkeys(b, by)}, sum(a), max(b, key=lambda pair: pair - by)
'''


def renamed(text: str) -> str:
    for number, name in enumerate(("values", "factor", "total", "place", "value", "out", "by")):
        text = re.sub(rf"\b{name}\b", f"name_{number}", text)
    return text


def test_renamed_reordered_and_commented_copies_are_the_same():
    first, second = FIRST.split("\n\n")
    copy = f"# mine\n{renamed(second)}\n\nimport os\n\n{renamed(first)}".replace("Multiply.", "Scale\nit.").replace(
        '"first"', "'another text'").replace("        ", "\t\t")
    [pair] = similar_pairs({"ann": FIRST, "bob": copy, "cat": OTHER}, [], 0.3)
    assert pair.students == ("ann", "bob") and pair.share == 1.0 and pair.texts == (FIRST, copy)
    lines = [{text.splitlines()[line - 1].strip() for line in part}
             for text, part in zip(pair.texts, pair.lines, strict=True)]
    assert "by += len(out) % 7" in lines[0] and "name_6 += len(name_5) % 7" in lines[1]
    assert "# mine" not in lines[1] and '"""Multiply."""' not in lines[0]


def test_names_count_by_how_they_are_used():
    """A name in another's place is another program; the names of NumPy and of Python are not the student's."""
    marks = set(fingerprints(FIRST))
    assert set(fingerprints(renamed(FIRST))) == marks
    for old, new in (("value / factor", "factor / value"), ("np.sqrt", "np.exp"), ("len(out)", "max(out)"),
                     ("% 7", "% 8")):
        assert set(fingerprints(FIRST.replace(old, new))) != marks


def test_every_long_shared_stretch_is_found():
    """Winnowing guarantees it: K + WINDOW - 1 tokens in a row, wherever they are."""
    draw = random.Random(0)
    for _ in range(200):
        shared = " + ".join(f"f{draw.randrange(10 ** 6)}(np.{draw.choice('abcdefgh')})" for _ in range(4))
        texts = []
        for _ in range(2):
            noise = [" * ".join(str(draw.random()) for _ in range(1 + draw.randrange(30))) for _ in range(2)]
            texts.append(f"def f():\n    return {noise[0]} - {shared} - {noise[1]}\n")
        assert len(re.findall(r"\w+|[^\w\s]", shared)) >= K + WINDOW - 1
        assert set(fingerprints(texts[0])) & set(fingerprints(texts[1]))


def test_what_everybody_has_is_no_evidence():
    copies = {"ann": FIRST, "bob": FIRST, "cat": OTHER}
    assert similar_pairs(copies, [FIRST], 0.0) == []
    assert similar_pairs(dict.fromkeys("abcdefg", FIRST), [], 0.0) == [], "seven of a class write it in the usual way"
    assert len(similar_pairs(dict.fromkeys("abcdef", FIRST), [], 0.5)) == 15


def test_too_little_code_says_nothing():
    short = "def f(x):\n    return np.exp(x - x.max(axis=1, keepdims=True)) / 2\n"
    assert fingerprints(short) and fingerprints("") == {} and fingerprints("def f(x): return x") == {}
    assert similar_pairs({"ann": short, "bob": short}, [], 0.0) == []
