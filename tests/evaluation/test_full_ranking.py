"""Evaluation uses each user's own target and history in any order of batches; the oracle takes the best step."""

from dataclasses import replace

import numpy as np
import pytest

from minirearec.data import beauty_sim, last_n, leave_one_out
from minirearec.data.sequences import Rows
from minirearec.errors import EvaluationError
from minirearec.evaluation import full_ranking
from minirearec.evaluation.full_ranking import ORACLE, best_step, evaluate
from minirearec.evaluation.metrics import per_user
from minirearec.evaluation.ranking import Ranks
from minirearec.evaluation.scorers import Row


class Peek:
    """A scorer with a fixed table per step, so that a test can check users and targets one by one."""

    rows = (Row("step 0", 0), Row("step 1", 1))
    answer = rows[1]
    max_length = 7

    def __init__(self, n_items):
        self.table = np.random.default_rng(0).permutation(2 * n_items).reshape(2, n_items).astype(float)

    def states(self, items, lengths):
        return items[np.arange(len(items)), lengths - 1]

    def scores(self, states, row, out=None):
        table = self.table[row.step]
        return np.roll(table, 1)[None] + (table[states] % 7)[:, None] * np.arange(len(table))


def test_ranks_equal_those_computed_user_by_user():
    data = beauty_sim(users=700, items=60, interactions=4200)  # more users than one batch
    split, scorer = leave_one_out(data), Peek(60)
    for part in ("valid", "test"):
        found = evaluate(scorer, split, part)
        for user in range(0, data.n_users, 13):
            history, target = split.history(user, part), split.target(part)[user]
            newest = history[-7:][None]
            for row in scorer.rows:
                scores = scorer.scores(scorer.states(newest, np.array([newest.shape[1]])), row)
                own = scores[0, target]
                assert found.kept[row.name].above[user] == (scores[0] > own).sum()
                rest = np.setdiff1d(np.arange(60), np.setdiff1d(history, [target]))
                assert found.excluded[row.name].above[user] == (scores[0, rest] > own).sum()


def test_a_part_without_rows_is_refused():
    split = leave_one_out(beauty_sim(users=50, items=40, interactions=400))
    split = replace(split, valid=Rows(split.valid.user[:0], split.valid.length[:0]))
    with pytest.raises(EvaluationError, match="the valid part has no rows"):
        evaluate(Peek(40), split, "valid")


def test_the_oracle_takes_the_better_step_of_each_user():
    first = Ranks(np.array([0, 5, 3]), np.array([0, 0, 2]))
    second = Ranks(np.array([1, 2, 3]), np.array([0, 0, 0]))
    best = best_step([first, second])
    assert best.above.tolist() == [0, 2, 3] and best.tied.tolist() == [0, 0, 0]


def test_results_name_every_row_and_the_answer():
    split = leave_one_out(beauty_sim(users=30, items=30, interactions=300))
    full = evaluate(Peek(30), split).to_dict()
    assert list(full["excluded"]) == ["step 0", "step 1", ORACLE] and full["answer"] == "step 1"
    assert full["users"] == full["targets"] == 30
    short = evaluate(Peek(30), split, only_answer=True).to_dict()
    assert short["excluded"] == {"step 1": full["excluded"]["step 1"]}


def test_users_with_several_targets_are_counted_once():
    split = last_n(beauty_sim(users=30, items=30, interactions=300), 2)
    found = evaluate(Peek(30), split).to_dict()
    assert found["targets"] == 60 and found["users"] == 30


def test_targets_are_grouped_by_how_often_training_saw_them():
    split = leave_one_out(beauty_sim(users=300, items=60, interactions=1800))
    rare = split.train_items < 20
    split = replace(split, train_items=np.where(rare & (np.cumsum(rare) > 40), 59, split.train_items))
    often = np.array([(split.train_items == target).sum() for target in split.target("test")])
    found = evaluate(Peek(60), split)
    groups, members = found.to_dict()["seen_in_training"], {"0": often == 0, "1 to 5": (often > 0) & (often < 6),
                                                            "more": often > 5}
    assert list(groups) == ["0", "1 to 5", "more"]
    for name, own in members.items():
        assert groups[name]["targets"] == own.sum() > 0
        for seen in ("excluded", "kept"):
            values = per_user(getattr(found, seen)["step 1"])
            assert groups[name][seen] == {metric: value[own].mean() for metric, value in values.items()}


def test_groups_without_targets_are_left_out():
    split = leave_one_out(beauty_sim(users=300, items=30, interactions=3000))
    found = evaluate(Peek(30), split).to_dict()
    assert found["seen_in_training"] == {"more": {"targets": 300, "excluded": found["excluded"]["step 1"],
                                                  "kept": found["kept"]["step 1"]}}


class Overwriting(Peek):
    """A scorer that writes its scores into the given memory, as engines do."""

    def scores(self, states, row, out=None):
        found = super().scores(states, row)
        if out is None:
            return found
        out[:] = found
        return out


def test_a_scorer_may_write_into_the_given_memory():
    split = leave_one_out(beauty_sim(users=700, items=60, interactions=4200))
    assert evaluate(Overwriting(60), split).to_dict() == evaluate(Peek(60), split).to_dict()


@pytest.mark.parametrize("limit, users", [(60 * 7, 7), (60 * 7 + 59, 7), (59, 1), (10**9, 256)])
def test_the_scores_held_at_a_time_are_bounded(limit, users, monkeypatch):
    sizes = []

    class Watched(Peek):
        def scores(self, states, row, out=None):
            sizes.append(len(states))
            return super().scores(states, row)

    split = leave_one_out(beauty_sim(users=700, items=60, interactions=4200))
    expected = evaluate(Peek(60), split).to_dict()
    monkeypatch.setattr(full_ranking, "SCORES_AT_A_TIME", limit)
    assert evaluate(Watched(60), split).to_dict() == expected
    assert max(sizes) == users
