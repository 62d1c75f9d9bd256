"""Importing: formats, filters against plain definitions, round trips, and one message for every bad file."""

import gzip
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.data import load, make_split
from minirearec.data.files.columns import Columns
from minirearec.data.files.exporting import EXPORTS, export
from minirearec.data.files.filters import tied_share
from minirearec.data.files.importing import Filters, SplitRule, import_file
from minirearec.data.sequences import content_sha256
from minirearec.data.files.folder import load_directory, save, verify_content
from minirearec.errors import ConfigError, DataError, MiniReaRecError

ALL = Filters(min_history=1)
ROWS = [("u2", "b", 5, 30), ("u1", "a", 4, 10), ("u2", "a", 3, 20), ("u1", "c", 2, 10), ("u1", "b", 5, 5),
        ("u2", "b", 4, 40)]


def histories(data):
    """``{user: [item, ...]}`` in original ids."""
    return {user: data.item_ids[data.history(index)].tolist() for index, user in enumerate(data.user_ids.tolist())}


def put(folder, name, content) -> Path:
    path = folder / name
    content = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def csv_of(rows, separator=",", names=("user_id", "item_id", "rating", "timestamp")):
    return "".join(separator.join(map(str, row)) + "\n" for row in [names[:len(rows[0])], *rows])


def json_of(rows, names=("user_id", "item_id", "rating", "timestamp")):
    return "".join(json.dumps(dict(zip(names, row))) + "\n" for row in rows)


@pytest.mark.parametrize("name, content", [
    ("x.csv", csv_of(ROWS)), ("x.tsv", csv_of(ROWS, "\t")), ("x.csv.gz", csv_of(ROWS)), ("x.tsv.gz", csv_of(ROWS, "\t")),
    ("x.jsonl", json_of(ROWS)), ("x.jsonl.gz", json_of(ROWS)), ("x.json", json_of(ROWS)),
    ("x.inter", csv_of(ROWS, "\t", ("user_id:token", "item_id:token", "rating:float", "timestamp:float"))),
    ("x.csv", csv_of(ROWS).replace("\n", "\r\n")), ("x.csv", b"\xef\xbb\xbf" + csv_of(ROWS).encode()),
    ("x.csv", csv_of(ROWS) + "\n\n"), ("x.csv", csv_of(ROWS, names=("Reviewer ID", "parent_asin", "overall", "unixTime"))),
    ("X.CSV", csv_of(ROWS)), ("x.csv", csv_of(ROWS).replace("u2", '"u2"')),
])
def test_every_format_gives_the_same_data(tmp_path, name, content):
    data = import_file(put(tmp_path, name, content), filters=ALL)
    assert histories(data) == {"u2": ["a", "b", "b"], "u1": ["b", "a", "c"]}
    assert data.timestamps.tolist() == [20, 30, 40, 5, 10, 10]
    assert (data.name, data.synthetic) == (name.split(".")[0], False) and str(tmp_path) in data.source


def test_text_files_are_imported_too(tmp_path):
    data = import_file(put(tmp_path, "x.txt", "7 30 10 20\n3 20 40 10 50\n"))
    assert histories(data) == {7: [30, 10, 20], 3: [20, 40, 10, 50]} and data.timestamps is None


def test_named_columns_and_files_without_names(tmp_path):
    path = put(tmp_path, "x.csv", csv_of(ROWS, names=("who", "what", "much", "when")))
    columns = Columns(user="who", item="what", rating="much", time="when")
    expected = histories(import_file(put(tmp_path, "y.csv", csv_of(ROWS)), filters=ALL))
    assert histories(import_file(path, columns=columns, filters=ALL)) == expected
    bare = put(tmp_path, "z.csv", csv_of(ROWS).split("\n", 1)[1])
    columns = Columns(header=("user", "item", "rating", "time"))
    assert histories(import_file(bare, columns=columns, filters=ALL)) == expected
    assert histories(import_file(path, columns=Columns(user="who", item="what"), filters=ALL))["u1"] == ["a", "c", "b"]


def test_dates_are_times(tmp_path):
    rows = [("u", "a", 1, "2020-01-02"), ("u", "b", 1, "2020-01-01 23:59:59"), ("u", "c", 1, "2020-01-02T00:00:00+02:00")]
    data = import_file(put(tmp_path, "x.csv", csv_of(rows)), filters=ALL)
    assert histories(data) == {"u": ["c", "b", "a"]}
    assert data.timestamps.tolist() == [1577916000, 1577923199, 1577923200]


def test_ids_are_numbers_only_when_all_are(tmp_path):
    def ids(*values):
        rows = [("1", value, 1, 1) for value in values]
        return import_file(put(tmp_path, "x.csv", csv_of(rows)), filters=ALL).item_ids.tolist()

    assert ids("10", "9", "0") == [0, 9, 10]
    assert ids("10", "9", "x") == ["10", "9", "x"]
    assert ids("10", "09") == ["09", "10"], "a leading zero means something"
    assert ids("9223372036854775807") == [2**63 - 1]
    assert ids("9223372036854775808", "1") == ["1", "9223372036854775808"]


def test_titles_from_a_column_and_from_a_file_beside(tmp_path):
    rows = [("1", "b", "Sœur  Bè"), ("1", "a", ""), ("2", "a", "Alpha"), ("2", "b", "another")]
    data = import_file(put(tmp_path, "x.csv", csv_of(rows, names=("user", "item", "title"))), filters=ALL)
    assert dict(zip(data.item_ids, data.titles)) == {"a": "Alpha", "b": "Sœur Bè"}
    path = put(tmp_path, "y.inter", "user_id:token\titem_id:token\n1\tb\n1\ta\n")
    put(tmp_path, "y.item", 'item_id:token\tmovie_title:token_seq\tyear:token\na\tThe "A\t1990\nz\tnone\t1\n')
    assert import_file(path, filters=ALL).titles.tolist() == ['The "A', ""]
    items = put(tmp_path, "items.jsonl", '{"asin": "b", "title": "Bee", "price": 1}\n{"asin": "a", "title": null}\n')
    assert import_file(path, filters=ALL, items_file=items).titles.tolist() == ["", "Bee"]


tables = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 5), st.integers(0, 4)), min_size=1,
                  max_size=40)


def filtered_by_hand(rows, filters: Filters):
    """The rows that should be left, by the definitions, one filter at a time."""
    if filters.above is not None:
        rows = [row for row in rows if row[2] > filters.above]
    rows = sorted(rows, key=lambda row: row[3])  # stable: ties stay in the order of the file
    if filters.duplicates != "keep":
        kept = {}
        for number, row in enumerate(rows):
            if filters.duplicates == "last" or row[:2] not in kept:
                kept[row[:2]] = number
        rows = [rows[number] for number in sorted(kept.values())]
    while True:
        users, items = Counter(row[0] for row in rows), Counter(row[1] for row in rows)
        left = [row for row in rows if users[row[0]] >= max(filters.core, filters.min_history)
                and items[row[1]] >= filters.core]
        if len(left) == len(rows):
            return left
        rows = left


@given(tables, st.sampled_from([None, 2, 3.5]), st.sampled_from(["keep", "first", "last"]), st.integers(0, 4),
       st.integers(1, 4))
def test_filters_are_what_they_say(tmp_path_factory, rows, above, duplicates, core, min_history):
    path = put(tmp_path_factory.mktemp("filters"), "x.csv", csv_of(rows))
    filters = Filters(above=above, duplicates=duplicates, core=core, min_history=min_history)
    left, steps = filtered_by_hand(rows, filters), []
    if not left:
        with pytest.raises(DataError, match="x.csv: no interactions are left"):
            import_file(path, filters=filters)
        return
    data = import_file(path, filters=filters, on_step=steps.append)
    expected = {}
    for user, item, *_ in left:
        expected.setdefault(user, []).append(item)
    assert histories(data) == expected
    assert (steps[0].what, steps[0].interactions) == ("read", len(rows))
    assert (steps[-1].users, steps[-1].items, steps[-1].interactions) == (data.n_users, data.n_items, len(left))


def test_a_core_needs_more_than_one_pass(tmp_path):
    """User 3 falls with item 30, and then item 20 with user 3."""
    rows = [(1, 10), (1, 11), (2, 10), (2, 11), (1, 20), (3, 20), (3, 30)]
    data = import_file(put(tmp_path, "x.csv", csv_of(rows)), filters=Filters(core=2, min_history=0))
    assert histories(data) == {1: [10, 11], 2: [10, 11]}


def test_ties_stay_or_are_shuffled_by_their_seed_alone(tmp_path):
    rows = [("u", item, 1, item // 20) for item in range(60)]
    path = put(tmp_path, "x.csv", csv_of(rows))

    def order(**options):
        return import_file(path, filters=Filters(**options)).items.tolist()

    first, again, other = (order(ties="shuffle", tie_seed=seed) for seed in (1, 1, 2))
    assert order() == list(range(60)) != first == again != other
    assert [item // 20 for item in first] == [0] * 20 + [1] * 20 + [2] * 20, "only ties move"


def test_share_of_ties():
    assert tied_share(np.array([1, 1, 1, 2]), np.array([5.0, 5.0, 6.0, 5.0])) == 0.5
    assert tied_share(np.array([1, 2]), None) is None


def test_imported_data_carry_their_split(tmp_path):
    rows = [(user, place % 4, 5, 10 * place + user) for user in range(4) for place in range(8)]
    path = put(tmp_path, "x.csv", csv_of(rows))
    data = import_file(path, split=SplitRule("time", (0.5, 0.8), row_history=2))
    assert data.given.rule == "cut in time at 33 and 60" and len(data.given.test) == 7
    assert make_split(import_file(path, split=SplitRule("last-n", n=2))).n_rows("valid") == 8
    assert len({import_file(path, split=rule).sha256 for rule in (SplitRule(), SplitRule("time"), SplitRule("last-n"))}) == 3
    with pytest.raises(ConfigError, match="--split: unknown split 'odd'"):
        import_file(path, split=SplitRule("odd"))


# --- Directories ---------------------------------------------------------------------------------------------

def same(first, second) -> bool:
    assert histories(first) == histories(second)
    assert content_sha256(first) == content_sha256(second) == first.sha256 == second.sha256
    return (first.titles is None) == (second.titles is None) and (
        first.titles is None or first.titles.tolist() == second.titles.tolist())


letters = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"))
texts = st.builds(lambda first, rest: (first + rest).strip(), st.sampled_from("aÉ\"'#0{雪"), st.text(letters, max_size=7))
numbers = st.integers(1, 2**63 - 1).map(str)
times = st.floats(-1e15, 1e15, width=64) | st.integers(-10**12, 10**12)


@given(data=st.data(), ids=st.sampled_from([texts, numbers]), kind=st.sampled_from(EXPORTS), zipped=st.booleans())
def test_round_trip(tmp_path_factory, data, ids, kind, zipped):
    """import -> save -> load -> export -> import gives the same data, in every format that can hold them."""
    folder = tmp_path_factory.mktemp("round")
    users, items = (data.draw(st.lists(ids, min_size=1, max_size=4, unique=True)) for _ in "ui")
    timed = data.draw(st.booleans())
    rows = data.draw(st.lists(st.tuples(st.sampled_from(users), st.sampled_from(items)), min_size=1, max_size=20))
    row_times = data.draw(st.lists(times, min_size=len(rows), max_size=len(rows)))
    titles = {item: data.draw(texts) for item in items} if data.draw(st.booleans()) else {}
    objects = [{"user": user, "item": item, **({"time": time} if timed else {}),
                **({"title": titles[item]} if titles else {})} for (user, item), time in zip(rows, row_times)]
    source = put(folder, "x.jsonl", "".join(json.dumps(row) + "\n" for row in objects))
    imported = import_file(source, filters=ALL)
    loaded = load(save(imported, folder / "saved"))
    assert same(imported, loaded)
    target = folder / f"out{'.txt' if kind == 'text' else '.' + kind}{'.gz' * (zipped and kind not in ('text', 'inter'))}"
    if kind == "text":
        long_enough = np.diff(loaded.offsets).min() >= 3 and ids is numbers
        if not long_enough:
            return
        again = import_file(export(loaded, target, kind), filters=ALL)
        assert histories(again) == histories(loaded)
        return
    again = import_file(export(loaded, target, kind), filters=ALL)
    assert same(loaded, again)


def small(folder, **options):
    return import_file(put(folder, "x.csv", csv_of(ROWS)), filters=ALL, **options)


def test_arrays_are_memory_mapped(tmp_path):
    loaded = load_directory(save(small(tmp_path), tmp_path / "d"))
    assert isinstance(loaded.items, np.memmap) and isinstance(loaded.timestamps, np.memmap)
    assert not loaded.items.flags.writeable


def test_a_split_comes_back(tmp_path):
    rows = [(user, place % 4, 5, 10 * place + user) for user in range(4) for place in range(8)]
    data = import_file(put(tmp_path, "x.csv", csv_of(rows)), split=SplitRule("time", (0.5, 0.8)))
    loaded = load(str(save(data, tmp_path / "d")))
    verify_content(loaded, tmp_path / "d")
    one, other = make_split(data), make_split(loaded)
    assert loaded.given.rule == data.given.rule
    for part in ("valid", "test"):
        assert (one.target(part) == other.target(part)).all()
    assert (one.train_items == other.train_items).all() and (one.is_target == other.is_target).all()


def test_a_directory_is_found_by_its_bare_name(tmp_path, monkeypatch):
    save(small(tmp_path), tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    assert load("mine").name == "x"


def test_nothing_is_written_over(tmp_path):
    data = small(tmp_path)
    for write in (lambda path: save(data, path), lambda path: export(data, path, "csv")):
        (tmp_path / "taken").write_text("mine")
        with pytest.raises(DataError, match="taken: there is something here already"):
            write(tmp_path / "taken")
        with pytest.raises(DataError, match="x.csv.*cannot be written|cannot be written"):
            write(tmp_path / "taken" / "below")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["taken", "x.csv"]
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_failed_save_leaves_nothing(tmp_path, monkeypatch):
    data = small(tmp_path)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(DataError, match="No space left on device"):
        save(data, tmp_path / "d")
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


@pytest.mark.parametrize("damage, message", [
    (lambda d: (d / "items.npy").unlink(), "items.npy is missing"),
    (lambda d: (d / "items.npy").write_bytes((d / "items.npy").read_bytes()[:-4]), "items.npy: not readable as an array"),
    (lambda d: (d / "items.npy").write_bytes(b""), "items.npy: not readable as an array"),
    (lambda d: np.save(d / "items.npy", np.zeros(6)), "items.npy: an array of type float64"),
    (lambda d: np.save(d / "items.npy", np.full(6, 3, dtype=np.int32)), "items.npy: does not fit"),
    (lambda d: np.save(d / "offsets.npy", np.array([0, 7, 6])), "offsets.npy: does not fit"),
    (lambda d: np.save(d / "timestamps.npy", np.zeros(5)), "timestamps.npy: does not fit"),
    (lambda d: (d / "item_ids.txt").unlink(), "item_ids.npy or item_ids.txt is missing"),
    (lambda d: (d / "user_ids.txt").write_text("u2\n"), "offsets.npy: does not fit"),
    (lambda d: (d / "user_ids.txt").write_bytes(b"\xff\n"), "user_ids.txt: cannot be read"),
    (lambda d: (d / "dataset.toml").write_text("format = "), "dataset.toml: cannot be read"),
    (lambda d: (d / "dataset.toml").write_text("format = 9"), "the data set has format 9"),
    (lambda d: (d / "dataset.toml").write_text("format = 1"), "dataset.toml: name is missing"),
    (lambda d: (d / "dataset.toml").unlink(), "no data set here: dataset.toml is missing"),
])
def test_damaged_directories(tmp_path, damage, message):
    folder = save(small(tmp_path), tmp_path / "d")
    damage(folder)
    with pytest.raises(DataError, match=re.escape(message)):
        load_directory(folder)


def test_changed_content_is_found_when_asked(tmp_path):
    folder = save(small(tmp_path), tmp_path / "d")
    array = np.load(folder / "items.npy")
    np.save(folder / "items.npy", array[::-1])
    with pytest.raises(DataError, match="dataset.toml: the content does not have the sha256"):
        verify_content(load_directory(folder), folder)


def test_a_leak_in_a_stored_split_is_found(tmp_path):
    rows = [(user, place % 4, 5, 10 * place + user) for user in range(4) for place in range(8)]
    data = import_file(put(tmp_path, "x.csv", csv_of(rows)), split=SplitRule("last-n", n=1))
    given = replace(data.given, train_lengths=data.given.train_lengths + 1)
    folder = save(replace(data, given=given), tmp_path / "d")
    with pytest.raises(DataError, match="a valid target of user 0 is among the items that train"):
        load_directory(folder)


# --- Bad files -----------------------------------------------------------------------------------------------

HEAD = "user_id,item_id,rating,timestamp\n"
GOOD = HEAD + "u,a,5,1\nu,b,5,2\nu,c,5,3\n"
LONG = "x" * 10_000_000


@pytest.mark.parametrize("name, content, line, message", [
    ("x.csv", "", None, "the file is empty"),
    ("x.csv", HEAD, None, "has no rows"),
    ("x.csv", "who,what\nu,a\n", 1, "no column looks like the user. The columns are 'who', 'what'. Say which"),
    ("x.csv", "196,242,3,881250949\n", 1, "no column looks like the user"),
    ("x.csv", "user_id,userId,item\nu,u,a\n", 1, "the user may be column 'user_id' or 'userId'. Say which"),
    ("x.csv", "user,user,item\nu,u,a\n", 1, "two columns are called 'user'"),
    ("x.csv", GOOD + "u,a,5\n", 5, "3 values in 4 columns"),
    ("x.csv", GOOD + "u,a,5,4,5\n", 5, "5 values in 4 columns"),
    ("x.csv", GOOD + "u,a,good,4\n", 5, "the rating 'good' is not a finite number"),
    ("x.csv", GOOD + "u,a,NaN,4\n", 5, "the rating 'NaN' is not a finite number"),
    ("x.csv", GOOD + "u,a,,4\n", 5, "the rating '' is not a finite number"),
    ("x.csv", GOOD + "u,a,5,inf\n", 5, "the time 'inf' is not a finite number"),
    ("x.csv", GOOD + "u,a,5,2020-01-01\n", 5, "the time '2020-01-01' is not a finite number"),
    ("x.csv", HEAD + "u,a,5,2020-01-01\nu,b,5,17\n", 3, "the time '17' is not a date such as"),
    ("x.csv", HEAD + "u,a,5,yesterday\n", 2, "the time 'yesterday' is not a date"),
    ("x.csv", GOOD + ",a,5,4\n", 5, "the user id is missing"),
    ("x.csv", GOOD + "u,nan,5,4\n", 5, "the item id is missing ('nan')"),
    ("x.csv", GOOD + "u,-1,5,4\n", 5, "negative item id -1"),
    ("x.csv", GOOD + "u," + "9" * 201 + ",5,4\n", 5, "has 201 characters"),
    ("x.csv", GOOD + "u,a\x00b,5,4\n", 5, "holds a character that is no text"),
    ("x.csv", GOOD + "\nu,d,5,4\n", 5, "empty line"),
    ("x.csv", GOOD + f"u,{LONG},5,4\n", 5, "the line is longer than 1,000,000 characters"),
    ("x.csv", GOOD + 'u,"a,5,4\nu,b,5,5\n', 6, "not CSV"),
    ("x.csv", GOOD + 'u,"a"b,5,4\n', 5, "not CSV"),
    ("x.csv", GOOD.encode() + b"u,\xe9,5,4\n", 5, "byte 0xe9 is not UTF-8"),
    ("x.csv", GOOD.encode("utf-16"), 1, "is not UTF-8"),
    ("x.inter", "user_id\titem_id\nu\ta\n", 1, "column 'user_id' does not say its type"),
    ("x.jsonl", "", None, "the file is empty"),
    ("x.jsonl", '{"user": "u", "item": "a"}\n{"user": "u", "item"\n', 2, "not JSON"),
    ("x.jsonl", '{"user": "u", "item": "a"}\n["u", "a"]\n', 2, "a JSON list, not an object"),
    ("x.jsonl", '{"user": "u", "item": "a"}\n{"user": "u"}\n', 2, "the item id is missing"),
    ("x.jsonl", '{"user": "u", "item": 1.5}\n', 1, "the item id is missing"),
    ("x.jsonl", '{"user": true, "item": 1}\n', 1, "the user id is missing"),
    ("x.jsonl", '{"user": "u", "item": "\\ud800"}\n', 1, "holds a character that is no text"),
    ("x.jsonl", '{"user": 1, "item": 1, "rating": NaN}\n', 1, "the rating 'nan' is not"),
    ("x.jsonl", '{"user": 1, "item": 1, "rating": true}\n', 1, "the rating 'True' is not"),
    ("x.jsonl", '{"user": 1, "item": ' + "9" * 5000 + "}\n", 1, "not JSON"),
    ("x.jsonl", "[" * 100_000 + "\n", 1, "not JSON"),
    ("x.jsonl", '{"user": 1, "item": 1}\n\n{"user": 1, "item": 2}\n', 2, "empty line"),
    ("x.jsonl", '{"a": 1}\n', 1, "no column looks like the user"),
])
def test_bad_files(tmp_path, name, content, line, message):
    path = put(tmp_path, name, content)
    with pytest.raises(DataError) as caught:
        import_file(path, filters=ALL)
    where = f"{path}:{line}: " if line else f"{path}: "
    assert str(caught.value).startswith(where) and message in str(caught.value)
    assert len(str(caught.value)) < 600


def test_truncated_and_false_gzip(tmp_path):
    whole = gzip.compress(csv_of([(user, user, 5, user) for user in range(20000)]).encode())
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(whole[:len(whole) // 2])
    with pytest.raises(DataError, match=r"cut.csv.gz:\d{3,}: not a whole gzip file"):
        import_file(cut)
    cut.write_bytes(csv_of(ROWS).encode())
    with pytest.raises(DataError, match="cut.csv.gz:1: not a whole gzip file"):
        import_file(cut)
    cut.write_bytes(gzip.compress(GOOD.encode() + b"u,\xe9,5,4\n"))
    with pytest.raises(DataError, match="cut.csv.gz:5: byte 0xe9 is not UTF-8"):
        import_file(cut)


@pytest.mark.parametrize("call, message", [
    (lambda path: import_file(path.parent / "none.csv"), "none.csv: no such file"),
    (lambda path: import_file(path.parent, "csv"), "is a directory, not a data file"),
    (lambda path: import_file(path.parent / "x.xlsx"), "x.xlsx: the name does not say which format"),
    (lambda path: import_file(path, "parquet"), "--format: unknown format 'parquet'"),
    (lambda path: import_file(path, columns=Columns(user="who")), "no column 'who', which was asked for as the user"),
    (lambda path: import_file(path, columns=Columns(user="-")), "the user column cannot be left out"),
    (lambda path: import_file(path, columns=Columns(item="user_id", user="user_id")), "one column cannot be two"),
    (lambda path: import_file(path, columns=Columns(rating="-"), filters=Filters(above=3)), "but no ratings"),
    (lambda path: import_file(path, columns=Columns(time="-"), filters=Filters(ties="shuffle")), "but no timestamps"),
    (lambda path: import_file(path, columns=Columns(time="-"), split=SplitRule("time")), "has no timestamps"),
    (lambda path: import_file(path, filters=Filters(ties="luck")), "unknown rule for ties"),
    (lambda path: import_file(path, filters=Filters(duplicates="luck")), "unknown rule for duplicates"),
    (lambda path: import_file(path, filters=Filters(core=-1)), "a core of -1"),
    (lambda path: import_file(path, filters=Filters(above=5)), "no interactions are left"),
    (lambda path: import_file(path, items_file=path), "no column looks like the title"),
])
def test_bad_wishes(tmp_path, call, message):
    with pytest.raises(MiniReaRecError, match=re.escape(message)):
        call(put(tmp_path, "x.csv", GOOD))


def test_one_user_and_one_item_are_data(tmp_path):
    data = import_file(put(tmp_path, "x.csv", csv_of([("u", "a", 5, 1)] * 3)))
    assert histories(data) == {"u": ["a", "a", "a"]}


def test_text_format_needs_numbers(tmp_path):
    with pytest.raises(DataError, match="user ids are not whole numbers from 0 up"):
        export(small(tmp_path), tmp_path / "x.txt", "text")
    with pytest.raises(ConfigError, match="unknown format 'xml'"):
        export(small(tmp_path), tmp_path / "x.xml", "xml")


def test_no_time_zone_and_no_limit_is_changed(tmp_path):
    import csv

    before = csv.field_size_limit()
    with pytest.raises(DataError):
        import_file(put(tmp_path, "x.csv", GOOD + "u,a\n"))
    assert csv.field_size_limit() == before


pieces = st.sampled_from(["user_id", "item_id", "rating", "timestamp", "u1", "i1", "5", "nan", "-3", "1e400", '"', ",",
                          "\t", "\n", "\r\n", ":token", ":float", "{", "}", '"user":', '"item":', "[", "null", "\x00", "é",
                          "2020-01-01", "9" * 25, " "]) | st.text(max_size=3)


@given(kind=st.sampled_from(["csv", "tsv", "jsonl", "inter", "text"]), parts=st.lists(pieces, max_size=40),
       head=st.sampled_from(["", GOOD, "user_id:token\titem_id:token\n", '{"user": "u", "item": 1}\n']), raw=st.binary(max_size=4))
def test_no_file_breaks_the_parsers(tmp_path_factory, kind, parts, head, raw):
    """Whatever a file holds, it is read or refused with a message that names it."""
    path = tmp_path_factory.mktemp("fuzz") / "x.dat"
    path.write_bytes((head + "".join(parts)).encode("utf-8", "surrogatepass") + raw)
    try:
        data = import_file(path, kind, filters=ALL)
    except MiniReaRecError as error:
        assert str(path) in str(error)
    else:
        assert data.n_interactions == len(data.items) > 0
        assert same(data, load_directory(save(data, path.parent / "saved")))
