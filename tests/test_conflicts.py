"""Settings that are right each by itself and make no sense together are refused by name."""

import pytest

from minirearec.config import Config
from minirearec.errors import ConfigError


@pytest.mark.parametrize("settings, message", [
    ({"method": "base", "steps": 2}, "--steps: method base has no reasoning steps, got 2.*choose naive, rpe"),
    ({"method": "counts", "loss": "sampled"}, "--loss: method counts has no sampled loss"),
    ({"loss": "gbce", "kl_weight": 0.1}, "--kl-weight: the KL term compares softmax.*choose --loss sampled"),
    ({"method": "counts", "soft_targets": "counts"}, "--soft-targets: the loss of method counts has no such term"),
    ({"method": "counts", "label_smoothing": 0.1}, "--label-smoothing: the loss.*choose base, naive"),
    ({"method": "counts", "same_target_weight": 0.1}, "--same-target-weight: the loss of method counts"),
    ({"loss": "sampled", "label_smoothing": 0.1}, "--label-smoothing: a sampled loss does not score.*--loss full"),
    ({"loss": "gbce", "soft_targets": "counts"}, "--soft-targets: a sampled loss"),
    ({"method": "teacher", "loss": "sampled"}, "--loss: method teacher has no sampled loss"),
])
def test_what_a_loss_cannot_do_is_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        Config.make(**settings)
