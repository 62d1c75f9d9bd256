# %% [markdown]
# # 9. Backpropagation by hand through a reasoning step
#
# PyTorch computes gradients at the push of a button. The library's NumPy side has no such button: next to every
# function is its gradient, derived on paper. In this notebook we follow a gradient backwards through attention, through
# a reasoning step and through the whole loop, and check every stage in two independent ways.
#
# **What you will learn**
#
# - what a backward function takes and returns, and why no "tape" is needed,
# - how central differences check a gradient, and how small the step should be,
# - how the gradient flows through softmax, LayerNorm and attention, and what the causal mask does to it,
# - how a reasoning step passes its gradient to the previous state, to the cache and to earlier steps,
# - how to compare all of it with PyTorch's autograd, up to rounding.
#
# Reading takes about 35 minutes. It helps to know notebooks 2 to 4; a pencil helps as well.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from minirearec.config import ModelConfig, ObjectiveConfig
from minirearec.nn import objectives as torch_objectives
from minirearec.nn import reasoning as torch_reasoning
from minirearec.reference import attention as att
from minirearec.reference import ops, reasoning
from minirearec.reference.backbones.sasrec import encode
from minirearec.reference.learning import loss_and_gradients
from minirearec.reference.optim import adam, start_moments
from minirearec.weights import combine, flatten, initial_weights, nest
from minirearec_tutorials import drawing

drawing.use_style()
rng = np.random.default_rng(0)

# %% [markdown]
# ## The rule of the game
#
# Let $L$ be the loss, a single number. Some function in the middle computes $y = f(x)$. The code after it gives us $G =
# \partial L / \partial y$, which has the shape of $y$. We pass on $\partial L / \partial x$, which has the shape of
# $x$. That is the chain rule:
#
# $$ \frac{\partial L}{\partial x_i} = \sum_j G_j \, \frac{\partial y_j}{\partial x_i} $$
#
# In the library this is `f_backward(grad_out, ...the arguments of f)`. It returns the gradients of the arguments, and
# recomputes what it needs from the arguments. So nothing has to be recorded during the forward pass.
#
# The simplest case is the linear layer $y = xW^\top + b$, with $dx = GW$, $dW = G^\top x$, $db = \sum_r G_r$:

# %%
x, weight, bias = rng.normal(size=(4, 3)), rng.normal(size=(2, 3)), rng.normal(size=2)
G = rng.normal(size=(4, 2))  # the gradient that arrives, with the shape of the output
dx, dweight, dbias = ops.linear_backward(G, x, weight, bias)
for name, array, gradient in (("x", x, dx), ("W", weight, dweight), ("b", bias, dbias)):
    print(f"{name} {array.shape} -> d{name} {gradient.shape}")

# %% [markdown]
# ## Is that right? Central differences
#
# A derivative is a slope, and we can measure a slope: move one entry a little up and a little down, and see what the
# loss does.
#
# $$ \frac{\partial L}{\partial x_i} \approx \frac{L(x + h e_i) - L(x - h e_i)}{2h} $$
#
# As the loss we use $\sum_j G_j y_j$ with a fixed random $G$. Its gradient with respect to $y$ is exactly $G$, so a
# single check covers all outputs at once.

# %%
def numeric(loss, x, h=1e-5):
    """Return the gradient of loss(x), a number, by central differences: an array with the shape of x."""
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = (loss(up) - loss(down)) / (2 * h)
    return gradient


def differ(ours, theirs):
    """Return the largest difference of any entry, as a share of the largest entry."""
    return np.abs(ours - theirs).max() / np.abs(theirs).max()


print("dx off by", differ(dx, numeric(lambda x: (G * ops.linear(x, weight, bias)).sum(), x)))
print("dW off by", differ(dweight, numeric(lambda weight: (G * ops.linear(x, weight, bias)).sum(), weight)))
print("db off by", differ(dbias, numeric(lambda bias: (G * ops.linear(x, weight, bias)).sum(), bias)))

# %% [markdown]
# The differences are not 0. How small can they be? A large $h$ is wrong because the function bends; a small one is
# wrong because the two losses are nearly equal, and their difference loses digits. Look for the valley, now with a
# function that does bend:

# %%
z, g = rng.normal(size=6), rng.normal(size=6)
exact = ops.softmax_backward(g, z)
widths = 10.0 ** np.arange(-12, 0.1, 0.5)
errors = [differ(numeric(lambda z: (g * ops.softmax(z)).sum(), z, h), exact) for h in widths]
ax = drawing.curves(widths, {"softmax": errors}, xlabel="h", ylabel="relative error",
                    title="Central differences: too large and too small")
ax.set(xscale="log", yscale="log")
plt.show()

# %% [markdown]
# On the right the error falls with $h^2$ (two decades for each decade of $h$); on the left it grows as $h$ shrinks. In
# double precision the valley is around $10^{-5}$, so that is what we use. In single precision the same check would be
# nearly worthless, so we check gradients in double precision.
#
# ## Softmax
#
# For $y = \operatorname{softmax}(z)$ each output depends on each input: $\partial y_i / \partial z_j = y_i([i=j] -
# y_j)$. We need not build that matrix, because its product with $G$ is simple:
#
# $$ dz = y \odot \Big( G - \sum_i G_i y_i \Big) $$

# %%
y = ops.softmax(z)
jacobian = np.diag(y) - np.outer(y, y)
assert np.allclose(exact, g @ jacobian)
print("the softmax gradient sums to", exact.sum())
drawing.heatmap(jacobian, values=True, centre=0, rows="output i", columns="input j",
                title=r"$\partial y_i / \partial z_j$")
plt.show()

# %% [markdown]
# Every row and column sums to 0: raising all inputs by the same amount changes nothing, and the sum of the outputs is
# always 1. So `dz` sums to 0 as well, up to rounding. Such facts are checks that need no second implementation.
#
# LayerNorm has two of them. It removes the mean and the scale of its input, so its gradient has no component along the
# all-ones vector, and none along the normalised input:

# %%
x, weight, bias, G = rng.normal(size=(3, 8)), rng.normal(size=8), rng.normal(size=8), rng.normal(size=(3, 8))
dx, dweight, dbias = ops.layer_norm_backward(G, x, weight, bias)
normal = ops.layer_norm(x, np.ones(8), np.zeros(8))
print("sum over the width:     ", dx.sum(1))
print("along the normalised x: ", (dx * normal).sum(1))
print("off by", differ(dx, numeric(lambda x: (G * ops.layer_norm(x, weight, bias)).sum(), x)))

# %% [markdown]
# ## Attention
#
# Take the queries $q$, keys $k$ and values $v$ of one head of width $d$:
#
# $$ S = \frac{q k^\top}{\sqrt d}, \qquad A = \operatorname{softmax}(S + \log \text{mask}), \qquad \text{out} = A v $$
#
# Backwards, starting with the last equation:
#
# $$ dv = A^\top G, \qquad dA = G v^\top, \qquad dS = A \odot \Big(dA - \sum_t dA_t A_t\Big), \qquad
#    dq = \frac{dS\, k}{\sqrt d}, \qquad dk = \frac{dS^\top q}{\sqrt d} $$
#
# Where the mask is False, $A$ is 0, and so is $dS$: no gradient flows there, although the backward pass never mentions
# the mask. The library's shapes have a batch and a head axis in front, [B, H, T, d].

# %%
T, d = 5, 4
query, key, value, G = (rng.normal(size=(1, 1, T, d)) for _ in range(4))
mask = att.causal_mask(T)
grads = att.attention_backward(G, query, key, value, mask)
for name, place, gradient in zip(("query", "key", "value"), range(3), grads):
    def loss(changed, place=place):
        arguments = [query, key, value]
        arguments[place] = changed
        return (G * att.attention(*arguments, mask)).sum()
    print(f"d{name:6} off by {differ(gradient, numeric(loss, [query, key, value][place])):.1e}")

# %%
A = ops.softmax(np.where(mask, query @ key.swapaxes(-1, -2) / np.sqrt(d), -np.inf))[0, 0]
dA = (G @ value.swapaxes(-1, -2))[0, 0]
dS = ops.through_softmax(dA, A)
assert np.allclose(dS @ key[0, 0] / np.sqrt(d), grads[0][0, 0])  # the library's dq
figure, panels = plt.subplots(1, 3, figsize=(10.2, 2.9))
titles = ("A: the weights", "dA: what the loss asks for", "dS: what gets through")
for ax, matrix, title in zip(panels, (A, dA, dS), titles):
    drawing.heatmap(matrix, ax=ax, title=title, rows="query", columns="key", centre=None if matrix is A else 0)
plt.show()

# %% [markdown]
# Look at three things. `dA` is full: it asks for changes even where the mask forbids them. `dS` is 0 there. And the
# whole first row of `dS` is 0: the first position sees only itself, and its weight is 1 whatever the score, so its
# score cannot matter. Each row of `dS` sums to 0, for the reason above.
#
# What does a mistake look like? A classic is to forget the $1/\sqrt d$ in the backward pass. The shapes are right,
# training even works a little, and nothing complains. The check does:

# %%
forgotten = dS @ key[0, 0]  # without 1/sqrt(d)
slope = numeric(lambda q: (G * att.attention(q, key, value, mask)).sum(), query)[0, 0]
print("off by", differ(forgotten, slope), "; ratio of the entries:", np.unique((forgotten[1:] / slope[1:]).round(4)))

# %% [markdown]
# A ratio that is the same everywhere points to a missing factor. (Which one? Here $d = 4$.)
#
# ## A reasoning step
#
# Now take a small model: width 8, two blocks, two heads, three steps, in double precision. A step reads three things:
#
# 1. its input $x_k = r_{k-1} + p_k$,
# 2. the cached keys and values of the items,
# 3. the cached keys and values of the earlier steps of the same history.
#
# So three things receive a gradient. `reasoning_step_backward` returns all three, and the gradients of the weights.

# %%
config = ModelConfig(steps=3, width=8, inner_width=16, layers=2, heads=2, max_length=6, initial_std=0.5)
weights = nest({name: array.astype(float) for name, array in initial_weights(config, n_items=10, seed=3).items()})
items = np.array([[4, 1, 7, 2, 9]])
state, item_cache = encode(weights, items, heads=2)
mask = att.last_mask(np.array([5]), 5)
x = state[:, -1:] + weights["reasoning_embedding"][0]  # [B, Q, D] = [1, 1, 8]
r_1, step_cache = reasoning.reasoning_step(weights, x, item_cache, [], mask, 2)

# %%
G = rng.normal(size=r_1.shape)
no_later = [[np.zeros_like(part) for part in pair] for pair in step_cache]  # nobody reads the cache after step 1
dweights, dx, ditems, dsteps = reasoning.reasoning_step_backward((G, no_later), weights, x, item_cache, [], mask, 2)


def loss_of_x(x):
    return (G * reasoning.reasoning_step(weights, x, item_cache, [], mask, 2)[0]).sum()


def loss_of_keys(keys):
    cache = [(keys, item_cache[0][1]), item_cache[1]]  # other keys in the first block
    return (G * reasoning.reasoning_step(weights, x, cache, [], mask, 2)[0]).sum()


print(f"dx                        off by {differ(dx, numeric(loss_of_x, x)):.1e}")
print(f"keys of items, block 0    off by {differ(ditems[0][0], numeric(loss_of_keys, item_cache[0][0])):.1e}")

# %% [markdown]
# Which items receive how much? For each block, each head and each item, we compute the length of the gradient that
# arrives at the item's cached value.

# %%
arrives = np.concatenate([np.linalg.norm(value[0], axis=-1) for _, value in ditems])  # [blocks * heads, T]
drawing.heatmap(arrives, rows=[f"block {block}, head {head}" for block in (0, 1) for head in (0, 1)],
                columns=[f"item {item}" for item in items[0]], ax=plt.subplots(figsize=(6.4, 2.5))[1], values=True,
                title="Gradient on the cached values of the items")
plt.show()

# %% [markdown]
# The items that a head attends to most receive most: $dv = A^\top G$ says that the attention weight is the share. The
# gradient does not stop at the cache. It continues through the encoder to the items' embeddings. In other words,
# *thinking trains how the history is read*.
#
# ## Back through time
#
# The loop takes $K$ steps, and each output is the next input. Backwards, we go from step $K$ to step 1. The state $r_k$
# gets a gradient directly from the loss ($G_k$), and from the step that reads it:
#
# $$ dr_{k-1} = G_{k-1} + dx_k, \qquad dp_k = dx_k $$
#
# And it acts in a second way: step $k + 1$ makes keys and values of it, which stay in the cache, so *all* later steps
# read them too. Let only the last state $r_3$ enter the loss, and see what arrives where.

# %%
states, _ = reasoning.reason(weights, state[:, -1:], item_cache, mask, 3, 2)
G_states = np.zeros_like(states)
G_states[:, :, -1] = rng.normal(size=8)  # the loss reads r_3 alone
dweights, dr_0, ditems, _ = reasoning.reason_backward((G_states, None), weights, state[:, -1:], item_cache, mask, 3, 2)


def loss_of_r_0(r_0):
    return (G_states * reasoning.reason(weights, r_0, item_cache, mask, 3, 2)[0]).sum()


print(f"dr_0 off by {differ(dr_0, numeric(loss_of_r_0, state[:, -1:])):.1e}")

# %%
direct = np.vstack([dr_0[0, 0], dweights["reasoning_embedding"], G_states[0, 0, -1]])
drawing.heatmap(direct, centre=0, values=True, columns="entry of the vector", ax=plt.subplots(figsize=(7.4, 3.0))[1],
                rows=["$r_0$", "$p_1$", "$p_2$", "$p_3$", "loss: $G_3$"], title="What arrives, three steps back")
plt.show()
print("lengths, from r_0 to G_3:", np.linalg.norm(direct, axis=1).round(3))

# %% [markdown]
# Read it from the bottom to the top, as the gradient flows. The rows of $r_0$ and $p_1$ are the same, because both
# enter only through $x_1 = r_0 + p_1$. (The items' cache does not come from $r_0$ here; in the whole model the keys of
# the last item have the same origin as $r_0$, and the encoder's backward pass adds that part.)
#
# Look at the lengths: does the gradient shrink or grow on its way through the steps? LayerNorm at the start of each
# step and after each residual sum helps to keep it within bounds. With many steps it is one of the first things to
# check.
#
# ## PyTorch's opinion
#
# The twin functions in `minirearec.nn` have no backward functions, because autograd provides them. We take the same
# weights, the same histories and the PRL loss with noise, and compare the gradients of all weights. First the NumPy
# side: a batch of two histories, the second one shorter.

# %%
items = np.array([[4, 1, 7, 2, 9], [3, 8, 0, 5, 0]])
targets = np.array([[1, 7, 2, 9, 6], [8, 0, 5, 2, 0]])
counted = np.array([[True] * 5, [True] * 4 + [False]])  # the last place of the second history is padding
objective = ObjectiveConfig(method="prl", alpha=1.5, contrastive_weight=0.3)
noise = rng.normal(0, 0.1, size=(2, 5, 3, 8))
loss, gradients = loss_and_gradients(weights, items, targets, counted, 3, 2, objective, noise)
print(f"loss {loss:.6f}, gradients of {len(flatten(gradients))} arrays")

# %% [markdown]
# Now the PyTorch side, with the button:

# %%
def tensors(weights):
    return combine(lambda array: torch.tensor(array, requires_grad=True), weights)


theirs = tensors(weights)
rows, wanted = torch.tensor(counted), torch.tensor(targets[counted])
states, noised = torch_reasoning.all_prefix_states(theirs, torch.tensor(items), 3, 2, torch.tensor(noise))
torch_loss = torch_objectives.prl_loss(states[rows], theirs["item_embedding"], wanted, 1.0, 1.5, 1.0, noised[rows], 0.3,
                                       rows.nonzero()[:, 0])
torch_loss.backward()
print(f"loss {torch_loss.item():.6f}, difference to ours {abs(torch_loss.item() - loss):.1e}")

# %%
ours, autograd = flatten(gradients), {name: leaf.grad.numpy() for name, leaf in flatten(theirs).items()}
assert ours.keys() == autograd.keys()
worst = {name: np.abs(ours[name] - autograd[name]).max() for name in ours}
for name in sorted(worst, key=worst.get)[-5:]:
    print(f"{name:32} {str(ours[name].shape):9} largest entry {np.abs(autograd[name]).max():.3f}, "
          f"largest difference {worst[name]:.1e}")
print("largest difference of all:", f"{max(worst.values()):.1e}")
assert max(worst.values()) < 1e-10

# %% [markdown]
# These are the five arrays with the *largest* differences. The differences are rounding errors: two independent ways,
# one derived on paper and one by autograd, agree in all digits that we can trust in double precision.
#
# The gradient of the item table is worth a picture. Every item in the catalogue receives a gradient, for up to two
# reasons: as an *input* of a history, and as a *candidate* in the softmax, which pushes wrong items down and pulls
# targets up.

# %%
table = gradients["item_embedding"]
seen, aimed = set(items[counted].tolist()), set(targets[counted].tolist())
names = [f"item {v}" + " (input)" * (v in seen) + " (target)" * (v in aimed) for v in range(10)]
drawing.heatmap(table, centre=0, rows=names, columns="entry of the embedding", ax=plt.subplots(figsize=(6.6, 3.8))[1],
                title="Gradient of the item table")
plt.show()

# %% [markdown]
# ## And it learns
#
# A last check: correct gradients make the loss fall. We let NumPy alone memorise these two histories, with the
# library's Adam, and let PyTorch do the same with its own optimiser. Without noise both are deterministic.

# %%
def learn_numpy(moves=80):
    here, moments, losses = weights, start_moments(weights), []
    for move in range(1, moves + 1):
        loss, gradients = loss_and_gradients(here, items, targets, counted, 3, 2, objective)
        here, moments = adam(here, gradients, moments, move, learning_rate=0.004)
        losses.append(float(loss))
    return losses


def learn_torch(moves=80):
    here, losses = tensors(weights), []
    optimizer = torch.optim.Adam(flatten(here).values(), lr=0.004)
    for _ in range(moves):
        states, _ = torch_reasoning.all_prefix_states(here, torch.tensor(items), 3, 2)
        loss = torch_objectives.prl_loss(states[rows], here["item_embedding"], wanted, 1.0, 1.5, 1.0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %%
by_numpy, by_torch = learn_numpy(), learn_torch()
ax = drawing.curves(range(1, 81), {"NumPy, by hand": by_numpy}, xlabel="optimizer step", ylabel="loss (PRL)",
                    title="Learning two histories by heart")
ax.plot(range(1, 81), by_torch, color=drawing.COLOURS[1], linestyle="--", linewidth=2.5, label="PyTorch")
ax.legend()
plt.show()
print(f"largest difference of the two curves: {np.abs(np.subtract(by_numpy, by_torch)).max():.1e}")

# %% [markdown]
# There are two curves, and one should lie on top of the other. Optimisation can amplify rounding, so after very many
# steps they would part a little; for these steps, see for yourself.

# %% [markdown]
# ## Your turn
#
# **1. GeLU.** Check `ops.gelu_backward` with central differences at 20 points between -3 and 3, and draw the
# derivative. Where is it larger than 1? Where is it negative?
#
# <details><summary>Hint</summary>
#
# With `G = np.ones(20)` the backward function gives the derivative itself. Compare with
# `numeric(lambda x: ops.gelu(x).sum(), x)`.
#
# </details>

# %%
# your code here

# %% [markdown]
# **2. Keys that no query sees.** Make a mask in which no query may see key 3 (but every query sees something). What is
# `dk` of key 3, and `dv`? First think, then run.
#
# <details><summary>Hint</summary>
#
# `mask = att.causal_mask(5).copy()`, then `mask[..., 3] = False`; position 3 still sees the keys 0 to 2. Use
# `att.attention_backward` with the arrays of the attention section (`G` was overwritten, so draw a new one).
#
# </details>

# %%
# your code here

# %% [markdown]
# **3. The second path.** In the loop, $r_1$ acts on $r_3$ in two ways: as the input of step 2, and through the keys and
# values that step 2 makes of it and leaves in the cache. How large is the second part? Take step 2 and step 3 apart
# with `reasoning_step_backward` and look at the gradient that step 3 sends to the step cache.
#
# <details><summary>Hint</summary>
#
# Run three `reasoning_step`s forward and keep their inputs and caches. For step 3 call the backward function with zeros
# for the later cache; its last result is, for each block, the gradient of the keys and values of steps 1 and 2. Those
# of step 1 come from $r_0 + p_1$; $r_1$ is in those of step 2.
#
# </details>

# %%
# your code here

# %% [markdown]
# **4. Find the bug.** Write your own softmax backward and make a mistake on purpose (for example `y * G - y`). Does
# its sum over the row reveal it? Do central differences? Which mistakes does only one of the two checks find?
#
# <details><summary>Hint</summary>
#
# A missing factor keeps the sum at 0. The tests of this library plant such bugs on purpose, and require that each is
# caught: see [tests/reference/planted.py](../../tests/reference/planted.py).
#
# </details>

# %%
# your code here

# %% [markdown]
# ## Where to go from here
#
# - The source code, with the backward pass next to every function:
#   [reference/ops.py](../../minirearec/reference/ops.py),
#   [reference/attention.py](../../minirearec/reference/attention.py),
#   [reference/backbones/blocks.py](../../minirearec/reference/backbones/blocks.py),
#   [reference/reasoning.py](../../minirearec/reference/reasoning.py),
#   [reference/learning.py](../../minirearec/reference/learning.py).
# - The paper: [*Think Before Recommend*](https://arxiv.org/abs/2503.22675), sections 3.1 and 3.2 for the forward
#   pass. The backward passes are not in it; the docstrings derive them.
# - You can now do **assignment a6** (backward of attention, the advanced one): `minirearec assignment start a6`
#   ([its text](../assignments/a6/text.md)).
# - The README lists [the source in reading order](../../README.md#read-the-source-in-this-order); none of it should
#   look strange now.
# - Next: [10. Items are more than ids](../rendered/10_items.ipynb).
