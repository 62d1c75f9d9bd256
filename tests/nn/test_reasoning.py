"""One pass over all prefixes equals encoding every prefix separately."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from minirearec.config import ModelConfig
from minirearec.nn.model import ReaRec


def model_of(K, layers, heads, seed, positions=True, backbone="sasrec"):
    """Return a small float64 model with weights that are large enough to matter."""
    config = ModelConfig(backbone=backbone, steps=K, width=4 * heads, inner_width=6, layers=layers, heads=heads,
                         max_length=9, initial_std=0.5)
    return ReaRec(config, 20, positions, seed).double().eval()


shapes = {"K": st.integers(0, 3), "layers": st.integers(1, 3), "heads": st.integers(1, 3),
          "seed": st.integers(0, 10**6), "positions": st.booleans()}


@given(B=st.integers(1, 3), T=st.integers(1, 9), **shapes)
def test_all_prefix_states_equal_those_of_each_prefix_alone(B, T, K, layers, heads, seed, positions):
    model = model_of(K, layers, heads, seed, positions)
    items = torch.randint(0, 20, (B, T), generator=torch.Generator().manual_seed(seed))
    together, _ = model(items)
    assert together.shape == (B, T, K + 1, 4 * heads)
    for length in range(1, T + 1):
        alone = model.last(items[:, :length], torch.full((B,), length))
        assert torch.allclose(together[:, length - 1], alone, rtol=1e-9, atol=1e-11)


@given(backbone=st.sampled_from(["sasrec", "bert4rec"]), **shapes)
def test_padding_changes_nothing(K, layers, heads, seed, positions, backbone):
    model = model_of(K, layers, heads, seed, positions, backbone)
    rng = torch.Generator().manual_seed(seed)
    items = torch.randint(0, 20, (3, 9), generator=rng)
    lengths = torch.tensor([2, 9, 5])
    other_padding = items.clone()
    for row, length in enumerate(lengths):
        other_padding[row, length:] = torch.randint(0, 20, (9 - length,), generator=rng)
    assert torch.equal(model.last(items, lengths), model.last(other_padding, lengths))


def test_each_reasoning_step_sees_the_steps_before_it():
    """Emptying the step cache changes r_2, so the reasoning steps do read each other's keys."""
    from minirearec.nn.attention import last_mask
    from minirearec.nn.backbones.blocks import last_positions
    from minirearec.nn.backbones.sasrec import encode
    from minirearec.nn.reasoning import reasoning_step

    model = model_of(2, 2, 2, 0)
    items, lengths = torch.tensor([[3, 1, 4, 1, 5]]), torch.tensor([5])
    weights = model.weights()
    states, cache = encode(weights, items, 2)
    mask, p = last_mask(lengths, 5), weights["reasoning_embedding"]
    r1, steps = reasoning_step(weights, last_positions(states, lengths) + p[0], cache, [], mask, 2)
    with_cache, _ = reasoning_step(weights, r1 + p[1], cache, steps, mask, 2)
    without, _ = reasoning_step(weights, r1 + p[1], cache, [], mask, 2)
    assert torch.allclose(with_cache[:, 0], model.last(items, lengths)[:, 2])
    assert not torch.allclose(with_cache, without, atol=1e-3)


@given(**shapes)
def test_items_that_see_both_ways_are_encoded_one_prefix_a_row(K, layers, heads, seed, positions):
    """A row equals its prefix alone; a longer history has another state at the same place."""
    model = model_of(K, layers, heads, seed, positions, "bert4rec")
    items = torch.randint(0, 20, (9, 9), generator=torch.Generator().manual_seed(seed))
    lengths = torch.arange(1, 10)
    together, _ = model(items, lengths=lengths)
    assert torch.allclose(together[:, 0], model.last(items, lengths))
    for row, length in enumerate(lengths):
        alone = model.last(items[[row], :length], length[None])
        assert torch.allclose(together[[row], 0], alone, rtol=1e-9, atol=1e-11)


def test_all_prefixes_in_one_pass_need_a_causal_backbone():
    with pytest.raises(AssertionError, match="bert4rec is not causal"):
        model_of(1, 1, 1, 0, backbone="bert4rec")(torch.tensor([[3, 1]]))
