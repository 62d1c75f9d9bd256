# %% [markdown]
# # 0. Quick start
#
# From nothing to a trained recommender that *thinks before it recommends*, in about a minute of computing.
#
# **What you will learn**
#
# - what goes into a sequential recommender and what comes out,
# - how to train a small ReaRec model with this library, in Python and from the command line,
# - how to evaluate it on held-out items and compare it with plain counting,
# - how to ask it for recommendations, with all reasoning steps side by side,
# - what the reasoning steps change for one user.
#
# Reading takes about 15 minutes. You need the library with its tutorial extras: `pip install -e '.[tutorials]'`.

# %% [markdown]
# ## The idea
#
# A user has bought items one after the other. An encoder reads this history and summarises it in a vector $r_0$, the
# *state* of the last item. Ordinary recommenders stop here. ReaRec feeds the state back in $K$ times, as if it were one
# more item of the history, marked by a learned vector $p_k$ that says "this is reasoning step $k$":
#
# $$ r_k = \text{encoder}\big(r_{k-1} + p_k \;\big|\; \text{items}, \text{earlier steps}\big), \qquad k = 1, \dots, K $$
#
# Every item $v$ in the catalogue has a vector $e_v$. Its score at step $k$ is the dot product $r_k \cdot e_v$, and the
# model recommends the items with the highest scores. So we can read off a list of recommendations at *every* step.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minirearec as mr
from minirearec.counts.scorer import CountScorer
from minirearec.data import beauty_sim, make_split
from minirearec_tutorials import drawing

drawing.use_style()

# %% [markdown]
# ## Data
#
# We use a small synthetic shop, so that this notebook needs no download and finishes soon. It is a little sister of
# `beauty-sim`, the library's stand-in for the Amazon Beauty reviews. **All figures in this notebook come from synthetic
# data**: they show how things work, and say nothing about real shops.

# %%
data = beauty_sim(seed=0, users=3000, items=800, interactions=27000)
print(f"{data.name} ({data.source})")
print(f"{data.n_users} users, {data.n_items} items, {data.n_interactions} interactions")
user = data.user_index(42)
print("what user 42 bought, oldest first:", data.item_ids[data.history(user)].tolist())

# %%
lengths = np.diff(data.offsets)
popularity = np.sort(np.bincount(data.items, minlength=data.n_items))[::-1]
_, (left, right) = plt.subplots(1, 2, figsize=(8, 2.9))
left.hist(np.minimum(lengths, 40), bins=np.arange(4.5, 41.5))
left.set(xlabel="items in a history (cut at 40)", ylabel="users", title="Most histories are short (synthetic)")
right.plot(np.arange(1, data.n_items + 1), popularity)
right.set(xscale="log", yscale="log", xlabel="items, most popular first", ylabel="interactions",
          title="Few items are popular (synthetic)")
plt.show()

# %% [markdown]
# Each user's **last** item is hidden and must be guessed at the very end (the *test* item). The item before it helps to
# decide which training epoch was best (the *validation* item). All earlier items train the model. This is called
# *leave-one-out*; notebook 1 does it by hand.

# %%
split = make_split(data)
print("trains:    ", data.item_ids[data.history(user)[:-2]].tolist())
print("validation:", data.item_ids[split.target("valid")[user]])
print("test:      ", data.item_ids[split.target("test")[user]])

# %% [markdown]
# ## Training
#
# `Config.make` takes every setting; what we do not name keeps its default. The method `erl` (Ensemble Reasoning
# Learning, notebook 5) recommends with the mean of all states $r_0, \dots, r_K$. The model here is tiny: one
# transformer block of width 32, and three reasoning steps.

# %%
config = mr.Config.make(method="erl", steps=3, width=32, inner_width=64, layers=1, dropout=0.2, input_dropout=0.2,
                        epochs=14, learning_rate=0.005, batch_positions=1024, weight_decay=0.3, seed=0)
trainer = mr.Trainer(config, data, device="cpu")
for event in trainer.train():
    if isinstance(event, mr.EpochDone):
        print(f"epoch {event.epoch:2}   loss {event.loss:.3f}   validation NDCG@20 {event.metrics['NDCG@20']:.4f}"
              + ("   best so far" if event.improved else ""))

# %% [markdown]
# `trainer.train()` yields events and prints nothing itself, so you decide what to show. With `mr.Trainer(...,
# out="runs/first")` it also saves a run directory, from which training can resume after an interruption.
#
# **The same from a terminal.** The command line draws the events for you, evaluates at the end and always saves the
# run:
#
# ```sh
# minirearec train --dataset beauty-sim --method erl --steps 3 --width 32 --inner-width 64 --layers 1 \
#     --dropout 0.2 --input-dropout 0.2 --epochs 14 --learning-rate 0.005 --batch-positions 1024 \
#     --weight-decay 0.3 --out runs/first
# ```
#
# This is `beauty-sim` at its full size, so it takes minutes instead of seconds. The options are the settings above,
# with hyphens; `minirearec train --help` lists them all. To train on real data (a download of 1 MB) with settings
# chosen for it: `minirearec train --dataset beauty`.
#
# ## Is it any good?
#
# `Recall@10` is the share of users whose hidden item is among the first ten. `NDCG@20` is 1 for a user whose hidden
# item is ranked first, less for a lower rank, and 0 below rank 20; we report the mean over users. A number like this
# means little without something to compare it with. So we let ten lines of counting ("what came soon after the items of
# this history, for other users?") guess as well. Look at the learning curve: where does it start to rise, and does it
# reach the dashed line?

# %%
counting = mr.evaluate(CountScorer.fit(split), split, "valid").metrics()["NDCG@20"]
epochs = [event.epoch for event in trainer.epochs]
ax = drawing.curves(epochs, {"ERL, K = 3": [event.metrics["NDCG@20"] for event in trainer.epochs]}, xlabel="epoch",
                    ylabel="validation NDCG@20", title="Learning curve (synthetic data)")
ax.axhline(counting, color="black", linestyle="--", label="counting")
ax.set_ylim(bottom=0)
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# Do not be surprised if counting is as good or better: this data set is small, the model is tiny, and counting is hard
# to beat on real data as well (see the table in the [README](../../README.md)). Notebook 1 builds this
# counting, and notebook 7 compares it with trained models.
#
# ## Evaluation
#
# Now the test items, which no model above has seen. The evaluation ranks each user's test item among *all* items that
# the user does not have yet. There is a row of results for each step, for the mean of the steps (the answer of `erl`),
# and for the *oracle*: each user's best step, chosen after the fact. No model knows that step in advance; the oracle is
# an upper limit, not a competitor. The *null oracle* chooses in the same way among as many copies of the model that take
# no step and differ only by dropout: what it gains has nothing to do with thinking.

# %%
evaluation = trainer.evaluate("test")
print(f"{'test part, synthetic data':26} {'Recall@10':>9} {'NDCG@10':>8} {'NDCG@20':>8}")
for row in evaluation.excluded:
    found = evaluation.metrics(row)
    print(f"{row:26} {found['Recall@10']:9.4f} {found['NDCG@10']:8.4f} {found['NDCG@20']:8.4f}")
found = mr.evaluate(CountScorer.fit(split), split, "test").metrics()
print(f"{'counting':26} {found['Recall@10']:9.4f} {found['NDCG@10']:8.4f} {found['NDCG@20']:8.4f}")

# %% [markdown]
# When you read such a table, ask: do the steps differ by more than chance? Notebook 7 shows how to answer that. And how
# far is the oracle above the model, and above the null oracle? The first gap says how much the steps *disagree* about
# individual users, even if their averages look alike; the second, whether they disagree more than chance alone would.
# If the null oracle is as high or higher, as it may be here, they do not.
#
# ## Recommending
#
# `trainer.recommender()` is the trained model as an object. We give it a history as item ids, oldest first, and get the
# best items at every step. Items from the history itself are left out.

# %%
recommender = trainer.recommender()
history = data.item_ids[split.history(user, "test")].tolist()
print("history:", history)
for found in recommender.recommend(history, k=6):
    print(f"{found.row:14}", found.items)

# %% [markdown]
# From a terminal, for a run saved in `runs/first`:
#
# ```sh
# minirearec recommend runs/first --user 42
# minirearec recommend runs/first --history 12,7,9 -k 6
# ```
#
# These are users and items from that run's data set. `--user` uses the full history, including the test item: this
# command is about the real future.
#
# ## What do the steps change?
#
# For each user and each step, the evaluation keeps the rank of the test item. Rank 1 is the best. We look for the user
# who gains most from thinking: the largest ratio between the rank at $r_0$ and the best rank at a later step.

# %%
steps = range(config.model.steps + 1)
ranks = np.stack([evaluation.excluded[f"step {k}"].expected for k in steps], axis=1)  # [users, K+1]
chosen = int(np.argmax(ranks[:, 0] / ranks.min(axis=1)))
target = data.item_ids[split.target("test")[chosen]]
print(f"user {data.user_ids[chosen]}, hidden item {target}, its rank at steps 0..3: {ranks[chosen].tolist()}")
for found in recommender.recommend(data.item_ids[split.history(chosen, "test")].tolist(), k=5):
    print(f"{found.row:14}", found.items)

# %% [markdown]
# We picked this user *because* the rank fell so much; somebody always gains most. An honest look needs the losers too.
# On the left, the picture shows the four largest gains and the four largest losses from $r_0$ to $r_K$; on the right,
# it shows what happens to everybody: the ratio of the two ranks, on a scale of doublings. (Synthetic data, like
# everything here.)

# %%
change = np.log2(ranks[:, -1] / ranks[:, 0])  # -1: the rank is halved, which is good; +1: doubled
order = np.argsort(change, kind="stable")
_, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.4))
for users, style in ((order[:4], "C0o-"), (order[-4:], "C1s--")):
    left.plot(steps, ranks[users].T, style)
left.set(yscale="log", xlabel="reasoning step", ylabel="rank of the hidden item", xticks=steps,
         title="Largest gains (solid) and losses (dashed)")
left.invert_yaxis()
left.yaxis.set_major_formatter("{x:.0f}")
right.hist(np.clip(change, -3, 3), bins=np.arange(-3.125, 3.2, 0.25), color="C2")
right.axvline(0, color="black", linewidth=1)
right.set(xlabel="doublings of the rank from $r_0$ to $r_3$ (cut at 3)", ylabel="users",
          title="All users; left of 0 is better")
plt.show()
same = np.isclose(change, 0).mean()
print(f"rank better at r_3 for {np.mean(change < 0):.0%} of the users, the same for {same:.0%}, "
      f"worse for {np.mean(change > 0):.0%}")

# %% [markdown]
# Compare the share of users whose rank improves with the share of those whose rank gets worse. This is the question
# behind the whole method: thinking moves the ranks; when does it move them in the right direction, and could a model
# know when to stop? Notebooks 5, 6 and 8 come back to it.

# %% [markdown]
# ## Your turn
#
# **1. Be the user.** Make up a history of three to six item ids (they run from 1 to 800) and ask for recommendations.
# Does the order of your items matter? Ask again with the same items reversed.
#
# <details><summary>Hint</summary>
#
# `recommender.recommend([12, 7, 9], k=5)` returns a list of rows; each has `.row`, `.items` and `.scores`. An id that
# does not exist raises an error that says so: try `[12, 7, 9000]` too.
#
# </details>

# %%
my_history = [12, 7, 9]
# your code here

# %% [markdown]
# **2. Which step is best for whom?** Count how many users have their best rank at step 0, 1, 2 and 3. What do you do
# with users whose rank is the same at all steps?
#
# <details><summary>Hint</summary>
#
# `ranks.argmin(axis=1)` gives the first best step of every user, and `np.bincount` counts. Users with
# `ranks.min(axis=1) == ranks.max(axis=1)` have no best step: leave them out, or they all count for step 0.
#
# </details>

# %%
# your code here

# %% [markdown]
# **3. No thinking.** Train the base model (`method="base"`, without `steps`) with all other settings unchanged. Compare
# its test NDCG@20 with the rows above. Repeat both with `seed=1`: is the difference between the methods larger than the
# difference between the seeds?
#
# <details><summary>Hint</summary>
#
# `config.replaced(method="base", steps=0)` changes two settings and keeps the others. To train without looking at the
# events, write `for event in trainer.train(): pass`.
#
# </details>

# %%
# your code here

# %% [markdown]
# ## Where to go from here
#
# - The source code of what you used: [config.py](../../minirearec/config.py),
#   [training.py](../../minirearec/training.py), [recommender.py](../../minirearec/recommender.py),
#   [evaluation/full_ranking.py](../../minirearec/evaluation/full_ranking.py),
#   [data/made/beauty_sim.py](../../minirearec/data/made/beauty_sim.py).
# - The paper: [*Think Before Recommend*](https://arxiv.org/abs/2503.22675); sections 1 and 3 for the idea, section 4.3
#   for the oracle.
# - There is no assignment for this notebook; the first one comes after the next notebook.
# - Next: [1. Sequences, splits and metrics by hand](../rendered/01_sequences_and_metrics.ipynb).
