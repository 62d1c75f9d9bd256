"""Lists for many users are those of one at a time, and their files carry nothing that acts."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.errors import ConfigError, DataError, ExportError, HistoryError
from minirearec.lists import histories_of, read_histories, read_users, recommend_all, write_lists
from minirearec.recommender import Recommendation, Recommender
from minirearec.training import Trainer
from tests.small import SMALL, finish

HOSTILE = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", " =1", "\x1b[2Jgone", "\u202egnp.exe", "a,b\"c\nd", "fine"]


@pytest.fixture(scope="module", params=["erl", "bert4rec", "counts"])
def model(request, data, tmp_path_factory) -> Recommender:
    settings = {"method": "erl", "backbone": "bert4rec"} if request.param == "bert4rec" else {"method": request.param}
    config = Config.make(**{**SMALL, "epochs": 1, "max_length": 8, "initial_std": 0.3, **settings})
    trainer = Trainer(config, data, out=tmp_path_factory.mktemp("runs") / "run")
    finish(trainer)
    return trainer.recommender()


@pytest.mark.parametrize("keep_seen", [False, True])
def test_every_list_is_that_of_one_at_a_time(model, data, keep_seen):
    found = list(recommend_all(model, histories_of(model), 7, keep_seen))
    assert [user for user, _ in found] == data.user_ids.tolist()
    for user, row in found:
        steps = model.recommend(model.history_of(user), 80, keep_seen)
        all_items = next(one for one in steps if one.row == model.answer)
        assert row.row == model.answer and len(row.items) == 7
        scores = dict(zip(all_items.items, all_items.scores, strict=True))
        # The same items, unless two scores differ by rounding only.
        assert row.scores == pytest.approx(all_items.scores[:7], rel=1e-4, abs=1e-5)
        assert [scores[item] for item in row.items] == pytest.approx(all_items.scores[:7], rel=1e-4, abs=1e-5)


def test_a_bounded_number_of_histories_is_read_ahead(model):
    read = []

    def endless():
        for number in range(10**9):
            read.append(number)
            yield number, np.array([number % 80], dtype=np.int32)

    assert next(recommend_all(model, endless()))[0] == 0
    assert len(read) <= 256


def test_no_histories_no_lists(model):
    assert list(recommend_all(model, [])) == []
    with pytest.raises(ConfigError, match="0 items to recommend"):
        next(recommend_all(model, [], 0))


@pytest.fixture(scope="module")
def few() -> list:
    return [(text, Recommendation("step 2", [text, "other"], [1.5, -0.25])) for text in HOSTILE]


def test_csv_has_no_formula_and_no_escape_sequence(few, tmp_path):
    titles = {text: text for text in [*HOSTILE, "other"]}
    assert write_lists(tmp_path / "new" / "a.csv", few, titles) == len(HOSTILE)
    raw = (tmp_path / "new" / "a.csv").read_bytes().decode()
    assert not set("\x1b\u202e\r") & set(raw)
    with open(tmp_path / "new" / "a.csv", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["user", "rank", "item", "score", "title"] and len(rows) == 2 * len(HOSTILE)
    for user, rank, item, score, title in rows:
        assert not any(text.lstrip().startswith(("=", "+", "-", "@")) for text in (user, item, title))
        assert (rank, float(score)) in (("1", 1.5), ("2", -0.25)), "numbers stay numbers"
    assert rows[0][0] == "'" + HOSTILE[0] and rows[-1][2] == "other"


def test_json_lines_hold_every_text_as_it_is(few, tmp_path):
    write_lists(tmp_path / "a.jsonl", few)
    raw = (tmp_path / "a.jsonl").read_bytes()
    assert raw.isascii() and b"\x1b" not in raw
    assert [json.loads(line) for line in raw.splitlines()] == [
        {"user": user, "items": row.items, "scores": row.scores} for user, row in few]


def test_parquet_holds_the_same_rows(few, tmp_path, monkeypatch):
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")
    monkeypatch.setattr("minirearec.lists.ROWS_AT_A_TIME", 5)
    write_lists(tmp_path / "a.parquet", few, {text: f"title of {text}" for text in [*HOSTILE, "other"]})
    rows = parquet.read_table(tmp_path / "a.parquet").to_pylist()
    assert rows == [{"user": user, "rank": place + 1, "item": row.items[place], "score": row.scores[place],
                     "title": f"title of {row.items[place]}"} for user, row in few for place in range(2)]


def test_without_pyarrow_the_message_says_what_to_do(few, tmp_path, monkeypatch):
    monkeypatch.setattr("minirearec.lists.find_spec", lambda name: None)
    with pytest.raises(ExportError, match=r"pyarrow is not installed. Run: pip install pyarrow, or choose .csv"):
        write_lists(tmp_path / "a.parquet", few)


def test_a_file_is_whole_or_not_there(few, tmp_path):
    def broken():
        yield from few
        raise HistoryError("unknown item 99", "new.txt:7")

    for kind in ("csv", "jsonl"):
        with pytest.raises(HistoryError):
            write_lists(tmp_path / f"a.{kind}", broken())
    assert not list(tmp_path.iterdir())
    (tmp_path / "b.csv").write_text("mine")
    with pytest.raises(DataError, match="something here already"):
        write_lists(tmp_path / "b.csv", few)
    with pytest.raises(ConfigError, match=r"cannot write .xls. Choose a name that ends in .csv, .jsonl, .parquet"):
        write_lists(tmp_path / "b.xls", few)


def test_histories_from_a_file(model, tmp_path):
    path = tmp_path / "new.txt"
    path.write_text("anna 3 7\nbob\t5\n")
    found = [(user, history.tolist()) for user, history in read_histories(path, model)]
    assert found == [("anna", [2, 6]), ("bob", [4])]
    named = Recommender(model.scorer, replace(model.items, ids=np.array([f"film {item}" for item in range(80)])),
                        model.facts, model.load_data)
    path.write_text("anna\tfilm 3\tfilm 7\n")
    assert [history.tolist() for _, history in read_histories(path, named)] == [[3, 7]]


@pytest.mark.parametrize("line, what", [
    ("anna 99", "unknown item"), ("anna", "not a user and at least one item"), ("\t3", "not a user"),
    ("anna x", "'x' is not a whole number"), ("anna 1_0", "whole number"), ("anna " + "1" * 30, "whole number")])
def test_a_bad_line_is_named(line, what, model, tmp_path):
    (tmp_path / "new.txt").write_text(f"anna 3\n{line}\n")
    with pytest.raises((DataError, HistoryError), match=rf"new.txt:2: .*{what}"):
        list(read_histories(tmp_path / "new.txt", model))


def test_users_from_a_file(model, data, tmp_path):
    (tmp_path / "users.txt").write_text("12\n\n7\n\n")
    users = read_users(tmp_path / "users.txt", data.user_ids)
    assert users == [12, 7]
    assert [user for user, _ in histories_of(model, users)] == users
    with pytest.raises(DataError, match="unknown user 999"):
        list(histories_of(model, [999]))


@pytest.mark.parametrize("content", ["", "\n \n\t\n"])
def test_an_empty_file_is_named(content, model, data, tmp_path):
    (tmp_path / "empty.txt").write_text(content)
    with pytest.raises(DataError, match="empty.txt: is empty. Write a line for each user"):
        list(read_histories(tmp_path / "empty.txt", model))
    with pytest.raises(DataError, match="empty.txt: is empty"):
        read_users(tmp_path / "empty.txt", data.user_ids)


def test_histories_of_several_batches(model, monkeypatch):
    together = list(recommend_all(model, histories_of(model), 7))
    monkeypatch.setattr("minirearec.lists.users_at_a_time", lambda scores: 64)  # the last batch is a smaller one
    for (user, row), (same, other) in zip(together, recommend_all(model, histories_of(model), 7), strict=True):
        assert user == same and row.scores == pytest.approx(other.scores, rel=1e-4, abs=1e-5)
