"""Our functions reproduce the states, scores, loss and gradients of the authors' code."""

import numpy as np
import pytest
import torch

from minirearec.nn.objectives import erl_loss, prl_loss, scores, user_state
from minirearec.nn.reasoning import all_prefix_states, last_states
from minirearec.weights import nest
from tests.official import FILES, MORE, TOLERANCE, read


@pytest.mark.parametrize("name", FILES + MORE)
@pytest.mark.parametrize("form", ["last position", "all prefixes"])
def test_the_authors_code_is_reproduced(name, form, capsys):
    recorded = read(name)
    config, arrays = recorded.config, recorded.arrays
    flat = {key: torch.tensor(value, requires_grad=True) for key, value in recorded.weights.items()}
    weights = nest(flat)
    items, lengths = torch.tensor(recorded.items), torch.tensor(recorded.lengths)
    targets = torch.tensor(arrays["targets"])
    steps, heads, tau = config["reasoning_steps"], config["n_heads"], config["temperature"]
    B, T = items.shape

    noise = None
    if config["objective"] == "prl":
        noise = config["noise"] * torch.tensor(arrays["noise"])[:, None]  # [B, 1, K, D]
    if form == "last position":
        states, noised = last_states(weights, items, lengths, steps, heads, noise)
        states, noised = states[:, 0], noised if noised is None else noised[:, 0]
    else:
        everywhere = noise if noise is None else noise.expand(-1, T, -1, -1)
        states, noised = all_prefix_states(weights, items, steps, heads, everywhere)
        last = torch.arange(B), lengths - 1
        states, noised = states[last], noised if noised is None else noised[last]

    table = weights["item_embedding"]  # in the authors' softmax, its extra padding row is a class
    if config["objective"] == "erl":
        loss = erl_loss(states, table, targets, tau, config["kl_weight"])
    else:
        loss = prl_loss(states, table, targets, tau, config["temp_scale"], config.get("pl_weight", 1.0), noised,
                        config.get("cl_weight", 1.0))
    loss.backward()

    pairs = {"states": (states, arrays["states"]), "loss": (loss, arrays["loss"]),
             "logits": (scores(user_state(states, config["objective"] == "erl"), table, tau), arrays["logits"])}
    if noised is not None:
        # The authors put the clean r_0 before the noised states of steps 1..K.
        pairs["noised states"] = torch.cat([states[:, :1], noised], 1), arrays["noised_states"]
    pairs |= {f"gradient of {key}": (flat[key].grad, value) for key, value in recorded.gradients.items()}
    assert set(recorded.gradients) == set(flat)
    worst = max((np.abs(ours.detach().numpy() - theirs).max(), key) for key, (ours, theirs) in pairs.items())
    with capsys.disabled():
        print(f"\nparity {name} ({form}): {len(pairs)} arrays, max difference {worst[0]:.1e} ({worst[1]})", end="")
    assert worst[0] <= TOLERANCE
