# %% [markdown]
# # 6. Progressive reasoning: PRL, temperatures and self-correction
#
# *Progressive Reasoning Learning* (PRL) asks every step for an answer: a vague one at first, and a sharper one at each
# later step. It also shakes the thoughts and asks the model to find its way back.
#
# **What you will learn**
#
# - what a temperature does to a distribution, and to the push that training gives,
# - PRL's schedule of temperatures, and the loss that uses it,
# - how the contrastive term (*self-correction*) is built: noise, positives, and which states are negatives,
# - how to look at a trained model step by step: quality, sharpness, ranks, and what noise does to it.
#
# Reading takes about 25 minutes. It helps to know notebook 4 (the reasoning loop); notebook 5 is the sister method.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minirearec as mr
from minirearec.config import ModelConfig
from minirearec.data import beauty_sim
from minirearec.reference.chunked import leave_out
from minirearec.reference.objectives import cross_entropy, info_nce, prl_loss, temperatures
from minirearec.reference.ops import softmax
from minirearec.reference.reasoning import all_prefix_states, last_states
from minirearec.weights import initial_weights, nest
from minirearec_tutorials import drawing

drawing.use_style()

# %% [markdown]
# ## Temperatures
#
# Scores are divided by a temperature $\tau$ before the softmax. PRL gives each step its own temperature:
#
# $$ \tau_k = \tau \cdot \alpha^{K-k}, \qquad k = 0, \dots, K, \qquad \alpha \ge 1 $$
#
# The last step has $\tau_K = \tau$; the further back, the hotter. With $\alpha = 1$ all steps are alike.

# %%
K = 4
drawing.curves(range(K + 1), {f"alpha = {alpha}": temperatures(1.0, alpha, K) for alpha in (1, 1.2, 2, 5)},
               xlabel="step k", ylabel="temperature of the step", title="PRL's schedule for K = 4 and tau = 1")
plt.yscale("log")
plt.xticks(range(K + 1))
plt.show()

# %% [markdown]
# What does that do? Take one row of made-up scores, the target among them, and look at the softmax at three
# temperatures (left). Then look at the gradient of the cross-entropy with respect to the scores (right):
#
# $$ \frac{\partial \mathcal{L}}{\partial z_v}
#    = \frac{1}{\tau} \Big( \operatorname{softmax}(z/\tau)_v - [v = t] \Big) $$
#
# Training moves scores against the gradient: it pushes down items with a positive entry and pulls up the target.

# %%
z = np.array([3.2, 2.6, 1.8, 1.0, 0.6, 0.0, -0.5, -1.0])
target = 2
schedule = temperatures(1.0, 2.0, 2)  # K = 2, alpha = 2
y = np.stack([softmax(z / tau) for tau in schedule])
push = (y - (np.arange(8) == target)) / np.array(schedule)[:, None]

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9.8, 2.9))
drawing.curves(range(8), {f"step {k}, temperature {tau:g}": y[k] for k, tau in enumerate(schedule)}, ax=left,
               xlabel="item, best score first", ylabel="probability", title="The same scores, three temperatures")
drawing.heatmap(push, ax=right, centre=0, values=True, rows=[f"step {k}" for k in range(3)], columns="item",
                title="Gradient on the scores (target: item 2)")
plt.show()

# %% [markdown]
# Two things happen at a high temperature. The push is *weaker* (the factor $1/\tau$), and it is *spread out*: compared
# with the rivals at the top, items far down the list get more of it. At a low temperature the rivals get most of it.
# So early steps sort the catalogue roughly, and late steps fight over the head of the list. That is the idea, at least;
# below we check whether a trained model shows it.
#
# ## A loss at every step
#
# PRL's user state is the last one, $r_K$. Its cross-entropy is the main term. The cross-entropies of the earlier steps,
# each at its own temperature, enter as a mean with a weight $w_p$:
#
# $$ \mathcal{L} = \mathrm{CE}_K + w_p \, \frac{1}{K} \sum_{k=0}^{K-1} \mathrm{CE}_k
#    + w_c \, \frac{1}{K} \sum_{k=1}^{K} \mathrm{InfoNCE}(\tilde r_k, r_k), \qquad
#    \mathrm{CE}_k = -\log \operatorname{softmax}\!\big(r_k E^\top / \tau_k\big)_t $$
#
# The last sum is the self-correction. Let us build all the parts with a tiny model that has not learned anything yet:
# width 8, one block, twelve items, two histories of three items.

# %%
small = ModelConfig(steps=2, width=8, inner_width=16, layers=1, heads=1, max_length=6, initial_std=0.5)
weights = nest({name: value.astype(float) for name, value in initial_weights(small, n_items=12, seed=1).items()})
items = np.array([[0, 1, 2], [3, 4, 5]])
targets = np.array([1, 2, 6, 4, 5, 7])  # the item after each of the six positions
groups = np.array([0, 0, 0, 1, 1, 1])  # which history a position belongs to

# %% [markdown]
# ## Self-correction: shaking the thoughts
#
# The model takes every reasoning step twice, once from its input $r_{k-1} + p_k$, and once from the same input plus
# Gaussian noise with standard deviation $\gamma$. The results are the clean state $r_k$ and the noised state
# $\tilde r_k$. The noised pass has a cache of its own but starts each step from the clean $r_{k-1}$, so that noise
# reaches later noised steps only through that cache. Noise is an *argument* of the reasoning functions, so the caller
# knows it and can repeat it.

# %%
noise = np.random.default_rng(0).normal(0, 0.5, size=(2, 3, 2, 8))  # [B, T, K, D]
states, noised = all_prefix_states(weights, items, steps=2, heads=1, noise=noise)
states, noised = states.reshape(6, 3, 8), noised.reshape(6, 2, 8)  # positions side by side: [P, K+1, D], [P, K, D]
print("distance of noised to clean state, all six positions, steps 1 and 2:")
print(np.linalg.norm(noised - states[:, 1:], axis=-1).T.round(2))

# %% [markdown]
# The contrastive term asks: given a noised state, which of the batch's clean states does it belong to? This is a
# classification with a softmax over dot products, called InfoNCE:
#
# $$ \mathrm{InfoNCE} = -\frac{1}{P} \sum_p \log \frac{\exp(s_{pp})}{\sum_{q \in N(p)} \exp(s_{pq})}, \qquad
#    s_{pq} = \frac{\tilde r_p \cdot r_q}{\tau} $$
#
# Position $p$ itself is the right answer; the others in $N(p)$ are *negatives*. Which positions may be negatives? Those
# of other histories, yes. But the prefixes of one history should be similar to each other, and it would be wrong to
# push them apart. So we leave them out: $N(p)$ contains $p$ and the positions of other histories.

# %%
s = noised[:, -1] @ states[:, -1].T  # step 2, temperature 1: [P, P]
allowed = np.isfinite(leave_out(s, groups, slice(None)))
names = [f"{'AB'[group]}{place}" for group in (0, 1) for place in (1, 2, 3)]
figure, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.1))
drawing.mask(allowed, ax=left, rows=names, columns=names, title="Who is compared with whom")
drawing.heatmap(np.where(allowed, s, np.nan), ax=right, rows=names, columns=names,
                title="Dot products $s_{pq}$, step 2")
plt.show()

# %% [markdown]
# The rows are noised states, the columns clean ones; A1 to A3 are the prefixes of the first history, B1 to B3 those of
# the second; empty cells are left out. Training tries to make each diagonal cell the brightest in its row. Now we put
# the loss together from its parts and compare it with the library's `prl_loss`.

# %%
tau, alpha, w_p, w_c = 1.0, 1.2, 1.0, 0.1
table = weights["item_embedding"]
ce = [cross_entropy(states[:, k], table, targets, tau_k) for k, tau_k in enumerate(temperatures(tau, alpha, 2))]
contrast = [info_nce(noised[:, k - 1], states[:, k], tau, groups) for k in (1, 2)]
by_hand = ce[2] + w_p * np.mean(ce[:2]) + w_c * np.mean(contrast)
library = prl_loss(states, table, targets, tau, alpha, w_p, noised, w_c, groups)
assert np.isclose(by_hand, library)
print(f"CE at steps 0, 1, 2: {np.round(ce, 3)}; InfoNCE at steps 1, 2: {np.round(contrast, 3)}; loss {library:.4f}")

# %% [markdown]
# ## Three models to compare
#
# To see what PRL's parts do, we train the same small model in three ways. *rpe* has the reasoning steps, but a loss
# only at the last step. *PRL without contrast* has the loss at every step ($w_c = 0$). *PRL* has everything; its first
# two epochs are warm-up without noise. Everything else is equal. **All figures below come from synthetic data.**

# %%
data = beauty_sim(seed=0, users=1500, items=400, interactions=13500)
common = dict(steps=3, width=32, inner_width=64, layers=1, dropout=0.2, input_dropout=0.2, epochs=20, initial_std=0.05,
              learning_rate=0.005, batch_positions=512, weight_decay=0.1, alpha=1.5, seed=0)
ways = {"rpe": {"method": "rpe"}, "PRL without contrast": {"method": "prl", "contrastive_weight": 0.0},
        "PRL": {"method": "prl"}}
trainers = {}
for name, settings in ways.items():
    trainer = trainers[name] = mr.Trainer(mr.Config.make(**common, **settings), data, device="cpu")
    *_, last = trainer.train()
    print(f"{name:21} best epoch {last.best_epoch:2} of {last.epochs}, {sum(e.seconds for e in trainer.epochs):.0f} s")

# %%
evaluations = {name: trainer.evaluate("test") for name, trainer in trainers.items()}
rows = [f"step {k}" for k in range(4)]
figure, (left, right) = plt.subplots(1, 2, figsize=(9.8, 3.2))
drawing.curves(range(1, 21), {name: [epoch.metrics["NDCG@20"] for epoch in trainer.epochs]
                              for name, trainer in trainers.items()},
               ax=left, xlabel="epoch", ylabel="validation NDCG@20", title="Learning (synthetic data)")
drawing.curves(range(4), {name: [evaluation.metrics(row)["NDCG@20"] for row in rows]
                          for name, evaluation in evaluations.items()},
               ax=right, xlabel="step k", ylabel="test NDCG@20", title="Quality of each step (synthetic data)")
left.set_xticks(range(2, 21, 3))
right.set_xticks(range(4))
plt.show()

# %% [markdown]
# Which line is highest is not the point here: this is one seed, a curve may not have levelled off, and the three took
# different times. Look at the *shape* of the lines on the right. Does quality rise from step to step, as the idea of
# progress says? Is the best step the last, or an earlier one? If more thinking makes an answer worse, the paper speaks
# of *overthinking*. For *rpe*, the states before the last were never asked for an answer; are they behind at all?
#
# ## Do the distributions get sharper?
#
# The entropy of a distribution says how vague it is: 0 if one item has all the probability, $\log V$ if all items are
# equal. Below it is shown for each step, averaged over users: once with all scores at temperature 1, and once at the
# step's own temperature $\tau_k$, as the loss sees it.

# %%
def step_states(trainer, noise=None, users=500):
    """Return the states of the first users' test histories [users, K+1, D], the noised ones, and the item table."""
    weights = nest({name: value.astype(float) for name, value in trainer.engine.weights().items()})
    histories, lengths = trainer.split.inputs(np.arange(users), "test", trainer.config.model.max_length)
    clean, noised = last_states(weights, histories, lengths, trainer.config.model.steps,
                                trainer.config.model.heads, noise)
    return clean[:, 0], None if noised is None else noised[:, 0], weights["item_embedding"]


def entropy(y):
    return -(y * np.log(y)).sum(-1).mean(0)

# %%
figure, panels = plt.subplots(1, 2, figsize=(9.8, 3.0), sharey=True)
for ax, alpha, title in zip(panels, (1.0, 1.5), ("all at temperature 1", "each step at its own temperature")):
    series = {}
    for name, trainer in trainers.items():
        reached, _, catalogue = step_states(trainer)
        tau_k = np.array(temperatures(1.0, alpha, 3))[:, None]
        series[name] = entropy(softmax(reached @ catalogue.T / tau_k))
    drawing.curves(range(4), series, ax=ax, xlabel="step k", ylabel="mean entropy", title=title)
    ax.axhline(np.log(data.n_items), color="gray", linestyle=":")
    ax.set_xticks(range(4))
plt.show()

# %% [markdown]
# The dotted line is $\log V$, knowing nothing at all. The right panel shows what the schedule acts on. The left panel
# may surprise you: a model is free to give an early, hot step *larger* scores, and so to undo part of the temperature.
# Check whether this model does. (For *rpe*, which has no schedule, only the left panel is meaningful.) So a temperature
# is less of a command than it seems: it shapes the gradient, and the model answers as it likes.
#
# ## Ranks from step to step
#
# Averages hide people. For each user of the PRL model we have the rank of the test item at every step. The left panel
# shows the users whose rank changes most, in either direction; the right panel shows quantiles, over all users, of the
# change since $r_0$, in doublings: -1 means that the rank was halved, which is good.

# %%
ranks = np.stack([evaluations["PRL"].excluded[row].expected for row in rows], 1)  # [users, K+1]
change = np.log2(ranks / ranks[:, :1])
order = np.argsort(change[:, -1], kind="stable")
figure, (left, right) = plt.subplots(1, 2, figsize=(9.8, 3.3))
for users, style in ((order[:4], "C0o-"), (order[-4:], "C1s--")):
    left.plot(range(4), ranks[users].T, style)
left.set(yscale="log", xlabel="step k", ylabel="rank of the test item", xticks=range(4),
         title="Largest gains (solid) and losses (dashed)")
left.invert_yaxis()
left.yaxis.set_major_formatter("{x:.0f}")
drawing.curves(range(4), {f"{q} % are below": np.percentile(change, q, axis=0) for q in (90, 75, 50, 25, 10)},
               ax=right, xlabel="step k", ylabel="doublings of the rank", title="All users (synthetic data)")
right.set_xticks(range(4))
right.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
plt.show()
print("best rank at step 0, 1, 2, 3 (first of equals):", np.bincount(ranks.argmin(1), minlength=4))

# %% [markdown]
# If thinking simply helped, the whole fan on the right would bend downwards. If it opens to both sides like a funnel,
# some users gain what others lose. Which users? That is a question for notebook 8.
#
# ## Does self-correction correct?
#
# Now the question behind the contrastive term: if we shake the reasoning inputs of a trained model, how far do the
# states move? First a picture for one user: the same history 40 times, each time with different noise
# ($\gamma = 0.3$).

# %%
figure, panels = plt.subplots(1, 2, figsize=(9.8, 3.2))
for ax, name in zip(panels, ("PRL without contrast", "PRL")):
    draws = np.random.default_rng(0).normal(0, 0.3, (40, 1, 1, 3, 32))
    many = np.stack([step_states(trainers[name], noise, users=1)[1][0] for noise in draws])  # [draws, K, D]
    clean = step_states(trainers[name], users=1)[0][0]  # [K+1, D]
    plane = drawing.to_plane(np.concatenate([clean[None, 1:], many]))
    for k in range(3):
        ax.scatter(*plane[1:, k].T, s=12, alpha=0.6, marker=drawing.MARKERS[k], label=f"noised, step {k + 1}")
        ax.annotate(f"{k + 1}", plane[0, k], weight="bold", ha="center", va="center", fontsize=12)
    ax.set_title(f"{name}: clean states (numbers)")
    ax.set_aspect("equal", adjustable="datalim")
    ax.legend(fontsize=8, ncols=3, loc="upper center", columnspacing=1.0, handletextpad=0.1)
plt.show()

# %% [markdown]
# Each cloud belongs to the clean state with its number. Compare the size of a cloud with the distance between the clean
# states: can you still recognise a step through the noise? (The two planes and their scales are different.)
#
# Now over 500 users and with growing noise: how similar are the noised and the clean last state (cosine), and how often
# is the top item still the same?

# %%
sizes = (0.01, 0.1, 0.3, 0.6, 1.0)
similar, same = {name: [] for name in trainers}, {name: [] for name in trainers}
for name, trainer in trainers.items():
    for size in sizes:
        noise = np.random.default_rng(0).normal(0, size, (500, 1, 3, 32))
        reached, shaken, catalogue = step_states(trainer, noise)
        a, b = reached[:, -1], shaken[:, -1]
        similar[name].append(((a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)).mean())
        same[name].append(((a @ catalogue.T).argmax(1) == (b @ catalogue.T).argmax(1)).mean())

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9.8, 3.1))
drawing.curves(sizes, similar, ax=left, xlabel="noise on the reasoning inputs", ylabel="mean cosine",
               title="Noised and clean $r_3$ (synthetic data)")
drawing.curves(sizes, same, ax=right, xlabel="noise on the reasoning inputs", ylabel="share of users",
               title="Top item unchanged (synthetic data)")
plt.show()

# %% [markdown]
# How to read this:
#
# - If PRL's line is above the others, its states are harder to disturb: self-correction does what its name says.
# - It may also be equal or lower. InfoNCE can become smaller in two ways. It can pull the noised state to the clean
#   one, and it can push the clean states of *different* histories apart. With as little noise as in training ($\gamma =
#   0.01$ here), the first is nearly free, and the second may be what the term really does.
# - Whether it helps the recommendations is a third question: compare *PRL* and *PRL without contrast* in the learning
#   curves.
#
# Small synthetic runs cannot settle this. The [README](../../README.md) has PRL's figures from a full-size run on real
# data, and notebook 7 shows how to compare.

# %% [markdown]
# ## Your turn
#
# **1. A schedule.** Work out the five temperatures for $K = 4$, $\tau = 0.5$, $\alpha = 2$ on paper. Then compare with
# `temperatures`. What would happen with $\alpha < 1$, which the library's settings do not allow?
#
# <details><summary>Hint</summary>
#
# $\tau_4 = 0.5$; each step back doubles it. With $\alpha < 1$ the first thought would be the sharpest.
#
# </details>

# %%
# your code here

# %% [markdown]
# **2. Everybody a negative.** Compute `info_nce` for the tiny model with and without `groups`. Which is larger, and
# must that always be so?
#
# <details><summary>Hint</summary>
#
# `info_nce(noised[:, 0], states[:, 1], 1.0)` is the value for step 1 with nobody left out. The denominator has more
# terms: what does that do to the logarithm?
#
# </details>

# %%
# your code here

# %% [markdown]
# **3. Does the schedule make the progress?** Train PRL with `alpha=1.0`, where all steps have the same temperature, and
# with `alpha=3.0`. Draw the quality of each step again. What does $\alpha$ change?
#
# <details><summary>Hint</summary>
#
# Use the config `trainers["PRL"].config.replaced(alpha=1.0)`. Read `evaluate("test").metrics("step 2")["NDCG@20"]`.
#
# </details>

# %%
# your code here

# %% [markdown]
# **4. Train with the noise that you test with.** Train PRL with `noise=0.3` and `contrastive_weight=1.0`, and add its
# lines to the last picture. What does it gain, and what does it cost?
#
# <details><summary>Hint</summary>
#
# Add the new trainer to `trainers` under a new name, and run the cells of the last section again.
#
# </details>

# %%
# your code here

# %% [markdown]
# ## Where to go from here
#
# - The source code: [reference/objectives](../../minirearec/reference/objectives) (`temperatures`, `prl_loss`,
#   `info_nce`), [reference/reasoning.py](../../minirearec/reference/reasoning.py) (`reason`: where the noise goes in),
#   [nn/objectives](../../minirearec/nn/objectives) (the same in PyTorch).
# - The paper: [*Think Before Recommend*](https://arxiv.org/abs/2503.22675), section 3.4, Eq. 9-14. Not to use prefixes
#   of one history as negatives of each other is our choice; the authors' code uses every other row of the batch.
# - You can now do **assignment a5** (Progressive Reasoning Learning): `minirearec assignment start a5`
#   ([its text](../assignments/a5/text.md)).
# - Next: [7. Training on Beauty: the honest comparison](../rendered/07_training.ipynb).
