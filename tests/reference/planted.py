"""Realistic bugs, planted in the reference one at a time, with the properties that must catch each.

A bug is a dict from "module.function" to a function that takes the right one and returns the wrong one, or from
"module.CONSTANT" to a wrong value. It is planted wherever the name is in use. PROPERTIES that are named catch it;
no other may.
"""

from dataclasses import dataclass

import numpy as np

from minirearec.reference import reasoning
from minirearec.reference.chunked import cross_entropy_value_and_grad
from minirearec.reference.ops import softmax


@dataclass(frozen=True)
class Bug:
    """What is wrong (as one says it in a review), where it is planted, and the properties that catch it."""

    name: str
    plant: dict
    caught_by: set


def before(change):
    """A wrong function that changes its arguments and then calls the right one."""
    return lambda right: lambda *args, **named: right(*change(*args), **named)


def after(change):
    """A wrong function that changes what the right one returned."""
    return lambda right: lambda *args, **named: change(right(*args, **named))


def instead(wrong):
    """A wrong function that has nothing to do with the right one."""
    return lambda right: wrong


# Attention and masks


def mask_shows_the_next_item(T):
    return np.tri(T, k=1, dtype=bool)[None, None]


def mask_hides_the_own_item(T):
    mask = np.tri(T, k=-1, dtype=bool)
    mask[0, 0] = True  # else the first row sees nothing
    return mask[None, None]


def last_mask_one_too_far(lengths, T):
    return (np.arange(T) <= lengths[:, None])[:, None, None, :]


def unscaled(query, key, *rest):
    """Takes back the division by sqrt(d) that is to come."""
    return query * query.shape[-1] ** 0.5, key, *rest


def softmax_over_queries(x):
    return softmax(x.swapaxes(-1, -2)).swapaxes(-1, -2) if x.ndim > 2 else softmax(x)


# The reasoning loop


def rolled_rows(weights, *rest):
    """Row k+1 of the reasoning embedding where row k belongs."""
    if "reasoning_embedding" not in weights:
        return weights, *rest
    return {**weights, "reasoning_embedding": np.roll(weights["reasoning_embedding"], -1, 0)}, *rest


def positions_for_rows(weights, state, item_cache, mask, steps, *rest):
    """The naive variant falls back on rows of the position embeddings."""
    rows = weights["position_embedding"][np.zeros(steps, dtype=int)]
    return {"reasoning_embedding": rows, **weights}, state, item_cache, mask, steps, *rest


def forgetful_step(weights, x, item_cache, step_cache, *rest):
    """Earlier steps are lost: the cache holds the newest step alone."""
    return weights, x, item_cache, [], *rest


def no_step_reads_the_cache(grad_out, weights, x, item_cache, grown, *rest):
    """The gradient that goes with it."""
    return (grad_out[0], [[0 * part for part in pair] for pair in grown]), weights, x, item_cache, grown, *rest


def noise_changed(change):
    """Other noise than was asked for."""
    def changed(weights, state, item_cache, mask, steps, heads, noise=None, drop=None):
        noise = None if noise is None else change(weights, noise)
        return weights, state, item_cache, mask, steps, heads, noise, drop

    return before(changed)


def noised_loop(from_noised: bool, own_cache: bool):
    """The reasoning loop with a wrong noised pass: fed with noised states, or reading the clean cache."""
    def reason(weights, state, item_cache, mask, steps, heads, noise=None, drop=None):
        states, noised, caches = [state], [], {"clean": [], "noised": []}
        for k in range(steps):
            embedded = weights["reasoning_embedding"][k] if "reasoning_embedding" in weights else 0
            before_step = caches["clean"]
            state, caches["clean"] = reasoning.reasoning_step(
                weights, states[-1] + embedded, item_cache, before_step, mask, heads, drop, f"step{k + 1}.")
            if noise is not None:
                source = noised[-1] if from_noised and noised else states[-1]
                shaken, caches["noised"] = reasoning.reasoning_step(
                    weights, source + embedded + noise[:, :, k], item_cache,
                    caches["noised"] if own_cache else before_step, mask, heads, drop, f"noised{k + 1}.")
                noised.append(shaken)
            states.append(state)
        return np.stack(states, 2), np.stack(noised, 2) if noised else None

    def keeping(right):
        def wrong(weights, state, item_cache, mask, steps, heads, noise=None, drop=None):
            *_, kept = right(weights, state, item_cache, mask, steps, heads, noise, drop)
            return *reason(weights, state, item_cache, mask, steps, heads, noise, drop), kept

        return wrong

    return keeping


def later_steps_ignored(grad_out, *rest):
    """No gradient for cached step keys and values from the steps that read them."""
    grad, grad_grown = grad_out
    return (grad, [[0 * part for part in pair] for pair in grad_grown]), *rest


# Objectives


def kl_gradient(first: float, second: float):
    """ERL's gradient with the KL term's taken through the first and the second distribution, weighted so."""
    def wrong(states, table, targets, temperature, kl_weight):
        P, M, _ = states.shape
        loss, grad_mean, grad_table = cross_entropy_value_and_grad(states.mean(1), table, targets, temperature)
        y = softmax(states @ table.T / temperature)
        gaps = M * np.log(y) - np.log(y).sum(1, keepdims=True)
        through_first = y * (gaps - (y * gaps).sum(-1, keepdims=True))
        through_second = M * y - y.sum(1, keepdims=True)
        dz = -kl_weight / (M * (M - 1) * P) * (first * through_first + second * through_second)
        grad_states = np.repeat(grad_mean[:, None] / M, M, 1) + dz @ table / temperature
        return loss, grad_states, grad_table + np.einsum("pmv,pmd->vd", dz, states) / temperature

    return lambda right: lambda states, *rest: wrong(states, *rest) if states.shape[1] > 1 else right(states, *rest)


def next_diagonal(noised, clean, *rest):
    """The positive pair is a neighbour's."""
    return noised, np.roll(clean, 1, 0), *rest


def embedding_gradient_overwrites(grad_out, table, indices):
    grad_table = np.zeros_like(table)
    grad_table[indices] = grad_out  # an item that occurs twice keeps only one of its gradients
    return grad_table


def tanh_gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


class ForgetfulDropout:
    """Draws anew at every call."""

    random = np.random.default_rng(0)

    def __init__(self, inside, input, seed):
        self.inside, self.input, self.seed = inside, input, seed

    def __call__(self, x, site):
        rate = self.input if site.endswith("input") else self.inside
        return np.where(self.random.random(x.shape) >= rate, x / (1 - rate), 0)


def uncorrected_adam(right):
    return lambda weights, gradients, moments, step, *rest, **named: right(
        weights, gradients, moments, 10**6, *rest, **named)


BUGS = [
    Bug("the causal mask is off by one and shows the next item",
        {"attention.causal_mask": instead(mask_shows_the_next_item)}, set()),
    Bug("the causal mask is off by one and hides the own item",
        {"attention.causal_mask": instead(mask_hides_the_own_item)}, set()),
    Bug("the mask of whole histories is off by one and shows padding",
        {"attention.last_mask": instead(last_mask_one_too_far)}, set()),
    Bug("attention over items lacks 1/sqrt(d)", {"attention._weights": before(unscaled)}, set()),
    Bug("attention of reasoning steps lacks 1/sqrt(d)", {"attention._reasoning_weights": before(unscaled)}, set()),
    Bug("the softmax runs over queries", {"ops.softmax": instead(softmax_over_queries)}, set()),
    Bug("heads are merged without moving their axis back",
        {"attention.merge_heads": instead(lambda x: x.reshape(x.shape[0], x.shape[2], -1))}, set()),
    Bug("a linear layer forgets its bias", {"ops.linear": instead(lambda x, weight, bias: x @ weight.T)},
        set()),
    Bug("LayerNorm's epsilon is 1e-5, PyTorch's default", {"ops.LAYER_NORM_EPS": 1e-5}, set()),
    Bug("LayerNorm's variance is divided by D - 1",
        {"ops._normalise": after(lambda pair: (pair[0] * ((pair[0].shape[-1] - 1) / pair[0].shape[-1]) ** 0.5,
                                               pair[1]))}, set()),
    Bug("GeLU is the tanh approximation", {"ops.gelu": instead(tanh_gelu)}, set()),
    Bug("dropout draws anew when the forward is repeated", {"ops.Dropout": instead(ForgetfulDropout)}, set()),
    Bug("the reasoning position embeddings are shifted by one row",
        {"reasoning.reason_keeping": before(rolled_rows)}, set()),
    Bug("the naive variant uses position embeddings for its steps",
        {"reasoning.reason_keeping": before(positions_for_rows)}, set()),
    Bug("a step is not appended to the cache",
        {"reasoning._step_keeping": before(forgetful_step), "reasoning._step_way_back": before(no_step_reads_the_cache)},
        set()),
    Bug("one history's noise is used for the whole batch",
        {"reasoning.reason_keeping": noise_changed(lambda weights, noise: np.repeat(noise[:1], len(noise), 0))}, set()),
    Bug("the noised pass lacks the reasoning position embeddings",
        {"reasoning.reason_keeping": noise_changed(lambda weights, noise: noise - weights.get("reasoning_embedding", 0))},
        set()),
    Bug("noise is added to the noised state of the step before",
        {"reasoning.reason_keeping": noised_loop(from_noised=True, own_cache=True)}, set()),
    Bug("the noised pass reads the clean pass's cache",
        {"reasoning.reason_keeping": noised_loop(from_noised=False, own_cache=False)}, set()),
    Bug("the gradient of cached steps is dropped", {"reasoning._step_way_back": before(later_steps_ignored)}, set()),
    Bug("item 0 is taken for padding",
        {"ops.embedding": instead(lambda table, indices: table[indices] * (indices != 0)[..., None])}, set()),
    Bug("repeated items overwrite each other's gradient",
        {"ops.embedding_backward": instead(embedding_gradient_overwrites)}, set()),
    Bug("the temperature multiplies", {"objectives.scores": before(lambda r, table, tau: (r, table, 1 / tau))}, set()),
    Bug("the schedule is inverted: early steps are sharper", {"objectives.temperatures": after(lambda t: t[::-1])},
        set()),
    Bug("log-sum-exp does not add its maximum back",
        {"chunked.log_sum_exp": instead(lambda z: np.log(np.exp(z - z.max(-1, keepdims=True)).sum(-1, keepdims=True)))},
        set()),
    Bug("the ensemble is the last step", {"objectives.user_state": before(lambda states, ensemble: (states, False))},
        set()),
    Bug("the KL term has the wrong sign",
        {"objectives.erl_loss": before(lambda *args: (*args[:-1], -args[-1]))}, set()),
    Bug("the KL term of a single state is NaN, as in the authors' code",
        {"objectives.erl_loss": lambda right: lambda states, *rest: right(states, *rest) + (
            np.nan if states.shape[1] == 1 else 0)}, set()),
    Bug("the KL direction is swapped: the gradient is that of KL(sg(y_j) || y_i)",
        {"chunked.ensemble_value_and_grad": kl_gradient(0, 1)}, set()),
    Bug("the stop-gradient is missing", {"chunked.ensemble_value_and_grad": kl_gradient(1, 1)}, set()),
    Bug("InfoNCE's positives are off the diagonal",
        {"objectives.info_nce": before(next_diagonal)}, set()),
    Bug("InfoNCE contrasts prefixes of one history", {"chunked.leave_out": instead(lambda z, groups, rows: z)}, set()),
    Bug("PRL averages the early steps over K + 1",
        {"objectives.prl_loss": before(lambda r, e, t, tau, alpha, weight, *rest:
                                       (r, e, t, tau, alpha, weight * (1 - 1 / r.shape[1]), *rest))}, set()),
    Bug("Adam lacks its bias correction", {"optim.adam": uncorrected_adam}, set()),
]
