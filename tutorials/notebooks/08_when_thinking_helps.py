# %% [markdown]
# # 8. When does thinking help?
#
# Averages say little about this. In this notebook we look at groups of users, at what a perfect choice of steps could
# reach, and at a data set that was made to *need* thinking.
#
# **What you will learn**
#
# - what lies behind the oracle's upper limit, and how a placebo puts it into perspective,
# - how to ask whether rare items or short histories gain from thinking, without fooling yourself,
# - what *depth of computation* means, with data (`hops`) in which it can be counted,
# - how accuracy on that data depends on the number of reasoning steps, and how a split can spoil such a measurement.
#
# Reading takes about 25 minutes; the code runs for about a minute. **All figures here come from synthetic data.**

# %%
import tempfile

import matplotlib.pyplot as plt
import numpy as np

import minirearec as mr
from minirearec.data import beauty_sim, make_split
from minirearec.data.made.hops import follow, hops, hops_of_users, part_of_users
from minirearec_tutorials import drawing

drawing.use_style()

# %% [markdown]
# ## The upper limit
#
# A model with $K$ reasoning steps gives $K+1$ answers. Let $\rho_{u,k}$ be the rank of user $u$'s target at step $k$.
# The *oracle* takes the best of them for each user, after the fact:
#
# $$ \rho^{*}_u = \min_{0 \le k \le K} \rho_{u,k} $$
#
# We train ERL with two steps on a small synthetic shop, and let the library analyze the run: `run.analysis()` is what
# `minirearec analyze` shows. Beside the oracle it shows a placebo, the *null oracle*: the best of $K+1$ copies of the same
# model at $K = 0$, which differ only by dropout. None of them has thought.

# %%
shop = beauty_sim(seed=0, users=2500, items=600, interactions=22500)
settings = dict(width=32, inner_width=64, layers=1, dropout=0.2, input_dropout=0.2, epochs=12, learning_rate=0.005,
                batch_positions=1024, weight_decay=0.3)
folder = tempfile.TemporaryDirectory()
runs = {}
for name, own in {"ERL": {"method": "erl", "steps": 2}, **{f"base, seed {n}": {"method": "base", "seed": n}
                                                          for n in range(2)}}.items():
    trainer = mr.Trainer(mr.Config.make(**settings, **own), shop, device="cpu", out=f"{folder.name}/{name}")
    *_, last = trainer.train()
    runs[name] = trainer.run
    print(f"{name:12} {sum(e.seconds for e in trainer.epochs):4.1f} s, validation NDCG@20 (synthetic) "
          f"{trainer.best.metrics['NDCG@20']:.4f}")

# %%
found = runs["ERL"].analysis(data=shop)
for row, metrics in found.excluded.items():
    print(f"{row:20} test NDCG@20 (synthetic) {metrics['NDCG@20']:.4f}")
found.plot("gains")
plt.show()

# %% [markdown]
# `step 0` is the same model at $K = 0$: steps never change it. The marks are gains over it, each with a 95 % interval
# from a paired bootstrap over users. Both oracles are *choices after the fact*; no model reaches them. Compare them:
#
# - If they are about equal, the upper limit of the steps is no better than that of any three answers which differ a
#   little.
# - If the limit of the steps is lower, the steps are more alike than copies that differ by chance.
# - If it is higher, the steps offer a choice that chance alone does not.
#
# Either way, the gap to the model's own answer is real in this sense: a method that could tell *in advance* which
# answer is the right one would gain it. That is an open problem.
#
# Does ERL beat the base? `mr.compare` pairs the runs user by user, and folds the two seeds of the base together.

# %%
compared = mr.compare(runs["base, seed 0"], runs["base, seed 1"], runs["ERL"], data=shop)
print(f"{compared.differences[0].difference}  ({compared.differences[0].verdict})")

# %% [markdown]
# ## Who gains? Rare and popular items
#
# The paper finds that thinking helps with rare items and short histories, and hurts with popular items and long ones
# (*overthinking*). Let us ask our model. The analysis sorts the test targets by how often they occur in the training
# part, divides them into four groups of equal size, and compares each step with $r_0$ *within the same model*; then it
# does the same by the length of the history.
#
# Every group has an interval, as in notebook 7: a group has only a quarter of the users, and that is not many.

# %%
found.plot("popularity", "history length")
plt.show()

# %% [markdown]
# Each mark is the mean over a group, with its 95 % interval. Look for a slope from left to right, and check whether the
# intervals allow another story. Three warnings:
#
# - Groups of popular targets have higher NDCG to begin with, so in absolute terms they can gain and lose more.
# - There are two panels with twelve intervals each: at 95 %, about one would miss 0 by chance even if there were no
#   effect.
# - In this synthetic shop, rare and popular items follow the same rules. In real shops rare items may be of another
#   kind: new ones, or for a few. So agreement or disagreement with the paper on this data tells you about the *method*
#   of looking, not about shops.
#
# What happens between the steps? The analysis also compares the states and their distributions.

# %%
found.plot("cosine", "kl")
plt.show()

# %% [markdown]
# A cosine of 1 means that two steps point the same way, and a KL divergence of 0 that they recommend alike. Even steps
# this alike rank single targets differently: the oracle above is far above each step. But the null oracle, whose copies
# differ only by dropout, is higher still. `found` has more tables and pictures, `found.to_frame()` is one tidy table,
# and `minirearec report` makes a page of all of it.
#
# ## Data that needs thinking
#
# What kind of question needs thinking at all? One whose answer must be looked up in *several steps, each of which needs
# the result of the one before*. The library has data of this kind as `hops`. Here are two histories.

# %%
PLACES, STATIONS, LONGEST = 7, 5, 2
data = hops(seed=0, users=8000, places=PLACES, longest=LONGEST, stations=STATIONS)
number = hops_of_users(data, LONGEST)
for user in (0, 1):
    titles = data.titles[data.history(user)].tolist()
    print(f"user {user}, {number[user]} hop(s):")
    print("   pointers:", " | ".join(titles[:PLACES]))
    print("   stations:", " | ".join(titles[PLACES:]))

# %% [markdown]
# Every history begins with a map: seven *pointers*, each its own item, in random order. `2 -> 1` says that the way
# leads from place 2 to place 1. Then come *stations*. With one hop, the next station is where the pointer of the
# current place leads. With two hops, follow two pointers: look up the current place, then look up *what was found*. The
# maps are random, so memorising places is no use; the answer is in the history. No station occurs twice in a history,
# so it is also possible to guess among the places not visited yet.

# %%
user = 1
titles = data.titles[data.history(user)].tolist()
known, target = titles[:-1], titles[-1]
pointers = dict(title.split(" -> ") for title in known[:PLACES])
place = known[-1].removeprefix("at ").split(",")[0]
print("last known station:", known[-1])
for hop in range(number[user]):
    print(f"   look {hop + 1}: find the pointer that starts at {place}: it leads to {pointers[place]}")
    place = pointers[place]
print("so the next station is", follow(known, number[user]), "- in the data it is", target)
assert follow(known, number[user]) == target

# %% [markdown]
# Attention can do one such look: the query asks for "the pointer that starts at my place", and the value says where it
# leads. But all heads of one block look at the same time, *before* anything is found. A second look needs a second
# computation after the first: a second block, or a reasoning step, which goes through the same block once more with the
# first result in hand. So with one block
#
# $$ \text{looks in a row} \;=\; 1 + K . $$
#
# That is the hypothesis: with one block, $K = 0$ should have trouble with two hops, and $K \ge 1$ should not. It says
# what a model *could* compute; whether training finds it is another matter.
#
# ## Training users and test users
#
# The data is split *by users*: of ten users, eight are for training, one for validation and one for the test. Every
# station except the first is a target. So a test user gives several rows, one for each number of known items.

# %%
split, part = make_split(data), part_of_users(data.n_users, LONGEST)
lines = data.items.reshape(data.n_users, -1)[:, :PLACES]  # [users, places]: each user's pointers, as they are listed
listed, maps = ({name: {tuple(line) for line in (np.sort(lines, 1) if sort else lines)[part == name]}
                 for name in ("train", "test")} for sort in (False, True))
print("targets in training that belong to test users:",
      int(split.is_target[np.repeat(part == "test", np.diff(split.train_offsets))].sum()))
place = np.arange(len(split.train_items)) - np.repeat(split.train_offsets[:-1], np.diff(split.train_offsets))
print("known items before a target, in training:", *np.unique(place[split.is_target]), "- in the test:",
      *np.unique(split.test.length))
for what, found_in in (("lists of pointers", listed), ("maps, in any order", maps)):
    known = len(found_in["test"] & found_in["train"])
    print(f"{what}: {len(found_in['test'])} in the test, of these {known} occur in training too")

# %% [markdown]
# The printed lines say what is new in the test and what is not. There are only 720 maps of seven places on one round
# trip, but each can be listed in 5,040 orders. So a model that could recognise a map, in any order, at one glance,
# might memorise all answers. Keep that in mind: it is a way to two hops without two looks.
#
# Why not leave-one-out, as everywhere else? All histories here have the same length. If each user's last stations were
# kept for validation and test, the test would ask at positions of the history where training never asks. The position
# embeddings of these positions would still be their random initial values, and the accuracy would measure two things at
# once: can the model look up twice, and can it cope with a random vector? With the split by users, the test asks where
# training asks. (Exercise 3 shows what is at stake.)
#
# ## Training with K = 0, 1, 2
#
# We train one block of width 32 with $K = 0$ (base) and with $K = 1, 2$ (`rpe`: a loss only at the last step), each
# with two seeds. We tried some sizes and chose them so that the effect shows within a minute. This is a small version
# of [tests/benchmarks/hops.py](../../tests/benchmarks/hops.py).

# %%
small = dict(width=32, inner_width=64, heads=2, layers=1, max_length=14, dropout=0.0, input_dropout=0.0,
             initial_std=0.15, learning_rate=0.005, batch_positions=384, weight_decay=0.0, epochs=12)
thinkers = {}
for steps in (0, 1, 2):
    for seed in (0, 1):
        config = mr.Config.make(method="rpe" if steps else "base", steps=steps, seed=seed, **small)
        trainer = thinkers[steps, seed] = mr.Trainer(config, data, device="cpu")
        *_, last = trainer.train()
        print(f"K = {steps}, seed {seed}: loss of the last epoch {trainer.epochs[-1].loss:.3f}, "
              f"{sum(e.seconds for e in trainer.epochs):.0f} s")

# %% [markdown]
# ## Testing on new users
#
# Now the test rows, from users whose stations no model has seen in training. An answer counts as right if the target
# has rank 1 among *all* items, including the pointers and the places already visited. For comparison, we show a guess
# by elimination: one of the places not visited yet, at random.

# %%
lengths, rows = np.unique(split.test.length), split.test


def accuracy(trainer):
    """Return the share of right answers on the test rows [lengths, hops], by the number of known items and of hops."""
    found = trainer.evaluate("test")
    right, hop = found.kept[found.answer].expected == 1, number[rows.user]
    return [[right[(rows.length == known) & (hop == asked)].mean() for asked in (1, 2)] for known in lengths]


# [K, seeds, lengths, hops]
result = np.array([[accuracy(thinkers[steps, seed]) for seed in (0, 1)] for steps in (0, 1, 2)])
guess = 1 / (2 * PLACES - lengths)  # one of the places not visited yet
figure, panels = plt.subplots(1, 2, figsize=(9.6, 2.7))
for hop, ax in enumerate(panels):
    drawing.heatmap(np.vstack([guess, result[..., hop].mean(1)]), ax=ax, values=True,
                    rows=["guess", "K = 0", "K = 1", "K = 2"], columns=lengths,
                    title=f"Accuracy, {hop + 1} hop{'s' * hop} (synthetic)")
    ax.set_xlabel("known items")
plt.show()

# %% [markdown]
# Each cell is the mean over the two seeds. Which rows are better than the guess, for one hop and for two? From left to
# right the guess gets better, because fewer places are left. Does a row do more than grow along with the guess?

# %%
share = result.mean(2)  # [K, seeds, hops]
ax = plt.subplots(figsize=(5.6, 3.4))[1]
drawing.curves((0, 1, 2), {f"{hop + 1} hop{'s' * hop}": share[..., hop].mean(1) for hop in (0, 1)}, ax=ax,
               xlabel="reasoning steps K", ylabel="accuracy (crosses: seeds)", title="All test rows (synthetic)")
for hop in (0, 1):
    ax.plot((0, 1, 2), share[..., hop], "x", color=drawing.COLOURS[hop])
ax.axhline(guess.mean(), color="gray", linestyle=":", label="guess by elimination")
ax.set(xticks=(0, 1, 2), ylim=(0, 1.05))
ax.legend(loc="lower center", ncols=3, fontsize=8)
plt.show()

# %% [markdown]
# What to look for:
#
# - **The lines.** If two hops need two looks, the line for two hops should lie near the guess at $K = 0$ and rise at
#   $K = 1$. Counting looks, a second step is not needed. If it still changes something, for better or worse, the reason
#   lies in training: a longer computation may be easier or harder to learn in a few short epochs. One hop needs one
#   look: is it already right at $K = 0$?
# - **The crosses.** Do the two seeds agree? A model of this size sometimes finds the trick late, or not at all. If they
#   are far apart, the mean of two says little.
# - **More than the guess at $K = 0$?** Then there is a way to the answer other than looks in a row. Which one could it
#   be? (The lines printed above name a candidate.)
#
# What does *not* follow, whatever the pictures show: that a shop's customers behave like `hops`. The data shows that
# the mechanism *can* use its steps to compute one thing after another. Whether real histories need that is
# what the README's table is about, and notebook 7 if you have the real file.
#
# For the figure with three hops, $K$ up to 4, more blocks instead of steps and three seeds, run
# `python tests/benchmarks/hops.py` (about half an hour on one core). It trains longer and on more users.

# %% [markdown]
# ## Your turn
#
# **1. Blocks instead of steps.** Train one model with $K = 0$ and `layers=2`. Two blocks also look twice in a row. Does
# the model solve two hops? What does it cost in weights, compared with one block and $K = 1$?
#
# <details><summary>Hint</summary>
#
# `mr.Config.make(method="base", **{**small, "layers": 2})`; then `accuracy(trainer)`. Count weights with
# `sum(value.size for value in trainer.engine.weights().values())`. Try `epochs=30`, too: what a model *could* compute
# and what it finds in the epochs above are two things.
#
# </details>

# %%
# your code here

# %% [markdown]
# **2. What does the model think in between?** Take a model with $K = 2$ and the test rows with two hops. At each step,
# how often is the *station* with the highest score the place after one hop, and how often the place after two?
#
# <details><summary>Hint</summary>
#
# `split.inputs(chosen, "test", 14)` gives the histories of some rows, and `scorer = trainer.scorer` scores
# them: `scorer.scores(scorer.states(items, lengths), scorer.rows[k])` gives scores [rows, items] at step k.
# `data.titles` tells stations from pointers; `follow(known, 1)` is the place after one hop, whatever the station says.
# Nothing forces the model to pass through the place after one hop, because only the last step has a loss.
#
# </details>

# %%
# your code here

# %% [markdown]
# **3. Spoil the measurement.** Take a trained model with $K = 1$ and overwrite the position embeddings of the 10th and
# 11th item (indices 9 and 10) with random numbers of their initial size: standard deviation `small["initial_std"]`.
# What happens to the accuracy at 10 and 11 known items, and at 8 and 9? With leave-one-out on this data, every model
# would be tested like this.
#
# <details><summary>Hint</summary>
#
# `weights = trainer.engine.weights()`, change `weights["position_embedding"]`, then
# `trainer.engine.load_weights(weights)`. Keep a copy of the old weights to restore them.
#
# </details>

# %%
# your code here

# %% [markdown]
# **4. Relative gains.** Draw the gain by popularity again, as a *ratio* of a group's mean NDCG@20 at step 2 to that at
# step 0. Does the story change?
#
# <details><summary>Hint</summary>
#
# For one group of `found.by_popularity`: `group.rows["step 2"].value / group.rows["step 0"].value`. For an interval,
# redraw users and compute the ratio each time: you need the ranks of each step, from `mr.evaluate`.
#
# </details>

# %%
# your code here

# %% [markdown]
# ## Where to go from here
#
# - The source code: [evaluation/full_ranking.py](../../minirearec/evaluation/full_ranking.py) (`best_step`),
#   [data/made/hops.py](../../minirearec/data/made/hops.py),
#   [data/made/beauty_sim.py](../../minirearec/data/made/beauty_sim.py),
#   [tests/benchmarks/hops.py](../../tests/benchmarks/hops.py).
# - The paper: [*Think Before Recommend*](https://arxiv.org/abs/2503.22675), section 4.3 (the oracle, and the groups
#   of users and items). `hops` is not from the paper.
# - There is no new assignment for this notebook.
# - Next: [9. Backpropagation by hand](../rendered/09_backpropagation.ipynb).
