# %% [markdown]
# # 1. Sequences, splits and metrics by hand
#
# Before any model: what the data look like, what is held out, how a guess is scored, and how far plain counting gets.
#
# **What you will learn**
#
# - how two flat arrays store the histories of all users,
# - what leave-one-out keeps for training, validation and test, and what a training pair is,
# - how to rank a target among the whole catalogue, with seen items excluded or kept,
# - Recall, NDCG and MRR at k, and why ties must be counted instead of broken,
# - a baseline made of counts that is hard to beat.
#
# Reading takes about 25 minutes. All larger figures here come from synthetic data.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import minirearec as mr
from minirearec.counts.scorer import CountScorer
from minirearec.data import beauty_sim
from minirearec.data.batching import make_batch, training_windows
from minirearec.evaluation.metrics import per_user
from minirearec.evaluation.ranking import Ranks, rank_targets
from minirearec.evaluation.scorers import Row
from minirearec_tutorials import drawing

drawing.use_style()

# %% [markdown]
# ## A data set is a list of histories
#
# The public files of this field hold one user per line: the user's id, then the ids of the items, oldest first. Here is
# a whole data set with four users and five items. We write it to a temporary file that is deleted when the cell ends.

# %%
text = """\
1 10 20 30 40
2 20 30 10 50
3 10 30 20 40 50
4 40 10 20 30
"""
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "shop.txt"
    path.write_text(text)
    tiny = mr.load(path)
print("items   ", tiny.items)
print("offsets ", tiny.offsets)
print("item ids", tiny.item_ids, "   user ids", tiny.user_ids)

# %% [markdown]
# Models count items from 0, so the ids in the file are translated: `items` holds *indices* into `item_ids`. All
# histories follow one another, and `offsets` says where each begins: user $u$ owns
# `items[offsets[u]:offsets[u + 1]]`. These arrays contain no padding.

# %%
for u in range(tiny.n_users):
    by_hand = tiny.items[tiny.offsets[u]:tiny.offsets[u + 1]]
    assert (by_hand == tiny.history(u)).all()
    print(f"user {tiny.user_ids[u]}: indices {by_hand}, ids {tiny.item_ids[by_hand]}")

# %% [markdown]
# ## Leave one out
#
# The last item of each user is the test target, the one before it is the validation target, and all earlier ones are
# for training. By hand this takes one line of Python per part. Each part may *see* everything before its target.

# %%
split = mr.leave_one_out(tiny)
for u in range(tiny.n_users):
    *train, valid, test = tiny.history(u).tolist()
    assert valid == split.target("valid")[u] and split.history(u, "valid").tolist() == train
    assert test == split.target("test")[u] and split.history(u, "test").tolist() == [*train, valid]
assert split.train_items.tolist() == [item for u in range(4) for item in tiny.history(u)[:-2].tolist()]
print("The split by hand and the library's agree for", tiny.n_users, "users.")

# %%
kinds, ids = np.zeros((4, 5), int), np.full((4, 5), "", object)
for u in range(4):
    history = tiny.history(u)
    kinds[u, :len(history)] = [1] * (len(history) - 2) + [2, 3]
    ids[u, :len(history)] = tiny.item_ids[history]
drawing.cells(kinds, ("", "train", "validation", "test"), rows=[f"user {u}" for u in tiny.user_ids], values=ids,
              columns="position in the history", title="Leave-one-out")
plt.show()

# %% [markdown]
# Why two held-out items? The validation items decide which epoch is best and which settings to choose. After that they
# have been *used*, so we need a fresh item to evaluate the final model, once.
#
# A weakness of this split: the test item of one user may be older than the training items of another. A split by time
# avoids that, and the library offers it too (`minirearec data import --help`); most published work on these files uses
# leave-one-out.
#
# ## Training pairs
#
# A model learns to predict the next item after *every* prefix of a training history. A history of $n$ items gives
# $n - 1$ pairs of a prefix and its next item. The library never builds the prefixes one by one: a batch holds whole
# histories, and the target of each position is simply the next item.

# %%
for u in range(tiny.n_users):
    train = tiny.history(u)[:-2].tolist()
    for cut in range(1, len(train)):
        print(f"user {tiny.user_ids[u]}: after {train[:cut]} comes {train[cut]}")

# %%
windows = training_windows(split.train_items, split.train_offsets, max_length=50)
batch = make_batch(windows, np.arange(len(windows.lengths)))
print("items\n", batch.items, "\ntargets\n", batch.targets, "\ncounted\n", batch.counted)
print("training pairs:", windows.positions)

# %% [markdown]
# The rows are padded on the right to equal length. The padding is index 0, which is also a real item: only `counted`
# says which positions enter the loss.
#
# ## Ranking
#
# A model gives every item a score. The **rank** of the target is 1 plus the number of candidates that score higher.
# Suppose that a user has items 0 and 1, and the next one is item 4. We can choose the candidates: exclude the items
# that the user already has (*seen* items), or keep them. Both are common, and the figures differ.

# %%
scores = np.array([2.0, 3.5, 1.0, 3.0, 2.5])
seen, target = [0, 1], 4
rank_excluded = 1 + sum(scores[v] > scores[target] for v in range(5) if v not in seen)
rank_kept = 1 + sum(scores[v] > scores[target] for v in range(5))
excluded, kept = rank_targets(scores[None], np.array([target]), np.array([0, 0]), np.array(seen))
assert (rank_excluded, rank_kept) == (excluded.expected[0], kept.expected[0])
print(f"rank {rank_excluded} with seen items excluded, rank {rank_kept} with seen items kept")

# %%
order = np.argsort(-scores)
look = {"seen": ("white", "///"), "target": ("C1", ""), "other candidate": ("C0", "")}
_, ax = plt.subplots(figsize=(5, 2.8))
for place, item in enumerate(order):
    kind = "seen" if item in seen else "target" if item == target else "other candidate"
    ax.bar(place, scores[item], color=look[kind][0], hatch=look[kind][1], edgecolor="black", label=kind)
ax.set(xticks=range(5), xticklabels=[f"item {item}" for item in order], ylabel="score", title="Items by score")
named = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
ax.legend(named.values(), named.keys())
plt.show()

# %% [markdown]
# ## Metrics
#
# Each user has one target. If its rank is $r$, counted from 1,
#
# $$ \text{Recall@}k = [r \le k], \qquad \text{NDCG@}k = \frac{[r \le k]}{\log_2(r + 1)}, \qquad
#    \text{MRR@}k = \frac{[r \le k]}{r}. $$
#
# ($[\,\cdot\,]$ is 1 if the statement is true and 0 if not.) The metric of a model is the mean over users. Recall only
# asks whether the target is in the list; the others also ask how high it is.

# %%
ranks = np.arange(1, 16)
inside = ranks <= 10
drawing.curves(ranks, {"Recall@10": inside * 1.0, "NDCG@10": inside / np.log2(ranks + 1), "MRR@10": inside / ranks},
               xlabel="rank of the target", ylabel="what it earns", title="What a rank earns, for k = 10")
plt.show()

# %%
for rank in (1, 2, 10, 11):
    got = per_user(Ranks(above=np.array([rank - 1]), tied=np.array([0])), cutoffs=(10,))
    assert np.isclose(got["NDCG@10"][0], (rank <= 10) / np.log2(rank + 1))
    print(f"rank {rank:2}: ", {name: round(float(values[0]), 3) for name, values in got.items()})

# %% [markdown]
# ## Ties
#
# What if other items score exactly the same as the target? It happens: popularity gives many items equal counts, and a
# broken model may give everything the score 0. Counting only *strictly higher* scores then puts every target at rank 1.
# By that rule such a model would be perfect, and in the shop it would be useless.
#
# So we keep a rank as two numbers: how many candidates are *above* the target and how many are *tied* with it. If ties
# are broken at random, the target takes each of the ranks from $\text{above} + 1$ to
# $\text{above} + \text{tied} + 1$ equally often, and a metric is the mean of what these ranks earn:
#
# $$ \mathbb E[\text{metric}] = \frac{1}{\text{tied} + 1} \sum_{r = \text{above} + 1}^{\text{above} + \text{tied} + 1}
#    \text{gain}(r) $$
#
# Let us check that by breaking ties at random many times.

# %%
above, tied, k = 2, 12, 10
rng = np.random.default_rng(0)
drawn = above + 1 + rng.integers(tied + 1, size=20000)  # the rank after a random tie-break
simulated = np.mean((drawn <= k) / np.log2(drawn + 1))
exact = per_user(Ranks(np.array([above]), np.array([tied])), cutoffs=(k,))["NDCG@10"][0]
careless = 1 / np.log2(above + 2)
print(f"NDCG@10 with random tie-breaks {simulated:.4f}, by the formula {exact:.4f}, ignoring the ties {careless:.4f}")
assert abs(simulated - exact) < 0.01

# %% [markdown]
# ## A baseline made of counts
#
# Now a recommender that a shop could write in an afternoon. Count how often item $v$ came soon after item $a$ in the
# training histories; closer pairs count more:
#
# $$ C_{av} = \sum_{\text{histories}} \; \sum_{i < j \le i + 10} [h_i = a]\,[h_j = v] \, \frac{1}{j - i} $$
#
# To recommend for a history, add up the rows of its last ten items; the newest counts most. Let $h_{-g}$ be the item
# $g$ places before the next one, and $n_a$ the number of times that $a$ occurs:
#
# $$ \text{score}(v) = \sum_{g = 1}^{10} \frac{1}{g} \, \frac{C_{h_{-g}\,v}}{\sqrt{n_{h_{-g}}}} $$
#
# For our tiny shop the matrix is small enough to look at. First by hand, then against the library.

# %%
C = np.zeros((5, 5))
for u in range(tiny.n_users):
    train = tiny.history(u)[:-2]
    for i, first in enumerate(train):
        for j in range(i + 1, min(i + 11, len(train))):
            C[first, train[j]] += 1 / (j - i)
drawing.heatmap(C, rows=[f"after {v}" for v in tiny.item_ids], columns=tiny.item_ids, values=True,
                title="C: what came soon after what")
plt.show()

# %%
often = np.maximum(np.bincount(split.train_items, minlength=5), 1)  # item 50 never occurs in training
counting = CountScorer.fit(split)
for history in ([0], [1, 2], [3, 0, 1]):
    by_hand = sum(C[item] / np.sqrt(often[item]) / gap for gap, item in enumerate(reversed(history), 1))
    library = counting.scores(counting.states_of_one(np.array(history)), counting.answer)
    assert np.allclose(by_hand, library[0])
    print(f"after {history}: by hand", by_hand.round(3), "  library", library[0].round(3))

# %% [markdown]
# ## On a larger set
#
# We compare three recommenders on a synthetic shop with 800 items: one that gives every item the same score, one that
# recommends what is popular, and the counts. The library can evaluate anything that has two methods and three
# attributes; here are the first two recommenders. `states` gets padded histories and returns what the scorer needs to
# know about them; `scores` makes a matrix of that, with a row of scores for each history.

# %%
class Fixed:
    """Give everybody the same scores."""

    max_length = 1

    def __init__(self, name, fixed):
        self.answer, self.fixed = Row(name, step=None), fixed.astype(float)
        self.rows = (self.answer,)

    def states(self, items, lengths):
        return len(items)

    def scores(self, states, row, out=None):
        return np.tile(self.fixed, (states, 1))

# %%
data = beauty_sim(seed=0, users=3000, items=800, interactions=27000)
split = mr.leave_one_out(data)
popularity = np.bincount(split.train_items, minlength=data.n_items)
scorers = [Fixed("indifferent", np.zeros(data.n_items)), Fixed("popularity", popularity), CountScorer.fit(split)]
results = {scorer.answer.name: mr.evaluate(scorer, split, "test") for scorer in scorers}
print(f"{'test part, synthetic':21} {'Recall@10':>9} {'NDCG@10':>8} {'MRR@10':>8}")
for name, result in results.items():
    for seen in ("excluded", "kept"):
        found = result.metrics(seen=seen)
        print(f"{name:11} {seen:9} {found['Recall@10']:9.4f} {found['NDCG@10']:8.4f} {found['MRR@10']:8.4f}")

# %% [markdown]
# Things to look at:
#
# - *indifferent*: its Recall@10 should be close to 10 divided by the number of candidates. Is it?
# - *excluded* against *kept*: in this data set no item occurs twice in a history, so keeping seen items can only hurt.
#   Which recommender loses most, and why?
# - *counts* against *popularity*: what does looking at the history add?
#
# A mean hides who is served well. So we divide the test targets into four groups of (nearly) equal size, by how popular
# the target is:

# %%
target_popularity = popularity[split.target("test")]
groups = np.array_split(np.argsort(target_popularity, kind="stable"), 4)
lines = {name: [per_user(result.excluded[name])["NDCG@10"][group].mean() for group in groups]
         for name, result in results.items()}
ax = drawing.curves(range(4), lines, xlabel="popularity of the target, in training", ylabel="NDCG@10",
                    title="Who is served? (synthetic data)")
ax.set_xticks(range(4), [f"{target_popularity[group].min()} to {target_popularity[group].max()}" for group in groups])
plt.show()

# %% [markdown]
# The least popular group is the *long tail*. Notebook 8 asks whether thinking helps there.
#
# ## Ties once more
#
# What would the careless rule, which only counts strictly higher scores, say about these recommenders?

# %%
for name, result in results.items():
    ranks = result.excluded[name]
    careless = per_user(Ranks(ranks.above, np.zeros_like(ranks.tied)))["NDCG@10"].mean()
    print(f"{name:12} careless {careless:.4f}   expected {result.metrics()['NDCG@10']:.4f}   "
          f"targets in a tie: {np.mean(ranks.tied > 0):.0%}")

# %% [markdown]
# ## Your turn
#
# **1. Your own history.** Add a fifth user with only two items to the tiny shop, and load it. Read the message. Then
# give the user three items: how many training pairs does this user add?
#
# <details><summary>Hint</summary>
#
# Wrap `mr.load(path)` in `try: ... except mr.MiniReaRecError as error: print(error)`. With three items, one is left for
# training, and a pair needs a prefix *and* a next item.
#
# </details>

# %%
# your code here

# %% [markdown]
# **2. A better count?** The counting score divides by $\sqrt{n_a}$. Is it better on the **validation** part to divide
# by $n_a$, or not at all? Change the strengths of a fitted scorer and evaluate. Why is the test part the wrong one for
# this question?
#
# <details><summary>Hint</summary>
#
# `counting = CountScorer.fit(split)`; `counting.strengths` has an entry for every pair, sorted by first item, and
# `np.repeat(popularity, np.diff(counting.starts))` has the matching $n_a$. Multiply by the square root to undo the
# division: `CountScorer(counting.starts, counting.neighbours, counting.strengths * np.sqrt(n))`.
#
# </details>

# %%
# your code here

# %% [markdown]
# **3. Sampled metrics.** Some papers rank the target among 100 random items instead of the whole catalogue. Simulate
# this for *popularity* and *counts*. How large do the metrics get? Does the ratio between the two recommenders stay the
# same?
#
# <details><summary>Hint</summary>
#
# A random candidate is above the target with probability `above / others`, where `others` is about `data.n_items`. So
# draw `np.random.default_rng(0).binomial(100, ranks.above / data.n_items)` instead of `ranks.above`, and pass it to
# `Ranks` with `tied` zero. (Krichene and Rendle, *On sampled metrics for item recommendation*, KDD 2020, show what goes
# wrong with this.)
#
# </details>

# %%
# your code here

# %% [markdown]
# ## Where to go from here
#
# - The source code: [data/sequences.py](../../minirearec/data/sequences.py),
#   [data/splits](../../minirearec/data/splits), [data/batching.py](../../minirearec/data/batching.py),
#   [evaluation](../../minirearec/evaluation) with its modules ranking, metrics and full_ranking, and
#   [counts/item_to_item.py](../../minirearec/counts/item_to_item.py).
# - The paper: [section 4.1](https://arxiv.org/abs/2503.22675) describes its data, splits and metrics.
# - You can now do **assignment a1, metrics and ranking**: `minirearec assignment start a1`.
# - Next: [2. Attention from scratch](../rendered/02_attention.ipynb).
