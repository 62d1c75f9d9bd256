"""Every hand-derived backward pass agrees with PyTorch's autograd and with central differences."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from minirearec.reference.soft import softening
from tests.compare import assert_same, leaves, to_numpy
from tests.strategies import problems
from tests.twins.pairs import ARGUMENTS, find
from tests.twins.torch_side import FROZEN, differentiable, gradients, to_torch

PAIRS = [pair for pair in ARGUMENTS if find("reference", pair + "_backward")]
NUMBERS = {"attention.causal_mask", "attention.last_mask", "objectives.prl.temperatures",
           "reasoners.items.best_items"}  # nothing to differentiate


def test_every_function_has_a_backward():
    assert set(ARGUMENTS) - set(PAIRS) == NUMBERS


def random_like(tree, rng):
    """Return the same structure, with standard normal numbers instead of every floating-point array or number."""
    if isinstance(tree, dict):
        return {key: 0 * part if key in FROZEN else random_like(part, rng) for key, part in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)(random_like(part, rng) for part in tree)
    if tree is None:
        return None
    return rng.standard_normal(np.shape(tree))[()]


def run_backward(pair, problem):
    """Return the pair's arguments, a random gradient of its output, and the gradient for each argument."""
    arguments = ARGUMENTS[pair](problem)
    grad_out = random_like(find("reference", pair)(*arguments), np.random.default_rng(problem.seed))
    result = find("reference", pair + "_backward")(grad_out, *arguments)
    wanted = [index for index, argument in enumerate(arguments) if differentiable(argument)]
    result = (result,) if not isinstance(result, tuple) else result
    # If noise is None, so is its gradient; an empty step cache has an empty list. Neither needs a comparison.
    result = [part for part in result if isinstance(part, dict) or leaves(part)]
    assert len(result) == len(wanted)
    return arguments, grad_out, dict(zip(wanted, result, strict=True))


@pytest.mark.parametrize("pair", PAIRS)
@settings(max_examples=20)
@given(problem=problems(dropout=True))
def test_gradients_agree_with_autograd(pair, problem):
    arguments, grad_out, ours = run_backward(pair, problem)
    tensors = to_torch(arguments)
    theirs = gradients(find("nn", pair)(*tensors), grad_out, [tensors[index] for index in ours])
    for (index, gradient), expected in zip(ours.items(), theirs, strict=True):
        # Autograd reports 0 for weights that were read but do not matter; paths where both are 0 may be missing.
        mine = {path: leaf for path, leaf in leaves(gradient).items() if np.any(leaf) or path in expected}
        expected = {path: leaf for path, leaf in expected.items() if torch.any(leaf != 0) or path in mine}
        assert_same(mine, expected, what=f"{pair}, argument {index}")


def moved(tree, direction, step):
    """Return ``tree + step * direction``, leaf by leaf; integers, booleans and options do not change."""
    if isinstance(tree, dict):
        return {key: moved(part, direction[key], step) for key, part in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)(moved(part, along, step) for part, along in zip(tree, direction, strict=True))
    return tree + step * direction if isinstance(tree, np.ndarray) and tree.dtype.kind == "f" else tree


def frozen_erl_loss(frozen):
    """Return ERL's loss with the second distributions of ``frozen`` (states, table), as the stop-gradient requires.

    The code computes one pair at a time, with logits of the whole catalogue, or of the target and the negatives.
    """
    def loss(states, table, targets, temperature, kl_weight, negatives=None, soft=None):
        P, M, _ = states.shape

        def log_softmax(states, table):
            z = states @ table.T / temperature
            if negatives is not None:
                others = z[..., negatives.items] - negatives.log_counts
                others[np.broadcast_to((negatives.items == targets[:, None])[:, None], others.shape)] = -1e9
                z = np.concatenate([z[np.arange(P), :, targets][..., None], others], -1)
            return z - np.log(np.exp(z).sum(-1, keepdims=True))

        ensemble = log_softmax(states.mean(1, keepdims=True), table)[:, 0]
        first, second = log_softmax(states, table), log_softmax(*frozen)
        pairs = [(np.exp(first[:, i]) * (first[:, i] - second[:, j])).sum(1).mean()
                 for i in range(M) for j in range(M) if i != j]
        kl = np.mean(pairs) if pairs else 0
        more = 0 if soft is None else softening(states.mean(1), table, targets, temperature, soft)
        return more - ensemble[np.arange(P), targets if negatives is None else 0].mean() - kl_weight * kl

    return loss


@pytest.mark.parametrize("pair", PAIRS)
@settings(max_examples=10)
@given(problem=problems(dropout=True))
def test_gradients_agree_with_central_differences(pair, problem):
    """Along a random direction u of all arguments: ``sum(gradient * u) = d/de f(x + e u) . G``, from five points."""
    arguments, grad_out, ours = run_backward(pair, problem)
    function = find("reference", pair)
    if pair in ("objectives.erl.erl_loss", "sampled.sampled_ensemble"):
        function = frozen_erl_loss(arguments[:2])
    rng = np.random.default_rng(problem.seed + 1)
    directions = {index: random_like(arguments[index], rng) for index in ours}

    def along(step):
        outputs = leaves(function(*(moved(argument, directions[index], step) if index in ours else argument
                                    for index, argument in enumerate(arguments))))
        return sum(np.sum(to_numpy(outputs[path]) * leaf) for path, leaf in leaves(grad_out).items())

    h = 1e-4 / len(leaves(arguments)) ** 0.5  # a deep function is not linear enough over a wider step
    measured = (along(-2 * h) - 8 * along(-h) + 8 * along(h) - along(2 * h)) / (12 * h)
    terms = [leaf * leaves(directions[index])[path] for index in ours for path, leaf in leaves(ours[index]).items()]
    derived = sum(term.sum() for term in terms)
    scale = sum(np.abs(term).sum() for term in terms)
    if abs(measured - derived) > 1e-7 * scale:  # LayerNorm of a nearly constant row bends within this step, too
        h /= 30
        measured = (along(-2 * h) - 8 * along(-h) + 8 * along(h) - along(2 * h)) / (12 * h)
    assert abs(measured - derived) <= 1e-7 * scale + 1e-9, f"{pair}: {derived} derived, {measured} measured"
