"""The table of methods; no code outside it asks for a method by name."""

import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from minirearec.config import Config
from minirearec.methods import METHODS
from minirearec.nn.registries import OBJECTIVES as IN_TORCH
from minirearec.reference.ops import softmax
from minirearec.reference.registries import OBJECTIVES as IN_NUMPY
from minirearec.weights import combine

ROOT = Path(__file__).resolve().parents[1]
NEURAL = [method for method in METHODS.values() if method.neural]


def test_no_line_outside_the_table_asks_for_a_method_by_name():
    listed = subprocess.run(["git", "ls-files", "minirearec", "cli"], cwd=ROOT, capture_output=True, text=True)
    files = listed.stdout.split()
    if not files:
        pytest.skip("needs the git checkout, to know which files are the project's")
    asking = [f"{file}:{number}" for file in files if file.endswith(".py") and file != "minirearec/methods.py"
              for number, line in enumerate((ROOT / file).read_text().splitlines(), 1)
              if re.search(r"method (==|!=|in)", line)]
    assert not asking


@pytest.mark.parametrize("method", NEURAL, ids=lambda method: method.name)
def test_both_backends_compute_every_method_and_give_the_same_answer(method):
    states = np.random.default_rng(0).standard_normal((4, 3, 5))
    if IN_NUMPY[method.loss].scores is not None:
        pytest.skip("its answer is no state: see the next test")
    in_numpy = IN_NUMPY[method.loss].answer(states, {})
    in_torch = IN_TORCH[method.loss].answer(torch.tensor(states), {})
    assert in_numpy == pytest.approx(in_torch.numpy(), abs=1e-12)
    expected = states.mean(1) if method.combined else states[:, -1]
    assert in_numpy == pytest.approx(expected)


@pytest.mark.parametrize("method", [one for one in NEURAL if IN_NUMPY[one.loss].scores], ids=lambda method: method.name)
def test_an_answer_that_is_no_state_is_a_mixture_of_distributions(method):
    rng, settings = np.random.default_rng(0), Config.make(method=method.name, temperature=0.5).objective
    states, table = rng.standard_normal((4, 3, 5)), rng.standard_normal((7, 5))
    weights = combine(lambda start: rng.standard_normal(start.shape), method.weights(SimpleNamespace(steps=2, width=5)))
    in_numpy = IN_NUMPY[method.loss].scores(states, table, weights, settings)
    tensors = combine(torch.tensor, weights)
    in_torch = IN_TORCH[method.loss].scores(torch.tensor(states), torch.tensor(table), tensors, settings)
    assert in_numpy == pytest.approx(in_torch.numpy(), abs=1e-12)
    shares = softmax(states @ table.T / 0.5)
    assert np.exp(in_numpy).sum(-1) == pytest.approx(np.ones(4))
    assert (np.exp(in_numpy) >= shares.min(1) - 1e-12).all() and (np.exp(in_numpy) <= shares.max(1) + 1e-12).all()


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_defaults_and_warmup_of_a_method_are_settings(method):
    made = Config.make(method=method.name)
    values = {name: value for section in made.to_dict().values() for name, value in section.items()}
    assert method.defaults.items() <= values.items()
    assert set(method.warmup) <= set(vars(made.objective))
    assert made.model.steps == 0 or method.reasons


@pytest.mark.parametrize("name, changed", [("erl", "kl_weight"), ("prl", "contrastive_weight")])
def test_warmup_changes_the_settings_of_the_first_epochs_alone(name, changed):
    configured = Config.make(method=name, warmup_epochs=2, kl_weight=0.3, contrastive_weight=0.4).objective
    first, second, third = (METHODS[name].settings(configured, epoch) for epoch in (1, 2, 3))
    assert first == second != third == configured and getattr(first, changed) == 0.0


def test_noise_is_drawn_only_for_a_contrast_that_counts():
    settings = Config.make(method="prl", contrastive_weight=0.4, warmup_epochs=1).objective
    prl = METHODS["prl"]
    assert prl.draws_noise(settings, 2) and not prl.draws_noise(settings, 0)
    assert not prl.draws_noise(prl.settings(settings, 1), 2) and not METHODS["erl"].draws_noise(settings, 2)
