"""Plain NumPy reproduces the states, scores, loss and gradients of the authors' code."""

import numpy as np
import pytest

from minirearec.reference import objectives
from minirearec.reference.reasoning import (
    all_prefix_states,
    all_prefix_states_backward,
    last_states,
    last_states_backward,
)
from minirearec.weights import add, flatten, nest
from tests.official import FILES, HERE, MORE, TOLERANCE, read
from tests.outside import SHARED, needs


def loss_arguments(config, states, table, targets, noised):
    """Return the name of the file's objective and its arguments."""
    if config["objective"] == "erl":
        return "erl_loss", (states, table, targets, config["temperature"], config["kl_weight"])
    return "prl_loss", (states, table, targets, config["temperature"], config["temp_scale"],
                        config.get("pl_weight", 1.0), noised, config.get("cl_weight", 1.0))


@pytest.mark.parametrize("name", FILES + MORE)
@pytest.mark.parametrize("form", ["last position", "all prefixes"])
def test_the_authors_code_is_reproduced(name, form, capsys):
    recorded = read(name)
    config, arrays, weights = recorded.config, recorded.arrays, nest(recorded.weights)
    items, lengths, table = recorded.items, recorded.lengths, weights["item_embedding"]
    steps, heads = config["reasoning_steps"], config["n_heads"]
    B, T = items.shape
    noise = config["noise"] * arrays["noise"][:, None] if config["objective"] == "prl" else None  # [B, 1, K, D]

    if form == "last position":
        chosen = np.arange(B), np.zeros(B, dtype=int)
        arguments = weights, items, lengths, steps, heads, noise
        everywhere, noised_everywhere = last_states(*arguments)
        backward = last_states_backward
    else:
        chosen = np.arange(B), lengths - 1
        noise = None if noise is None else np.repeat(noise, T, 1)
        arguments = weights, items, steps, heads, noise
        everywhere, noised_everywhere = all_prefix_states(*arguments)
        backward = all_prefix_states_backward
    states, noised = everywhere[chosen], None if noise is None else noised_everywhere[chosen]

    objective, given = loss_arguments(config, states, table, arrays["targets"], noised)
    loss = getattr(objectives, objective)(*given)
    grad_states, grad_table, *rest = getattr(objectives, objective + "_backward")(1.0, *given)
    grad_everywhere, grad_noised = np.zeros_like(everywhere), None
    grad_everywhere[chosen] = grad_states
    if noise is not None:
        grad_noised = np.zeros_like(noised_everywhere)
        grad_noised[chosen] = rest[0]
    grad_weights, _ = backward((grad_everywhere, grad_noised), *arguments)
    gradients = flatten(add(grad_weights, {"item_embedding": grad_table}))

    user = objectives.user_state(states, config["objective"] == "erl")
    pairs = {"states": (states, arrays["states"]), "loss": (loss, arrays["loss"]),
             "logits": (objectives.scores(user, table, config["temperature"]), arrays["logits"])}
    if noised is not None:
        pairs["noised states"] = np.concatenate([states[:, :1], noised], 1), arrays["noised_states"]
    assert set(recorded.gradients) == set(gradients)
    pairs |= {f"gradient of {key}": (gradients[key], value) for key, value in recorded.gradients.items()}
    worst = max((np.abs(ours - theirs).max(), key) for key, (ours, theirs) in pairs.items())
    with capsys.disabled():
        print(f"\nNumPy parity {name} ({form}): {len(pairs)} arrays, max difference {worst[0]:.1e} ({worst[1]})",
              end="")
    assert worst[0] <= TOLERANCE


@pytest.mark.parametrize("name", FILES)
def test_the_files_in_the_repository_are_those_that_were_recorded(name):
    """Without the authors' second copy of the encoder."""
    with np.load(needs(SHARED / "parity" / f"{name}.npz")) as recorded, np.load(HERE / f"{name}.npz") as ours:
        assert set(ours.files) == {key for key in recorded.files if "model.transformer" not in key}
        assert all(np.array_equal(ours[key], recorded[key]) for key in ours.files)
