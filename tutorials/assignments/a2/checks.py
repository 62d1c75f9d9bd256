"""The checks of assignment a2. Expected values: minirearec.reference.attention, or the equations entry by entry."""

import math

import numpy as np
from hypothesis import strategies as st

from minirearec.reference import attention as library
from minirearec_tutorials.grading.checks import check, expect_close, numbers, seeds, shaped, sizes


@st.composite
def scenes(draw):
    """Scores [Q, T] and a mask with at least one True in a row."""
    Q, T = draw(sizes(1, 3)), draw(sizes(1, 4))
    row = st.lists(st.integers(-3, 3), min_size=T, max_size=T)
    may_see = st.lists(st.booleans(), min_size=T, max_size=T).filter(any)
    return {"scores": np.array(draw(st.lists(row, min_size=Q, max_size=Q)), dtype=float),
            "mask": np.array(draw(st.lists(may_see, min_size=Q, max_size=Q)))}


# Task 2.1

@check("2.1")
def three_items(student):
    """Of three items the first sees itself, the last sees all."""
    expect_close(student.causal_mask(3), np.array([[True, False, False], [True, True, False], [True, True, True]]),
                 "causal_mask(3)")


@check("2.1", T=sizes(1, 6))
def everyone_sees_itself(student, T):
    """Every position sees itself, and position i sees i + 1 positions in total."""
    mask = shaped(student.causal_mask(T), (T, T), "the mask")
    expect_close(np.diagonal(mask), np.ones(T, dtype=bool), "the diagonal of the mask")
    expect_close(mask.sum(axis=1), np.arange(1, T + 1), "how many positions each row sees")


@check("2.1", T=sizes(1, 6))
def mask_of_the_library(student, T):
    """The mask is that of minirearec.reference.attention.causal_mask."""
    expect_close(student.causal_mask(T), library.causal_mask(T)[0, 0], f"causal_mask({T})")


# Task 2.2

@check("2.2")
def example_of_the_text(student):
    """Two queries of width 4 and one key: inner products divided by 2."""
    query, key = np.array([[1.0, 2, 0, 1], [0, 4, 1, 1]]), np.array([[3.0, 1, 5, 1]])
    expect_close(student.attention_scores(query, key), np.array([[3.0], [5.0]]), "the scores")


@check("2.2", Q=sizes(1, 3), T=sizes(1, 3), d=sizes(1, 4), seed=seeds())
def every_column_twice(student, Q, T, d, seed):
    """Writing every column of queries and keys twice makes the scores sqrt(2) times as large, not 2 times."""
    query, key = numbers(seed, Q, d), numbers(seed + 1, T, d)
    once = shaped(student.attention_scores(query, key), (Q, T), "the scores")
    expect_close(student.attention_scores(np.repeat(query, 2, axis=1), np.repeat(key, 2, axis=1)), once * math.sqrt(2),
                 "the scores with every column twice")


@check("2.2", Q=sizes(1, 3), T=sizes(1, 3), d=sizes(1, 4), seed=seeds())
def scores_entry_by_entry(student, Q, T, d, seed):
    """Each score is the sum of products divided by sqrt(d)."""
    query, key = numbers(seed, Q, d), numbers(seed + 1, T, d)
    expected = [[sum(a * b for a, b in zip(q, k, strict=True)) / math.sqrt(d) for k in key.tolist()]
                for q in query.tolist()]
    expect_close(student.attention_scores(query, key), np.array(expected), "the scores")


# Task 2.3

@check("2.3")
def weights_of_the_text(student):
    """The weights of the text's example under the causal mask."""
    scores = np.array([[0, math.log(2), math.log(5)]] * 3)
    expected = np.array([[1, 0, 0], [1 / 3, 2 / 3, 0], [1 / 8, 2 / 8, 5 / 8]])
    expect_close(student.masked_softmax(scores, np.tril(np.ones((3, 3), dtype=bool))), expected, "the weights")


@check("2.3", scene=scenes())
def rows_sum_to_one(student, scene):
    """Every row sums to 1, hidden positions get exactly 0, and visible ones get something."""
    scores, mask = scene.values()
    weights = shaped(student.masked_softmax(scores, mask), scores.shape, "the weights")
    expect_close(weights.sum(axis=1), np.ones(len(scores)), "the sum of each row of weights")
    expect_close(weights > 0, mask, "where the weights are above 0")


@check("2.3", scene=scenes())
def hidden_scores_have_no_influence(student, scene):
    """With every hidden score replaced by 1000 the weights stay what they were."""
    scores, mask = scene.values()
    before = student.masked_softmax(scores, mask)
    expect_close(student.masked_softmax(np.where(mask, scores, 1000.0), mask), before,
                 "the weights after setting hidden scores to 1000")


@check("2.3", scene=scenes(), shift=st.sampled_from([1000.0, -1000.0]))
def a_constant_cancels(student, scene, shift):
    """Adding 1000 (or -1000) to all scores changes no weight, and nothing overflows."""
    scores, mask = scene.values()
    expect_close(student.masked_softmax(scores + shift, mask), _softmax(scores, mask),
                 f"the weights after adding {shift:g} to all scores")


@check("2.3", scene=scenes(), apart=st.sampled_from([1000.0, -1000.0]))
def rows_far_apart(student, scene, apart):
    """Every row has a constant of its own that cancels: with rows 1000 apart the weights stay what they were."""
    scores, mask = scene.values()
    shifts = apart * np.arange(len(scores))[:, None]
    expect_close(student.masked_softmax(scores + shifts, mask), _softmax(scores, mask),
                 f"the weights after adding 0, {apart:g}, {2 * apart:g}, .. to the rows")


@check("2.3", scene=scenes(), scale=st.sampled_from([1000.0, 1e9]))
def scores_far_apart(student, scene, scale):
    """With scores far apart, the largest visible ones share all the weight, even if what is hidden is larger."""
    scores, mask = scene.values()
    visible = np.where(mask, scores, -np.inf)
    largest = visible == visible.max(axis=1, keepdims=True)
    expect_close(student.masked_softmax(scores * scale, mask), largest / largest.sum(axis=1, keepdims=True),
                 f"the weights for scores {scale:g} times as large", 1e-5, 1e-5)  # so large, sums lose digits


@check("2.3", scene=scenes(), sign=st.sampled_from([1, -1]))
def enormous_scores(student, scene, sign):
    """With scores of 1e40 or -1e40, the largest visible one has all the weight. Ranks replace scores: no ties."""
    scores, mask = scene.values()
    ranks = scores.ravel().argsort().argsort().reshape(scores.shape) - (scores.size if sign < 0 else 0)
    largest = np.where(mask, ranks, -np.inf).argmax(axis=1)
    expect_close(student.masked_softmax(1e40 * ranks, mask), np.eye(scores.shape[1])[largest],
                 f"the weights for scores of {sign * 1e40:g}")


@check("2.3", scene=scenes())
def weights_entry_by_entry(student, scene):
    """Each weight follows the equation."""
    scores, mask = scene.values()
    expect_close(student.masked_softmax(scores, mask), _softmax(scores, mask), "the weights")


def _softmax(scores, mask):
    rows = []
    for row, visible in zip(scores.tolist(), mask.tolist(), strict=True):
        powers = [math.exp(score) if seen else 0.0 for score, seen in zip(row, visible, strict=True)]
        rows.append([power / sum(powers) for power in powers])
    return np.array(rows)


# Task 2.4

@check("2.4")
def two_heads_of_two(student):
    """Two positions of width 4, cut into two heads, as in the text."""
    expect_close(student.split_heads(np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]]), 2),
                 np.array([[[1.0, 2], [5, 6]], [[3, 4], [7, 8]]]), "split_heads(x, 2)")


@check("2.4", T=sizes(1, 3), heads=sizes(1, 3), d=sizes(1, 3))
def heads_side_by_side(student, T, heads, d):
    """Putting the heads side by side again gives the matrix that was split."""
    x = np.arange(1.0, T * heads * d + 1).reshape(T, heads * d)
    parts = shaped(student.split_heads(x, heads), (heads, T, d), "the heads")
    expect_close(np.concatenate(list(parts), axis=1), x, "the heads side by side")


@check("2.4", T=sizes(1, 3), heads=sizes(1, 3), d=sizes(1, 3))
def split_as_the_library_does(student, T, heads, d):
    """The heads are those of minirearec.reference.attention.split_heads."""
    x = np.arange(1.0, T * heads * d + 1).reshape(T, heads * d)
    expect_close(student.split_heads(x, heads), library.split_heads(x[None], heads)[0], f"split_heads(x, {heads})")


# Task 2.5

@check("2.5")
def heads_of_the_text(student):
    """The two heads of Task 2.4's example, joined again."""
    expect_close(student.merge_heads(np.array([[[1.0, 2], [5, 6]], [[3, 4], [7, 8]]])),
                 np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]]), "merge_heads(x)")


@check("2.5", T=sizes(1, 3), heads=sizes(1, 3), d=sizes(1, 3))
def split_and_merged(student, T, heads, d):
    """Merging what was split gives the matrix from before."""
    x = np.arange(1.0, T * heads * d + 1).reshape(T, heads * d)
    parts = np.array([x[:, h * d:(h + 1) * d] for h in range(heads)])
    expect_close(student.merge_heads(parts), x, "the merged heads")


# Task 2.6

def _projections(seed, T, D):
    """Query, key and value: three arrays [T, D]."""
    return tuple(numbers(seed, 3, T, D))


@check("2.6")
def values_of_the_text(student):
    """Three items, one head of width 1 and the values 6, 12, 24 of the text: the outputs are 6, 10 and 18.75."""
    query, key = np.ones((3, 1)), np.array([[0.0], [math.log(2)], [math.log(5)]])
    expect_close(student.causal_attention(query, key, np.array([[6.0], [12], [24]]), 1),
                 np.array([[6.0], [10], [18.75]]), "causal_attention(query, key, value, 1)")


@check("2.6", T=sizes(2, 4), heads=sizes(1, 2), d=sizes(1, 2), changed=sizes(1, 3), seed=seeds())
def the_future_has_no_influence(student, T, heads, d, changed, seed):
    """Changing the key and value of a later item changes no output before it."""
    query, key, value = _projections(seed, T, heads * d)
    changed = min(changed, T - 1)
    before = shaped(student.causal_attention(query, key, value, heads), (T, heads * d), "the output")
    other_key, other_value = key.copy(), value.copy()
    other_key[changed] += 1
    other_value[changed] += 1
    after = shaped(student.causal_attention(query, other_key, other_value, heads), (T, heads * d), "the output")
    expect_close(after[:changed], before[:changed], f"the outputs before position {changed}, whose item was changed")


@check("2.6", T=sizes(1, 4), heads=sizes(1, 2), d=sizes(1, 2), seed=seeds())
def every_prefix_alone(student, T, heads, d, seed):
    """The first T positions alone give what they give inside a history of one item more."""
    longer = _projections(seed, T + 1, heads * d)
    whole = shaped(student.causal_attention(*longer, heads), (T + 1, heads * d), "the output")
    expect_close(student.causal_attention(*(x[:T] for x in longer), heads), whole[:T],
                 f"the output of the first {T} positions alone")


@check("2.6", T=sizes(2, 4), d=sizes(1, 2), seed=seeds())
def heads_keep_to_themselves(student, T, d, seed):
    """With two heads, changing the second half of the queries and keys changes no column of the first half."""
    query, key, value = _projections(seed, T, 2 * d)
    before = shaped(student.causal_attention(query, key, value, 2), (T, 2 * d), "the output")
    query[:, d:] += 1
    key[:, d:] *= 2
    after = shaped(student.causal_attention(query, key, value, 2), (T, 2 * d), "the output")
    expect_close(after[:, :d], before[:, :d], "the columns of head 0, after changes in head 1")


@check("2.6", T=sizes(1, 4), heads=sizes(1, 3), d=sizes(1, 3), seed=seeds())
def attention_of_the_library(student, T, heads, d, seed):
    """The output is that of minirearec.reference.attention."""
    parts = _projections(seed, T, heads * d)
    mixed = library.attention(*(library.split_heads(x[None], heads) for x in parts), library.causal_mask(T))
    expect_close(student.causal_attention(*parts, heads), library.merge_heads(mixed)[0], "the output")
