"""A class of 40 that hands in assignment a2 in every way there is: files, notebooks, zips, twice, wrong and hostile.

``people/`` holds twelve solutions that were written independently of each other. Three more students copied one of
them, with other names, in another order, and in another kind of file.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.assignment.finding import assignment
from minirearec_tutorials.grading.handout.notebook import student_notebook
from tests.tutorials.grading.collecting.handing_in import notebook, put_zip, zipped

PEOPLE = Path(__file__).with_name("people")
COPIES = {("Dora Ek", "emre"), ("grace", "nadia"), ("kemal", "petra")}  # as they are listed
RENAMED = {
    "emre": {"biggest": "mx", "safe": "moved", "unnormalised": "ex", "result": "ans", "products": "rows", "hq": "x1",
             "hk": "x2", "hv": "x3", "s": "fit", "a": "w", "i": "head", "q": "vec", "thing": "x"},
    "grace": {"s": "arr", "p": "probs", "y": "res", "h": "k", "out": "final", "cols": "sl", "see": "vis", "w": "ww",
              "m": "ident", "block": "part"},
    "kemal": {"similarity": "sims", "e": "powers", "total": "sums", "steps": "pos", "i": "r"}}
A2 = {"2.1": 2, "2.2": 2, "2.3": 4, "2.4": 2, "2.5": 2, "2.6": 3}


@dataclass(frozen=True)
class Expected:
    """The line that a student must get: points, and words of the remark."""

    points: int
    says: str = ""


def person(name: str) -> str:
    """Return one of the twelve solutions."""
    return (PEOPLE / f"{name}.py").read_text(encoding="utf-8")


def copied(name: str) -> str:
    """Return a solution with its variables renamed, its functions in reverse order, and other comments."""
    text = re.sub(r'\n *#.*|\n *""".*"""', "", person(name))
    starts = [found.start() for found in re.finditer(r"^def ", text, re.MULTILINE)] + [len(text)]
    functions = [text[start:end].strip() for start, end in pairwise(starts)]
    text = "\n\n\n".join([text[:starts[0]].strip(), *reversed(functions)]) + "\n"
    for old, new in RENAMED[name].items():
        text = re.sub(rf"\b{old}\b", new, text)
    return f"# All of this is my own work.\n{text}".replace("    return", "    # and back\n    return")


def build(folder: Path) -> dict[str, Expected]:
    """Write what forty students hand in, and a file of the teacher's; return what each must get."""
    item = assignment("a2")
    expected: dict[str, Expected] = {}
    for part in (_independent, _copies, _wrong, _unusual, _hostile):
        found = part(item, folder)
        assert not found.keys() & expected.keys()
        expected |= found
    _put(folder / "notes.txt", "my own notes")
    assert len(expected) == 40
    return expected


def _put(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def _independent(item: Assignment, folder: Path) -> dict[str, Expected]:
    """Twelve people, each in another kind of file; two of them handed in twice."""
    _put(folder / "amara.py", person("amara"))
    _put(folder / "bogdan" / "a2.py", person("bogdan"))
    _put(folder / "chiara.ipynb", notebook(person("chiara")))
    _put(folder / "Dmitri Petrov_104_assignsubmission_file_" / "a2.py", person("dmitri"))
    _put(folder / "emre.zip", zipped({"a2/a2.py": person("emre"), "a2/README.md": "# a2", "a2/test_a2.py": "x"}))
    _put(folder / "fatou_205_9001_a2.py", person("fatou"))
    _put(folder / "grace.zip", zipped({"a2.ipynb": notebook(person("grace")), "__MACOSX/._a2.ipynb": b"\0\1"}))
    _put(folder / "hiro" / "work" / "a2.ipynb", notebook(*re.split(r"(?m)^(?=def )", person("hiro"))))
    _put(folder / "Ines Sol_109_assignsubmission_file_a2-1.ipynb", notebook(person("ines")))
    _put(folder / "jonas.py", item.stub())
    _put(folder / "jonas" / "a2.py", person("jonas"))
    _put(folder / "kemal.py", person("kemal"))
    _put(folder / "lucia_LATE_212_9002_a2.py", person("kemal"))
    _put(folder / "lucia_LATE_212_9003_a2-1.py", person("lucia"))
    full = ("amara", "bogdan", "chiara", "Dmitri Petrov", "emre", "fatou", "grace", "hiro", "Ines Sol")
    return {**{name: Expected(15) for name in full}, "jonas": Expected(15, "graded a2.py, not jonas.py"),
            "kemal": Expected(4), "lucia": Expected(15, "graded a2-1.py, not a2.py; Canvas marks it as late")}


def _copies(item: Assignment, folder: Path) -> dict[str, Expected]:
    _put(folder / "Dora Ek_113_assignsubmission_file_a2.py", copied("emre"))
    _put(folder / "nadia.ipynb", notebook(copied("grace")))
    put_zip(folder / "petra" / "homework.zip", {"a2.py": copied("kemal")})
    return {"Dora Ek": Expected(15), "nadia": Expected(15), "petra": Expected(4)}


def _wrong(item: Assignment, folder: Path) -> dict[str, Expected]:
    """Six of the known wrong solutions, the stub, and a file that cannot be loaded."""
    expected = {}
    names = ("no_scale", "no_scale", "overflow", "mask_transposed", "heads_by_reshape", "one_maximum_for_all")
    for number, name in enumerate(names, 1):
        wrong = next(one for one in item.wrong if one.file == f"{name}.py")
        _put(folder / f"a2_quinn{number}.py", item.wrong_submission(wrong))
        expected[f"quinn{number}"] = Expected(item.points - sum(A2[task] for task in wrong.fails))
    _put(folder / "rosa.py", item.stub())
    _put(folder / "sven.py", item.solution() + "\ndef broken(:\n")
    return expected | {"rosa": Expected(0, "no task is written"), "sven": Expected(0, "SyntaxError")}


def _unusual(item: Assignment, folder: Path) -> dict[str, Expected]:
    """Wrong names and wrong kinds of files, and notebooks with more in them than code."""
    _put(folder / "oskar" / "attention_final.py", item.solution())
    _put(folder / "tove" / "a2.py", item.solution())
    _put(folder / "tove" / "a2.ipynb", student_notebook(item))
    _put(folder / "uma.ipynb", notebook("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1])",
                                        item.solution(), "!pip list", "causal_mask(2) @ nonsense",
                                        'show_example("a2", "2.1", globals())'))
    _put(folder / "Vera_114_assignsubmission_file_essay.docx", b"PK\3\4")
    _put(folder / "wanda.rar", b"Rar!")
    (folder / "xaver").mkdir()
    _put(folder / "yoko.py", "# caf\u00e9\n".encode("latin-1"))
    return {"oskar": Expected(15, "graded attention_final.py: there is no a2.py"),
            "tove": Expected(15, "graded a2.py, not a2.ipynb"), "uma": Expected(15),
            "Vera": Expected(0, "essay.docx is neither a Python file nor a notebook nor a zip"),
            "wanda": Expected(0, "wanda.rar is neither"), "xaver": Expected(0, "no a2.py in it"),
            "yoko": Expected(0, "not UTF-8 text (line 1)")}


def _hostile(item: Assignment, folder: Path) -> dict[str, Expected]:
    solution = item.solution()
    put_zip(folder / "bomb.zip", {"a2.py": bytes(100_000_000)})
    put_zip(folder / "climb.zip", {"../../a2.py": solution})
    put_zip(folder / "link.zip", {"a2.py": "/etc/passwd"}, links=("a2.py",))
    _put(folder / "deep.ipynb", "[" * 1_000_000)
    _put(folder / "huge.ipynb", notebook(solution, padding="x" * 11_000_000))
    _put(folder / "\x1b[31mred.py", solution)
    _put(folder / "endless.py", solution + "\nwhile True: pass\n")
    _put(folder / "hangs.py", solution + "\ndef split_heads(x, heads):\n    while True: pass\n")
    _put(folder / "greedy.py", solution + "\ndef causal_mask(T): return np.zeros(10 ** 11, bool)\n")
    _put(folder / "exits.py", solution + "\nraise SystemExit(0)\n")
    return {"bomb": Expected(0, "a2.py is larger than 5 MB"), "climb": Expected(0, "a path that leads out of it"),
            "link": Expected(0, "a2.py is a link"), "deep": Expected(0, "nested too deeply"),
            "huge": Expected(0, "huge.ipynb is larger than 10 MB"), "\x1b[31mred": Expected(15),
            "endless": Expected(0, "while it was loaded"), "hangs": Expected(10), "greedy": Expected(10),
            "exits": Expected(0, "SystemExit")}
