# %% [markdown]
# # 3. The encoder and the causal mask, NumPy beside PyTorch
#
# Attention is one part of an encoder block. This notebook follows a history through the whole encoder, twice: with the
# NumPy functions, which are written from the equations, and with the PyTorch functions, which we train with.
#
# **What you will learn**
#
# - the parts of a SASRec-style encoder, and the one dict of weights that they read,
# - how two implementations keep each other honest,
# - that no state of the encoder depends on the future, and how to test it,
# - why one pass over a history gives the states of *all* its prefixes, and what that saves,
# - what changes when items see each other in both directions, as in BERT4Rec,
# - where the heads of a trained encoder look.
#
# Reading takes about 25 minutes.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
import torch

import minirearec as mr
from minirearec.config import ModelConfig
from minirearec.data import beauty_sim
from minirearec.nn.backbones import sasrec as pytorch
from minirearec.reference.backbones import bert4rec, blocks
from minirearec.reference.backbones import sasrec as numpy_twin
from minirearec.reference.attention import attention, causal_mask, merge_heads
from minirearec.reference.ops import gelu, layer_norm, softmax
from minirearec.weights import initial_weights, nest
from minirearec_tutorials import drawing

drawing.use_style()

# %% [markdown]
# ## The parts
#
# For a history $h_0, \dots, h_{T-1}$ the encoder computes, with $e$ the item vectors and $p$ the position vectors,
#
# $$ x_i = \text{LN}(e_{h_i} + p_i) $$
#
# and then, in each block,
#
# $$ a = x + W_o \,\text{attention}(x), \qquad u = \text{LN}(a), \qquad
#    b = u + W_2 \,\text{gelu}(W_1 u), \qquad x \leftarrow \text{LN}(b). $$
#
# (The equations omit biases and dropout.) LN is *layer normalisation*: it shifts and scales every vector to mean 0 and
# variance 1, then applies a learned scale and shift. The GeLU is a smooth switch between 0 and its input. The additions
# $x + \dots$ and $u + \dots$ are *residual* connections: a block corrects its input instead of replacing it.

# %%
x = np.linspace(-4, 4, 81)
vector = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0])
_, (left, right) = plt.subplots(1, 2, figsize=(8.6, 2.9))
drawing.curves(x, {"gelu": gelu(x), "max(x, 0)": np.maximum(x, 0)}, left, "input", "output", "The GeLU")
normal = layer_norm(vector, np.ones(8), np.zeros(8))
drawing.curves(range(8), {"before": vector, "after": normal}, right, "entry of a vector", "value",
               "Layer normalisation")
plt.show()
print(f"after layer normalisation: mean {normal.mean():.3f}, variance {normal.var():.3f}")

# %% [markdown]
# ## One dict of weights
#
# All weights live in a nested dict. Both implementations read the same names, so we can give both the same numbers. The
# encoder here is tiny. Its random weights are larger than those at the start of training, so that there is something to
# see.

# %%
config = ModelConfig(steps=0, width=8, inner_width=16, layers=2, heads=2, max_length=12, initial_std=0.4)
flat = {name: value.astype(np.float64) for name, value in initial_weights(config, n_items=20, seed=3).items()}
weights = nest(flat)
torch_weights = nest({name: torch.from_numpy(value) for name, value in flat.items()})
for name, value in flat.items():
    if "blocks.1" not in name:
        print(f"{name:30}", list(value.shape))
print("... and the same again for blocks.1")

# %% [markdown]
# ## A history on its way through
#
# We take the stages one by one, with the functions of
# [reference/backbones/blocks.py](../../minirearec/reference/backbones/blocks.py).
# `project` makes queries, keys and values, you know `attention`, and `finish_block` does everything after it.

# %%
items = np.array([[4, 17, 2, 9, 4, 11]])  # [B, T]: one history of six items; 4 occurs twice
B, T = items.shape
stages = {"item + position": weights["item_embedding"][items] + weights["position_embedding"][:T]}
x = blocks.input_layer(weights, stages["item + position"])
stages["input layer"] = x
for number, block in enumerate(weights["blocks"]):
    query, key, value = blocks.project(block, x, config.heads)
    mixed = merge_heads(attention(query, key, value, causal_mask(T)))
    x = blocks.finish_block(block, x, mixed)
    stages[f"block {number}"] = x

# %%
_, axes = plt.subplots(1, 4, figsize=(12, 2.7))
for ax, (name, value) in zip(axes, stages.items(), strict=True):
    drawing.heatmap(value[0], ax, name, rows=[f"item {item}" for item in items[0]], columns="entry", centre=0)
plt.show()

# %% [markdown]
# Compare the two rows of item 4. They start with the same item vector, differ in their positions, and later in what
# they have seen. The last stage holds the *states*: row $i$ is $r_0$ of the prefix that ends at position $i$.
#
# ## Two implementations, one set of numbers
#
# Now `encode` does all of this in one call, in NumPy and in PyTorch. If one of them contained a mistake, the numbers
# would differ; the same mistake in both is unlikely, because the NumPy side was written from the equations and not
# translated. The library's tests compare all such *twins*, in value and in gradient.

# %%
states, cache = numpy_twin.encode(weights, items, config.heads)
assert (states == stages["block 1"]).all()
torch_states, _ = pytorch.encode(torch_weights, torch.from_numpy(items), config.heads)
difference = np.abs(states - torch_states.numpy()).max()
assert states.shape == torch_states.shape and difference < 1e-12
print(f"{states.size} numbers of shape {list(states.shape)}, NumPy against PyTorch: at most {difference:.1e} apart")

# %%
singles = [nest({name: kind(value.astype(np.float32)) for name, value in flat.items()})
           for kind in (np.asarray, torch.from_numpy)]
single, _ = numpy_twin.encode(singles[0], items, config.heads)
torch_single, _ = pytorch.encode(singles[1], torch.from_numpy(items), config.heads)
print(f"the same with 32-bit floats, as in training: {np.abs(single - torch_single.numpy()).max():.1e}")

# %% [markdown]
# We compare with 64-bit floats for a reason: look at how much smaller the difference is. A real mistake in a formula
# would have to be tiny to hide below it, while 32-bit rounding could hide larger ones.
#
# ## The future has no influence
#
# We replace each item in turn and look at which states move, as in notebook 2, but now through two whole blocks. For
# the picture on the right we remove the mask: every position sees all positions.

# %%
def encode_with(mask, items):
    positions = weights["position_embedding"][:items.shape[1]]
    x = blocks.input_layer(weights, weights["item_embedding"][items] + positions)
    for block in weights["blocks"]:
        mixed = attention(*blocks.project(block, x, config.heads), mask)
        x = blocks.finish_block(block, x, merge_heads(mixed))
    return x


def influence(mask):
    """Return [T, T]: how far state j moves when item i is replaced by item 19."""
    same = np.repeat(items, T, axis=0)
    replaced = np.where(np.eye(T, dtype=bool), 19, same)
    return np.linalg.norm(encode_with(mask, replaced) - encode_with(mask, same), axis=-1)


masks = {"causal mask": causal_mask(T), "no mask": np.ones((1, 1, T, T), bool)}
moved = {name: influence(mask) for name, mask in masks.items()}
assert (np.tril(moved["causal mask"], -1) == 0).all() and (moved["no mask"] > 0).all()

# %%
_, axes = plt.subplots(1, 2, figsize=(9, 2.9))
for ax, (name, values) in zip(axes, moved.items(), strict=True):
    drawing.heatmap(values, ax, f"Change of the states, {name}", rows="item replaced", columns="state", values=True)
plt.show()
print("With the causal mask, all", T * (T - 1) // 2, "numbers below the diagonal are exactly 0.")

# %% [markdown]
# Without the mask, state 2 would know item 3, the very item that it is trained to predict. Training would look
# wonderful, and the model would be useless as soon as there is no next item to peek at.
#
# ## One pass, all prefixes
#
# State $i$ depends only on the items up to $i$, so encoding the whole history gives the *same* numbers as encoding each
# prefix on its own. Let us check every prefix.

# %%
for length in range(1, T + 1):
    alone, _ = numpy_twin.encode(weights, items[:, :length], config.heads)
    assert np.allclose(alone[:, -1], states[:, length - 1], rtol=0, atol=1e-12)
print(f"The last states of {T} prefixes, encoded one by one, equal the {T} states of a single pass.")

# %% [markdown]
# So a training history of $T$ items costs one pass over $T$ positions instead of $T$ passes over $1 + 2 + \dots + T$
# positions. (Separate passes cost even more if every prefix is padded to the full 50 positions, as is often done.) How
# much time this saves depends on the machine:

# %%
large = ModelConfig(steps=0, width=64, inner_width=128, layers=2, heads=2, max_length=50)
large_weights = nest(initial_weights(large, n_items=1000))
history = np.random.default_rng(0).integers(1000, size=(1, 50))


def seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


one = min(seconds(lambda: numpy_twin.encode(large_weights, history, 2)) for _ in range(5))
each = min(seconds(lambda: [numpy_twin.encode(large_weights, history[:, :t], 2) for t in range(1, 51)])
           for _ in range(3))
print(f"positions: 50 against {sum(range(1, 51))}")
print(f"all 50 prefixes of a history, here: {1000 * one:.1f} ms in one pass, {1000 * each:.1f} ms one by one")

# %% [markdown]
# ## Padding
#
# Histories of different lengths share a batch by padding on the right. What follows a position cannot influence it, so
# we need no second mask, and the padding may be any item at all:

# %%
padded = [np.concatenate([items, np.full((1, 3), filler)], axis=1) for filler in (0, 7)]
for filled in padded:
    assert np.allclose(numpy_twin.encode(weights, filled, config.heads)[0][:, :T], states, rtol=0, atol=1e-12)
print("padded with", [filled[0, T:].tolist() for filled in padded], "- the states of the real positions stay the same")

# %% [markdown]
# ## Both directions: the mask of BERT4Rec
#
# SASRec reads under the causal mask. BERT4Rec, the other encoder of ids in the paper, has the same weights and the same
# blocks, and differs in the mask alone: **every item sees every item**, those after it as well. In the library, the two
# are `--backbone sasrec` and `--backbone bert4rec`. A row is an item that looks, a column is an item that is seen:

# %%
both = {"sasrec: causal": causal_mask(T), "bert4rec: both directions": np.ones((1, 1, T, T), bool)}
names = [f"h{i}" for i in range(T)]
_, axes = plt.subplots(1, 2, figsize=(8, 3.2))
for ax, (name, visible) in zip(axes, both.items(), strict=True):
    drawing.mask(visible[0, 0], ax, name, rows=names, columns=names)
plt.show()

# %%
everything, _ = bert4rec.encode(weights, items, config.heads, drop=None, lengths=np.array([T]))
assert np.allclose(everything, encode_with(both["bert4rec: both directions"], items), rtol=0, atol=1e-12)
assert not np.allclose(everything, states, rtol=0, atol=0.01)
print("bert4rec is sasrec with another mask: the same weights, the same blocks, other states")

# %% [markdown]
# Did we not just say that such a model peeks? It would, if it read a whole history and had to predict item 3 from state
# 2. So it never does. It reads one *prefix*, which ends before the item to predict, and only the state of the last item
# counts: that state may see the whole prefix under either mask. What differs is what the last item looks *at*: the
# items before it have now been read in the light of what came after them.
#
# The price: the state of an item depends on where its prefix ends. Let a prefix grow by one item, and ask how far the
# states of the earlier items move.

# %%
def moved_by_growing(mask_of):
    """Return [T - 1, T]: row t - 1 says how far each of the first t states moves when item t joins them."""
    distance = np.full((T - 1, T), np.nan)
    for length in range(1, T):
        short = encode_with(mask_of(length), items[:, :length])
        longer = encode_with(mask_of(length + 1), items[:, :length + 1])[:, :length]
        distance[length - 1, :length] = np.linalg.norm(longer - short, axis=-1)
    return distance


grown = {"sasrec": moved_by_growing(causal_mask),
         "bert4rec": moved_by_growing(lambda length: np.ones((1, 1, length, length), bool))}
assert np.nanmax(grown["sasrec"]) < 1e-12 < 0.01 < np.nanmin(grown["bert4rec"])
_, axes = plt.subplots(1, 2, figsize=(9.5, 2.9))
for ax, (name, distance) in zip(axes, grown.items(), strict=True):
    drawing.heatmap(distance, ax, f"{name}: how far states move", rows=[f"h{length} joins" for length in range(1, T)],
                    columns=names, values=True, highest=np.nanmax(grown["bert4rec"]))
plt.show()

# %% [markdown]
# Zeros on the left: a state, once computed, holds for every longer prefix. That is why all prefixes of a history share
# one pass under the causal mask. On the right, *all* states change with every item that joins, so each prefix has to be
# read on its own: $1 + 2 + \dots + T$ positions for a history of $T$ items. No trick gets around this: the
# numbers differ. What can be saved is the padding: the library trains `bert4rec` on one prefix per row and puts
# prefixes of similar length into a batch.
#
# Padding itself needs care here. Under the causal mask no position saw it; in both directions, every position would. So
# `bert4rec` needs the lengths, and hides the padding of each row from all its items:

# %%
lengths = np.array([T, T - 2])
rows = np.concatenate([items, np.where(np.arange(T) < T - 2, items, 0)])  # the second row: a prefix, padded with item 0
shown = np.broadcast_to(np.arange(T) < lengths[:, None, None], (2, T, T))
_, axes = plt.subplots(1, 2, figsize=(8, 3.2))
for ax, visible, length in zip(axes, shown, lengths, strict=True):
    labels = [name if i < length else "pad" for i, name in enumerate(names)]
    drawing.mask(visible, ax, f"{length} items", rows=labels, columns=labels)
plt.show()
batched, _ = bert4rec.encode(weights, rows, config.heads, drop=None, lengths=lengths)
alone, _ = bert4rec.encode(weights, items[:, :T - 2], config.heads, drop=None, lengths=lengths[1:])
assert np.allclose(batched[1, :T - 2], alone[0], rtol=0, atol=1e-12)
print("the padded row has the states of the prefix alone")

# %% [markdown]
# (What the padding itself sees does not matter: nobody reads its states.) The original BERT4Rec is *trained* in another
# way: it hides some items of a whole history behind a mask token and guesses them (a *Cloze* test). Here, as in the
# ReaRec paper, all encoders have the same task, the next item, so that a comparison shows the encoder and nothing else.

# %% [markdown]
# ## From a state to a recommendation
#
# The scores of all items are the dot products of the state with the rows of the item table, the same table that we used
# to read the history. A softmax turns them into probabilities; training raises the probability of the next item
# (*cross-entropy*).
#
# $$ P(v \mid h) = \text{softmax}(r_0 E^\top)_v $$

# %%
probability = softmax(states[0, -1] @ weights["item_embedding"].T)
_, ax = plt.subplots(figsize=(6, 2.5))
known = [item in items for item in range(20)]
ax.bar(range(20), probability, color=["C1" if one else "C0" for one in known], edgecolor="white",
       hatch=["//" if one else "" for one in known])
ax.set(xticks=range(20), xlabel="item (hatched: in the history)", ylabel="probability",
       title="An untrained encoder guesses")
plt.show()

# %% [markdown]
# ## Where do the heads look?
#
# So far the weights were random. Now we train an encoder without reasoning (`base`) on the small synthetic shop and
# move its weights from PyTorch to NumPy. First, do the twins also agree on trained weights and a batch of users?

# %%
data = beauty_sim(seed=0, users=3000, items=800, interactions=27000)
settings = mr.Config.make(method="base", width=32, inner_width=64, layers=2, heads=2, dropout=0.2, input_dropout=0.2,
                          epochs=12, learning_rate=0.005, batch_positions=1024, weight_decay=0.3, seed=0)
trainer = mr.Trainer(settings, data, device="cpu")
untrained = nest(trainer.engine.weights())
for event in trainer.train():
    if isinstance(event, mr.EpochDone) and event.epoch % 4 == 0:
        print(f"epoch {event.epoch:2}   loss {event.loss:.3f}   validation NDCG@20 {event.metrics['NDCG@20']:.4f}")

# %%
trained = nest(trainer.engine.weights())
lengths = np.diff(data.offsets)
users = np.flatnonzero(lengths >= 12)
batch = np.stack([data.history(user)[:12] for user in users])  # [users, 12]
ours = numpy_twin.encode(trained, batch, 2)[0][:, -1]
theirs = trainer.engine.states(batch, np.full(len(users), 12))[:, 0].numpy()
print(f"{len(users)} users, 32-bit floats: at most {np.abs(ours - theirs).max():.1e} apart")
assert np.allclose(ours, theirs, rtol=0, atol=1e-4)

# %% [markdown]
# The library's function does not return the attention weights, but we have its parts: `project` gives queries and keys,
# and the weights take one line, as in notebook 2.

# %%
def attention_weights(weights, items, heads):
    """Return the attention weights of every block: a list of arrays [B, H, T, T]."""
    T, found = items.shape[1], []
    x = blocks.input_layer(weights, weights["item_embedding"][items] + weights["position_embedding"][:T])
    for block in weights["blocks"]:
        query, key, value = blocks.project(block, x, heads)
        scores = query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[-1])
        found.append(softmax(np.where(causal_mask(T), scores, -np.inf)))
        x = blocks.finish_block(block, x, merge_heads(attention(query, key, value, causal_mask(T))))
    return found


maps = attention_weights(trained, batch, 2)
for found in maps:
    assert np.allclose(found.sum(axis=-1), 1, atol=1e-5)
print("rows of weights that sum to 1, as they should:", sum(found[..., 0].size for found in maps))

# %% [markdown]
# A row with many keys has small weights, simply because they sum to 1. So the picture shows each weight times the
# number of keys that its query may see: 1 means "an equal share", and the colours are centred there. We take the mean
# over the users with at least 12 items.

# %%
_, axes = plt.subplots(1, 4, figsize=(12.5, 2.9))
for ax, (number, head) in zip(axes, np.ndindex(2, 2), strict=True):
    ratio = maps[number][:, head].mean(axis=0) * np.arange(1, 13)[:, None]
    visible = np.where(causal_mask(12)[0, 0], ratio, np.nan)
    drawing.heatmap(visible, ax, f"block {number}, head {head}", rows="query", columns="key", centre=1)
plt.show()

# %%
def by_distance(maps):
    """Return the last position's weight by distance in items, one line per block and head."""
    return {f"block {number}, head {head}": found[:, head, -1, ::-1].mean(axis=0)
            for number, found in enumerate(maps) for head in range(2)}


_, axes = plt.subplots(1, 2, figsize=(9.5, 3.2), sharey=True)
for ax, (name, tree) in zip(axes, {"untrained": untrained, "trained": trained}.items(), strict=True):
    lines = by_distance(attention_weights(tree, batch, 2))
    drawing.curves(range(12), lines, ax, "items back (0: the last item itself)", "mean weight",
                   f"Where the last position looks, {name}")
plt.show()

# %% [markdown]
# Before training, all items get nearly the same weight. Afterwards, look first at the last item itself (0 items back,
# and the diagonal of the maps): its own vector reaches the state through the residual connection anyway, so its
# attention is free for other things. Then look for heads that differ. In this data two habits would be useful: some
# items *follow* one of the last three, and some suit the user's *taste*, which any earlier item can reveal. Which head
# does what depends on the random start, and a mean over users hides what a head does for a single history. So take such
# pictures as hints, not as explanations.

# %% [markdown]
# ## Your turn
#
# **1. A mask that is off by one.** Use `encode_with` with a mask that lets position $i$ see item $i + 1$ as well. What
# does `influence` show after two blocks? Why does it reach two places into the future?
#
# <details><summary>Hint</summary>
#
# `np.tril(np.ones((T, T), bool), 1)[None, None]` allows one more position. In the second block, position $i$ sees
# position $i + 1$, which has seen item $i + 2$ in the first.
#
# </details>

# %%
# your code here

# %% [markdown]
# **2. No position vectors.** In notebook 2 the last position saw the items before it as a set. Set the position vectors
# to zero and compare the last states of a history and of the same history in another order (the last item stays last).
# Then do it with the first block alone. What gives the order away in the second block?
#
# <details><summary>Hint</summary>
#
# `without = {**weights, "position_embedding": np.zeros_like(weights["position_embedding"])}`; one block alone is
# `{**without, "blocks": without["blocks"][:1]}`. Under the causal mask, the state of the third item has seen only the
# first two and itself.
#
# </details>

# %%
shuffled = items[:, [2, 0, 3, 1, 4, 5]]
# your code here

# %% [markdown]
# **3. Without residuals.** Write your own `finish_block` without the two additions. Look at the stages again: do the
# six states stay as different from each other as before?
#
# <details><summary>Hint</summary>
#
# With `linear` and `layer_norm` from `minirearec.reference.ops`: `h = layer_norm(linear(mixed, **block["output"]),
# **block["attention_norm"])`, and so on. Measure with `states.std(axis=1).mean()`, the spread over positions.
#
# </details>

# %%
# your code here

# %% [markdown]
# **4. Reading in both directions.** Compare the last states of `items` and `shuffled` under the mask of BERT4Rec, with
# the position vectors and without them. Which of the two masks makes the items before the last one a *set*, even after
# two blocks?
#
# <details><summary>Hint</summary>
#
# `bert4rec.encode(without, shuffled, config.heads, drop=None, lengths=np.array([T]))`. In both directions, nothing but
# the position vectors tells which item came first.
#
# </details>

# %%
# your code here

# %% [markdown]
# ## Where to go from here
#
# - The source code: [reference/backbones](../../minirearec/reference/backbones) and
#   [nn/backbones](../../minirearec/nn/backbones) side by side; [reference/ops.py](../../minirearec/reference/ops.py);
#   [weights.py](../../minirearec/weights.py); and the tests that hold the twins together,
#   [tests/twins](../../tests/twins).
# - The paper: [section 3.1](https://arxiv.org/abs/2503.22675); Kang and McAuley 2018,
#   [*Self-attentive sequential recommendation*](https://arxiv.org/abs/1808.09781); Sun et al. 2019,
#   [*BERT4Rec*](https://arxiv.org/abs/1904.06690).
# - If you have not done assignment a2 (causal attention) yet, you are ready for it; a3 comes after the next notebook.
# - Next: [4. Thinking](../rendered/04_thinking.ipynb).
