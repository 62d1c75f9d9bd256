# %% [markdown]
# # 5. Ensemble reasoning: ERL, and what the KL term does to the states
#
# A model that thinks for $K$ steps has $K+1$ states, and each of them could answer. *Ensemble Reasoning Learning* (ERL)
# lets all of them answer together, and can push them to disagree.
#
# **What you will learn**
#
# - why the mean of the states is the mean of their scores, and what that does to the probabilities,
# - how the Kullback-Leibler divergence measures that two steps disagree, and how it enters the loss,
# - what the stop-gradient in that term changes,
# - how trained states look with and without the KL term, and how to tell whether it helped.
#
# Reading takes about 25 minutes. It helps to know notebook 4 (the reasoning loop).

# %%
import matplotlib.pyplot as plt
import numpy as np

import minirearec as mr
from minirearec.data import beauty_sim
from minirearec.reference.objectives import cross_entropy, erl_loss, erl_loss_backward, scores, user_state
from minirearec.reference.ops import softmax
from minirearec_tutorials import drawing

drawing.use_style()

# %% [markdown]
# ## The mean of the states
#
# The reasoning loop gives the states $r_0, \dots, r_K$ of a history. ERL takes their mean as the state of the user, and
# trains it with the usual cross-entropy on the item $t$ that came next:
#
# $$ u = \frac{1}{K+1} \sum_{k=0}^{K} r_k, \qquad
#    \mathcal{L}_{\text{CE}} = -\log \operatorname{softmax}\!\left(\frac{u E^\top}{\tau}\right)_t $$
#
# $E$ is the item table (one row for each item) and $\tau$ a temperature, here 1. We start with made-up numbers: three
# states ($K = 2$) of width 2, and a catalogue of five items.

# %%
table = np.array([[2.0, 0.0], [1.0, 1.5], [-0.5, 1.5], [-1.5, 0.0], [0.0, -1.5]])  # [V, D]
states = np.array([[[1.0, 0.2], [0.4, 1.0], [-0.6, 0.4]]])  # [P, K+1, D]: one position, three states
z = scores(states, table, 1.0)[0]  # [K+1, V]
y = softmax(z)
print("what each step thinks, in %, items 0 to 4:")
print((100 * y).round(1))

# %% [markdown]
# Scores are linear in the state. So the scores of the mean state are the mean of the steps' scores:
# $\frac{1}{K+1}\sum_k r_k E^\top = u E^\top$. The *probabilities* are not averaged in the same way: averaging scores
# multiplies probabilities (it gives their geometric mean, normalised to sum to 1). An item wins if no step finds it
# absurd. Compare the last two rows of the picture.

# %%
u = user_state(states, ensemble=True)
assert np.allclose(scores(u, table, 1.0)[0], z.mean(0))
geometric = np.exp(np.log(y).mean(0))
together = softmax(scores(u, table, 1.0))[0]
assert np.allclose(together, geometric / geometric.sum())
drawing.heatmap(np.vstack([y, together, y.mean(0)]), values=True, columns=[f"item {v}" for v in range(5)],
                rows=["step 0", "step 1", "step 2", "ERL: mean of scores", "mean of probabilities"],
                ax=plt.subplots(figsize=(6.6, 2.6))[1], title="Probabilities (made-up numbers)")
plt.show()

# %% [markdown]
# ## How much do two steps disagree?
#
# The Kullback-Leibler divergence compares two distributions over the catalogue. It is 0 if they are equal, and positive
# otherwise:
#
# $$ \mathrm{KL}(y_i \,\|\, y_j) = \sum_v y_{i,v} \, \big(\log y_{i,v} - \log y_{j,v}\big) $$
#
# It is not symmetric. If step $i$ likes an item that step $j$ finds impossible, the sum has a large entry; the other
# way round, the item hardly counts. Here are the divergences of all pairs of our three steps.

# %%
def divergences(y):
    """Return KL(y_i || y_j) for all pairs of steps: y [..., K+1, V] -> [..., K+1, K+1]."""
    logs = np.log(y)
    return np.einsum("...iv,...ijv->...ij", y, logs[..., :, None, :] - logs[..., None, :, :])


names = ["step 0", "step 1", "step 2"]
drawing.heatmap(divergences(y), values=True, rows=names, columns=names, ax=plt.subplots(figsize=(4.2, 2.6))[1],
                title="KL(row || column)")
plt.show()

# %% [markdown]
# ERL's loss rewards this disagreement. It takes the mean over all ordered pairs of different steps and subtracts it,
# with a weight $\lambda$:
#
# $$ \mathcal{L} = \mathcal{L}_{\text{CE}}
#    - \lambda \, \frac{1}{(K+1)K} \sum_{i \neq j} \mathrm{KL}\big(y_i \,\|\, \operatorname{sg}(y_j)\big) $$
#
# The idea: without a reward for being different, all steps could learn to say the same, and thinking would add nothing.
# Mind the sign: a *larger* divergence makes the loss *smaller*. (We explain $\operatorname{sg}$ below.)

# %%
target = np.array([1])
off_diagonal = divergences(y)[~np.eye(3, dtype=bool)]
without = erl_loss(states, table, target, 1.0, kl_weight=0.0)
with_kl = erl_loss(states, table, target, 1.0, kl_weight=0.5)
assert np.isclose(without, cross_entropy(u, table, target, 1.0))
assert np.isclose(with_kl, without - 0.5 * off_diagonal.mean())
print(f"cross-entropy of the mean {without:.4f}, mean KL {off_diagonal.mean():.4f}, loss with lambda 0.5 {with_kl:.4f}")

# %% [markdown]
# ## Pushing states by hand
#
# What does this loss do to the states? Let us move our three states themselves, downhill, while the item table stays
# fixed. (In a real model one moves the weights, and the states follow.) `erl_loss_backward` is the gradient, derived by
# hand in the library.
#
# A fact to watch for: with $\lambda = 0$ the loss sees only the mean, so **all states get exactly the same gradient**.
# They move side by side, and their differences stay the same. Nothing pulls them together, and nothing drives them
# apart.

# %%
def descend(states, kl_weight, moves=60, rate=0.15):
    """Return the paths of the states under plain gradient descent: [K+1, moves+1, D]."""
    path = [states]
    for _ in range(moves):
        gradient, _ = erl_loss_backward(1.0, path[-1], table, target, 1.0, kl_weight)
        path.append(path[-1] - rate * gradient)
    return np.concatenate(path).swapaxes(0, 1)


free, pushed = descend(states, 0.0), descend(states, 0.6)
assert np.allclose(free[0] - free[1], states[0, 0] - states[0, 1])

# %%
figure, panels = plt.subplots(1, 2, figsize=(9.4, 4.0), sharex=True, sharey=True)
for ax, path, title in zip(panels, (free, pushed), ("without KL: they move together", "with KL: they move apart")):
    drawing.states(path[:, ::20], ax=ax, labels=names, title=title)
    ax.scatter(*table.T, color="lightgray", s=130, zorder=0)
    for v, place in enumerate(table):
        ax.annotate(str(v), place, ha="center", va="center", fontsize=9, color="dimgray" if v != target else "black",
                    weight="bold" if v == target else None)
    ax.plot(*path.mean(0)[::20].T, "k+", ms=9, label="mean")
    ax.legend(fontsize=8, loc="lower left")
plt.show()

# %% [markdown]
# The grey discs are the items, drawn at their vectors in the table; item 1 (bold) is the target. Each coloured path is
# one state, drawn after 0, 20, 40 and 60 moves (here the small numbers count these stops, not reasoning steps). The
# black crosses are the mean, which makes the recommendation. Look at where the mean goes in both pictures, and then at
# the states around it: the mean can move towards the target while its parts leave in all directions. And notice that
# nothing stops them. The divergence has no upper bound, so a large $\lambda$ can win against the cross-entropy.

# %%
for name, path in (("without KL", free), ("with KL", pushed)):
    end = path[None, :, -1]
    far = divergences(softmax(scores(end, table, 1.0)))[0].sum() / 6
    chance = softmax(scores(user_state(end, True), table, 1.0))[0, target[0]]
    print(f"{name:11} mean KL of pairs {far:8.3f}   probability of the target by the mean state {chance:.3f}")

# %% [markdown]
# ## The stop-gradient
#
# In $\mathrm{KL}(y_i \| \operatorname{sg}(y_j))$ the second distribution counts as a constant in the gradient:
# *stop-gradient*. So in each pair only $y_i$ moves, away from step $j$ as a fixed landmark. The value of the loss is
# the same with and without it, but the direction that training follows is not.
#
# To see this, we use the identity matrix as the item table. Then states *are* scores, and gradients are gradients of
# scores. The left picture shows what training follows; the right one shows the true slope of the KL term's value,
# measured by moving each score a little up and down (central differences, see notebook 9).

# %%
eye, logits, pairs = np.eye(5), z[None], 3 * 2
rest = (eye, target, 1.0)
followed = erl_loss_backward(1.0, logits, *rest, 1.0)[0] - erl_loss_backward(1.0, logits, *rest, 0.0)[0]


def kl_part(logits):
    """Return the KL term alone: the loss with lambda = 1 minus the loss with lambda = 0."""
    return erl_loss(logits, *rest, 1.0) - erl_loss(logits, *rest, 0.0)


slope = np.zeros_like(logits)
for place in np.ndindex(logits.shape):
    step = np.zeros_like(logits)
    step[place] = 1e-5
    slope[place] = (kl_part(logits + step) - kl_part(logits - step)) / 2e-5

# %%
figure, panels = plt.subplots(1, 2, figsize=(9.4, 2.4))
reach = np.abs([followed, slope]).max()
for ax, matrix, title in zip(panels, (followed, slope), ("what training follows (with sg)", "slope of the value")):
    drawing.heatmap(matrix[0], ax=ax, rows=names, columns=[f"item {v}" for v in range(5)], centre=0, title=title)
    ax.images[0].set_clim(-reach, reach)
plt.show()

# %% [markdown]
# Both are gradients of $-\frac{1}{(K+1)K}\sum_{i \ne j}\mathrm{KL}(y_i \| y_j)$; training moves *against* the colours.
# We know the difference between them exactly. As the second argument of a pair, $z_j$ would also receive
# $\sum_{i \ne j} (y_j - y_i)$, times $-1/((K+1)K)$. The stop-gradient leaves that part out.

# %%
left_out = -sum(y - y[i] for i in range(3)) / pairs  # the term with i = j is 0
remaining = slope[0] - followed[0] - left_out
print("largest difference between slope and (followed + left out part):", np.abs(remaining).max())

# %% [markdown]
# ## In a trained model
#
# Now the real thing, on a small scale: 2,000 synthetic users, one block of width 32, three reasoning steps. We train
# the same model with three weights $\lambda$, everything else equal (same seed, so the same initial weights). The first
# two epochs are warm-up and leave out the KL term. **All figures below come from synthetic data.**

# %%
data = beauty_sim(seed=0, users=2000, items=500, interactions=18000)
config = mr.Config.make(method="erl", steps=3, width=32, inner_width=64, layers=1, dropout=0.2, input_dropout=0.2,
                        epochs=12, learning_rate=0.005, batch_positions=1024, weight_decay=0.3, seed=0)
trainers = {}
for weight in (0.0, 0.3, 1.0):
    trainer = trainers[weight] = mr.Trainer(config.replaced(kl_weight=weight), data, device="cpu")
    *_, last = trainer.train()
    seconds = sum(epoch.seconds for epoch in trainer.epochs)
    print(f"lambda {weight:3}: best epoch {last.best_epoch:2} of {last.epochs}, {seconds:.0f} s")

# %%
drawing.curves(range(1, 13), {f"lambda {weight}": [epoch.metrics["NDCG@20"] for epoch in trainer.epochs]
                              for weight, trainer in trainers.items()},
               xlabel="epoch", ylabel="validation NDCG@20", title="Learning curves (synthetic data)")
plt.show()

# %% [markdown]
# The curves are equal during the two warm-up epochs. Where do they part, and which weight still learns smoothly? Every
# trainer now holds the weights of its best epoch, and gives us the states of the test histories.

# %%
def test_states(trainer, users=1000):
    """Return the reasoning states of the first users' test histories: [users, K+1, D], double precision."""
    items, lengths = trainer.split.inputs(np.arange(users), "test", trainer.config.model.max_length)
    return trainer.engine.states(items, lengths).numpy().astype(float)


def item_vectors(trainer):
    """Return the item embeddings [V, D], double precision."""
    return trainer.engine.weights()["item_embedding"].astype(float)


found = {weight: test_states(trainer) for weight, trainer in trainers.items()}
spread = {weight: divergences(softmax(scores(r, item_vectors(trainers[weight]), 1.0))).mean(0)
          for weight, r in found.items()}

# %%
ax = drawing.heatmap(np.hstack(list(spread.values())), values=True, rows=[f"from step {k}" for k in range(4)],
                     columns=[f"to {k}" for k in range(4)] * 3, ax=plt.subplots(figsize=(9.6, 2.6))[1])
for number, weight in enumerate(spread):
    ax.axvline(4 * number - 0.5, color="white", linewidth=6)
    ax.text(4 * number + 1.5, -0.65, f"mean KL, lambda {weight}", ha="center", fontsize=11)
plt.show()

# %% [markdown]
# Each cell is the divergence between two steps, averaged over users. Look at three things: how far apart the steps are
# *without* any KL term (the ensemble alone does not make them equal); whether cells grow with $\lambda$; and which
# pairs take most of the push. Often it is the pairs with $r_0$, because each later step starts from the one before;
# with $\lambda = 1$ the gap opens between steps 1 and 2 here.
#
# Now the same as pictures of states. For seven users we scale every state to length 1 (only its direction counts
# here), move all $r_0$ to the origin, and draw the plane in which the states vary most. Every model has its own plane,
# so compare how *long* the paths are and whether they spread, not where they point.

# %%
figure, panels = plt.subplots(3, 1, figsize=(7, 8.4), sharex=True, sharey=True)
for ax, (weight, r) in zip(panels, found.items()):
    unit = r / np.linalg.norm(r, axis=-1, keepdims=True)
    moved = drawing.to_plane(unit - unit[:, :1])
    drawing.states((moved - moved[:, :1])[:7], ax=ax, title=f"lambda {weight}").set_aspect("equal")
    following = (unit[:, 1:] * unit[:, :-1]).sum(-1).mean(0)
    print(f"lambda {weight}: mean cosine of r_k-1 and r_k for k = 1, 2, 3:", following.round(3))
plt.show()

# %% [markdown]
# ## Did it help?
#
# Different states are a means, not an end. The table shows the metrics on the test items. The row *mean of steps* is
# ERL's answer; the *oracle* takes each user's best step after the fact, which no model can do, and the *null oracle* the
# best of as many copies that take no step and differ only by dropout.

# %%
evaluations = {weight: trainer.evaluate("test") for weight, trainer in trainers.items()}
print("test NDCG@20 (synthetic)", *(f"{f'lambda {weight}':>10}" for weight in evaluations))
for row in evaluations[0.0].excluded:
    print(f"{row:24}", *(f"{evaluation.metrics(row)['NDCG@20']:10.4f}" for evaluation in evaluations.values()))

# %% [markdown]
# How to read it:
#
# - Is the mean better than every single step in its column? Where it is, the ensemble is at work, and it needs no KL
#   term. Without much of that term, the mean here is on a par with step 1: averaging does not always help. (On Beauty
#   it does: see the [README](../../README.md#what-was-measured).) With $\lambda = 1$ it is ahead of every step, but only
#   because each of them has become worse.
# - Does a column with $\lambda > 0$ have a better mean, or only more spread between its rows?
# - Does the oracle rise with $\lambda$? More disagreement means more different answers to choose from, but also worse
#   ones.
#
# One seed on one synthetic data set decides nothing. Notebook 7 shows how to find out whether such differences mean
# anything. For full-size runs on real data see [the ways to think](../../tests/benchmarks/README.md#ways-to-think): in
# our trials there, the KL term was not worth its time, and it is off by default (`kl_weight=0`).

# %% [markdown]
# ## Your turn
#
# **1. KL by hand.** Compute $\mathrm{KL}(y_0 \| y_1)$ for the made-up distributions `y` with a loop over the five
# items, and compare with the matrix above. Which item contributes most?
#
# <details><summary>Hint</summary>
#
# One entry of the sum is `y[0, v] * (np.log(y[0, v]) - np.log(y[1, v]))`. Entries may be negative; the sum is not.
#
# </details>

# %%
# your code here

# %% [markdown]
# **2. Averaging probabilities instead.** ERL averages scores. Rank the test items by the mean of the *probabilities* of
# the steps, for the model with $\lambda = 0$, and compare the NDCG@20 over the first 1,000 users with ERL's.
#
# <details><summary>Hint</summary>
#
# `probabilities = softmax(scores(found[0.0], item_vectors(trainers[0.0]), 1.0)).mean(1)` has the shape [users, V].
# `ranks, _ = rank_targets(probabilities, targets, rows, items)` is in `minirearec.evaluation.ranking`, with
# `targets = trainer.split.target("test")[:1000]` and `rows, items = seen_pairs(trainer.split, np.arange(1000), "test")`
# from `minirearec.evaluation.full_ranking`; `mean_metrics` from `minirearec.evaluation.metrics` does the rest. For a
# fair comparison, rank ERL's scores of the same 1,000 users in the same way.
#
# </details>

# %%
# your code here

# %% [markdown]
# **3. Leave a step out.** Is the mean of $r_1, \dots, r_K$, without $r_0$, better than the mean of all? Try every
# choice of one step to leave out.
#
# <details><summary>Hint</summary>
#
# `np.delete(found[0.0], k, axis=1).mean(1)` is the mean without step k. Continue as in exercise 2, with scores.
#
# </details>

# %%
# your code here

# %% [markdown]
# **4. Too much.** Train with `kl_weight=5`. What happens to the validation curve after the warm-up, and why does the
# cross-entropy not hold the states together?
#
# <details><summary>Hint</summary>
#
# `config.replaced(kl_weight=5.0)`. Think of the picture in which the states were pushed by hand: what is the lowest
# value that the KL part of the loss can have?
#
# </details>

# %%
# your code here

# %% [markdown]
# ## Where to go from here
#
# - The source code: [reference/objectives](../../minirearec/reference/objectives) (`erl_loss`, and its gradient
#   derived in the docstring of `erl_loss_backward`), [nn/objectives](../../minirearec/nn/objectives) (the same
#   in PyTorch), [scorers.py](../../minirearec/evaluation/scorers.py) (what is evaluated).
# - The paper: [*Think Before Recommend*](https://arxiv.org/abs/2503.22675), section 3.3, Eq. 6-8. The paper sums over
#   pairs $i < j$; the authors' code takes the mean over all ordered pairs and stops the gradient, and so do we.
# - You can now do **assignment a4** (Ensemble Reasoning Learning): `minirearec assignment start a4`
#   ([its text](../assignments/a4/text.md)).
# - Next: [6. Progressive reasoning](../rendered/06_progressive.ipynb).
