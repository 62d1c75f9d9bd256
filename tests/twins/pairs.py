"""The arguments for every pair of twins, one row per pair, all made from a Problem."""

import importlib

import numpy as np

from minirearec.config import SCORES
from minirearec.parts import BACKBONES, ITEM_ENCODERS, POSITIONS, REASONERS, Reasoning
from minirearec.reference.attention import causal_mask, last_mask
from minirearec.sampling import Negatives
from minirearec.targets import SoftTargets
from tests.reference.registry import table_of
from tests.strategies import Problem

MODULES = ("ops", "attention", "positions", "encoding", "steps", "reasoning", "sampled", "soft",
           *(f"backbones.{name}" for name in ("blocks", "transformer", *BACKBONES)),
           *(f"items.{name}" for name in ITEM_ENCODERS), *(f"reasoners.{name}" for name in REASONERS),
           "objectives.common", "objectives.last_step", "objectives.erl", "objectives.prl", "objectives.mixture",
           "objectives.gate", "objectives.teacher", "objectives.same_target")


def _states(p: Problem):
    """Return states [P, K+1, D] of P = B T positions, and their targets [P]."""
    return p.normal("states", p.B * p.T, p.K + 1, p.D), p.targets.reshape(-1)


def _logits(p: Problem):
    """Return the logits of a gate over the states of each position."""
    return p.normal("logits", p.B * p.T, p.K + 1)


def _heads(p: Problem, name: str, *axes: int):
    return p.normal(name, p.B, p.H, *axes, p.d)


def _cache(p: Problem):
    return [(_heads(p, f"key{i}", p.T), _heads(p, f"value{i}", p.T)) for i in range(p.L)]


def _step_cache(p: Problem, streams: int = 1):
    """Return the cache of K - 1 earlier steps; an empty list at the first step."""
    axes = p.T * streams, p.K - 1
    return [(_heads(p, f"steps{i}", *axes), _heads(p, f"stepv{i}", *axes)) for i in range(p.L)] if p.K > 1 else []


def _x(p: Problem, name="x"):
    return p.normal(name, p.B, p.T, p.D)


def _encoder(p: Problem, name: str):
    """Return only the weights that an item encoder reads."""
    weights = p.weights_with_features(name, with_ids=p.seed % 2 == 0)
    return {key: weights[key] for key in ("item_encoder", "item_embedding", "item_features") if key in weights}


def _weights(p: Problem):
    """Return weights with any kind of positions; with relative ones, blocks see one side or both."""
    return p.weights_with_positions(POSITIONS[p.seed // 3 % 3], 1 + p.seed % 2)


def _bias(p: Problem, *axes: int):
    """Return no bias, one for the whole batch, or one for each row."""
    return None if p.seed % 3 == 0 else p.normal("bias", (1, p.B)[p.seed % 3 - 1], p.H, *axes)


def _mask(p: Problem):
    """Return the mask of a causal backbone, or of one that sees both ways."""
    return causal_mask(p.T) if p.seed % 2 else last_mask(p.lengths, p.T)


def _lengths_and_backbone(p: Problem):
    """Return all prefixes of a causal backbone, or whole histories of either."""
    return ((None, "sasrec"), (p.lengths, "sasrec"), (p.lengths, "bert4rec"))[p.seed % 3]


def _groups(p: Problem):
    return np.repeat(np.arange(p.B), p.T)


def _block(p: Problem) -> dict:
    """Return a block, with or without adapters."""
    weights = p.weights_of_steps("adapter")
    return {**weights["blocks"][0], **({"adapters": weights["adapters"][0]} if p.seed % 2 else {})}


def _step(p: Problem, name: str, **settings):
    """Return the arguments of a reasoner's step."""
    weights = p.weights_of_steps(name, _weights(p))
    return (weights, _x(p, "state"), _x(p), _cache(p), _step_cache(p, len(weights.get("path_embedding", [0]))),
            causal_mask(p.T), p.H, p.drop, "step1.", Reasoning(name, **settings))


def _guessing(p: Problem) -> dict:
    """Return the settings of the reasoner items."""
    return {"guesses": 1 + p.seed % 5, "scores": SCORES[p.seed % 2]}


def _reasoning(p: Problem) -> Reasoning:
    """Return a reasoner whose steps one position can take."""
    alone = [one.name for one in REASONERS.values() if not one.everywhere]
    return Reasoning(alone[p.seed % len(alone)], **_guessing(p))


def _with_steps(p: Problem, reasoning: Reasoning) -> dict:
    """Return weights with any positions, and those of a reasoner."""
    return p.weights_of_steps(reasoning.name, _weights(p))


def _any_reasoning(p: Problem) -> Reasoning:
    """Return any reasoner."""
    return Reasoning([*REASONERS][p.seed % len(REASONERS)], **_guessing(p))


def _lares_step(p: Problem):
    """Return the arguments of a step of all items; its cache holds what the encoder returned, or is empty."""
    weights, state, x, item_cache, _, _, *others = _step(p, "lares")
    return weights, state, x, item_cache, [] if p.K < 2 else [(_x(p, "read"),)], _mask(p), *others


def _negatives(p: Problem, beta: float | None = None):
    """Return more negatives than items, so that some are drawn twice and some are targets."""
    items = p.integers("negatives", 0, p.V, p.V + 2)
    return Negatives(items, p.normal("log counts", p.V)[items], beta)


def _any_loss(p: Problem):
    """Return no negatives, those of a softmax or those of gBCE."""
    return (None, _negatives(p), _negatives(p, 0.6))[p.seed % 3]


def _soft(p: Problem):
    """Return soft targets with repeated items, targets among them, and an even share."""
    shares = p.normal("shares", p.B * p.T, p.V + 1) ** 2
    return SoftTargets(p.integers("soft", 0, p.V, *shares.shape), 0.6 * shares / shares.sum(1, keepdims=True), 0.1)


def _any_targets(p: Problem):
    """Return a loss as ``_any_loss``, and soft targets for one over all items."""
    return _any_loss(p), _soft(p) if p.seed % 6 == 0 else None


ARGUMENTS = {
    "ops.embedding": lambda p: (table_of(p), p.items),
    "ops.linear": lambda p: (_x(p), p.normal("w", p.I, p.D), p.normal("b", p.I)),
    "ops.layer_norm": lambda p: (_x(p), p.normal("w", p.D), p.normal("b", p.D)),
    "ops.gelu": lambda p: (2 * _x(p),),
    "ops.softmax": lambda p: (_x(p),),
    "ops.sigmoid": lambda p: (3 * _x(p),),
    "ops.unit": lambda p: (_x(p),),
    "ops.apply_dropout": lambda p: (_x(p), p.drop, "step1.input"),
    "attention.causal_mask": lambda p: (p.T,),
    "attention.last_mask": lambda p: (p.lengths, p.T),
    "attention.split_heads": lambda p: (_x(p), p.H),
    "attention.merge_heads": lambda p: (_heads(p, "x", p.T),),
    "attention.attention": lambda p: (*(_heads(p, name, p.T) for name in "qkv"), causal_mask(p.T), p.drop, "a.",
                                      _bias(p, p.T, p.T)),
    "attention.reasoning_attention": lambda p: (
        *(_heads(p, name, p.T) for name in "qkv"), *(_heads(p, name, p.T, p.K + 1) for name in "su"),
        causal_mask(p.T), p.drop, "a.", _bias(p, p.T, p.T + p.K + 1)),
    "backbones.blocks.input_layer": lambda p: (p.weights, _x(p), p.drop, "items."),
    "backbones.blocks.project": lambda p: (_block(p), _x(p), p.H, ("query", "key", "value")[p.seed % 3:]),
    "backbones.blocks.finish_block": lambda p: (_block(p), _x(p), _x(p, "mixed"), p.drop, "b."),
    "backbones.blocks.adapted": lambda p: (_block(p), _x(p), "attention"),
    "backbones.sasrec.encode": lambda p: (_weights(p), p.items, p.H, p.drop),
    "backbones.sasrec.encode_last": lambda p: (_weights(p), p.items, p.lengths, p.H, p.drop),
    "backbones.bert4rec.encode": lambda p: (_weights(p), p.items, p.H, p.drop, p.lengths),
    "backbones.bert4rec.encode_last": lambda p: (_weights(p), p.items, p.lengths, p.H, p.drop),
    "backbones.transformer.transform": lambda p: (_weights(p), p.items, p.H, _mask(p), p.drop),
    "backbones.transformer.transform_last": lambda p: (_weights(p), p.items, p.lengths, p.H, _mask(p), p.drop),
    "backbones.blocks.last_positions": lambda p: (_x(p), p.lengths),
    "backbones.blocks.at_last_positions": lambda p: (_x(p)[:, :1], p.lengths, p.T),
    "positions.placed": lambda p: (_weights(p), p.lengths, p.T),
    "positions.add_positions": lambda p: (_weights(p), _x(p)),
    "positions.distance_bias": lambda p: (p.weights_with_positions("relative", 1 + p.seed % 2), p.lengths[:, None] - 1,
                                          p.T, p.K),
    "items.id.item_table": lambda p: (p.weights,),
    "items.unisrec.item_table": lambda p: (_encoder(p, "unisrec"), p.drop),
    "items.morec.item_table": lambda p: (_encoder(p, "morec"), p.drop),
    "reasoners.shared.step": lambda p: _step(p, "shared"),
    "reasoners.separate.step": lambda p: _step(p, "separate"),
    "reasoners.separate.own_weights": lambda p: (p.weights_of_steps("separate"),),
    "reasoners.adapter.step": lambda p: _step(p, "adapter"),
    "reasoners.adapter.with_adapters": lambda p: (p.weights_of_steps("adapter"),),
    "reasoners.gru.step": lambda p: _step(p, "gru"),
    "reasoners.gru.gated": lambda p: (p.weights_of_steps("gru"), _x(p), _x(p, "output")),
    "reasoners.items.step": lambda p: _step(p, "items", **_guessing(p)),
    "reasoners.items.best_items": lambda p: (table_of(p), _x(p), *_guessing(p).values()),
    "reasoners.items.expected_item": lambda p: (table_of(p), _x(p), p.integers("chosen", 0, p.V, p.B, p.T, 3),
                                                p.normal("sharpness", 1), _guessing(p)["scores"]),
    "reasoners.items.guess": lambda p: (p.weights_of_steps("items"), _x(p), Reasoning("items", **_guessing(p))),
    "reasoners.paths.step": lambda p: _step(p, "paths"),
    "reasoners.paths.spread": lambda p: (p.weights_of_steps("paths"), _x(p)),
    "reasoners.lares.step": _lares_step,
    "encoding.first_states": lambda p: (_weights(p), p.items, _lengths_and_backbone(p)[0], p.H, p.drop,
                                        _lengths_and_backbone(p)[1], p.seed % 5 < 2),
    "steps.reasoning_step": lambda p: (_weights(p), _x(p), _cache(p), _step_cache(p), causal_mask(p.T), p.H, p.drop,
                                       "step1."),
    "reasoning.reason": lambda p: (
        _with_steps(p, _reasoning(p)), p.normal("r0", p.B, 1, p.D), _cache(p), last_mask(p.lengths, p.T), p.K, p.H,
        p.noise[:, :1] if p.K else None, p.drop, _reasoning(p)),
    "reasoning.all_prefix_states": lambda p: (
        _with_steps(p, _any_reasoning(p)), p.items, p.K, p.H, p.noise if p.K else None, p.drop, "sasrec",
        _any_reasoning(p)),
    "reasoning.last_states": lambda p: (
        _with_steps(p, _any_reasoning(p)), p.items, p.lengths, p.K, p.H, p.noise[:, :1] if p.K else None, p.drop,
        _lengths_and_backbone(p)[1], _any_reasoning(p)),
    "objectives.prl.temperatures": lambda p: (0.5, 1.5, p.K),
    "objectives.common.scores": lambda p: (_states(p)[0], table_of(p), 0.5),
    "objectives.common.user_state": lambda p: (_states(p)[0], p.seed % 2 == 0),
    "objectives.common.cross_entropy": lambda p: (_states(p)[0][:, -1], table_of(p), _states(p)[1],
                                                  0.7, *_any_targets(p)),
    "objectives.common.with_first_items": lambda p: (
        np.asarray(p.normal("loss")), 5, p.normal("empty", p.D), table_of(p),
        _states(p)[1][:p.seed % 3], 0.7, _any_loss(p)),
    "objectives.common.info_nce": lambda p: (p.normal("noised", p.B * p.T, p.D), p.normal("clean", p.B * p.T, p.D), 0.7,
                                      _groups(p) if p.seed % 2 else None),
    "objectives.last_step.last_step_loss": lambda p: (_states(p)[0], table_of(p), _states(p)[1], 0.7, *_any_targets(p)),
    "objectives.erl.erl_loss": lambda p: (_states(p)[0], table_of(p), _states(p)[1], 0.7, 0.3,
                                          *((_negatives(p), None) if p.seed % 2 else (None, _soft(p)))),
    "objectives.prl.prl_loss": lambda p: (
        _states(p)[0], table_of(p), _states(p)[1], 0.7, 1.5, 0.8,
        p.normal("noised", p.B * p.T, p.K, p.D) if p.K else None, 0.6, _groups(p), *_any_targets(p)),
    "objectives.mixture.mixture_scores": lambda p: (_states(p)[0], _logits(p), table_of(p), 0.7),
    "objectives.mixture.mixture_loss": lambda p: (_states(p)[0], _logits(p), table_of(p), _states(p)[1], 0.7, _soft(p)),
    "objectives.gate.gate_logits": lambda p: (_states(p)[0], p.normal("w", p.K + 2, p.D), p.normal("b", p.K + 2)),
    "objectives.teacher.teacher_loss": lambda p: (_states(p)[0], table_of(p), _states(p)[1], 0.7, 0.8, _soft(p)),
    "objectives.same_target.same_target_contrast": lambda p: (_states(p)[0][:, 0], _states(p)[1], _groups(p), 0.7),
    "soft.softening": lambda p: (_states(p)[0][:, 0], table_of(p), _states(p)[1], 0.7, _soft(p)),
    "sampled.sampled_softmax": lambda p: (_states(p)[0][:, -1], table_of(p), _states(p)[1], 0.7, _negatives(p)),
    "sampled.gbce": lambda p: (_states(p)[0][:, -1], table_of(p), _states(p)[1], 0.7, _negatives(p, 0.6)),
    "sampled.sampled_ensemble": lambda p: (p.normal("states", p.B * p.T, p.K + 2, p.D), table_of(p),
                                           _states(p)[1], 0.7, 0.3, _negatives(p)),
}


def find(side: str, pair: str):
    """Return the function "module.function" of minirearec.reference or minirearec.nn, or None."""
    module, _, name = pair.rpartition(".")
    return getattr(importlib.import_module(f"minirearec.{side}.{module}"), name, None)


def in_float32(value):
    """Return the same arguments with every floating-point array in float32."""
    if isinstance(value, dict):
        return {key: in_float32(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(in_float32(part) for part in value)
    return value.astype(np.float32) if isinstance(value, np.ndarray) and value.dtype == np.float64 else value


