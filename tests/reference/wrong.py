"""The wrong functions behind the planted bugs, and the three ways to replace a right function by a wrong one."""

from dataclasses import replace

import numpy as np

from minirearec.reference import reasoning
from minirearec.reference.chunked import cross_entropy_value_and_grad
from minirearec.reference.ops import softmax


def before(change):
    """Make a wrong function that changes its arguments and then calls the right one."""
    return lambda right: lambda *args, **named: right(*change(*args), **named)


def after(change):
    """Make a wrong function that changes the result of the right one."""
    return lambda right: lambda *args, **named: change(right(*args, **named))


def instead(wrong):
    """Make a wrong function that has nothing to do with the right one."""
    return lambda right: wrong


# Attention and masks


def mask_shows_the_next_item(T):
    return np.tri(T, k=1, dtype=bool)[None, None]


def mask_hides_the_own_item(T):
    mask = np.tri(T, k=-1, dtype=bool)
    mask[0, 0] = True  # otherwise the first row sees nothing
    return mask[None, None]


def last_mask_one_too_far(lengths, T):
    return (np.arange(T) <= lengths[:, None])[:, None, None, :]


def unscaled(query, key, *rest):
    """Cancel the later division by sqrt(d)."""
    return query * query.shape[-1] ** 0.5, key, *rest


def softmax_over_queries(x):
    return softmax(x.swapaxes(-1, -2)).swapaxes(-1, -2) if x.ndim > 2 else softmax(x)


def merged_as_it_lies(x):
    return x.reshape(x.shape[0], x.shape[2], -1)


# Elementary operations


def unbiased_variance(normalised):
    """Return what _normalise returns if the variance is divided by D - 1."""
    normal, spread = normalised
    D = normal.shape[-1]
    return normal * ((D - 1) / D) ** 0.5, spread


def squared_length(x):
    return x / np.maximum((x * x).sum(-1, keepdims=True), 1e-12)


def tanh_gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def item_0_as_zeros(table, indices):
    return table[indices] * (indices != 0)[..., None]


def embedding_gradient_overwrites(grad_out, table, indices):
    grad_table = np.zeros_like(table)
    grad_table[indices] = grad_out  # an item that occurs twice keeps only one of its gradients
    return grad_table


class ForgetfulDropout:
    """Dropout that draws again at every call."""

    random = np.random.default_rng(0)

    def __init__(self, inside, input, seed):
        self.inside, self.input, self.seed = inside, input, seed

    def __call__(self, x, site):
        rate = self.input if site.endswith("input") else self.inside
        return np.where(self.random.random(x.shape) >= rate, x / (1 - rate), 0)


# The reasoning loop


def rolled_rows(weights, *rest):
    """Use row k+1 of the reasoning embedding where row k belongs."""
    if "reasoning_embedding" not in weights:
        return weights, *rest
    return {**weights, "reasoning_embedding": np.roll(weights["reasoning_embedding"], -1, 0)}, *rest


def positions_for_rows(weights, state, item_cache, mask, steps, *rest):
    """Let the naive variant use rows of the position embeddings."""
    if "position_embedding" not in weights:
        return weights, state, item_cache, mask, steps, *rest
    rows = weights["position_embedding"][np.zeros(steps, dtype=int)]
    return {"reasoning_embedding": rows, **weights}, state, item_cache, mask, steps, *rest


def forgetful_step(weights, x, item_cache, step_cache, *rest):
    """Lose earlier steps: the cache holds only the newest step."""
    return weights, x, item_cache, [], *rest


def no_step_reads_the_cache(grad_out, weights, x, item_cache, grown, *rest):
    """Return the gradient of ``forgetful_step``."""
    return (grad_out[0], [[0 * part for part in pair] for pair in grown]), weights, x, item_cache, grown, *rest


def first_noise_for_all(weights, noise):
    return np.repeat(noise[:1], len(noise), 0)


def noise_without_rows(weights, noise):
    return noise - weights.get("reasoning_embedding", 0)


def noise_changed(change):
    """Use noise other than the given one."""
    def changed(weights, state, item_cache, mask, steps, heads, noise=None, *rest):
        noise = None if noise is None else change(weights, noise)
        return weights, state, item_cache, mask, steps, heads, noise, *rest

    return before(changed)


def noised_loop(from_noised: bool, own_cache: bool):
    """Make a reasoning loop with a wrong noised pass: it starts from noised states, or reads the clean cache."""
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
        def wrong(weights, state, item_cache, mask, steps, heads, noise=None, drop=None, *rest):
            *_, kept = right(weights, state, item_cache, mask, steps, heads, noise, drop, *rest)
            return *reason(weights, state, item_cache, mask, steps, heads, noise, drop), kept

        return wrong

    return keeping


def later_steps_ignored(grad_out, *rest):
    """Drop the gradients of cached step keys and values from the steps that read them."""
    grad, grad_grown = grad_out
    return (grad, [[0 * part for part in pair] for pair in grad_grown]), *rest


# Objectives


def kl_gradient(first: float, second: float):
    """Make ERL's gradient with the KL term's gradients through its first and second distribution, weighted so."""
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
    """Use a neighbour as the positive pair."""
    return noised, np.roll(clean, 1, 0), *rest


def log_sum_exp_of_differences(z):
    return np.log(np.exp(z - z.max(-1, keepdims=True)).sum(-1, keepdims=True))


def mean_over_no_pairs(right):
    """Divide 0 by 0 if there is a single state."""
    return lambda states, *rest: right(states, *rest) + (np.nan if states.shape[1] == 1 else 0)


def mean_over_all_steps(states, table, targets, temperature, alpha, progressive_weight, *rest):
    """Divide the K early losses by K + 1."""
    M = states.shape[1]
    return states, table, targets, temperature, alpha, progressive_weight * (M - 1) / M, *rest


def hits_as_negatives(states, table, targets, temperature, negatives):
    candidates = np.concatenate([targets[:, None], np.tile(negatives.items, (len(targets), 1))], 1)
    return np.einsum("pmd,pcd->pmc", states, table[candidates]) / temperature


def beta_weighs_everything(right):
    def wrong(states, table, targets, temperature, negatives):
        if negatives.beta is None:
            return right(states, table, targets, temperature, negatives)
        plain = right(states, table, targets, temperature, replace(negatives, beta=1.0))
        return tuple(negatives.beta * part for part in plain)

    return wrong


def uncorrected_adam(right):
    return lambda weights, gradients, moments, step, *rest, **named: right(
        weights, gradients, moments, 10**6, *rest, **named)
