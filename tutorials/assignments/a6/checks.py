"""The checks of assignment a6. Expected values: the NumPy twin, differences, or the equation written with loops."""

import math

import numpy as np
from hypothesis import strategies as st

from minirearec.reference.ops import softmax
from minirearec_tutorials.grading.checks import check, expect_close, numbers, parts, seeds, shaped, sizes, slope

from .expected import arrays, causal, library_backward, slope_of_loss, some_mask, weights_for

small = sizes(1, 3)
names = st.sampled_from(["query", "key", "value"])

# The example of the text: one query, two items, width 1.
QUERY, KEY, VALUE = np.array([[1.0]]), np.array([[math.log(3)], [0.0]]), np.array([[2.0], [-2.0]])
SEES_BOTH, ONE = np.array([[True, True]]), np.array([[1.0]])


# Task 6.1

@check("6.1")
def query_of_the_text(student):
    """In the text's example the query moves by 0.1 to either side: (1.0801 - .9154) / 0.2."""
    expected = slope_of_loss("query", ONE, QUERY, KEY, VALUE, SEES_BOTH, 0.1)
    expect_close(student.numerical_gradient("query", ONE, QUERY, KEY, VALUE, SEES_BOTH, 0.1), expected,
                 'numerical_gradient("query", ..., step=0.1)')


@check("6.1", name=names, Q=small, T=small, d=small, step=st.sampled_from([0.5, 0.1]), seed=seeds())
def central_difference(student, name, Q, T, d, step, seed):
    """The result is (L(x + h) - L(x - h)) / (2 h) for large h too, with one entry moved at a time."""
    given, mask = arrays(seed, Q, T, d), some_mask(seed, Q, T)
    expect_close(student.numerical_gradient(name, *given, mask, step), slope_of_loss(name, *given, mask, step),
                 f'numerical_gradient("{name}", ..., step={step})')


@check("6.1", name=names, Q=small, T=small, d=small, seed=seeds())
def near_the_exact_gradient(student, name, Q, T, d, seed):
    """With h = 1e-4 the result is near the exact gradient: the error is of the order of h squared."""
    given, mask = arrays(seed, Q, T, d), some_mask(seed, Q, T)
    expected = library_backward(*given, mask)[["query", "key", "value"].index(name)]
    expect_close(student.numerical_gradient(name, *given, mask, 1e-4), expected,
                 f'numerical_gradient("{name}", ..., step=1e-4)', 1e-5, 1e-6)


# Task 6.2

@check("6.2")
def scores_of_the_text(student):
    """In the text's example dA = (2, -2) and A = (3/4, 1/4) give dS = (3/4, -3/4)."""
    got = student.softmax_backward(np.array([[2.0, -2.0]]), np.array([[0.75, 0.25]]))
    expect_close(got, np.array([[0.75, -0.75]]), "softmax_backward(grad_weights, weights)")


@check("6.2", Q=small, T=sizes(1, 4), seed=seeds())
def rows_sum_to_zero(student, Q, T, seed):
    """Adding a number to all scores of a row changes no weight, so each row of the gradient sums to 0."""
    got = student.softmax_backward(numbers(seed, Q, T), weights_for(seed, Q, T))
    got = shaped(got, (Q, T), "softmax_backward(grad_weights, weights)")
    expect_close(got.sum(1), np.zeros(Q), "the sum of each row of softmax_backward(grad_weights, weights)")


@check("6.2", Q=small, T=sizes(2, 4), seed=seeds())
def nothing_through_a_weight_of_zero(student, Q, T, seed):
    """Where a weight is 0, as behind a mask, the gradient of the score is exactly 0."""
    weights = np.concatenate([weights_for(seed, Q, T - 1), np.zeros((Q, 1))], 1)
    got = student.softmax_backward(numbers(seed, Q, T), weights)
    got = shaped(got, (Q, T), "softmax_backward(grad_weights, weights)")
    expect_close(got[:, -1], np.zeros(Q), "the last column of softmax_backward, where all weights are 0", 0, 0)


@check("6.2", Q=small, T=sizes(1, 4), seed=seeds())
def slope_of_the_softmax(student, Q, T, seed):
    """The result is the slope of sum(grad_weights * softmax(scores)), found by differences."""
    grad_weights, scores = numbers(seed, Q, T), numbers(seed + 1, Q, T)
    expected = slope(lambda moved: (grad_weights * softmax(moved)).sum(), scores)
    expect_close(student.softmax_backward(grad_weights, softmax(scores)), expected,
                 "softmax_backward(grad_weights, weights)", 1e-6, 1e-8)


# Task 6.3

@check("6.3")
def values_of_two_queries(student):
    """Two queries look at three items. An item's value receives from each query by the weight that it has there."""
    got = student.value_backward(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([[0.5, 0.5, 0.0], [0.25, 0.25, 0.5]]))
    expect_close(got, np.array([[0.5, 0.5], [0.5, 0.5], [0.0, 1.0]]), "value_backward(grad_out, weights)")


@check("6.3", Q=small, T=small, d=small, seed=seeds())
def nothing_is_lost(student, Q, T, d, seed):
    """The weights of a query sum to 1, so what the values receive together is what came in together."""
    grad_out = numbers(seed, Q, d)
    got = shaped(student.value_backward(grad_out, weights_for(seed, Q, T)), (T, d), "value_backward(grad_out, weights)")
    expect_close(got.sum(0), grad_out.sum(0), "the sum of value_backward(grad_out, weights) over the items")


@check("6.3", Q=small, T=small, d=small, seed=seeds())
def values_entry_by_entry(student, Q, T, d, seed):
    """Value j receives grad_out of each query i, times the weight [i, j]."""
    grad_out, weights = numbers(seed, Q, d), weights_for(seed, Q, T)
    expected = [[sum(weights[i, j] * grad_out[i, c] for i in range(Q)) for c in range(d)] for j in range(T)]
    expect_close(student.value_backward(grad_out, weights), np.array(expected), "value_backward(grad_out, weights)")


# Task 6.4

@check("6.4")
def weights_of_two_queries(student):
    """Each weight receives the dot product of its query's gradient and its item's value."""
    got = student.weights_backward(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[2.0, 3.0], [0.0, 1.0], [-1.0, 1.0]]))
    expect_close(got, np.array([[2.0, 0.0, -1.0], [5.0, 1.0, 0.0]]), "weights_backward(grad_out, value)")


@check("6.4", Q=small, T=small, d=small, seed=seeds())
def weighted_sum_of_gradients(student, Q, T, d, seed):
    """The output is linear in the weights: sum(weights * grad_weights) = sum(grad_out * out)."""
    grad_out, _, _, value = arrays(seed, Q, T, d)
    weights = weights_for(seed, Q, T)
    got = shaped(student.weights_backward(grad_out, value), (Q, T), "weights_backward(grad_out, value)")
    expect_close((weights * got).sum(), (grad_out * (weights @ value)).sum(),
                 "the sum of weights * weights_backward(grad_out, value)")


@check("6.4", Q=small, T=small, d=small, seed=seeds())
def weights_entry_by_entry(student, Q, T, d, seed):
    """Weight [i, j] receives the dot product of grad_out i and value j."""
    grad_out, _, _, value = arrays(seed, Q, T, d)
    expected = [[sum(grad_out[i, c] * value[j, c] for c in range(d)) for j in range(T)] for i in range(Q)]
    expect_close(student.weights_backward(grad_out, value), np.array(expected), "weights_backward(grad_out, value)")


# Task 6.5

@check("6.5")
def one_query_two_keys(student):
    """A query of width 4, so the scores were divided by 2, and two keys."""
    grad_scores, query = np.array([[1.0, -2.0]]), np.array([[2.0, 0.0, 4.0, 0.0]])
    key = np.array([[2.0, 2.0, 0.0, 0.0], [0.0, 2.0, 0.0, 2.0]])
    expected = (np.array([[1.0, -1.0, 0.0, -2.0]]), np.array([[1.0, 0.0, 2.0, 0.0], [-2.0, 0.0, -4.0, 0.0]]))
    expect_close(student.scores_backward(grad_scores, query, key), expected, "scores_backward(grad_scores, query, key)")


@check("6.5", Q=small, T=small, d=small, seed=seeds())
def both_sides_weigh_the_same(student, Q, T, d, seed):
    """S = q k^T / sqrt(d) is linear in q and in k: sum(q * dq) = sum(k * dk) = sum(S * dS)."""
    grad_scores, (_, query, key, _) = numbers(seed, Q, T), arrays(seed, Q, T, d)
    got = parts(student.scores_backward(grad_scores, query, key), 2, "scores_backward should return two arrays")
    total = (grad_scores * (query @ key.T)).sum() / math.sqrt(d)
    expect_close((query * shaped(got[0], (Q, d), "grad_query")).sum(), total, "sum(query * grad_query)")
    expect_close((key * shaped(got[1], (T, d), "grad_key")).sum(), total, "sum(key * grad_key)")


@check("6.5", Q=small, T=small, d=small, seed=seeds())
def slope_of_the_scores(student, Q, T, d, seed):
    """The results are the slopes of sum(grad_scores * S), found by differences."""
    grad_scores, (_, query, key, _) = numbers(seed, Q, T), arrays(seed, Q, T, d)

    def weighed(q, k):
        return (grad_scores * (q @ k.T)).sum() / math.sqrt(d)

    expected = slope(lambda moved: weighed(moved, key), query), slope(lambda moved: weighed(query, moved), key)
    expect_close(student.scores_backward(grad_scores, query, key), expected, "scores_backward(grad_scores, query, key)",
                 1e-6, 1e-8)


# Task 6.6

def three_gradients(student, grad_out, query, key, value, mask):
    """Return what attention_backward returned, once it is known to be three arrays of the right shapes."""
    got = parts(student.attention_backward(grad_out, query, key, value, mask), 3,
                "attention_backward should return three arrays")
    named = zip(("grad_query", "grad_key", "grad_value"), got, (query, key, value), strict=True)
    return [shaped(gradient, array.shape, name) for name, gradient, array in named]


@check("6.6")
def example_of_the_text(student):
    """The text's example: dq = .824, dk = (3/4, -3/4), dv = (3/4, 1/4)."""
    expected = (np.array([[0.75 * math.log(3)]]), np.array([[0.75], [-0.75]]), np.array([[0.75], [0.25]]))
    expect_close(student.attention_backward(ONE, QUERY, KEY, VALUE, SEES_BOTH), expected,
                 "attention_backward(grad_out, query, key, value, mask)")


@check("6.6", T=sizes(2, 4), d=small, seed=seeds())
def nothing_from_the_future(student, T, d, seed):
    """Under the causal mask, an output of the first item gives no gradient to anything of later items."""
    grad_out, query, key, value = arrays(seed, T, T, d)
    grad_out[1:] = 0
    got = three_gradients(student, grad_out, query, key, value, causal(T))
    for name, gradient in zip(("grad_query", "grad_key", "grad_value"), got, strict=True):
        expect_close(gradient[1:], np.zeros((T - 1, d)), f"{name} of the items after the first", 0, 0)


@check("6.6", Q=small, T=sizes(2, 4), d=small, seed=seeds())
def nothing_for_what_nobody_sees(student, Q, T, d, seed):
    """A key that no query may see receives no gradient, and neither does its value."""
    given, mask = arrays(seed, Q, T, d), np.ones((Q, T), dtype=bool)
    mask[:, -1] = False
    _, grad_key, grad_value = three_gradients(student, *given, mask)
    expect_close(grad_key[-1], np.zeros(d), "grad_key of the item that nobody sees", 0, 0)
    expect_close(grad_value[-1], np.zeros(d), "grad_value of the item that nobody sees", 0, 0)


@check("6.6", Q=small, T=small, d=small, seed=seeds())
def keys_sum_to_zero(student, Q, T, d, seed):
    """The same vector added to all keys changes no weight, so the gradients of the keys sum to 0."""
    _, grad_key, _ = three_gradients(student, *arrays(seed, Q, T, d), some_mask(seed, Q, T))
    expect_close(grad_key.sum(0), np.zeros(d), "the sum of grad_key over the items")


@check("6.6", T=small, d=small, seed=seeds())
def slopes_under_the_causal_mask(student, T, d, seed):
    """All three gradients are the slopes that differences find, with Q = T items under the causal mask."""
    given = arrays(seed, T, T, d)
    expected = tuple(slope_of_loss(name, *given, causal(T)) for name in ("query", "key", "value"))
    expect_close(student.attention_backward(*given, causal(T)), expected, "attention_backward with the causal mask",
                 1e-6, 1e-8)


@check("6.6", Q=small, T=small, d=small, scale=st.sampled_from([4.0, 50.0]), seed=seeds())
def large_scores(student, Q, T, d, scale, seed):
    """Where scores are large some weights are tiny or 0, and the gradients are still the library's."""
    (grad_out, query, key, value), mask = arrays(seed, Q, T, d), some_mask(seed, Q, T)
    given = grad_out, query * scale, key * scale, value
    expect_close(student.attention_backward(*given, mask), library_backward(*given, mask),
                 f"attention_backward with queries and keys {scale:g} times as large")


@check("6.6", Q=small, T=small, d=small, seed=seeds())
def gradients_of_the_library(student, Q, T, d, seed):
    """The library's gradients, for any mask."""
    given, mask = arrays(seed, Q, T, d), some_mask(seed, Q, T)
    expect_close(student.attention_backward(*given, mask), library_backward(*given, mask),
                 "attention_backward(grad_out, query, key, value, mask)")
