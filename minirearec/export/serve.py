"""Recommend with a model that miniReaRec exported; this needs NumPy and safetensors, and nothing else.

    python serve.py model.safetensors ITEM ITEM ... [-k 10] [--keep-seen]

ITEM ITEM ... is a history: item ids of the data set, oldest first. The whole model is on this page. Shapes are in these
letters: T items of the history, K reasoning steps, D width, H attention heads, V items of the catalogue.
"""

import argparse
import json
import math
import sys

import numpy as np
from safetensors import SafetensorError, safe_open

erf = np.vectorize(math.erf, otypes="f")


def load(path):
    """Read an exported file: the weights by name, facts about the model, and ids, titles and numbers of the items."""
    with safe_open(path, "numpy") as file:
        facts = json.loads((file.metadata() or {}).get("minirearec", "{}"))
        if facts.get("export") != 1:
            raise ValueError(f"{path}: this page cannot serve this file; minirearec export makes both")
        weights = {name: file.get_tensor(name) for name in sorted(file.keys())}
    items = json.loads(weights.pop("items").tobytes())
    return weights, facts, items | {"numbers": {str(one): number for number, one in enumerate(items["ids"])}}


def linear(x, weights, name):
    """Return ``x W^T + b``."""
    return x @ weights[name + ".weight"].T + weights[name + ".bias"]


def layer_norm(x, weights, name):
    """Return ``(x - mean) / sqrt(variance + 1e-12) * w + b``, with mean and variance over the width."""
    centred = x - x.mean(-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
    return centred / spread * weights[name + ".weight"] + weights[name + ".bias"]


def unit(x):
    """Return ``x / max(|x|, 1e-4)``: vectors of length 1, whose dot products are cosines."""
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-4)


def gelu(x):
    """Return ``x/2 (1 + erf(x / sqrt 2))``."""
    return x * (0.5 * (1 + erf(x / math.sqrt(2))))


def log_softmax(x):
    """Return ``x - log(sum(exp(x)))``, with the sum over the last axis."""
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def adapted(x, weights, name, step):
    """Return ``x + up(gelu(down(x)))`` in a step of the reasoner "adapter", else x."""
    if not step or name + ".up.weight" not in weights:
        return x
    return x + linear(gelu(linear(x, weights, name + ".down")), weights, name + ".up")


def encode(x, weights, model, cache, step=False):
    """Return the states [n, D] of n new positions x [n, D]; ``cache`` has the keys and values of all earlier ones.

    In each block, a position attends to itself and to all positions before it, ``softmax(q k^T / sqrt(D/H)) v``; with
    the backbone "bert4rec" it attends to all new positions. Then it passes through ``outer(gelu(inner(x)))``. With the
    reasoners "separate" and "lares", a ``step`` passes through blocks of its own.
    """
    heads, both_ways = model["heads"], model["backbone"] == "bert4rec"
    separate = step and "reasoning_norm.weight" in weights
    x = layer_norm(x, weights, "reasoning_norm" if separate else "input_norm")
    for index, earlier in enumerate(cache):
        block = f"reasoning_blocks.{index}." if separate else f"blocks.{index}."
        query, *new = (linear(x, weights, block + name).reshape(len(x), heads, -1).swapaxes(0, 1)  # [H, n, D/H]
                       for name in ("query", "key", "value"))
        key, value = cache[index] = [np.concatenate(pair, 1) for pair in zip(earlier, new, strict=True)]
        scores = query @ key.swapaxes(1, 2) / math.sqrt(key.shape[2])  # [H, n, all positions so far]
        if "distance_bias" in weights:  # [H, 1 or 2 (later positions), max_length]
            table, places = weights["distance_bias"], np.arange(key.shape[1])
            far = places[-len(x):, None] - places
            scores = scores + table[:, (far < 0) * (table.shape[1] - 1), np.minimum(abs(far), table.shape[2] - 1)]
        visible = np.tril(np.ones(scores.shape[1:], bool), key.shape[1] - len(x))
        scores = np.where(visible | both_ways, scores, -np.inf)
        powers = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = powers / powers.sum(-1, keepdims=True) @ value
        mixed = linear(mixed.swapaxes(0, 1).reshape(x.shape), weights, block + "output")
        mixed = adapted(mixed, weights, f"adapters.{index}.attention", step)
        x = layer_norm(x + mixed, weights, block + "attention_norm")
        fed = linear(gelu(linear(x, weights, block + "inner")), weights, block + "outer")
        x = layer_norm(x + adapted(fed, weights, f"adapters.{index}.feed_forward", step), weights, block + "inner_norm")
    return x


def guess(state, weights, model):
    """Return what the reasoner "items" reads back of a state [D]: the mean of its best items, normalised."""
    table = weights["item_embedding"]
    cosine = model.get("scores") == "cosine"
    scores = (unit(table) if cosine else table) @ (unit(state) if cosine else state)
    best = np.argsort(-scores, kind="stable")[:model["guesses"]]
    powers = np.exp(weights["sharpness"] * (scores[best] - scores[best[0]]))
    return layer_norm(powers / powers.sum() @ table[best], weights, "guess_norm")


def empty_cache(model, kind):
    """Return the keys and values [H, 0, D/H] of no positions, for each block."""
    heads = model["heads"]
    return [[np.empty((heads, 0, model["width"] // heads), kind)] * 2 for _ in range(model["layers"])]


def reasoning_states(weights, model, history):
    """Return r_0..r_K [K+1, D]: the state of the last item, then K times the state before as one more position.

    With the reasoner "lares", a step is no new position: all items take it, and see each other as they are in it. With
    "paths", marked streams take it side by side, each with the cache of its own steps, and the state is their mean.
    """
    x = weights["item_embedding"][history]  # [T, D]
    if "position_embedding" in weights:
        x = x + weights["position_embedding"][:len(history)]
    if "recency_embedding" in weights:  # counted from the newest item
        x = x + weights["recency_embedding"][:len(history)][::-1]
    cache = empty_cache(model, x.dtype)
    first = reached = encode(x, weights, model, cache)  # [T, D]
    states, marks = [first[-1:]], weights.get("path_embedding", np.zeros((1, model["width"]), x.dtype))
    streams = [list(cache) for _ in marks]
    for k in range(model["steps"]):
        x = states[-1]
        if model["reasoner"] == "lares":
            x, streams = (reached + first) / 2, [empty_cache(model, x.dtype)]
        if "reasoning_embedding" in weights:  # p_k; the method "naive" has none
            x = x + weights["reasoning_embedding"][k]
        if "guess_norm.weight" in weights:
            x = x + guess(states[-1][0], weights, model)
        passes = [encode(x + mark, weights, model, own, True) for mark, own in zip(marks, streams, strict=True)]
        reached = np.mean(passes, 0)
        if "update_gate.weight" in weights:  # the reasoner "gru" mixes it into the state
            before = linear(np.concatenate([reached, states[-1]], 1), weights, "update_gate")
            reached = states[-1] + (reached - states[-1]) / (1 + np.exp(-before))
        states.append(reached[-1:])
    return np.concatenate(states)


def count_scores(weights, history):
    """Return counts [V]: what followed the items of the history in training; each item has its share, newest first."""
    scores = weights["background"].copy()
    for share, item in zip(weights["shares"][len(history)], history[::-1], strict=False):
        near = slice(weights["starts"][item], weights["starts"][item + 1])
        scores[weights["neighbours"][near]] += share * weights["strengths"][near]
    return scores


def mixture(states, table, weights, temperature):
    """Return ``log sum_k g_k softmax(r_k E^T / tau)`` [V] with the gate ``g = softmax(w_k . r_k + b_k)``."""
    gate = log_softmax((states * weights["gate.weight"]).sum(-1) + weights["gate.bias"])  # [K+1]
    return np.logaddexp.reduce(gate[:, None] + log_softmax(states @ table.T / temperature))


def all_scores(weights, facts, history):
    """Return the scores of all items [V] after a history of item numbers 0..V-1; the model reads the newest.

    The answer is the last state, or with the method "erl" the mean of r_0..r_K, or with "gate" their mixture.
    """
    history = history[-facts["max_length"]:]
    if facts["answer"] == "counts":
        return count_scores(weights, history)
    model, table = facts["settings"]["model"], weights["item_embedding"]
    states = reasoning_states(weights, model, history)
    if model.get("scores") == "cosine":
        states, table = unit(states), unit(table)
    if facts["answer"] == "gate over steps":
        return mixture(states, table, weights, facts["settings"]["objective"]["temperature"])
    return table @ (states.mean(0) if facts["answer"] == "mean of steps" else states[-1])


def recommend(weights, facts, items, history, k=10, keep_seen=False):
    """Return the k best items after a history of item ids: (id, score, title) each, best first."""
    unknown = [str(one) for one in history if str(one) not in items["numbers"]]
    if unknown:
        raise ValueError(f"unknown item ids: {', '.join(unknown)}")
    if not len(history) or k < 1:
        raise ValueError("give at least one item, and k from 1")
    seen = [items["numbers"][str(one)] for one in history]
    scores = all_scores(weights, facts, np.array(seen))
    order = np.argsort(-scores, kind="stable")  # equal scores keep the order of the items
    best = order[:k] if keep_seen else order[~np.isin(order, seen)][:k]
    titles = items["titles"] or [""] * len(scores)
    return [(items["ids"][number], float(scores[number]), titles[number]) for number in best.tolist()]


def main():
    """Print a line for each recommended item: rank, id, score and title."""
    parser = argparse.ArgumentParser(description="Recommend the next items after a history.")
    parser.add_argument("model", help="model.safetensors, as minirearec export wrote it")
    parser.add_argument("history", nargs="+", metavar="ITEM", help="item ids, oldest first")
    parser.add_argument("-k", type=int, default=10, help="number of items to recommend (default: 10)")
    parser.add_argument("--keep-seen", action="store_true", help="allow items of the history")
    given = parser.parse_args()
    try:
        found = recommend(*load(given.model), given.history, given.k, given.keep_seen)
    except (OSError, ValueError, SafetensorError) as error:
        parser.error(str(error))
    sys.stdout.reconfigure(errors="replace")  # type: ignore (titles may hold characters that the terminal lacks)
    for rank, (item, score, title) in enumerate(found, 1):
        words = str(rank), str(item), f"{score:.4f}", title
        print(*("".join(char if char.isprintable() else "?" for char in word) for word in words), sep="\t")


if __name__ == "__main__":
    main()
