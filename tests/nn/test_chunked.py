"""The chunked losses equal their plain form over full scores, in value and gradient, but need less memory."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy as plain_cross_entropy

from minirearec.nn import chunked, objectives
from minirearec.nn.objectives.mixture import mixture_loss
from minirearec.targets import SoftTargets

sizes = st.tuples(st.integers(1, 9), st.integers(0, 3), st.integers(2, 12), st.integers(1, 6))
seeds = st.integers(0, 2**31)
temperature = st.sampled_from([0.07, 0.5, 1.0, 2.0])


def draw(size, seed):
    """Draw states [P, K+1, D], a table [V, D] and targets [P], float64."""
    P, K, V, D = size
    rng = torch.Generator().manual_seed(seed)
    states = torch.randn(P, K + 1, D, dtype=torch.float64, generator=rng, requires_grad=True)
    table = torch.randn(V, D, dtype=torch.float64, generator=rng, requires_grad=True)
    return states, table, torch.randint(0, V, (P,), generator=rng)


def assert_same(ours, plain, inputs):
    """Assert equal values, and equal gradients for all inputs."""
    assert torch.allclose(ours, plain, rtol=1e-9, atol=1e-11)
    gradients = torch.autograd.grad(3 * ours, inputs), torch.autograd.grad(3 * plain, inputs)
    for found, expected in zip(*gradients, strict=True):
        assert torch.allclose(found, expected, rtol=1e-9, atol=1e-11)


@pytest.fixture(params=[1, 7, 10**6], autouse=True)
def any_chunk_size(request, monkeypatch):
    """Run every test with chunks of one row, of a few rows with a remainder, and of all rows."""
    monkeypatch.setattr(chunked, "CHUNK_SCORES", request.param * 4)
    monkeypatch.setattr(chunked, "FEWEST_ROWS", 1)


@given(sizes, seeds, temperature)
def test_cross_entropy(size, seed, tau):
    states, table, targets = draw(size, seed)
    ours = objectives.last_step_loss(states, table, targets, tau)
    assert_same(ours, plain_cross_entropy(states[:, -1] @ table.T / tau, targets), [states, table])


@given(sizes, seeds, temperature, st.sampled_from([0.0, 0.05, 2.0]))
def test_ensemble_loss(size, seed, tau, kl_weight):
    states, table, targets = draw(size, seed)
    steps = size[1] + 1
    logs = torch.log_softmax(states @ table.T / tau, -1)
    pairs = [(logs[:, i].exp() * (logs[:, i] - logs[:, j].detach())).sum(-1).mean()
             for i in range(steps) for j in range(steps) if i != j]
    kl = sum(pairs) / len(pairs) if pairs else 0.0
    plain = plain_cross_entropy(states.mean(1) @ table.T / tau, targets) - kl_weight * kl
    assert_same(objectives.erl_loss(states, table, targets, tau, kl_weight), plain, [states, table])


@given(sizes, seeds, temperature, st.sampled_from([0.0, 0.3]))
def test_soft_targets(size, seed, tau, even):
    states, table, targets = draw(size, seed)
    P, V = len(states), len(table)
    rng = np.random.default_rng(seed)
    soft = SoftTargets(rng.integers(0, V, (P, 3)), 0.2 * rng.random((P, 3)), even)
    q = torch.full((P, V), even / V, dtype=torch.float64)
    q.scatter_add_(1, targets[:, None], 1 - even - torch.tensor(soft.shares).sum(1, keepdim=True))
    q.scatter_add_(1, torch.tensor(soft.items), torch.tensor(soft.shares))
    ours = objectives.last_step_loss(states, table, targets, tau, None, soft)
    assert_same(ours, plain_cross_entropy(states[:, -1] @ table.T / tau, q), [states, table])
    logits = torch.tensor(rng.normal(size=states.shape[:2]), requires_grad=True)
    mixed = (logits.log_softmax(1)[..., None] + (states @ table.T / tau).log_softmax(2)).logsumexp(1)
    assert_same(mixture_loss(states, logits, table, targets, tau, soft), -(q * mixed).sum(1).mean(),
                [states, logits, table])


def test_no_exp_is_smaller_than_normal_where_scores_are_far_apart():
    """Such numbers are slow: an epoch of PRL became a third longer as its contrasted states moved apart."""
    scores = torch.tensor([[0.0, -1.0, -86.0, -90.0, -100.0, -300.0, -torch.inf]])
    plain, found = scores.clone(), scores.clone()
    expected, (total, log_total) = chunked.softmax_in_place(plain), chunked.softmax_in_place(found, far=True)
    assert torch.equal(total, expected[0]) and torch.equal(log_total, expected[1])
    smallest = torch.finfo(torch.float32).smallest_normal
    assert found.min() >= smallest > plain[0, 3:].max() and torch.equal(found[0, :3], plain[0, :3])


@given(sizes, seeds, temperature, st.integers(1, 4))
def test_info_nce_leaves_other_rows_of_the_group_out(size, seed, tau, n_groups):
    states, _, _ = draw(size, seed)
    noised, clean = ((factor * states[:, k]).detach().requires_grad_() for factor, k in ((0.5, 0), (1.0, -1)))
    groups = torch.arange(len(states)) % n_groups
    scores = noised @ clean.T / tau
    left_out = (groups[:, None] == groups) & ~torch.eye(len(states), dtype=torch.bool)
    plain = plain_cross_entropy(scores.masked_fill(left_out, -torch.inf), torch.arange(len(states)))
    assert_same(objectives.info_nce(noised, clean, tau, groups), plain, [noised, clean])


@given(sizes, seeds, st.sampled_from([1.0, 1.5, 5.0]))
def test_progressive_loss(size, seed, alpha):
    states, table, targets = draw(size, seed)
    K = size[1]
    taus = objectives.temperatures(0.5, alpha, K)
    losses = [plain_cross_entropy(states[:, k] @ table.T / taus[k], targets) for k in range(K + 1)]
    plain = losses[-1] + (0.7 * torch.stack(losses[:-1]).mean() if K else 0.0)
    assert taus[-1] == 0.5 and taus == sorted(taus, reverse=True)
    assert_same(objectives.prl_loss(states, table, targets, 0.5, alpha, 0.7), plain, [states, table])


def test_the_scores_never_exist_in_full(monkeypatch):
    """A loss over 4,000 positions and 5,000 items needs far less peak memory than the 80 MB of its scores."""
    monkeypatch.setattr(chunked, "CHUNK_SCORES", 250_000)
    states = torch.randn(4000, 1, 8, requires_grad=True)
    table = torch.randn(5000, 8, requires_grad=True)
    targets = torch.randint(0, 5000, (4000,))

    def peak(function):
        with torch.profiler.profile(profile_memory=True) as profile:
            function().backward()
        held = highest = 0
        for event in profile.profiler.kineto_results.events():
            if event.name() == "[memory]":
                held += event.nbytes()
                highest = max(highest, held)
        return highest

    plain = peak(lambda: plain_cross_entropy(states[:, 0] @ table.T, targets))
    ours = peak(lambda: objectives.cross_entropy(states[:, 0], table, targets, 1.0))
    assert plain > 80e6
    assert ours < 8e6


@pytest.mark.parametrize("loss", [
    lambda states, table, targets: objectives.cross_entropy(states[:, 0], table, targets, 0.7),
    lambda states, table, targets: objectives.erl_loss(states, table, targets, 0.7, 0.5),
    lambda states, table, targets: objectives.info_nce(states[:, 0], states[:, 1], 0.7)])
def test_rounded_factors_round_products_and_nothing_else(loss):
    states, table, targets = draw((60, 2, 90, 16), 3)
    exact = loss(states, table, targets)
    expected = torch.autograd.grad(exact, [states, table], allow_unused=True)
    with chunked.round_factors(torch.bfloat16):
        rounded = loss(states, table, targets)
        assert (states @ table.T).dtype == torch.float64, "other products stay as they are"
    found = torch.autograd.grad(rounded, [states, table], allow_unused=True)
    assert rounded != exact and rounded.item() == pytest.approx(exact.item(), rel=0.01)
    for ours, plain in zip(found, expected, strict=True):
        if plain is not None:
            assert ours.dtype == torch.float64 and 0 < (ours - plain).norm() < 0.02 * plain.norm()
    assert loss(states, table, targets) == exact, "the end of the with restores full precision"


def test_a_large_catalogue_is_read_for_many_rows_at_a_time(monkeypatch):
    """With one row at a time, a step of 2,048 positions would read a table of 1,000,000 items 2,048 times."""
    monkeypatch.undo()
    assert chunked.chunk_rows(1_000_000) == chunked.FEWEST_ROWS > 1
    assert chunked.chunk_rows(1_000) == chunked.CHUNK_SCORES // 1_000


def test_a_single_product_is_rounded_too():
    x, weight = torch.randn(9, 6, dtype=torch.float64), torch.randn(6, 4, dtype=torch.float64, requires_grad=True)
    assert torch.equal(chunked.product(x, weight), x @ weight)
    with chunked.round_factors(torch.bfloat16):
        rounded = chunked.product(x, weight)
    (found,) = torch.autograd.grad(rounded.sum(), [weight])
    for ours, exact in ((rounded, x @ weight), (found, x.sum(0)[:, None].expand(6, 4))):
        assert ours.dtype == torch.float64 and 0 < (ours - exact).norm() < 0.02 * exact.norm()
