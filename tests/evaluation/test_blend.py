"""The weights of a blend have the highest likelihood; it has the rows of its parts, and one for their weighted sum."""

import numpy as np
import pytest

from minirearec.data import beauty_sim, leave_one_out
from minirearec.errors import EvaluationError
from minirearec.evaluation import blend as blend_module
from minirearec.evaluation.blend import Blend, evidence, fit_weights, newest
from minirearec.evaluation.full_ranking import ORACLE, evaluate
from minirearec.evaluation.scorers import Row

V = 40


class Table:
    """A scorer that reads the newest item only: a random table, and what it knows of the truth."""

    rows = (Row("step 0", 0), Row("step 1", 1))
    answer = rows[1]

    def __init__(self, seed: int, max_length: int = 5, knows=None, sure: float = 0.0):
        self.max_length = max_length
        self.table = np.random.default_rng(seed).standard_normal((2, V, V))
        if knows is not None:
            self.table[1] += sure * knows

    def states(self, items, lengths):
        assert items.shape[1] <= self.max_length
        return items[np.arange(len(items)), lengths - 1]

    def states_of_one(self, history):
        return history[-1:]

    def scores(self, states, row, out=None):
        return self.table[row.step][states]


@pytest.fixture(scope="module")
def split():
    return leave_one_out(beauty_sim(users=300, items=V, interactions=2400))


@pytest.fixture(scope="module")
def truth(split):
    """Return how often validation targets follow an item, as log counts [V, V]."""
    counts = np.zeros((V, V))
    for row in range(split.n_rows("valid")):
        counts[split.history(row, "valid")[-1], split.target("valid")[row]] += 1
    return np.log1p(counts)


def loss_by_hand(weights, parts, split, best=V) -> float:
    """Return the mean of ``-log p(target)``, user by user, over the items that some part ranks among its best ones."""
    losses = []
    for row, target in enumerate(split.target("valid")):
        history = split.history(row, "valid")
        free = np.setdiff1d(np.arange(V), np.setdiff1d(history, [target]))
        scores = [part.scores(part.states_of_one(history), part.answer)[0] for part in parts]
        tops = [free[np.argsort(-own[free])][:best] for own in scores]
        competing = np.unique(np.concatenate(tops))
        if target in competing:
            blended = sum(weight * own for weight, own in zip(weights, scores, strict=True))
            losses.append(np.log(np.exp(blended[competing]).sum()) - blended[target])
    return float(np.mean(losses))


@pytest.mark.parametrize("best", [3, 10, 100])
def test_weights_have_the_highest_likelihood(best, split, truth, monkeypatch):
    monkeypatch.setattr(blend_module, "BEST", best)
    parts = [Table(1, 5, truth, 2.0), Table(2, 3, truth, 0.5), Table(3, 1)]
    weights = fit_weights(parts, split)
    lowest = loss_by_hand(weights, parts, split, best)
    assert lowest < loss_by_hand([1, 0, 0], parts, split, best) - 0.01
    for number in range(3):
        for change in (-0.02, 0.02):
            other = weights.copy()
            other[number] += change
            assert loss_by_hand(other, parts, split, best) > lowest


def test_without_a_target_among_the_best_there_is_nothing_to_fit(split, monkeypatch):
    monkeypatch.setattr(blend_module, "BEST", 0)
    with pytest.raises(EvaluationError, match="no model ranks a validation target among its 0 best items"):
        fit_weights([Table(1)], split)


def test_models_that_say_the_same_share_a_weight(split, truth):
    one = Table(1, 5, truth, 1.0)
    alone, = fit_weights([one], split)
    assert fit_weights([one, one], split) == pytest.approx([alone / 2, alone / 2], rel=1e-3)


def test_a_start_that_overshoots_still_converges(split, truth):
    """Scores a thousand times as large: a step of Newton's method from far away must be halved."""
    small, large = Table(1, 5, truth, 2.0), Table(1, 5, truth, 2.0)
    large.table *= 1000
    assert 1000 * fit_weights([large], split) == pytest.approx(fit_weights([small], split), rel=1e-3)


def test_a_diverged_model_is_an_error(split):
    broken = Table(1)
    broken.table[1, 3] = np.nan
    with pytest.raises(EvaluationError, match="blend: the scores of a model contain NaN"):
        fit_weights([broken], split)


def test_scores_that_are_no_logarithms_enter_as_such():
    counting = Table(1)
    counting.logarithmic = False
    states = np.array([3, 5])
    raw = counting.table[1][states]
    both = evidence([Table(1), counting], [states, states])
    assert np.array_equal(both[0], raw) and both[1] == pytest.approx(np.log(1 + np.maximum(raw, 0)))


def test_a_blend_has_the_rows_of_its_parts_and_one_of_its_own(split):
    parts = {"ours": Table(1, 5), "theirs": Table(2, 2)}
    blend = Blend(parts, np.array([0.5, 2.0]))
    found = evaluate(blend, split)
    assert list(found.excluded) == ["step 0", "step 1", "theirs", "blend", ORACLE] and found.answer == "step 1"
    alone = {name: evaluate(part, split) for name, part in parts.items()}
    for row, expected in (("step 0", alone["ours"].excluded["step 0"]), ("step 1", alone["ours"].excluded["step 1"]),
                          ("theirs", alone["theirs"].excluded["step 1"]), (ORACLE, alone["ours"].excluded[ORACLE])):
        assert np.array_equal(found.excluded[row].above, expected.above)
    users = np.arange(20)
    items, lengths = split.inputs(users, "test", blend.max_length)
    last = items[users, lengths - 1]
    expected = 0.5 * parts["ours"].table[1][last] + 2.0 * parts["theirs"].table[1][last]
    assert blend.scores(blend.states(items, lengths), blend.blend) == pytest.approx(expected)
    one = blend.scores(blend.states_of_one(split.history(7, "test")), blend.blend)
    assert one[0] == pytest.approx(expected[7])
    assert blend.to_dict() == {"row": "blend", "weights": {"ours": 0.5, "theirs": 2.0}}


def test_a_refit_takes_the_weights_of_the_models_before_it(split, truth):
    before, after = {"a": Table(1, 5, truth, 1.0), "b": Table(2)}, {"a": Table(3), "b": Table(4)}
    blend = Blend.fit(before, split, after)
    assert blend.parts is after and np.array_equal(blend.weights, fit_weights(list(before.values()), split))


def test_the_newest_items_are_kept():
    items, lengths = np.array([[1, 2, 3, 4], [5, 6, 0, 0]]), np.array([4, 2])
    for most, kept, rows in ((3, [3, 2], [[2, 3, 4], [5, 6, 0]]), (1, [1, 1], [[4], [6]]), (9, [4, 2], items.tolist())):
        found, length = newest(items, lengths, most)
        assert found.tolist() == rows and length.tolist() == kept


def test_each_part_reads_as_much_of_one_history_as_it_can(split):
    parts = {"a": Table(1, 5), "b": Table(2, 2)}
    read = []
    for part in parts.values():
        part.states_of_one = lambda history: read.append(len(history))
    Blend(parts, np.ones(2)).states_of_one(np.arange(9))
    assert read == [5, 2]
