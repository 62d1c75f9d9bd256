"""Planted bugs of item encoders that read features; see ``planted``."""

import numpy as np

from minirearec.reference.items import unisrec
from minirearec.reference.ops import Dropout, softmax
from tests.reference.planted import Bug
from tests.reference.wrong import after, before, instead


def whitened_after_the_gate(weights, drop=None):
    """Mix what the experts map, then subtract their means, which no gate weighs."""
    encoder = weights["item_encoder"]
    mixed = np.einsum("vg,vf,gfd->vd", unisrec._gates(weights, drop)[0], weights["item_features"],
                      encoder["expert_weight"])
    table = mixed - np.einsum("gf,gfd->d", encoder["expert_mean"], encoder["expert_weight"])
    return table + weights["item_embedding"] if "item_embedding" in weights else table


def added_means(dropped, mean):
    return dropped + mean


def gate_of_whitened_features(weights, drop):
    centred = weights["item_features"] - weights["item_encoder"]["expert_mean"][0]
    return {**weights, "item_features": centred}, drop


def softmax_over_items(weights, drop):
    return softmax((weights["item_features"] @ weights["item_encoder"]["gate"]).T).T, 0.0


def best_expert_alone(gates):
    weight, noise = gates
    return np.eye(weight.shape[1])[weight.argmax(1)], noise


def all_items_contrasted(right):
    return lambda *args, seen=None, **named: right(*args, **named)


def free_vectors_alone(right):
    return lambda weights, drop=None: weights.get("item_embedding", right(weights, drop))


def trained_features(right):
    return lambda grad_out, weights, drop=None: {
        **right(grad_out, weights, drop), "item_features": 0 * weights["item_features"]}


def random_free_vectors(starts):
    return {name: start._replace(fill=None) for name, start in starts.items()}


ITEM_BUGS = [
    Bug("items are whitened after the gate",
        {"items.unisrec.item_table": instead(whitened_after_the_gate)},
        {"an_item_at_the_mean_of_every_expert_becomes_zero", "experts_that_map_alike_need_no_gate",
         "an_even_gate_averages_the_experts", "gradients_of_item_encoders_match_differences"}),
    Bug("the experts' means are added",
        {"items.unisrec._centred": instead(added_means)},
        {"an_item_at_the_mean_of_every_expert_becomes_zero", "experts_that_map_alike_need_no_gate",
         "an_even_gate_averages_the_experts", "gradients_of_item_encoders_match_differences"}),
    Bug("the gate reads whitened features",
        {"items.unisrec._gates": before(gate_of_whitened_features)},
        {"the_gate_reads_features_as_they_are", "gradients_of_item_encoders_match_differences"}),
    Bug("the gate draws noise at inference, too",
        {"items.unisrec._gates": before(lambda weights, drop: (weights, drop or Dropout(0, 0, 7)))},
        {"noise_reaches_the_gate_in_training_alone", "an_even_gate_averages_the_experts",
         "the_vector_of_an_item_depends_on_no_other_item"}),
    Bug("the gate draws no noise in training",
        {"items.unisrec._gates": before(lambda weights, drop: (weights, None))},
        {"noise_reaches_the_gate_in_training_alone"}),
    Bug("the gate's softmax runs over items",
        {"items.unisrec._gates": instead(softmax_over_items)},
        {"the_vector_of_an_item_depends_on_no_other_item", "experts_that_map_alike_need_no_gate",
         "an_even_gate_averages_the_experts", "noise_reaches_the_gate_in_training_alone",
         "gradients_of_item_encoders_match_differences"}),
    Bug("only the best expert counts",
        {"items.unisrec._gates": after(best_expert_alone)},
        {"an_even_gate_averages_the_experts", "noise_reaches_the_gate_in_training_alone"}),
    Bug("the free vectors replace those of the features",
        {"items.morec.item_table": free_vectors_alone},
        {"free_vectors_are_added", "gradients_of_item_encoders_match_differences",
         "an_item_that_training_never_saw_keeps_the_vector_of_its_features"}),
    Bug("the further layers are skipped",
        {"items.morec._inputs": after(lambda found: found[:1])},
        {"the_last_layer_decides", "every_weight_of_an_encoder_trains_and_no_feature"}),
    Bug("the features train",
        {"items.morec.item_table_backward": trained_features},
        {"every_weight_of_an_encoder_trains_and_no_feature"}),
    Bug("an item that training never saw is scored by a random free vector",
        {"parts.free_starts": after(random_free_vectors)},
        {"an_item_that_training_never_saw_keeps_the_vector_of_its_features"}),
    Bug("an item that training never saw is pushed down",
        {"learning.loss_and_gradients": all_items_contrasted},
        {"an_item_that_training_never_saw_keeps_the_vector_of_its_features"}),
]
