"""Whole training steps: the reference's loss and gradients, and lockstep training in NumPy and PyTorch."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from minirearec.config import SCORES, Config, ObjectiveConfig
from minirearec.nn.objectives import (
    erl_loss,
    last_step_loss,
    prl_loss,
    same_target_contrast,
    teacher_loss,
    user_state,
)
from minirearec.nn.objectives.gate import gate_logits
from minirearec.nn.objectives.mixture import mixture_loss
from minirearec.nn.ops import unit
from minirearec.nn.reasoning import all_prefix_states, last_states
from minirearec.reference.learning import loss_and_gradients
from minirearec.reference.objectives import erl_loss_value_and_grad
from minirearec.reference.optim import adam, start_moments
from minirearec.sampling import find_seen
from minirearec.targets import SoftTargets
from minirearec.weights import combine, flatten
from tests.compare import assert_same
from tests.strategies import Problem, problems
from tests.twins.torch_side import to_torch

METHODS = ("base", "naive", "rpe", "erl", "prl", "teacher", "gate")
BACKBONES = ("sasrec", "bert4rec")


def torch_loss(weights, items, targets, counted, steps, heads, objective, noise=None, drop=None, scores="dot",
               seen=None, lengths=None, groups=None, backbone="sasrec", soft=None):
    """Make the same call in PyTorch, from the functions of ``nn``."""
    more = steps, heads, noise, drop, backbone
    states, noised = (all_prefix_states(weights, items, *more) if lengths is None
                      else last_states(weights, items, lengths, *more))
    table, targets = weights["item_embedding"], targets[counted]
    if seen is not None:
        table, targets = table[torch.tensor(seen.items)], torch.tensor(seen.places)[targets]
    if scores == "cosine":
        states, table, noised = unit(states), unit(table), None if noised is None else unit(noised)
    states = states[counted]
    rows = states, table, targets, objective.temperature
    histories = counted.nonzero()[:, 0] if groups is None else groups
    answers = user_state(states, objective.method in ("erl", "gate"))
    contrast = objective.same_target_weight * same_target_contrast(answers, targets, histories,
                                                                   objective.same_target_temperature)
    if objective.method == "gate":
        return contrast + mixture_loss(states, gate_logits(states, **weights["gate"]), *rows[1:], soft)
    if objective.method == "erl":
        return contrast + erl_loss(*rows, objective.kl_weight, None, soft)
    if objective.method == "prl":
        return contrast + prl_loss(*rows, objective.alpha, objective.progressive_weight,
                                   None if noised is None else noised[counted], objective.contrastive_weight,
                                   histories, None, soft)
    if objective.method == "teacher":
        return contrast + teacher_loss(*rows, objective.progressive_weight, soft)
    return contrast + last_step_loss(*rows, None, soft)


def soft_targets(problem: Problem, positions: int, items: int) -> SoftTargets:
    """Return soft targets among a number of items; the target keeps a quarter."""
    return SoftTargets(problem.integers("soft", 0, items, positions, 2), np.full((positions, 2), 0.3), 0.15)


def counted_positions(problem: Problem) -> np.ndarray:
    """Return True for every position up to the length of its history."""
    return np.arange(problem.T) < problem.lengths[:, None]


@settings(max_examples=50)
@given(problem=problems(dropout=True), method=st.sampled_from(METHODS), scores=st.sampled_from(SCORES),
       some=st.booleans(), targets=st.sampled_from(["hard", "soft", "contrasted"]))
def test_loss_and_gradients_agree(problem, method, scores, some, targets):
    objective = ObjectiveConfig(method=method, temperature=0.7, alpha=1.5, kl_weight=0.3, progressive_weight=0.8,
                                contrastive_weight=0.6, same_target_weight=0.4 if targets == "contrasted" else 0,
                                same_target_temperature=0.8)
    noise = problem.noise if method == "prl" and problem.K else None
    arguments = ({**problem.weights, **problem.own_weights(method)}, problem.items, problem.targets,
                 counted_positions(problem), problem.K, problem.H, objective, noise, problem.drop)
    seen = find_seen(Config.make(contrast="seen"), np.bincount(problem.targets.ravel(), minlength=problem.V))
    seen = seen if some else None
    soft = soft_targets(problem, int(arguments[3].sum()), problem.V if seen is None else len(seen.items))
    soft = soft if targets == "soft" else None
    loss, gradients = loss_and_gradients(*arguments, scores=scores, seen=seen, soft=soft)
    tensors = to_torch(arguments)
    expected = torch_loss(*tensors, scores, seen, soft=soft)
    expected.backward()
    theirs = {name: np.zeros(leaf.shape) if leaf.grad is None else leaf.grad
              for name, leaf in flatten(tensors[0]).items()}
    assert_same(loss, expected, what="loss")
    assert_same(flatten(gradients), theirs, what="gradient of ")


@settings(max_examples=50)
@given(problem=problems(dropout=True), method=st.sampled_from(METHODS), backbone=st.sampled_from(BACKBONES))
def test_loss_and_gradients_of_single_prefixes_agree(problem, method, backbone):
    """Of every row, only the last state is trained; rows of a group are not contrasted with each other."""
    p, objective = problem, ObjectiveConfig(method=method, temperature=0.7, contrastive_weight=0.6)
    noise = p.noise[:, :1] if method == "prl" and p.K else None
    arguments = ({**p.weights, **p.own_weights(method)}, p.items, p.targets[:, :1], np.ones((p.B, 1), bool), p.K, p.H,
                 objective, noise, p.drop)
    prefixes = {"lengths": p.lengths, "groups": p.integers("groups", 0, 2, p.B), "backbone": backbone}
    loss, gradients = loss_and_gradients(*arguments, **prefixes)
    tensors = to_torch(arguments)
    expected = torch_loss(*tensors, **to_torch(prefixes))
    expected.backward()
    theirs = {name: np.zeros(leaf.shape) if leaf.grad is None else leaf.grad
              for name, leaf in flatten(tensors[0]).items()}
    assert_same(loss, expected, what="loss")
    assert_same(flatten(gradients), theirs, what="gradient of ")


@pytest.mark.parametrize("method", METHODS)
def test_float32_stays_float32(method):
    """Also with soft targets and a contrast of targets, whose shares are in float64."""
    p = Problem(B=2, T=3, K=2, H=2, d=3, I=4, L=2, V=9, seed=5, dropped=True)
    weights = combine(lambda leaf: leaf.astype(np.float32), {**p.weights, **p.own_weights(method)})
    noise = p.noise.astype(np.float32) if method == "prl" else None
    counted = counted_positions(p)
    loss, gradients = loss_and_gradients(weights, p.items, p.targets, counted, p.K, p.H,
                                         ObjectiveConfig(method=method, same_target_weight=0.5), noise, p.drop,
                                         soft=soft_targets(p, int(counted.sum()), p.V))
    moved, moments = adam(weights, gradients, start_moments(weights), 1, 1e-3, 0.01)
    assert np.asarray(loss).dtype == np.float32
    for tree in (gradients, moved, *moments):
        assert {leaf.dtype for leaf in flatten(tree).values()} == {np.dtype(np.float32)}


@settings(max_examples=20)
@given(problem=problems(), decay=st.sampled_from([0.0, 0.1]))
def test_adam_is_torchs_adamw(problem, decay):
    weights, moments = problem.weights, start_moments(problem.weights)
    tensors = to_torch(weights)
    optimizer = torch.optim.AdamW(list(flatten(tensors).values()), lr=0.01, weight_decay=decay)
    for step in range(1, 6):
        gradients = combine(lambda w, step=step: np.random.default_rng(
            [problem.seed, step, w.size]).standard_normal(w.shape), weights)
        for leaf, gradient in zip(flatten(tensors).values(), flatten(gradients).values(), strict=True):
            leaf.grad = torch.tensor(gradient)
        optimizer.step()
        weights, moments = adam(weights, gradients, moments, step, 0.01, decay)
        assert_same(weights, tensors, what=f"step {step}")


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("method", ["erl", "prl", "gate"])
def test_fifty_steps_in_lockstep(method, backbone, capsys):
    """With the same weights, batches and noise, every loss agrees within 1e-9 and every weight within 1e-8."""
    p = Problem(B=8, T=6, K=2, H=2, d=4, I=12, L=2, V=40, seed=11)
    objective = ObjectiveConfig(method=method, temperature=0.5)
    weights = {**p.weights, **p.own_weights(method)}
    tensors, moments = to_torch(weights), start_moments(weights)
    optimizer = torch.optim.AdamW(list(flatten(tensors).values()), lr=1e-3, weight_decay=0.0)
    losses, loss_gap, weight_gap = [], 0.0, 0.0
    for step in range(1, 51):
        batch = replace(p, seed=100 + step)
        data, prefixes = (batch.items, batch.targets, counted_positions(batch)), {}
        if backbone == "bert4rec":
            data = batch.items, batch.targets[:, :1], np.ones((p.B, 1), bool)
            prefixes = {"lengths": batch.lengths, "backbone": backbone}
        noise = 0.01 * batch.normal("noise", *data[2].shape, p.K, p.D) if method == "prl" else None
        loss, gradients = loss_and_gradients(weights, *data, p.K, p.H, objective, noise, **prefixes)
        weights, moments = adam(weights, gradients, moments, step, 1e-3)

        optimizer.zero_grad()
        expected = torch_loss(tensors, *to_torch(data), p.K, p.H, objective, to_torch(noise), **to_torch(prefixes))
        expected.backward()
        optimizer.step()
        losses.append(float(loss))
        loss_gap = max(loss_gap, abs(loss / expected.item() - 1))
        weight_gap = max(weight_gap, *(np.abs(ours - theirs.detach().numpy()).max() for ours, theirs in zip(
            flatten(weights).values(), flatten(tensors).values(), strict=True)))
    with capsys.disabled():
        print(f"\nlockstep {backbone} {method}: 50 Adam steps, losses within {loss_gap:.1e} relative, weights within "
              f"{weight_gap:.1e}", end="")
    assert loss_gap <= 1e-9 and weight_gap <= 1e-8
    assert np.mean(losses[-5:]) < np.mean(losses[:5])  # the runs agreed while the weights changed


@given(problem=problems(min_steps=1))
def test_the_gradient_of_erl_is_not_that_of_its_value(problem):
    """The stop-gradient matters: we return the gradient of the first distributions only."""
    states, table = problem.normal("states", 4, problem.K + 1, problem.D), problem.weights["item_embedding"]
    targets = problem.integers("targets", 0, problem.V, 4)
    _, ours, _ = erl_loss_value_and_grad(states, table, targets, 1.0, 0.5)
    tensor = torch.tensor(states, requires_grad=True)
    logs = torch.log_softmax(tensor @ torch.tensor(table).T, -1)
    M = states.shape[1]
    ensemble = torch.log_softmax((tensor.mean(1) @ torch.tensor(table).T), -1)
    pairs = [(logs[:, i].exp() * (logs[:, i] - logs[:, j])).sum(-1).mean()
             for i in range(M) for j in range(M) if i != j]
    (-ensemble[range(4), targets].mean() - 0.5 * sum(pairs) / len(pairs)).backward()
    assert not np.allclose(ours, tensor.grad.numpy(), rtol=1e-3, atol=1e-6)
