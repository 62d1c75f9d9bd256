"""Every reasoner, kind of positions and backbone combine: both backends train and answer alike."""

import numpy as np
import pytest

from minirearec.backends import BACKENDS
from minirearec.config import Config
from minirearec.data.batching import iterate, training_windows
from minirearec.data.splits import make_split
from minirearec.engine import make_learner
from minirearec.parts import BACKBONES, POSITIONS, REASONERS
from tests.small import SMALL

EXACT = {**SMALL, "width": 8, "layers": 2, "max_length": 6, "initial_std": 0.3, "warmup_epochs": 0, "dropout": 0.0,
         "input_dropout": 0.0, "noise": 0.0, "precision": "float32", "first_items": True, "average": 0.5}
HISTORIES, LENGTHS = np.array([[1, 2, 3, 4, 0, 0], [5, 6, 7, 8, 9, 10]]), np.array([4, 6])


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("positions", POSITIONS)
@pytest.mark.parametrize("reasoner", REASONERS)
def test_backends_agree(reasoner, positions, backbone, data):
    """In two steps of training, and in the states after them: of a batch, and of one history by itself."""
    samples = "prefixes" if positions == "recency" else "windows"
    config = Config.make(method="prl", reasoner=reasoner, positions=positions, backbone=backbone, samples=samples,
                         **EXACT)
    split, losses, states = make_split(data), [], []
    windows = training_windows(split.train_items, split.train_offsets, 6, split.is_target, config.single_prefixes, True)
    batches = list(iterate(windows, 200, np.random.default_rng(0)))[:2]
    for backend in BACKENDS:
        learner = make_learner(config, data.n_items, backend, "cpu")
        learner.start_epoch(1)
        losses.append([learner.train_batch(batch) for batch in batches])
        states += [learner.array(learner.states(HISTORIES, LENGTHS))[0],
                   learner.array(learner.states_of_one(HISTORIES[0, :4]))[0]]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    for other in states[1:]:
        np.testing.assert_allclose(other, states[0], atol=1e-3)
