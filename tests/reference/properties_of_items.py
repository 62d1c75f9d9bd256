"""Properties of item encoders that read features."""

import numpy as np

from minirearec.config import Config, ObjectiveConfig
from minirearec.parts import ITEM_ENCODERS
from minirearec.reference.items import morec, unisrec
from minirearec.reference.ops import Dropout
from minirearec.sampling import find_seen
from minirearec.weights import combine, draw, flatten, nest
from tests.compare import assert_same
from tests.reference.registry import assert_close, holds, slope

ENCODERS = {"unisrec": unisrec, "morec": morec}


def changed(weights: dict, **parts) -> dict:
    """Return weights with some parts of the item encoder replaced."""
    return {**weights, "item_encoder": {**weights["item_encoder"], **parts}}


@holds
def an_item_at_the_mean_of_every_expert_becomes_zero(model, p):
    weights = p.weights_with_features("unisrec", with_ids=False)
    means = weights["item_encoder"]["expert_mean"]
    item = weights["item_features"][-1]
    table = unisrec.item_table(changed(weights, expert_mean=np.tile(item, (len(means), 1))))
    assert_same(table[-1], np.zeros(p.D))
    assert np.abs(table[0]).max() > 1e-6


@holds
def experts_that_map_alike_need_no_gate(model, p):
    """If every expert has the same W and b, the vectors are those of one expert, whatever the gate says."""
    weights = p.weights_with_features("unisrec", with_ids=False)
    weight, mean = (weights["item_encoder"][name] for name in ("expert_weight", "expert_mean"))
    alike = changed(weights, expert_weight=np.tile(weight[:1], (len(weight), 1, 1)),
                    expert_mean=np.tile(mean[:1], (len(mean), 1)))
    assert_same(unisrec.item_table(alike), (weights["item_features"] - mean[0]) @ weight[0])


@holds
def an_even_gate_averages_the_experts(model, p):
    weights = p.weights_with_features("unisrec", with_ids=False)
    encoder = weights["item_encoder"]
    each = [(weights["item_features"] - mean) @ weight
            for mean, weight in zip(encoder["expert_mean"], encoder["expert_weight"], strict=True)]
    assert_same(unisrec.item_table(changed(weights, gate=0 * encoder["gate"])), np.mean(each, 0))


@holds
def the_gate_reads_features_as_they_are(model, p):
    """So vectors are a sum of a part without the means and of one in proportion to them."""
    weights = p.weights_with_features("unisrec")
    mean = weights["item_encoder"]["expert_mean"]
    none, one, two = (unisrec.item_table(changed(weights, expert_mean=times * mean)) for times in (0, 1, 2))
    assert_same(two - one, one - none)


@holds
def noise_reaches_the_gate_in_training_alone(model, p):
    weights = p.weights_with_features("unisrec")
    louder = changed(weights, gate_noise=weights["item_encoder"]["gate_noise"] + 1)
    assert_same(unisrec.item_table(louder), unisrec.item_table(weights))
    drop = Dropout(0, 0, p.seed)
    assert np.abs(unisrec.item_table(louder, drop) - unisrec.item_table(weights, drop)).max() > 1e-6


@holds
def the_vector_of_an_item_depends_on_no_other_item(model, p):
    for name, encoder in ENCODERS.items():
        weights = p.weights_with_features(name, with_ids=False)
        alone = {**weights, "item_features": weights["item_features"][-1:]}
        assert_same(encoder.item_table(alone), encoder.item_table(weights)[-1:])


@holds
def free_vectors_are_added(model, p):
    for name, encoder in ENCODERS.items():
        weights = p.weights_with_features(name)
        free = weights.pop("item_embedding")
        assert_same(encoder.item_table({**weights, "item_embedding": free}), encoder.item_table(weights) + free)


@holds
def the_last_layer_decides(model, p):
    """If its map is 0, all items get gelu(b), whatever the layers before it make of them."""
    weights = p.weights_with_features("morec", with_ids=False)
    *before, last = weights["item_encoder"]["layers"]
    table = morec.item_table(changed(weights, layers=[*before, {**last, "weight": 0 * last["weight"]}]))
    assert_same(table, np.tile(model.gelu(last["bias"]), (p.V, 1)))


@holds
def gradients_of_item_encoders_match_differences(model, p):
    for name, encoder in ENCODERS.items():
        for drop in (None, Dropout(0.4, 0.3, p.seed, 0.2)):
            read = p.weights_with_features(name)
            trained = {part: read[part] for part in ("item_encoder", "item_embedding")}
            grad = p.normal("grad", p.V, p.D)
            gradients = encoder.item_table_backward(grad, read, drop)
            names = iter(range(1000))
            along = combine(lambda leaf, names=names: p.normal(f"along{next(names)}", *leaf.shape), trained)

            def loss(step, read=read, trained=trained, along=along, encoder=encoder, drop=drop, grad=grad):
                moved = combine(lambda w, u: w + step * u, trained, along)
                return (grad * encoder.item_table({**read, **moved}, drop)).sum()

            derived = sum((leaf * flatten(gradients).get(path, 0)).sum() for path, leaf in flatten(along).items())
            assert_close(derived, slope(loss))


@holds
def every_weight_of_an_encoder_trains_and_no_feature(model, p):
    for name, encoder in ENCODERS.items():
        weights = p.weights_with_features(name)
        gradients = encoder.item_table_backward(p.normal("grad", p.V, p.D), weights)
        assert set(flatten(gradients)) == {path for path in flatten(weights)
                                           if path.split(".")[0] in ("item_encoder", "item_embedding")}


@holds
def an_item_that_training_never_saw_keeps_the_vector_of_its_features(model, p):
    """Also with free vectors: that of such an item begins at 0, and no loss moves it."""
    V, counted = p.V + 1, np.ones((p.B, p.T), bool)  # the last is new
    for name, encoder in ENCODERS.items():
        settings = Config.make(items=name, with_ids=True, feature_width=p.I + 1, width=p.D, heads=p.H)
        assert settings.objective.contrast == "seen"
        drawn = draw(flatten(ITEM_ENCODERS[name].starts(settings.model, V)), 0.5, p.seed)
        weights = {**p.weights, **nest(drawn)}
        features = {"item_features": p.normal("features", V, p.I + 1)}
        seen = find_seen(settings, np.arange(p.V, -1, -1))
        moments = model.start_moments(weights)
        for step in (1, 2):
            _, gradients = model.loss_and_gradients({**weights, **features}, p.items, p.targets, counted, p.K, p.H,
                                                    ObjectiveConfig(), item_encoder=name, seen=seen)
            weights, moments = model.adam(weights, gradients, moments, step, 0.01, 0.1)
        table = encoder.item_table({**weights, **features})
        bare = encoder.item_table({"item_encoder": weights["item_encoder"], **features})
        assert_same(table[-1], bare[-1])
        assert np.abs(table[:-1] - bare[:-1]).max() > 1e-6
