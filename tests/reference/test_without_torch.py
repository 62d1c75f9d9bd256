"""The reference trains and recommends in a process where importing PyTorch fails."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import sys
sys.modules["torch"] = None  # any import of torch is an ImportError now
try:
    import torch
except ImportError:
    pass
else:
    raise SystemExit("torch can still be imported")

import numpy as np
from minirearec.config import ObjectiveConfig
from minirearec.reference import attention, backbones, objectives, ops, reasoning
from minirearec.reference.learning import loss_and_gradients
from minirearec.reference.optim import adam, start_moments
from minirearec.reference.serving import serving_states
from tests.strategies import Problem

# A cycle of items: after v comes v + 1. A model that has learned it recommends the next one.
p = Problem(B=6, T=5, K=2, H=2, d=4, I=16, L=1, V=8, seed=0)
objective = ObjectiveConfig(method="prl", contrastive_weight=0.1)
weights, rng = p.weights, np.random.default_rng(1)
moments, losses = start_moments(weights), []
for step in range(1, 301):
    items = (rng.integers(0, p.V, (p.B, 1)) + np.arange(p.T)) % p.V
    noise = 0.01 * rng.standard_normal((p.B, p.T, p.K, p.D))
    loss, gradients = loss_and_gradients(weights, items, (items + 1) % p.V, np.ones((p.B, p.T), dtype=bool), p.K, p.H,
                                         objective, noise, ops.Dropout(0.02, 0.02, step))
    weights, moments = adam(weights, gradients, moments, step, 0.01)
    losses.append(loss)
assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:10]), losses[::10]
state = serving_states(weights, np.array([2, 3, 4]), p.K, p.H)[-1]
print(np.argmax(weights["item_embedding"] @ state))
"""


def test_trains_and_recommends_without_torch():
    result = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "5"
