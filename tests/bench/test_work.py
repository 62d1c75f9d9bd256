"""The counted operations: those that PyTorch performs, where padding and masks add nothing."""

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from minirearec.bench.work import (
    Product,
    backward,
    encoding,
    encoding_last,
    flops,
    inference,
    one_user,
    reasoning,
    training,
)
from minirearec.config import Config
from minirearec.data.batching import Batch
from minirearec.engine import make_learner
from minirearec.parts import REASONERS

SMALL = {"width": 8, "inner_width": 12, "layers": 2, "heads": 2, "max_length": 6, "warmup_epochs": 1}
V = 21


def performed(function) -> int:
    """Count the operations of the matrix products that PyTorch performs."""
    def in_place(total, a, b, **_):  # PyTorch's counter knows addmm but not its form in place
        return 2 * a[0] * a[1] * b[1]

    with FlopCounterMode(display=False, custom_mapping={torch.ops.aten.addmm_: in_place}) as counter:
        function()
    return counter.get_total_flops()


def single_items(count: int) -> Batch:
    """Return a batch of histories with one item each: nothing is padded or masked."""
    items = np.arange(count)[:, None]
    return Batch(items, items + 1, np.ones_like(items, dtype=bool))


def prefixes(count: int, length: int) -> Batch:
    """Return a batch of single prefixes of one length."""
    items = np.arange(count * length).reshape(count, length) % V
    return Batch(items, items[:, :1], np.ones((count, 1), bool), np.full(count, length))


def own_steps(config: Config, passes: int) -> int:
    """Count what attention to a prefix's own steps needs: the code multiplies and adds these without a product."""
    model = config.model
    return 4 * model.layers * model.width * passes * model.steps * (model.steps + 1) // 2


@pytest.mark.parametrize("precision", ["float32", "bf16"])
@pytest.mark.parametrize("settings, passes", [
    ({"method": "base"}, 0), ({"method": "rpe", "steps": 2}, 1), ({"method": "erl", "steps": 3}, 1),
    ({"method": "erl", "steps": 2, "kl_weight": 0.1}, 1), ({"method": "prl", "steps": 2}, 2),
    ({"method": "prl", "steps": 2, "contrastive_weight": 0.0}, 1),
    ({"method": "prl", "steps": 2, "reasoner": "separate"}, 2), ({"method": "prl", "steps": 2, "reasoner": "gru"}, 2),
    ({"method": "rpe", "steps": 3, "reasoner": "adapter", "adapter_width": 5}, 1),
    ({"method": "prl", "steps": 2, "reasoner": "items", "guesses": 3}, 2),
    ({"method": "prl", "steps": 2, "reasoner": "lares"}, 0),
    ({"method": "prl", "steps": 2, "reasoner": "paths", "paths": 4}, 8),
    ({"method": "base", "items": "unisrec", "with_ids": True}, 0),
    ({"method": "base", "items": "morec", "projection_layers": 2}, 0)])
def test_a_training_step_needs_what_pytorch_performs(settings, passes, precision):
    config = Config.make(**SMALL, **settings, precision=precision, feature_width=5, experts=3)
    batch, features = single_items(10), np.ones((V, 5), np.float32)
    learner = make_learner(config, V, "torch", "cpu", features=features)
    learner.start_epoch(2)
    counted = training(config, 2, V, batch)
    done = performed(lambda: learner.train_batch(batch))
    assert flops(counted) - 3 * 10 * own_steps(config, passes) == pytest.approx(done, rel=1e-12)


def test_the_warm_up_of_prl_draws_no_noise():
    config = Config.make(**SMALL, method="prl", steps=2)
    assert flops(training(config, 1, V, single_items(5))) < flops(training(config, 2, V, single_items(5)))


def test_a_test_set_needs_no_more_than_pytorch_performs():
    config = Config.make(**SMALL, method="erl", steps=2)
    learner, lengths = make_learner(config, V, "torch", "cpu"), np.ones(10, np.int64)

    def one_row():
        learner.scores(learner.answer(learner.states(np.arange(10)[:, None], lengths)))

    with torch.inference_mode():
        done = performed(one_row)
    needed = flops(inference(config.model, V, lengths, 1)) - 10 * own_steps(config, 1)
    projections = 10 * 3 * 2 * 8 * 8  # the code computes queries, keys and values of the last position twice
    assert done - projections <= needed <= done
    more = flops(inference(config.model, V, lengths, 3)) - flops(inference(config.model, V, lengths, 1))
    assert more == pytest.approx(2 * 10 * 2 * V * 8)


@pytest.mark.parametrize("settings, passes", [({"method": "base"}, 0), ({"method": "prl", "steps": 2}, 2),
                                              ({"method": "prl", "steps": 2, "reasoner": "lares"}, 0)])
def test_a_training_step_over_single_prefixes_needs_what_pytorch_performs(settings, passes):
    config, batch = Config.make(**SMALL, **settings, backbone="bert4rec", precision="float32"), prefixes(10, 5)
    learner = make_learner(config, V, "torch", "cpu")
    learner.start_epoch(2)
    counted = training(config, 2, V, batch)
    done = performed(lambda: learner.train_batch(batch))
    assert flops(counted) - 3 * 10 * own_steps(config, passes) == pytest.approx(done, rel=1e-12)


def test_the_last_state_needs_only_keys_and_values_of_the_others_in_the_last_block():
    model = Config.make(**SMALL, method="base").model
    D, inner, T = 8, 12, 5
    block, pair = 8 * D**2 + 4 * D * inner, 4 * D
    by_hand = T * block + T * (T + 1) // 2 * pair + (T - 1) * 4 * D**2 + block + T * pair  # two blocks
    assert flops(encoding_last(model, np.array([T]))) == pytest.approx(by_hand)
    assert flops(encoding_last(model, np.array([T, T]))) == pytest.approx(2 * by_hand)


@pytest.mark.parametrize("backbone", ["sasrec", "bert4rec"])
@pytest.mark.parametrize("steps, reasoner", [(0, "shared"), *((2, reasoner) for reasoner in REASONERS)])
def test_one_user_is_a_test_set_of_one(steps, reasoner, backbone):
    config = Config.make(**SMALL, method="rpe", steps=steps, backbone=backbone, reasoner=reasoner)
    streams = 0 if REASONERS[reasoner].everywhere else REASONERS[reasoner].streams(config.model)
    whole = flops(inference(config.model, V, np.array([5]), 2)) - own_steps(config, streams)
    assert flops(one_user(config.model, V, 5, 2)) == pytest.approx(whole)


def test_attention_counts_what_a_position_may_see():
    model = Config.make(**SMALL, method="rpe", steps=2).model
    pair = 4 * model.layers * model.width
    position = model.layers * (8 * model.width**2 + 4 * model.width * model.inner_width)
    assert flops(encoding(model, np.array([3, 1]))) == pytest.approx(4 * position + (1 + 2 + 3 + 1) * pair)
    lengths = np.array([3, 1])
    assert flops(reasoning(model, lengths, lengths)) == pytest.approx(4 * position + (4 + 5 + 2 + 3) * pair)


def test_padding_and_positions_that_do_not_count_are_no_work():
    config = Config.make(**SMALL, method="rpe", steps=2)
    counted = np.array([[True, True, False], [False, True, False]])
    batch = Batch(np.zeros((2, 3), np.int64), np.zeros((2, 3), np.int64), counted)
    lengths, prefixes = np.array([2, 2]), np.array([1, 2, 2])
    forward = flops(encoding(config.model, lengths)) + flops(reasoning(config.model, prefixes, lengths))
    assert flops(training(config, 2, V, batch)) == pytest.approx(3 * (forward + 3 * 2 * 8 * V))


def test_only_products_with_the_catalogue_have_the_precision_of_training():
    config = Config.make(**SMALL, method="prl", steps=2, precision="bf16")
    rounded = [one for one in training(config, 2, V, single_items(5)) if one.dtype == "bf16"]
    assert sum(one.flops for one in rounded) == pytest.approx(3 * (5 * 3 * 2 * 8 * V + 2 * 5 * 2 * 8 * 5))


def test_a_gradient_has_two_products_of_the_same_operations():
    product = Product(2, 3, 5, 7, "bf16")
    assert backward(product) == [Product(2, 5, 3, 7, "bf16"), Product(3, 2, 5, 7, "bf16")]
    assert [one.flops for one in backward(product)] == [product.flops] * 2
