"""Degenerate data sets: each either trains, evaluates and recommends, or is refused before a run folder is made."""

import os

import pytest

NOTHING = "there is nothing to learn from: no user has two items in the training part"
TEXTS = {  # lines of a text file, and why it is refused
    "one user": ("1 1 2 3 4 5\n", ""), "one user of 3": ("1 1 2 3\n", NOTHING),
    "all of 3": ("1 1 2 3\n2 3 4 5\n3 1 2 4\n", NOTHING), "one of 4": ("1 1 2 3\n2 4 5 6 7\n", ""),
    "one item": ("1 7 7 7 7\n2 7 7 7\n", ""), "one item, one user": ("1 7 7 7 7 7 7\n", ""),
    "one item of 3": ("1 7 7 7\n", NOTHING), "one long": (f"1 {'3 ' * 300}\n2 3 4 3\n", "")}
TABLES = {  # rows of a table, options of the import, and what is refused
    "last 2": ("a,v,1 a,w,2 a,x,3 a,y,4 a,z,5", "--split last-n --last-n 2", NOTHING),
    "a cut in time": (" ".join(f"a,x,{time}" for time in range(12)), "--split time", ""),
    "a last time": ("a,x,1e308 a,y,-1e308 a,x,0 a,x,1", "", "")}
REFUSED = {  # imports without rows for a part
    "histories of 2": ("a,x,1 a,y,2 b,x,1 b,z,2", "--min-history 0", "Leave-one-out needs at least 3 items"),
    "one row": ("a,x,1", "--min-history 0", "Leave-one-out needs at least 3 items"),
    "no valid": ("a,x,1 a,x,2 a,x,3 a,x,100", "--split time --cuts 50,60", "no rows are left to validate on"),
    "no test": ("a,x,1 a,x,2 a,x,3 a,x,4", "--split time --cuts 2,60", "no rows are left to test on"),
    "no train": ("a,x,1 a,x,2 a,x,3 a,x,4", "--split time --cuts 0,2 --unknown-items", "no rows are left to train on"),
    "one time": ("a,x,5 a,x,5 a,x,5 a,x,5", "--split time", "leave nothing between them"),
    "endless": ("a,x,-1e308 a,x,0 a,x,1 a,x,1e308", "--split time --cut-by span", "leave nothing between them")}


def table(folder, rows):
    path = folder / "x.csv"
    path.write_text("\n".join(["user_id,item_id,timestamp", *rows.split()]) + "\n")
    return path


def check(minirearec, refused, small, path, why):
    for words in (("data", "stats", path), ("data", "stats", path, "--json")):
        assert minirearec(*words).exit_code == 0
    for number, method in enumerate(("base", "erl", "prl", "counts")):
        run = path.parent / f"run-{method}"
        options = small if method != "counts" else ()
        result = minirearec("train", "--dataset", path, "--method", method, "--epochs", 1, "--out", run, "--quiet",
                            "--backend", ("torch", "numpy")[number % 2], *options)
        if why:
            refused(result, why)
            assert not os.path.lexists(run)
            continue
        assert result.exit_code == 0, result.stderr
        for part in ("test", "valid"):
            assert minirearec("evaluate", run, "--part", part).exit_code == 0
        item = "x" if path.name == "d" else path.read_text().split()[1]
        assert minirearec("recommend", run, "--history", item, "--keep-seen").exit_code == 0


@pytest.mark.parametrize("name", TEXTS)
def test_texts(tmp_path, minirearec, refused, small, name):
    lines, why = TEXTS[name]
    (tmp_path / "x.txt").write_text(lines)
    check(minirearec, refused, small, tmp_path / "x.txt", why)


@pytest.mark.parametrize("name", TABLES)
def test_tables(tmp_path, minirearec, refused, small, name):
    rows, options, why = TABLES[name]
    made = minirearec("data", "import", table(tmp_path, rows), "--out", tmp_path / "d", *options.split())
    assert made.exit_code == 0, made.stderr
    check(minirearec, refused, small, tmp_path / "d", why)


@pytest.mark.parametrize("name", REFUSED)
def test_imports_that_leave_a_part_empty(tmp_path, minirearec, refused, name):
    rows, options, why = REFUSED[name]
    refused(minirearec("data", "import", table(tmp_path, rows), "--out", tmp_path / "d", *options.split()), why)
    assert not os.path.lexists(tmp_path / "d")
