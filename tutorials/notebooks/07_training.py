# %% [markdown]
# # 7. Training on Beauty: the honest comparison
#
# Is a model that thinks better than one that does not? Training both and comparing two numbers is easy. Making the
# comparison *mean* something is the subject of this notebook.
#
# **What you will learn**
#
# - what must be the same for two models to be comparable: data, tuning, time, selection,
# - why a baseline without any learning belongs in every table,
# - what seen items and tied scores do to a figure,
# - how the paired bootstrap says whether a difference is more than luck, and what it does not say,
# - how to read the oracle, the upper limit of what thinking might reach.
#
# Reading takes about 30 minutes; the code runs for about a minute.

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np

import minirearec as mr
from minirearec.data.files.filters import k_core
from minirearec.data.files.importing import sequences
from minirearec.data.files.interactions import table_of
from minirearec.evaluation.full_ranking import ORACLE, best_step, seen_pairs
from minirearec.evaluation.metrics import mean_metrics, per_user
from minirearec.evaluation.ranking import rank_targets
from minirearec_tutorials import drawing

drawing.use_style()

# %% [markdown]
# ## 1. Say which data you use
#
# This notebook uses the real Amazon Beauty reviews if the file is on this machine, and a synthetic stand-in
# otherwise. Two files named `Beauty.txt` need not be the same, so a figure is worth little without a fingerprint of the
# file behind it: its sha256.

# %%
data = mr.load("beauty", download=False, on_fallback=lambda why: print("The real file is not on this machine."))
KIND = "SYNTHETIC stand-in" if data.synthetic else "real Beauty"
print(f"This run uses: {data.name} ({KIND}), {data.n_users} users, {data.n_items} items")
print("sha256", data.sha256)

# %% [markdown]
# To use the real file, download it once (`minirearec data fetch beauty`), or put `Beauty.txt` into a folder and set
# the environment variable `MINIREAREC_DATA` to that folder before you start the notebook.
#
# All of Beauty would take too long here, so we take a part: a random choice of users, and of those the *5-core*, in
# which every user and every item has at least five interactions. Such a filter makes a data set denser and easier.
# **Figures from this part cannot be compared with anybody's figures on all of Beauty**, including those in the README.

# %%
table = table_of(data)
chosen = np.random.default_rng(0).random(data.n_users) < (0.33 if data.synthetic else 0.4)
part = replace(sequences(k_core(table.take(chosen[table.user]), users=5, items=5), "part", "a part of Beauty"),
               synthetic=data.synthetic)
print(f"the part: {part.n_users} users, {part.n_items} items, {part.n_interactions} interactions ({KIND})")

# %% [markdown]
# The split is leave-one-out: each user's last item is for the test, the one before it for validation, and the rest for
# training.
#
# ## 2. A baseline that knows nothing about networks
#
# Item-to-item counting asks what came soon after the items of a history, in other people's histories. It has no weights
# to train and takes only moments. If you cannot beat it, there is no reason to train anything. Notebook 1 built it.

# %%
counts = mr.Trainer(mr.Config.make(method="counts"), part)
for event in counts.train():
    pass
print(f"counting: validation NDCG@20 {counts.evaluate('valid').metrics()['NDCG@20']:.4f}, "
      f"took {counts.counting_seconds:.2f} s ({KIND})")

# %% [markdown]
# ## 3. Ties must not flatter
#
# What is the rank of the target if other items have the same score? Take the extreme: a model that gives *every* item
# the same score. No item scores higher than the target, so a careless program says rank 1, for everyone. The library
# counts how many items are above and how many are tied, and takes the mean over all orders of the tied items.

# %%
split = counts.split
users = np.arange(split.n_users)
flat = np.zeros((split.n_users, part.n_items), dtype=np.float32)
ranks, _ = rank_targets(flat, split.target("valid"), *seen_pairs(split, users, "valid"))
careless = (1 / np.log2(1 + ranks.above + 1)).mean()
honest = mean_metrics(ranks)["NDCG@20"]
print(f"a model that knows nothing: careless NDCG@20 {careless:.4f}, honest NDCG@20 {honest:.4f}")

# %% [markdown]
# The honest figure is what a random order would get. This case is not far-fetched: counting gives many items the score
# 0, and models trained in low precision have ties as well.
#
# ## 4. The same tuning for all
#
# We train three methods on the part: *base* (no thinking), *ERL* and *PRL* (two steps each). Everything except the
# method is the same: width, dropout, learning rate, batches, number of epochs, initial weights.
#
# This is fair only if these settings were not chosen in favour of one method. The usual way to "win" is to tune your
# own method for weeks and to take the baseline's settings from an old paper. Either tune no method, or give every
# method the same number of trials, **on the validation part**. We tune none.
#
# There is a fourth model: *base, seed 1*. It is base again with different random numbers. It cannot be "better" than
# base in any meaningful way, so it shows how large a meaningless difference can be.

# %%
common = dict(width=40, inner_width=80, layers=1, heads=1, max_length=30, epochs=12, batch_positions=512,
              learning_rate=0.004)
methods = {"base": {"method": "base"}, "base, seed 1": {"method": "base", "seed": 1},
           "ERL, K = 2": {"method": "erl", "steps": 2}, "PRL, K = 2": {"method": "prl", "steps": 2}}
trainers = {}
for name, settings in methods.items():
    trainer = trainers[name] = mr.Trainer(mr.Config.make(**common, **settings), part, device="cpu")
    *_, last = trainer.train()
    print(f"{name:13} best epoch {last.best_epoch:2} of {last.epochs}, {sum(e.seconds for e in trainer.epochs):5.1f} s")

# %% [markdown]
# ## 5. The same time
#
# The same number of epochs is not the same amount of work. Below are the same curves twice: against epochs, and against
# seconds. A method that looks equal on the left may be behind on the right.

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9.8, 3.5), sharey=True)
curves = {name: [epoch.metrics["NDCG@20"] for epoch in trainer.epochs] for name, trainer in trainers.items()}
seconds = {name: np.cumsum([epoch.seconds for epoch in trainer.epochs]) for name, trainer in trainers.items()}
drawing.curves(range(1, 13), curves, ax=left, xlabel="epoch", ylabel="validation NDCG@20", title=f"By epoch ({KIND})")
for (name, curve), colour, marker in zip(curves.items(), drawing.COLOURS, drawing.MARKERS):
    right.plot(seconds[name], curve, color=colour, marker=marker, markersize=4.5)
right.set(xlabel="seconds on this machine", title=f"By time ({KIND})")
for ax in (left, right):
    ax.axhline(counts.evaluate("valid").metrics()["NDCG@20"], color="black", linestyle="--", label="counting")
left.legend()
plt.show()

# %%
budget = seconds["base"][-1]
print(f"best validation NDCG@20 within the {budget:.1f} s that base took ({KIND}):")
for name, curve in curves.items():
    within = [value for value, at in zip(curve, seconds[name]) if at <= budget]
    print(f"  {name:13} {max(within, default=0):.4f} after {len(within):2} epochs;   all epochs: {max(curve):.4f}")

# %% [markdown]
# Both questions are sensible: what can a method reach in the end, and what does it reach for the same cost? Say which
# one you answer. Also check whether the curves have levelled off: a curve that still rises was stopped too early.
# Seconds depend on the machine and vary when it is busy, and so does what fits into a number of them; all other figures
# are the same on the next run.
#
# ## 6. Choose by validation, test once
#
# Which epoch's weights are kept? Those with the best *validation* NDCG@20. The trainer did that. Had we looked at the
# test items to choose the epoch, or the width, or the seed, the test figures would be too good: the best of many
# tries is partly the luckiest. From here on we choose nothing any more, and we read the test items, once.

# %%
evaluations = {name: trainer.evaluate("test") for name, trainer in {**trainers, "counting": counts}.items()}
print(f"test part, {KIND:18} seen items excluded            seen items kept")
print(f"{'':30} Recall@10  NDCG@10  NDCG@20     NDCG@20")
for name, evaluation in evaluations.items():
    without, kept = evaluation.metrics(), evaluation.metrics(seen="kept")
    print(f"{name:30} {without['Recall@10']:9.4f} {without['NDCG@10']:8.4f} {without['NDCG@20']:8.4f} "
          f"{kept['NDCG@20']:11.4f}")

# %% [markdown]
# **Seen items.** Each user's own history contains items that nobody would recommend again here: in this data users do
# not review the same thing twice. A ranking may leave them out ("excluded") or not ("kept"). Compare the columns. The
# choice moves every row, often by more than the difference between two rows. If a paper does not say which of the two
# it did, its figures cannot be compared with others.
#
# ## 7. Is the difference more than luck?
#
# The test users are a sample. With other users from the same shop, the figures would be a little different. How much?
# The *bootstrap* simulates that: draw as many users as there are, with replacement, compute the mean, and repeat this a
# thousand times. The middle 95 % of these means is the interval.
#
# The important word is **paired**. Both models are evaluated on the *same* users, so we take each user's difference
# first, and draw users afterwards:
#
# $$ d_u = \mathrm{NDCG}_u(\text{A}) - \mathrm{NDCG}_u(\text{B}), \qquad
#    \bar d = \frac{1}{|U|} \sum_u d_u \quad \text{over redrawn users } u $$

# %%
rng = np.random.default_rng(0)
drawn = rng.integers(0, split.n_users, size=(1000, split.n_users))  # a thousand simulated samples of users


def interval(values):
    """Return the middle 95 % of the means over redrawn users; values [users]."""
    return np.quantile(values[drawn].mean(1), [0.025, 0.975])


ndcg = {name: per_user(found.excluded[found.answer])["NDCG@20"] for name, found in evaluations.items()}
for name in ("base", "ERL, K = 2"):
    print(f"{name:11} {ndcg[name].mean():.4f}, 95 % interval", interval(ndcg[name]).round(4))
print("their paired difference, 95 % interval", interval(ndcg["ERL, K = 2"] - ndcg["base"]).round(4))

# %% [markdown]
# Compare the widths. The intervals of the two models are wide, because users differ a lot: most have NDCG 0, a few
# have 1. The interval of the difference is narrower, because a user who is hard for one model is also hard for the
# other, and that cancels. So never compare two models by whether their intervals overlap; look at the interval of the
# difference.

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9.8, 3.2))
difference = ndcg["ERL, K = 2"] - ndcg["base"]
left.hist(difference[difference != 0], bins=41, range=(-1, 1), color=drawing.COLOURS[0])
left.set(xlabel="NDCG@20 of ERL minus that of base", ylabel="users", xticks=(-1, -0.5, 0, 0.5, 1),
         title=f"Users with a difference ({KIND})")
for place, name in enumerate(others := [name for name in ndcg if name != "base"]):
    low, high = interval(ndcg[name] - ndcg["base"])
    right.plot([low, high], [place, place], color=drawing.COLOURS[0], linewidth=3)
    right.plot((ndcg[name] - ndcg["base"]).mean(), place, "o", color="black")
right.axvline(0, color="black", linewidth=0.8)
right.set_yticks(range(len(others)), others)
right.set(xlabel="difference to base, test NDCG@20", title=f"Paired 95 % intervals ({KIND})",
          ylim=(-0.6, len(others) - 0.4))
right.locator_params(axis="x", nbins=5)
plt.show()
print(f"users without any difference between ERL and base: {np.mean(difference == 0):.0%}")

# %% [markdown]
# How to read the right picture:
#
# - An interval entirely on one side of 0: with other users of this shop, the sign would very likely be the same.
# - An interval that contains 0: these users cannot tell. That does *not* prove that the models are equal.
# - Look at *base, seed 1* first. Its dot is one example of a difference that comes from random numbers alone. The
#   interval does not contain this source of luck: it asks about other users, given *these two trained models*. If the
#   dots of the methods are not clearly further out than that of the other seed, you need more seeds before you claim
#   anything.
# - There are four comparisons here. With twenty, you would expect one to stand out by chance at 95 %.
# - None of this says anything about other data, other sizes or better tuning.
#
# ## 8. The oracle: an upper limit, and a trap
#
# For each user, take the step that ranks the target best, *after* looking at the target. That is the oracle; it says
# how good a model could be if it always knew when to stop thinking. It is an upper limit, not a result.

# %%
for name in ("ERL, K = 2", "PRL, K = 2"):
    print(f"{name}: ", ", ".join(f"{row} {evaluations[name].metrics(row)['NDCG@20']:.4f}"
                                 for row in evaluations[name].excluded))
answers = [evaluations[name].excluded["step 0"] for name in ("base", "base, seed 1")]
placebo = mean_metrics(best_step(answers))["NDCG@20"]
print(f"best of base and base, seed 1, for each user after the fact: {placebo:.4f}")
for name in ("ERL, K = 2", "PRL, K = 2"):
    print(f"{name}: oracle over base {evaluations[name].metrics(ORACLE)['NDCG@20'] / ndcg['base'].mean() - 1:+.0%}")
print(f"placebo: best of two seeds over base {placebo / ndcg['base'].mean() - 1:+.0%}")

# %% [markdown]
# The last line is a placebo. Two copies of the base model that differ only in luck have an oracle too, and it is above
# both: picking the better of two answers after the fact always gains. So an oracle above the model shows that the
# answers *differ*, but not that anyone could know which is better. The library prints a placebo, too: the *null
# oracle*, the best of as many copies that take no step and differ only by dropout. Keep that in mind for notebook 8.
#
# ## The full-size runs
#
# The table in the [README](../../README.md#what-was-measured) comes from runs on all of Beauty, with wider models and
# settings chosen on the validation part. Read it now with the questions of this notebook in mind: on which file, with
# which command, after how long, with how many seeds, with which intervals? The commands are below the table, and you can
# repeat them.

# %% [markdown]
# ## Your turn
#
# **1. A weak baseline.** Papers have reported gains over baselines trained with a temperature of 0.07 and a dropout
# of 0.5. Train `base` with these two settings and compare ERL's test figure with it. How large is the "improvement"
# now?
#
# <details><summary>Hint</summary>
#
# `trainers["base"].config.replaced(temperature=0.07, dropout=0.5, input_dropout=0.5)`, then train and evaluate as
# above.
#
# </details>

# %%
# your code here

# %% [markdown]
# **2. More seeds.** Train base and ERL with seeds 2 and 3 as well. Take each user's mean over seeds, and compute the
# paired interval again. Has it become narrower? Does your conclusion change?
#
# <details><summary>Hint</summary>
#
# `np.mean([per_user(...)["NDCG@20"] for ...], axis=0)` is the mean over seeds for each user. It takes about a minute.
#
# </details>

# %%
# your code here

# %% [markdown]
# **3. Fewer users.** Repeat the interval of ERL against base with the first 300 users only. How does its width depend
# on the number of users? How many would you need for an interval half as wide?
#
# <details><summary>Hint</summary>
#
# Draw from 300 users: `rng.integers(0, 300, size=(1000, 300))`. The width of an interval of a mean falls with the
# square root of the number of users.
#
# </details>

# %%
# your code here

# %% [markdown]
# **4. Choosing on the test part.** Evaluate base on the *test* part after every epoch, and take the best. By how much
# is it better than the epoch that validation chose? That is the size of the mistake, for one model and one choice.
#
# <details><summary>Hint</summary>
#
# `Trainer.train()` is a generator: after each `EpochDone` event, `mr.evaluate(trainer.scorer, trainer.split, "test")`
# evaluates the weights of that epoch.
#
# </details>

# %%
# your code here

# %% [markdown]
# ## Where to go from here
#
# - The source code: [training.py](../../minirearec/training.py), [evaluation](../../minirearec/evaluation) with its
#   modules full_ranking, metrics and ranking (ties), [item_to_item.py](../../minirearec/counts/item_to_item.py), and
#   the rows of the full comparison,
#   [tests/benchmarks/base.toml](../../tests/benchmarks/base.toml).
# - The paper: [*Think Before Recommend*](https://arxiv.org/abs/2503.22675), section 4.1 for its protocol (which
#   splits by time), 4.2 for its results, 4.3 for the oracle.
# - There is no new assignment for this notebook; a1 (metrics and ranking) covers its figures, a4 and a5 the two
#   methods.
# - Next: [8. When does thinking help?](../rendered/08_when_thinking_helps.ipynb).
