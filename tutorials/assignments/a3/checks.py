"""The checks of assignment a3.

Expected values: everything recomputed from scratch, row by row, in expected.py; and minirearec.reference, whose encoder
becomes the assignment's when its feed-forward layer is switched off.
"""

import numpy as np

from minirearec.reference.backbones.sasrec import encode
from minirearec.reference.reasoning import last_states
from minirearec_tutorials.grading.checks import check, expect_close, numbers, parts, seeds, shaped, sizes

from .expected import from_scratch, full, model, normal, read, step

IDENTITY = {name: np.eye(3) for name in ("query", "key", "value", "output")}
ITEMS = np.array([[1.0, 0, 0], [0, 1, 0]])  # the example of the text
STEPS = np.array([[0.0, 0, 1], [0, 0, -1]])


def three(got, function):
    """Return the student's state, keys and values, once they are known to be three."""
    return parts(got, 3, f"{function} should return three values: state, keys, values")


# Task 3.1

@check("3.1")
def first_and_second_step(student):
    """Step 1 adds the first row of the table, step 2 the second."""
    state, embeddings = np.array([1.0, 2, 3]), np.array([[10.0, 0, 0], [0, 20, 0]])
    expect_close(student.reasoning_input(state, embeddings, 1), np.array([11.0, 2, 3]), "the input of step 1")
    expect_close(student.reasoning_input(state, embeddings, 2), np.array([1.0, 22, 3]), "the input of step 2")


@check("3.1", K=sizes(1, 4), seed=seeds())
def every_row_once_in_order(student, K, seed):
    """From a state of zeros the inputs of the steps 1..K are the rows of the table, each once and in order."""
    embeddings = numbers(seed, K, 3)
    for k in range(1, K + 1):
        expect_close(student.reasoning_input(np.zeros(3), embeddings, k), embeddings[k - 1],
                     f"the input of step {k} of {K}")


@check("3.1", K=sizes(1, 4), seed=seeds())
def state_and_embedding_add_up(student, K, seed):
    """What the state adds does not depend on the step: input minus p_k is the state."""
    embeddings, state = numbers(seed, K, 3), numbers(seed, 3)
    for k in range(1, K + 1):
        got = shaped(student.reasoning_input(state, embeddings, k), (3,), "the input")
        expect_close(got - embeddings[k - 1], state, f"the input of step {k} of {K}, minus p_{k}")


# Task 3.2

@check("3.2")
def states_of_the_text(student):
    """The text's example: two items, two steps, all four matrices the identity."""
    expect_close(student.states_from_scratch(IDENTITY, STEPS, ITEMS), from_scratch(IDENTITY, STEPS, ITEMS),
                 "the states r_0, r_1, r_2")


@check("3.2", T=sizes(1, 3), K=sizes(1, 3), seed=seeds())
def later_embeddings_have_no_influence(student, T, K, seed):
    """Changing the last embedding p_K changes none of the states r_0 .. r_{K-1}."""
    weights, embeddings, items = model(seed), numbers(seed, K, 3), numbers(seed + 1, T, 3)
    before = shaped(student.states_from_scratch(weights, embeddings, items), (K + 1, 3), "the states")
    embeddings[-1] += [1, 0, -1]
    after = shaped(student.states_from_scratch(weights, embeddings, items), (K + 1, 3), "the states")
    expect_close(after[:-1], before[:-1], f"the states before r_{K}, after a change of p_{K}")


@check("3.2", T=sizes(1, 3), K=sizes(0, 3), D=sizes(3, 4), seed=seeds())
def states_row_by_row(student, T, K, D, seed):
    """The states follow the definition, with every row of every pass computed on its own."""
    weights, embeddings, items = model(seed, D), numbers(seed, K, D), numbers(seed + 1, T, D)
    expect_close(student.states_from_scratch(weights, embeddings, items), from_scratch(weights, embeddings, items),
                 "the states")


# Task 3.3

@check("3.3")
def two_items_read(student):
    """The text's two items: r_0, and one row of keys and values for each item."""
    expect_close(student.read_history(IDENTITY, ITEMS), read(IDENTITY, ITEMS), "(state, keys, values)")


@check("3.3", T=sizes(2, 4), seed=seeds())
def order_of_earlier_items(student, T, seed):
    """With the items before the last in reverse order r_0 stays the same: attention itself knows no order."""
    weights, items = model(seed), numbers(seed, T, 3)
    state, *_ = three(student.read_history(weights, items), "read_history")
    turned, *_ = three(student.read_history(weights, np.vstack((items[-2::-1], items[-1]))), "read_history")
    expect_close(turned, state, "r_0, with the items before the last in reverse order")


@check("3.3", T=sizes(1, 4), D=sizes(3, 4), seed=seeds())
def history_of_the_library(student, T, D, seed):
    """State and cache are those of minirearec.reference.backbones.sasrec.encode."""
    weights, items = model(seed, D), numbers(seed, T, D)
    states, ((keys, values),) = encode(full(weights, np.zeros((0, D)), items), np.arange(T)[None], heads=1)
    expect_close(student.read_history(weights, items), (states[0, -1], keys[0, 0], values[0, 0]),
                 "(state, keys, values)")


# Task 3.4

@check("3.4")
def step_over_two_cached_rows(student):
    """The first step of the text's example: the cache grows from two rows to three."""
    r_0, keys, values = read(IDENTITY, ITEMS)
    x = r_0 + STEPS[0]
    expect_close(student.reasoning_step(IDENTITY, x, keys, values), step(IDENTITY, x, keys, values),
                 "(state, keys, values)")


@check("3.4", seed=seeds())
def empty_cache(student, seed):
    """With an empty cache a step sees itself alone: its state is finish(h, its own value)."""
    weights, x, empty = model(seed), numbers(seed, 3), np.zeros((0, 3))
    h = normal(x)
    state, *_ = three(student.reasoning_step(weights, x, empty, empty), "reasoning_step")
    expect_close(state, normal(h + weights["output"] @ weights["value"] @ h), "the state over an empty cache")


@check("3.4", N=sizes(1, 3), seed=seeds())
def cache_grows_by_one_row(student, N, seed):
    """The rows that were cached stay as they are, and the key and value of the step's input come last."""
    weights, x, keys, values = model(seed), numbers(seed, 3), numbers(seed, N, 3), numbers(seed + 1, N, 3)
    _, *cache = three(student.reasoning_step(weights, x, keys, values), "reasoning_step")
    for name, got, rows in zip(("keys", "values"), cache, (keys, values), strict=True):
        got = shaped(got, (N + 1, 3), f"the returned {name}")
        expect_close(got[:N], rows, f"the first {N} rows of the returned {name}")
        expect_close(got[N], weights[name[:-1]] @ normal(x), f"the last row of the returned {name}")


@check("3.4", N=sizes(2, 4), seed=seeds())
def order_in_the_cache(student, N, seed):
    """With the cached rows in reverse order the state stays the same: order is what p_k and positions are for."""
    weights, x, keys, values = model(seed), numbers(seed, 3), numbers(seed, N, 3), numbers(seed + 1, N, 3)
    state, *_ = three(student.reasoning_step(weights, x, keys, values), "reasoning_step")
    turned, *_ = three(student.reasoning_step(weights, x, keys[::-1].copy(), values[::-1].copy()), "reasoning_step")
    expect_close(turned, state, "the state, with the cached rows in reverse order")


@check("3.4", N=sizes(0, 3), D=sizes(3, 4), seed=seeds())
def step_by_hand(student, N, D, seed):
    """State and cache follow the equations."""
    weights, x, keys, values = model(seed, D), numbers(seed, D), numbers(seed, N, D), numbers(seed + 1, N, D)
    expect_close(student.reasoning_step(weights, x, keys, values), step(weights, x, keys, values),
                 "(state, keys, values)")


# Task 3.5

@check("3.5")
def loop_of_the_text(student):
    """The two steps of the text's example."""
    expect_close(student.reason(IDENTITY, STEPS, *read(IDENTITY, ITEMS)), from_scratch(IDENTITY, STEPS, ITEMS),
                 "the states r_0, r_1, r_2")


@check("3.5", T=sizes(1, 3), seed=seeds())
def no_steps(student, T, seed):
    """With K = 0 only r_0 comes back, as a matrix of one row."""
    weights, items = model(seed), numbers(seed, T, 3)
    r_0, keys, values = read(weights, items)
    expect_close(student.reason(weights, np.zeros((0, 3)), r_0, keys, values), r_0[None], "the states with K = 0")


@check("3.5", T=sizes(1, 3), K=sizes(1, 3), seed=seeds())
def one_step_more(student, T, K, seed):
    """A loop of one step more begins with the same states."""
    weights, embeddings, items = model(seed), numbers(seed, K, 3), numbers(seed + 1, T, 3)
    longer = shaped(student.reason(weights, embeddings, *read(weights, items)), (K + 1, 3), "the states")
    expect_close(student.reason(weights, embeddings[:-1], *read(weights, items)), longer[:-1],
                 f"the states of {K - 1} steps, beside the first of {K} steps")


@check("3.5", T=sizes(1, 3), K=sizes(1, 3), D=sizes(3, 4), seed=seeds())
def cached_equals_recomputed(student, T, K, D, seed):
    """With the cache the states are what recomputing everything from scratch gives."""
    weights, embeddings, items = model(seed, D), numbers(seed, K, D), numbers(seed + 1, T, D)
    expect_close(student.reason(weights, embeddings, *read(weights, items)), from_scratch(weights, embeddings, items),
                 "the cached states, beside the recomputed ones")


@check("3.5", T=sizes(1, 4), K=sizes(1, 4), seed=seeds())
def states_of_the_library(student, T, K, seed):
    """The states are those of minirearec.reference.reasoning.last_states."""
    weights, embeddings, items = model(seed), numbers(seed, K, 3), numbers(seed + 1, T, 3)
    states, _ = last_states(full(weights, embeddings, items), np.arange(T)[None], np.array([T]), K, heads=1)
    expect_close(student.reason(weights, embeddings, *read(weights, items)), states[0, 0], "the states")


# Task 3.6

@check("3.6")
def three_items_two_steps(student):
    """Three items and two steps: 3 + 1 + 1 rows with the cache, 3 + 4 + 5 from scratch."""
    expect_close(student.rows_projected(3, 2), (5, 12), "rows_projected(3, 2)")


@check("3.6", T=sizes(1, 50))
def without_steps_nothing_to_save(student, T):
    """With K = 0 both ways project every item once."""
    expect_close(student.rows_projected(T, 0), (T, T), f"rows_projected({T}, 0)")


@check("3.6", T=sizes(1, 50), K=sizes(1, 20))
def rows_counted_pass_by_pass(student, T, K):
    """Counting row by row, pass by pass, gives the same numbers."""
    scratch = [row for k in range(K + 1) for row in [*range(T), *range(k)]]
    expect_close(student.rows_projected(T, K), (len([*range(T), *range(K)]), len(scratch)), f"rows_projected({T}, {K})")
