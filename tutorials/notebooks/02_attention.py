# %% [markdown]
# # 2. Attention from scratch
#
# A history is a list of vectors, and a model must summarise it. With attention, each position chooses what to take from
# the others. We build it in NumPy, line by line, until it equals the library's.
#
# **What you will learn**
#
# - attention as a weighted mean, with weights that come from the vectors themselves,
# - why scores are divided by $\sqrt d$, and how to keep a softmax from overflowing,
# - the causal mask, and a test that the future has no influence,
# - what heads are: the same computation on slices of the width,
# - why attention alone cannot see the order of items.
#
# Reading takes about 25 minutes. Nothing is trained here; all numbers are typed in or drawn at random.

# %%
import matplotlib.pyplot as plt
import numpy as np

from minirearec.reference import attention as library
from minirearec_tutorials import drawing

drawing.use_style()

# %% [markdown]
# ## Three roles
#
# Somebody bought five things. For now we choose the items' vectors by hand, in a plane: right is *make-up*, up is *hair
# care*. What should the last position, a brush, take from the history?
#
# Every position plays three roles:
#
# - its **query** $q$ asks: what am I looking for?
# - its **key** $k$ says: what do I have to offer?
# - its **value** $v$ is what it hands over.
#
# In a model, queries, keys and values are three learned linear maps of the same vectors (`project` in
# [blocks.py](../../minirearec/reference/backbones/blocks.py)). Here all three are the item vectors themselves.

# %%
names = ["lipstick", "shampoo", "mascara", "conditioner", "brush"]
items = np.array([[2.0, 0.0], [0.0, 2.0], [1.5, 0.5], [0.2, 1.8], [1.2, 1.0]])
_, ax = plt.subplots(figsize=(4.4, 3.3))
for name, (x, y) in zip(names, items, strict=True):
    ax.annotate("", (x, y), (0, 0), arrowprops={"arrowstyle": "-|>", "color": "C0" if name != "brush" else "C1"})
    ax.annotate(name, (x, y), xytext=(3, 4), textcoords="offset points")
ax.set(xlim=(0, 2.7), ylim=(0, 2.4), xlabel="make-up", ylabel="hair care", title="Five items in a plane")
plt.show()

# %% [markdown]
# ## Step 1: scores
#
# The dot product measures how well a query fits a key. For all positions at once, with queries and keys as the rows of
# $Q$ and $K$ (both $T \times d$: $T$ positions, width $d$):
#
# $$ S = \frac{Q K^\top}{\sqrt d}, \qquad S_{ij} = \frac{q_i \cdot k_j}{\sqrt d} $$
#
# Row $i$ belongs to the query of position $i$. The division is explained below.

# %%
Q = K = V = items
T, d = Q.shape
scores = Q @ K.T / np.sqrt(d)
drawing.heatmap(scores, rows=names, columns=names, values=True, title="Scores")
plt.xticks(rotation=30)
plt.show()

# %% [markdown]
# ## Step 2: weights
#
# The softmax turns a row of scores into positive weights that sum to 1:
#
# $$ A_{ij} = \frac{e^{S_{ij}}}{\sum_{j'} e^{S_{ij'}}} $$
#
# Written like this, it breaks as soon as a score is large, because $e^{1000}$ does not fit into a float. Subtracting
# the largest score of each row first changes nothing, because the factor $e^{-\max}$ cancels, and then no exponent is
# above 0.

# %%
def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


large = np.array([1000.0, 1001.0])
with np.errstate(over="ignore", invalid="ignore"):
    print("as in the formula:       ", np.exp(large) / np.exp(large).sum())
print("with the maximum removed:", softmax(large))

# %%
weights = softmax(scores)
assert np.allclose(weights.sum(axis=1), 1)
drawing.heatmap(weights, rows=names, columns=names, values=True, title="Weights: each row sums to 1")
plt.xticks(rotation=30)
plt.show()

# %% [markdown]
# Read the picture row by row: which items does *shampoo* listen to? And *brush*, which lies between the two groups?
#
# ## Step 3: the weighted mean
#
# The output of position $i$ is the mean of all values with these weights, $o_i = \sum_j A_{ij} v_j$. Together:
#
# $$ \text{attention}(Q, K, V) = \text{softmax}\!\left(\frac{Q K^\top}{\sqrt d}\right) V $$

# %%
mixed = weights @ V
for name, before, after in zip(names, items, mixed, strict=True):
    print(f"{name:12} {before} -> {after.round(2)}")

# %%
paths = np.stack([items, mixed], axis=1)  # [items, 2, 2]: before and after
ax = drawing.states(paths, labels=names, title="What attention does: 0 before, 1 after")
ax.set(xlabel="make-up", ylabel="hair care")
plt.show()

# %% [markdown]
# Every output is a mean, so it lies among the values: inside the smallest convex polygon around all of them. Items of
# the same kind move closer to each other.
#
# ## Why divide by the square root of d?
#
# If the entries of $q$ and $k$ are independent with mean 0 and variance 1, each product $q_c k_c$ has variance 1, and
# their sum $q \cdot k$ has variance $d$. So scores grow with the width: their standard deviation is $\sqrt d$. A
# softmax of large scores is nearly a hard choice of one item: the others get weight 0, and no gradient. Dividing by
# $\sqrt d$ gives scores of the same size at every width. Let us look at the largest weight among 20 keys.

# %%
rng = np.random.default_rng(0)
widths = [2, 4, 8, 16, 32, 64, 128, 256]
spread, largest = [], {"divided by sqrt(d)": [], "not divided": []}
for width in widths:
    query, keys = rng.standard_normal((500, 1, width)), rng.standard_normal((500, 20, width))
    raw = (query @ keys.swapaxes(1, 2))[:, 0]  # [500, 20]: 500 queries, each with its own 20 keys
    spread.append(raw.std())
    largest["divided by sqrt(d)"].append(softmax(raw / np.sqrt(width)).max(axis=1).mean())
    largest["not divided"].append(softmax(raw).max(axis=1).mean())

# %%
_, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.1))
drawing.curves(widths, {"measured": spread}, left, "width d", "standard deviation of q . k", "Dot products grow")
left.plot(widths, np.sqrt(widths), "k--", label="square root of d")
left.legend()
drawing.curves(widths, largest, right, "width d", "mean of the largest weight", "The softmax hardens")
right.set_ylim(0, 1)
for ax in (left, right):
    ax.set_xscale("log", base=2)
plt.show()

# %% [markdown]
# ## The causal mask
#
# A recommender learns to predict the item after *every* position. If position 2 could look at position 3, it would
# simply read the answer. So position $i$ may only see positions $j \le i$:
#
# $$ M_{ij} = [\, j \le i \,], \qquad A = \text{softmax}\big(S + \log M\big), \qquad
#    \log 1 = 0, \quad \log 0 = -\infty $$
#
# The mask acts on the *scores*: a score of $-\infty$ becomes a weight of exactly 0, and the rest of the row still sums
# to 1. (Setting weights to 0 *after* the softmax would leave rows that sum to less.)

# %%
position = np.arange(T)
mask = position[None, :] <= position[:, None]
masked = softmax(np.where(mask, scores, -np.inf))
_, (left, right) = plt.subplots(1, 2, figsize=(9, 2.9), width_ratios=(1, 1.35))
drawing.mask(mask, left, "Who may see whom", rows=names, columns=range(T))
drawing.heatmap(masked, right, "Weights under the mask", rows=names, columns=range(T), values=True)
plt.show()

# %% [markdown]
# The first row has a single weight of 1: the first position can only listen to itself.
#
# **A test.** Change one item, and see which outputs change. Under the mask, only the outputs of the item itself and of
# later positions may change; without the mask, all of them do.

# %%
def attention(Q, K, V, mask):
    scores = Q @ K.T / np.sqrt(Q.shape[-1])
    return softmax(np.where(mask, scores, -np.inf)) @ V


def change(mask, place):
    """Return how far each output moves when the item at one place is replaced."""
    other = items.copy()
    other[place] = [-1.0, 1.0]
    return np.linalg.norm(attention(other, other, other, mask) - attention(items, items, items, mask), axis=1)


moved = {name: np.array([change(m, place) for place in range(T)])
         for name, m in (("causal", mask), ("no mask", np.ones_like(mask)))}
assert (moved["causal"][~mask.T] == 0).all() and (moved["no mask"] > 0).all()

# %%
_, axes = plt.subplots(1, 2, figsize=(9, 2.9))
for ax, (name, values) in zip(axes, moved.items(), strict=True):
    drawing.heatmap(values, ax, f"Change of the outputs, {name}", rows="item replaced", columns="output", values=True)
plt.show()

# %% [markdown]
# With the mask, the lower left triangle is exactly 0, not merely small. Keep this test in mind: it immediately finds a
# mask that is off by one, and notebook 3 applies it to the whole encoder.
#
# ## Heads
#
# One set of weights can express one kind of interest. With $H$ heads, queries, keys and values are cut into $H$ slices
# of width $d = D / H$, each slice has its own attention, and the results are joined again. Only the shape changes,
# $[T, D] \to [H, T, d]$, and NumPy does the rest for all heads at once.

# %%
rng = np.random.default_rng(1)
T, D, H = 5, 8, 2
Q, K, V = rng.standard_normal((3, T, D))
cut = [x.reshape(T, H, D // H).swapaxes(0, 1) for x in (Q, K, V)]  # each [H, T, d]
scores = cut[0] @ cut[1].swapaxes(1, 2) / np.sqrt(D // H)  # [H, T, T]
weights = softmax(np.where(mask, scores, -np.inf))
merged = (weights @ cut[2]).swapaxes(0, 1).reshape(T, D)  # [T, D]

# %%
_, axes = plt.subplots(1, H, figsize=(8.4, 2.8))
for head, ax in enumerate(axes):
    drawing.heatmap(weights[head], ax, f"Weights of head {head} (random vectors)", rows="query", columns="key",
                    values=True)
plt.show()

# %% [markdown]
# Why `reshape` and then `swapaxes`, and not `reshape(H, T, d)` at once? Because we must cut the width, and rows must
# stay rows. Exercise 2 shows what goes wrong.
#
# ## The library's twin
#
# `minirearec.reference.attention` has the same functions with a batch axis in front: $[B, H, T, d]$. They should give
# what we have built, up to rounding.

# %%
theirs = [library.split_heads(x[None], H) for x in (Q, K, V)]  # [1, H, T, d]
out = library.merge_heads(library.attention(*theirs, library.causal_mask(T)))[0]
assert (library.causal_mask(T)[0, 0] == mask).all()
for mine, split in zip(cut, theirs, strict=True):
    assert (mine == split[0]).all()
difference = np.abs(out - merged).max()
assert difference < 1e-12
print(f"masks and heads are equal; outputs of {H} heads over {T} positions differ by at most {difference:.1e}")

# %% [markdown]
# ## What attention cannot see
#
# Shuffle the items of a history. Without a mask the outputs are shuffled in the same way, and nothing else happens:
# attention sees a *set* of items, not a sequence. With the causal mask the order does matter a little, because it
# decides which positions see each other, but the last position still sees all items as a set.

# %%
rng = np.random.default_rng(2)
order = np.array([2, 0, 3, 1, 4])  # the last item stays last
everything = np.ones((5, 5), bool)
assert np.allclose(attention(*[items[order]] * 3, everything), attention(*[items] * 3, everything)[order])
last = [attention(*[x] * 3, mask)[-1] for x in (items, items[order])]
print("output of the last position, first order: ", last[0])
print("the four items before it in another order:", last[1])

# %% [markdown]
# This is why the input of the encoder is the item's vector *plus* a learned vector for the position. Add position
# vectors and look again:

# %%
positions = 0.5 * rng.standard_normal(items.shape)
last = [attention(*[x + positions] * 3, mask)[-1] for x in (items, items[order])]
print("with position vectors, first order:", last[0])
print("another order:                     ", last[1])

# %% [markdown]
# Notebook 4 tells the reasoning steps apart in the same way, by their own position vectors.

# %% [markdown]
# ## Your turn
#
# **1. A colder or a hotter softmax.** Divide the scores of the five items by a *temperature* of 0.1, 1 and 10 before
# the softmax. What happens to the weights of the brush at both ends? (Temperatures return in notebook 6.)
#
# <details><summary>Hint</summary>
#
# `softmax(items[-1] @ items.T / np.sqrt(2) / temperature)`. Think of what remains when all scores are nearly the same,
# and when one is far above the others.
#
# </details>

# %%
for temperature in (0.1, 1, 10):
    pass  # your code here

# %% [markdown]
# **2. A wrong way to cut heads.** Cut with `x.reshape(H, T, D // H)` and merge as above. The shapes are right. Which
# numbers end up in head 0? Does the causal test (replace an item, see which outputs change) catch the mistake? And what
# if you merge in the matching wrong way, with `.reshape(T, D)`?
#
# <details><summary>Hint</summary>
#
# Look at `np.arange(T * D).reshape(T, D)` first, where each number says where it comes from. With both mistakes no
# output sees the future, so the test passes, and yet something is wrong: does the last item still see the first one? A
# test that the past *has* influence is worth as much as one that the future has none.
#
# </details>

# %%
numbered = np.arange(T * D).reshape(T, D)
# your code here

# %% [markdown]
# **3. Masking too late.** Compute the weights *without* the mask, multiply them by the mask, and mix the values. What
# do the rows sum to now? Divide each row by its sum: is the result right? What would go wrong if the masked scores were
# very large?
#
# <details><summary>Hint</summary>
#
# With `w = softmax(S) * mask`, compare `w / w.sum(axis=1, keepdims=True)` with the weights under the mask. Then set a
# masked score to 2000 and do it again: look at what is left of the others after `exp`.
#
# </details>

# %%
# your code here

# %% [markdown]
# ## Where to go from here
#
# - The source code: [reference/attention.py](../../minirearec/reference/attention.py) with its gradients (notebook 9),
#   its PyTorch twin [nn/attention.py](../../minirearec/nn/attention.py), and
#   [reference/ops.py](../../minirearec/reference/ops.py) for the softmax.
# - The papers: Vaswani et al. 2017, [*Attention is all you need*](https://arxiv.org/abs/1706.03762), section 3.2; Kang
#   and McAuley 2018, [*Self-attentive sequential recommendation*](https://arxiv.org/abs/1808.09781), section 3.2 for
#   the causal mask; and [the ReaRec paper](https://arxiv.org/abs/2503.22675), section 3.1.
# - You can now do **assignment a2, causal attention**: `minirearec assignment start a2`.
# - Next: [3. The encoder and the causal mask](../rendered/03_encoder.ipynb).
