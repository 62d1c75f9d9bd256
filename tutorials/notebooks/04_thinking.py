# %% [markdown]
# # 4. Thinking: reasoning position embeddings, the loop, the cache
#
# The encoder of notebook 3 ends with $r_0$, the state of the last item. Now we continue: the state goes back in, as one
# more position, $K$ times. That is all of ReaRec's model; the rest of the paper is about how to train it.
#
# **What you will learn**
#
# - the reasoning loop, first the slow and obvious way,
# - the cache of keys and values, why it is exact, and what it saves,
# - the two masks, causal and *prefix masking*: who sees whom, and why no item ever sees a step,
# - how all prefixes of a history can reason at once, and under which mask they cannot,
# - what the reasoning position embeddings are, and two ways to see what they do,
# - how the states move while a trained model thinks.
#
# Reading takes about 25 minutes.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np

import minirearec as mr
from minirearec.config import ModelConfig
from minirearec.data import beauty_sim, make_split
from minirearec.reference.attention import attention, causal_mask, last_mask, merge_heads
from minirearec.reference.backbones import bert4rec
from minirearec.reference.backbones.blocks import finish_block, input_layer, last_positions, project
from minirearec.reference.backbones.sasrec import encode
from minirearec.reference.reasoning import all_prefix_states, last_states, reason, reasoning_step
from minirearec.reference.serving import serving_states
from minirearec.weights import initial_weights, nest
from minirearec_tutorials import drawing

drawing.use_style()

# %% [markdown]
# ## The loop
#
# $r_0$ is the state of the last item. Step $k$ takes the previous state, adds a learned vector $p_k$, and sends the sum
# through the *same* encoder, with the same weights:
#
# $$ r_k = \text{encoder}\big(r_{k-1} + p_k \;\big|\; \text{items } h_0 \dots h_{T-1},\;
#    \text{steps } 1 \dots k-1\big) $$
#
# "$|$" means that the new position attends to all items, to the steps before it, and to itself. The vectors
# $p_1, \dots, p_K$ are the **reasoning position embeddings**. They play the role that position vectors play for items,
# so that the encoder can tell reading (an item at position 7) from thinking (step 2).
#
# The obvious way to compute this: append the new input to the sequence and run everything again.

# %%
config = ModelConfig(steps=3, width=8, inner_width=16, layers=2, heads=2, max_length=12, initial_std=0.4)
flat = initial_weights(config, n_items=20, seed=3)
weights = nest({name: value.astype(np.float64) for name, value in flat.items()})
items = np.array([[4, 17, 2, 9, 11]])  # [B, T], one history
T, K, H = items.shape[1], config.steps, config.heads


def run_all(rows, mask):
    """Run all input rows [1, n, D] through the encoder, each seeing what the mask allows: states [1, n, D]."""
    x = input_layer(weights, rows)
    for block in weights["blocks"]:
        mixed = attention(*project(block, x, H), mask)
        x = finish_block(block, x, merge_heads(mixed))
    return x


def think(mask_of):
    """Return the states of all rows in each of K + 1 rounds, every round run from the start; round k has T + k rows."""
    rows = weights["item_embedding"][items] + weights["position_embedding"][:T]  # [1, T, D]
    rounds = [run_all(rows, mask_of(0))]
    for k in range(1, K + 1):
        step_input = rounds[-1][:, -1] + weights["reasoning_embedding"][k - 1]  # row 0 of the table is p_1
        rows = np.concatenate([rows, step_input[:, None]], axis=1)  # one more row
        rounds.append(run_all(rows, mask_of(k)))
    return rounds


def last_rows(rounds):
    """Return the states r_0..r_K [1, K+1, D]: the last row of each round."""
    return np.stack([states[:, -1] for states in rounds], axis=1)


slow = last_rows(think(lambda k: causal_mask(T + k)))
drawing.heatmap(slow[0], rows=[f"r_{k}" for k in range(K + 1)], columns="entry of the state", values=True, centre=0,
                title="The states of one history (random weights)")
plt.show()

# %% [markdown]
# ## Who sees whom: two masks
#
# Which positions see each other? Here is a sequence of five items and three steps, for the two encoders of notebook 3.
# A row is a position that looks, a column is a position that is seen.

# %%
def prefix_mask(items, steps):
    """Return [1, 1, T+K, T+K]: items see all items and no step; a step sees all items, earlier steps and itself."""
    mask = np.tril(np.ones((items + steps, items + steps), bool))
    mask[:items, :items] = True
    return mask[None, None]


masks = {"sasrec: causal": lambda k: causal_mask(T + k), "bert4rec: prefix masking": lambda k: prefix_mask(T, k)}
names = [f"item {i}" for i in range(T)] + [f"step {k}" for k in range(1, K + 1)]
short = [name[0] + name[-1] for name in names]
_, axes = plt.subplots(1, 2, figsize=(10, 3.6))
legends = (), ("may not be seen", "an item", "a step")
for ax, (title, mask_of), legend in zip(axes, masks.items(), legends, strict=True):
    kinds = mask_of(K)[0, 0].astype(int)
    kinds[:, T:] *= 2
    drawing.cells(kinds, legend, ax, title, rows=names, columns=short)
plt.show()

# %% [markdown]
# (i: item, s: step.) Read the pictures in quarters:
#
# - **Items see items** (upper left): those before them under the causal mask; all of them in both directions. This is
#   the only quarter in which the two encoders differ.
# - **Steps see items** (lower left): all of them. A step comes after the last item, so this is the same for both.
# - **Steps see steps** (lower right): the earlier ones and themselves. Thinking has a direction, even for BERT4Rec.
# - **Items never see steps** (upper right). The causal mask gives this for free. A model that reads in both directions
#   has to be *told*, and the paper calls it **prefix masking**: what has been read is a prefix that nothing later
#   changes.
#
# What would happen if items did see the steps? The states of the items would change with every step, and so would their
# keys and values, from the second block on. To see it, we leave out the mask and look at the items while the model
# thinks.

# %%
def item_changes(mask_of):
    """Return [K, T]: how far the state of every item moves from one round to the next."""
    states = np.concatenate([states[:, :T] for states in think(mask_of)])  # [K+1, T, D]
    return np.linalg.norm(np.diff(states, axis=0), axis=-1)


leaking = {"prefix masking": masks["bert4rec: prefix masking"],
           "no mask at all": lambda k: np.ones((1, 1, T + k, T + k), bool)}
changes = {name: item_changes(mask_of) for name, mask_of in leaking.items()}
assert changes["prefix masking"].max() < 1e-12 < 0.01 < changes["no mask at all"].min()
_, axes = plt.subplots(1, 2, figsize=(9, 2.3))
for ax, (name, change) in zip(axes, changes.items(), strict=True):
    drawing.heatmap(change, ax, f"How far items move, {name}", rows=[f"step {k}" for k in range(1, K + 1)],
                    columns=short[:T], values=True, highest=changes["no mask at all"].max())
plt.show()

# %% [markdown]
# ## The cache
#
# Look at the loop again. In each round, all earlier rows go through the encoder *again*, although nothing about them
# has changed: the causal mask keeps the new row away from them. A later row needs only one thing from them: their
# **keys and values** in each block. So we keep those. `encode` returns them for the items, and `reasoning_step` appends
# those of each new step:

# %%
state, item_cache = encode(weights, items, H)
x, step_cache = last_positions(state, np.array([T])), []
mask = last_mask(np.array([T]), T)
cached = [x]
for k in range(K):
    x = x + weights["reasoning_embedding"][k]
    x, step_cache = reasoning_step(weights, x, item_cache, step_cache, mask, H)
    cached.append(x)
    key, _ = step_cache[0]
    print(f"after step {k + 1}: keys of block 0: items {list(item_cache[0][0].shape)}, steps {list(key.shape)}")
cached = np.concatenate(cached, axis=1)  # [1, K+1, D]

# %% [markdown]
# The shapes are [B, H, T, D/H] for items and [B, H, Q, k, D/H] for steps: the axis Q is for several positions that
# reason at the same time, here one. The cache is not an approximation. The states must agree up to rounding:

# %%
library, _ = reason(weights, last_positions(state, np.array([T])), item_cache, mask, K, H)  # the same loop
served = serving_states(weights, items[0], K, H)  # written once more, for a single user
for name, states in (("cached by hand", cached), ("reason", library[:, 0]), ("serving_states", served[None])):
    difference = np.abs(states - slow).max()
    assert difference < 1e-12
    print(f"{name:15} equals the slow loop up to {difference:.1e}, over {states.size} numbers")

# %% [markdown]
# Nothing in this argument needs the causal mask. It needs only that *no item sees a step*, and prefix masking promises
# just that. So the same cache serves `bert4rec`: its items read in both directions once, and the steps look at what was
# kept.

# %%
two_way = last_rows(think(masks["bert4rec: prefix masking"]))
two_way_state, two_way_cache = bert4rec.encode(weights, items, H, None, np.array([T]))
with_cache, _ = reason(weights, last_positions(two_way_state, np.array([T])), two_way_cache, mask, K, H)
assert np.allclose(with_cache[:, 0], two_way, rtol=0, atol=1e-12) and not np.allclose(two_way, slow, atol=0.01)
print(f"bert4rec, cached: equals the slow loop up to {np.abs(with_cache[:, 0] - two_way).max():.1e}")

# %% [markdown]
# What does it save? Count how many positions go through the encoder. Without a cache, round $k$ has $T + k$ of them,
# in total $\sum_{k=0}^{K} (T + k)$. With the cache, there are $T + K$. And in milliseconds, on this machine, for a
# history of 50 items:

# %%
large = ModelConfig(steps=5, width=64, inner_width=128, layers=2, heads=2, max_length=50)
large_weights = nest(initial_weights(large, n_items=1000))
history = np.random.default_rng(0).integers(1000, size=50)


def milliseconds(work):
    times = []
    for _ in range(20):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1000 * min(times)


def without_cache(steps):
    """Do what the slow loop does, with each round's work in full: T + k positions in round k."""
    for k in range(steps + 1):
        x = np.zeros((1, 50 + k, 64), np.float32)
        for block in large_weights["blocks"]:
            mixed = attention(*project(block, x, 2), causal_mask(50 + k))
            x = finish_block(block, x, merge_heads(mixed))


depths = range(6)
measured = {"without cache": [milliseconds(lambda: without_cache(k)) for k in depths],
            "with cache": [milliseconds(lambda: serving_states(large_weights, history, k, 2)) for k in depths]}

# %%
positions = {"without cache": [sum(50 + j for j in range(k + 1)) for k in depths],
             "with cache": [50 + k for k in depths]}
_, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.1))
drawing.curves(depths, positions, left, "reasoning steps K", "positions", "Positions through the encoder")
drawing.curves(depths, measured, right, "reasoning steps K", "milliseconds", "One user, on this machine")
for ax in (left, right):
    ax.set_ylim(bottom=0)
plt.show()

# %% [markdown]
# Compare the two pictures: a step is one more position, but does it cost only a fiftieth of reading 50 items? (At
# $K = 0$ there is nothing to cache. The difference there is another saving: the library computes only the last position
# in its last block.) For a single user, a step consists of many small operations, and starting each of them costs more
# than its arithmetic. The paper's small percentages are for whole batches on a GPU; [both are among our
# figures](../../tests/benchmarks/README.md#serving-one-user).
#
# ## All prefixes at once
#
# Training needs the states of *every* prefix, not only of the last position. Notebook 3 showed that one causal pass
# gives $r_0$ of all prefixes. Then all of them can take step 1 together, then step 2: position $i$ sees the items up to
# $i$ (as before), and **its own** steps, never those of another prefix. For four items and two steps, this is what the
# queries of step 2 see:

# %%
t = 4
kinds = np.concatenate([np.tril(np.ones((t, t), int)), 2 * np.eye(t, dtype=int), 2 * np.eye(t, dtype=int)], axis=1)
_, ax = plt.subplots(figsize=(7.6, 2.4))
columns = [f"i{j}" for j in range(t)] + [f"s1\nof {j}" for j in range(t)] + [f"s2\nof {j}" for j in range(t)]
drawing.cells(kinds, ("may not be seen", "an item", "an own step"), ax, rows=[f"prefix to {i}" for i in range(t)],
              columns=columns, title="Step 2 of every prefix")
plt.show()

# %% [markdown]
# The library does not build this wide mask. It keeps the steps of each position on their own axis (the Q above) and
# joins the scores of items and own steps in one softmax: `reasoning_attention`. This is exact as well. Each prefix must
# reach the same states on its own:

# %%
together, _ = all_prefix_states(weights, items, K, H)  # [1, T, K+1, D]
for length in range(1, T + 1):
    alone, _ = last_states(weights, items[:, :length], np.array([length]), K, H)
    assert np.allclose(together[:, length - 1], alone[:, 0], rtol=0, atol=1e-12)
assert np.allclose(together[:, -1], slow, rtol=0, atol=1e-12)
print(f"{T} prefixes with {K} steps each: all at once and one by one agree in {together.size} numbers")

# %% [markdown]
# An epoch therefore costs $K + 1$ passes over the actual items, instead of one padded pass (and $K$ steps) for each
# prefix.
#
# ### Not in both directions
#
# The prefixes can share a pass because they can share a *cache*: item 0 has one key, whether the prefix ends at item 1
# or at item 4. Is that so under both masks? We encode every prefix on its own, and compare the keys of its items in the
# last block with those of the whole history.

# %%
def key_distance(encode_prefix):
    """Return [T, T]: how far the keys of item j differ between the prefix to item i and the whole history."""
    whole, distance = encode_prefix(T), np.full((T, T), np.nan)
    for length in range(1, T + 1):
        difference = encode_prefix(length) - whole[:, :, :length]  # [1, H, length, D/H]
        distance[length - 1, :length] = np.sqrt((difference ** 2).sum(axis=(0, 1, 3)))
    return distance


distances = {
    "sasrec": key_distance(lambda n: encode(weights, items[:, :n], H)[1][-1][0]),
    "bert4rec": key_distance(lambda n: bert4rec.encode(weights, items[:, :n], H, None, np.array([n]))[1][-1][0])}
assert np.nanmax(distances["sasrec"]) < 1e-12 < 0.01 < np.nanmin(distances["bert4rec"][:-1])
_, axes = plt.subplots(1, 2, figsize=(9.5, 2.7))
for ax, (name, distance) in zip(axes, distances.items(), strict=True):
    drawing.heatmap(distance, ax, f"{name}: distance of the keys", rows=[f"prefix to {i}" for i in range(T)],
                    columns=short[:T], values=True, highest=np.nanmax(distances["bert4rec"]))
plt.show()

# %% [markdown]
# On the left, each column has one key, which all prefixes read. On the right, only the last row is 0: every prefix has
# keys of its own, so each needs its own pass and its own cache. Two questions are easily confused here. *Does the cache
# stay valid while the model thinks?* Under both masks, because no item sees a step. *Is the cache the same for all
# prefixes?* Under the causal mask alone, because there no item sees a later item. So `bert4rec` trains on one prefix
# per row; an epoch takes longer (PRL on Beauty: [about one and a half
# times](../../tests/benchmarks/README.md#speed-and-memory) as long), and most of that is reading the same items again
# in the light of one more.
#
# ## What do the reasoning position embeddings do?
#
# In the paper's experiments, steps *without* them ("naive") do worse than no steps at all, and adding them ("rpe")
# helps. The argument: $r_{k-1}$ is an *output* of the encoder, and the encoder was made to read *items*. Without a
# mark, nothing in the input says which of the two it is.
#
# We train both on the small synthetic shop, with the plain objective (cross-entropy on $r_K$), and look. These are
# small models, one seed, synthetic data: see what *can* be seen in such pictures, and draw no conclusions about the
# methods.

# %%
data = beauty_sim(seed=0, users=3000, items=800, interactions=27000)
split, trainers = make_split(data), {}
for method in ("naive", "rpe"):
    settings = mr.Config.make(method=method, steps=3, width=32, inner_width=64, layers=1, dropout=0.1,
                              input_dropout=0.1, epochs=8, learning_rate=0.003, batch_positions=256,
                              weight_decay=0.0, seed=0)
    trainers[method] = mr.Trainer(settings, data, device="cpu")
    *_, finished = trainers[method].train()
    print(f"{method:6} best epoch {finished.best_epoch} of {finished.epochs}, "
          f"validation NDCG@20 {trainers[method].best.metrics['NDCG@20']:.4f}")

# %%
evaluations = {method: trainer.evaluate("test") for method, trainer in trainers.items()}
print("test NDCG@20, synthetic data")
for row in evaluations["rpe"].excluded:
    print(f"{row:20}", *(f"  {method} {found.metrics(row)['NDCG@20']:.4f}" for method, found in evaluations.items()))

# %% [markdown]
# Here only the last step is trained to recommend; $r_0$ to $r_2$ are whatever helps $r_3$. Is one of them as good, or
# better? Keep that in mind for notebooks 5 and 6, which give every step its own task.
#
# ### How states move
#
# Take the states of all test users, $[users, K+1, D]$, and their cosines: how similar is step $j$ to step $k$, averaged
# over users? (The paper draws the same heat map.)

# %%
inputs, lengths = split.inputs(np.arange(split.n_rows("test")), "test", 50)
states = {method: trainer.engine.states(inputs, lengths).numpy() for method, trainer in trainers.items()}
_, axes = plt.subplots(1, 2, figsize=(8, 3))
for ax, (method, found) in zip(axes, states.items(), strict=True):
    unit = found / np.linalg.norm(found, axis=-1, keepdims=True)
    cosines = np.einsum("ukd,uld->kl", unit, unit) / len(unit)
    drawing.heatmap(cosines, ax, f"Cosine between steps, {method}", rows="step", columns="step", values=True)
plt.show()

# %% [markdown]
# A model with nothing to think about would show ones everywhere. Look at the numbers beside the diagonal: do later
# steps differ less from the one before than the first step did?
#
# Next, we draw seven users in the plane of the two directions in which their states vary most. The empty symbol is
# $r_0$. Each panel has its own plane, so you can compare shapes, but not positions.

# %%
chosen = np.linspace(0, len(inputs) - 1, 7).astype(int)
_, axes = plt.subplots(1, 2, figsize=(10, 4))
for ax, (method, found) in zip(axes, states.items(), strict=True):
    drawing.states(drawing.to_plane(found[chosen]), ax, title=f"Seven users thinking, {method} (synthetic data)")
plt.show()

# %%
moves = {method: np.linalg.norm(np.diff(found, axis=1), axis=-1).mean(axis=0) for method, found in states.items()}
ax = drawing.curves(range(1, K + 1), moves, xlabel="reasoning step k", ylabel="length of $r_k - r_{k-1}$",
                    title="How far each step moves, mean over users")
ax.set_xticks(range(1, K + 1))
ax.set_ylim(bottom=0)
plt.show()
for method, found in states.items():
    between = np.linalg.norm(found[1:, 0] - found[:-1, 0], axis=-1).mean()
    print(f"{method:6} for comparison: r_0 of two users are {between:.2f} apart on average")

# %% [markdown]
# ### Taking them away
#
# We can operate on a trained model. We take the `rpe` model, set its vectors $p_k$ to zero or reverse their order, and
# evaluate again. If the numbers hardly change, the model hardly uses them.

# %%
trainer = trainers["rpe"]
learned = trainer.engine.weights()
p = learned["reasoning_embedding"]
print("lengths of p_1..p_3:", np.linalg.norm(p, axis=1).round(2), "  of a state:",
      np.linalg.norm(states["rpe"][:, -1], axis=-1).mean().round(2))
for name, changed in {"as learned": p, "set to zero": np.zeros_like(p), "reversed": p[::-1].copy()}.items():
    trainer.engine.load_weights({**learned, "reasoning_embedding": changed})
    print(f"{name:13} test NDCG@20 at r_3: {trainer.evaluate('test').metrics('step 3')['NDCG@20']:.4f}")
trainer.engine.load_weights(learned)

# %% [markdown]
# ## What is depth good for?
#
# An encoder with $L$ blocks can look at its history $L$ times in a row, and each look uses what the one before found.
# Every reasoning step adds $L$ more looks, without a single new block of weights. If finding the next item takes a
# chain of looks, steps make it possible. Notebook 8 has a data set made of such chains (`hops`).

# %% [markdown]
# ## Your turn
#
# **1. A cache that is not appended.** Repeat the cached loop, but give `reasoning_step` an empty list as the step cache
# each time. Which of $r_1, r_2, r_3$ are wrong, and why is the first one right?
#
# <details><summary>Hint</summary>
#
# With an empty cache, a step sees all items and itself. At step 1 that is correct: there is no earlier step. Compare
# with `slow[0, k]`.
#
# </details>

# %%
# your code here

# %% [markdown]
# **2. Position embeddings off by one.** Use $p_{k+1}$ instead of $p_k$ (and the last one twice). Do the states differ
# from `slow` at every step? Would a test that compares only *shapes* notice? And a test that compares cached with
# uncached states, if both have the mistake?
#
# <details><summary>Hint</summary>
#
# Change the table: `{**weights, "reasoning_embedding": weights["reasoning_embedding"][[1, 2, 2]]}`, and call
# `last_states` with it. A comparison cannot show a mistake that is on both sides; that is why the library also compares
# with recorded states of the authors' code.
#
# </details>

# %%
# your code here

# %% [markdown]
# **3. A leak.** Build the cache of `bert4rec` without prefix masking: run the items *and* the first step through
# `run_all` with every position visible, and keep the keys and values of the items. Take the steps with that cache.
# Which states are wrong now, and would a test of the shapes notice?
#
# <details><summary>Hint</summary>
#
# `run_all` does not return keys and values: copy its loop and collect `project(block, x, H)[1:]`, cut to the first `T`
# positions, in each block. Compare with `two_way`.
#
# </details>

# %%
# your code here

# %% [markdown]
# **4. Longer thoughts.** The loop need not stop at $K$. Let the trained `naive` model take 20 steps (it needs no
# $p_k$). Do the states settle down, run away, or move in a circle?
#
# <details><summary>Hint</summary>
#
# `found, _ = last_states(nest(trainers["naive"].engine.weights()), inputs[:50], lengths[:50], 20, 2)` gives
# `[50, 1, 21, D]`. Plot the mean length of each step as above. For `rpe` you would have to choose which vector to add
# after step 3.
#
# </details>

# %%
# your code here

# %% [markdown]
# ## Where to go from here
#
# - The source code: [reference/reasoning.py](../../minirearec/reference/reasoning.py) and its twin
#   [nn/reasoning.py](../../minirearec/nn/reasoning.py); `reasoning_attention` in
#   [reference/attention.py](../../minirearec/reference/attention.py);
#   [reference/serving.py](../../minirearec/reference/serving.py) for a single user.
# - The paper: [section 3.2](https://arxiv.org/abs/2503.22675) for the loop and the reasoning position embeddings.
# - You can now do **assignment a3, the reasoning loop with cache**: `minirearec assignment start a3`.
# - Next: [5. Ensemble Reasoning Learning](../rendered/05_ensemble.ipynb).
