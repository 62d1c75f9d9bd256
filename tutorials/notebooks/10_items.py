# %% [markdown]
# # 10. Items are more than ids: whitening, experts and cold items
#
# So far an item was a number, and its vector was whatever training made of that number. An item that training never saw
# was never a target, so its vector said nothing about what the item is. But a shop knows more about its items: a title,
# a brand, a price. This notebook makes item vectors from such *features*. The encoder and the reasoning steps stay as
# they were.
#
# **What you will learn**
#
# - how titles become vectors without any download, and what is wrong with these vectors,
# - what *whitening* does to them, before and after, as a scatter plot,
# - the item encoders of UniSRec (whitening, experts and a gate) and MoRec (a projection),
# - what a trained gate chooses, and why it is noisy in training,
# - whether a model recommends items that training never saw, and how features help.
#
# Reading takes about 25 minutes.

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np

import minirearec as mr
from minirearec.data import SequenceData, make_split
from minirearec.data.features import Features, Making, make_features
from minirearec.data.sequences import array_sha256
from minirearec.engine import with_features
from minirearec.reference.ops import softmax
from minirearec.reference.registries import ITEM_ENCODERS
from minirearec.weights import nest
from minirearec_tutorials import drawing

drawing.use_style()

# %% [markdown]
# ## A shop with titles
#
# We make a small shop in which titles matter, and **all figures below come from this synthetic data**. Every item has a
# *topic* (tea, bread, ...) and a *style* (organic, travel, ...), and its title has words for both, among words that say
# nothing. Users have a favourite style, and topics follow each other: after tea often comes bread, after bread jam.
#
# One item in eight is **cold**: it came into the shop late, so it can only be the last item of a history. The last item
# of each user is the test target, so training never sees a cold item.

# %%
TOPICS = {"tea": "leaf green black mint", "bread": "rye loaf wheat crust", "jam": "berry plum spread fruit",
          "soap": "bar lather rose clean", "towel": "cotton bath soft weave", "lamp": "light desk glow shade",
          "book": "novel page story cover", "game": "dice cards board play", "bike": "wheel ride pedal frame",
          "tent": "camp peg canvas night", "boot": "leather hike sole lace", "sock": "wool knit warm toe"}
STYLES = {"organic": "pure natural", "travel": "folding pocket", "kids": "bright tiny", "luxury": "golden fine",
          "basic": "plain value"}
FILLERS = "new with for pack of the original quality set and".split()
EACH, USERS, COLD = 8, 2500, 8  # items of a topic and a style; users; one item in COLD is cold

rng = np.random.default_rng(0)
topic, style = (part.ravel() for part in np.meshgrid(np.arange(12), np.arange(5), indexing="ij"))
topic, style = np.repeat(topic, EACH), np.repeat(style, EACH)  # of each item
V = len(topic)
cold = np.arange(V) % COLD == COLD - 1


def title(item):
    """Return a title of about eight words: topic, style, and words that say nothing."""
    (noun, words), (kind, more) = list(TOPICS.items())[topic[item]], list(STYLES.items())[style[item]]
    manner = kind if rng.random() < 0.7 else rng.choice(more.split())
    parts = [noun, manner, *rng.choice(words.split(), 2, replace=False), *rng.choice(FILLERS, 4, replace=False)]
    return " ".join(rng.permutation(parts))


titles = np.array([title(item) for item in range(V)])
for item in (0, 7, 200):
    print(titles[item], "(cold)" if cold[item] else "")

# %%
def history():
    """Return a history of 5 to 10 items; a cold one can only come last."""
    favourite, place, found = rng.integers(5), rng.integers(12), []
    length = rng.integers(5, 11)
    while len(found) < length:
        place = (place + 1) % 12 if rng.random() < 0.8 else rng.integers(12)
        taste = favourite if rng.random() < 0.8 else rng.integers(5)
        late = len(found) == length - 1 and rng.random() < 0.3
        fitting = np.flatnonzero((topic == place) & (style == taste) & (cold == late))
        item = rng.choice(fitting)
        if item not in found:
            found.append(item)
    return found


histories = [history() for _ in range(USERS)]
flat = np.concatenate(histories).astype(np.int32)
offsets = np.concatenate([[0], np.cumsum([len(found) for found in histories])]).astype(np.int64)
plain = SequenceData(name="titled shop", items=flat, offsets=offsets, user_ids=np.arange(USERS), item_ids=np.arange(V),
                     titles=titles, sha256=array_sha256(flat, offsets), synthetic=True, source="made in notebook 10")
split = make_split(plain)
seen = np.bincount(split.train_items, minlength=V)  # how often training sees each item
assert (seen[cold] == 0).all() and (seen[~cold] > 0).all()
print(f"{V} items, {cold.sum()} of them cold; {USERS} users; "
      f"{np.mean(cold[split.target('test')]):.0%} of the test targets are cold")

# %% [markdown]
# ## From a title to a vector
#
# The paper sends the text of each item through a large language model. We count words, and pairs of neighbours, which
# needs no download: **TF-IDF** weighs a word by how often it occurs in the title and how rare it is among all titles,
#
# $$ x_{vw} = \text{tf}_{vw} \cdot \Big(\ln\frac{1 + V}{1 + \text{df}_w} + 1\Big), $$
#
# each row is divided by its norm, and a truncated **SVD** turns these wide, sparse rows into narrow ones, of width
# $F$. From a terminal, for a data set with titles: `minirearec data features NAME --from titles`.

# %%
F = 32
data = replace(plain, features=make_features(plain, Making("titles", width=F)))
x = data.features.values  # [V, F]
print("features", x.shape, "made by", data.features.origin)


# %% [markdown]
# Three small helpers for pictures: items in a plane, the cosines of pairs of items, and how far a cloud of vectors
# extends in its principal directions.

# %%
first, second = np.triu_indices(V, 1)  # all pairs of items
PAIRS = {"nothing in common": (topic[first] != topic[second]) & (style[first] != style[second]),
         "same style": (topic[first] != topic[second]) & (style[first] == style[second]),
         "same topic": topic[first] == topic[second]}


def scatter(vectors, ax, title, named=True):
    """Draw items in a plane: the colour is the topic, a black edge marks cold items."""
    colours = plt.get_cmap("tab20")(topic)  # [V, 4]
    ax.scatter(*vectors[~cold].T, c=colours[~cold], s=14)
    ax.scatter(*vectors[cold].T, c=colours[cold], s=30, edgecolor="black", linewidth=0.9)
    for number, name in enumerate(TOPICS if named else ()):
        ax.annotate(name, vectors[(topic == number) & ~cold].mean(axis=0), fontsize=9, ha="center", va="center",
                    bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.7})
    ax.locator_params(axis="x", nbins=5)
    ax.set_title(title)


def show_cosines(vectors, ax, title):
    """Draw how the cosines of pairs are distributed, and print their means."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = (unit @ unit.T)[first, second]
    for (name, pairs), colour, dashes in zip(PAIRS.items(), ("C1", "C2", "C0"), ("-", ":", "--"), strict=True):
        ax.hist(cosines[pairs], np.linspace(-1, 1, 81), density=True, histtype="step", color=colour, linestyle=dashes,
                linewidth=1.6, label=name)
    ax.set(title=f"Cosines, {title}", xlabel="cosine of two items", yticks=[], xticks=[-1, -0.5, 0, 0.5, 1])
    ax.legend(loc="upper left")
    print(f"{title:20}", ", ".join(f"{name} {cosines[pairs].mean():+.2f}" for name, pairs in PAIRS.items()))


def spread(vectors):
    """Return the standard deviations along the principal directions, the largest first."""
    return np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False) / np.sqrt(V)


# %% [markdown]
# ## What is wrong with these vectors: before whitening
#
# Look at the first two columns, and at the cosines between items.

# %%
_, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
scatter(x[:, :2], left, "Features: columns 0 and 1", named=False)
left.axhline(0, color="grey", linewidth=0.6)
left.axvline(0, color="grey", linewidth=0.6)
show_cosines(x, right, "before whitening")
plt.show()
print(f"the mean vector is {np.linalg.norm(x.mean(axis=0)):.2f} long, an item {np.linalg.norm(x, axis=1).mean():.2f}")

# %% [markdown]
# The cloud is not around 0 but to one side of it: all items share a direction, that of the words which say nothing. So
# even items with nothing in common have cosines above 0. Vectors of language models look like this, only worse: they
# lie in a narrow cone, and a few of their directions are much louder than the others.
#
# A recommender compares vectors by dot products. A shared direction adds the same to every score, and loud directions
# drown the quiet ones.
#
# ## Whitening, by the book
#
# *Whitening* moves the cloud to 0 and makes it round: mean 0, and the same variance in all directions, without
# correlations. With the mean $b$, the principal directions $U$ [F, F] and the standard deviations $\sigma$ along them,
#
# $$ \text{white}(x) = (x - b)\, W, \qquad W = U \,\text{diag}(1/\sigma). $$

# %%
b = x.mean(axis=0)
directions = np.linalg.svd(x - b, full_matrices=False)[2].T  # [F, F]
white = (x - b) @ (directions / spread(x))
assert np.allclose(white.mean(axis=0), 0, atol=1e-4) and np.allclose(np.cov(white.T, bias=True), np.eye(F), atol=1e-3)


def explained(vectors, group):
    """Return for each column which share of its variance is between the means of the groups."""
    means = np.stack([vectors[group == number].mean(axis=0) for number in range(group.max() + 1)])
    return means[group].var(axis=0) / vectors.var(axis=0)


_, axes = plt.subplots(1, 3, figsize=(12.5, 3.4))
scatter(white[:, :2], axes[0], "After whitening: the first two directions")
show_cosines(white, axes[1], "after whitening")
drawing.curves(range(1, F + 1), {"topic": explained(white, topic), "style": explained(white, style)}, axes[2],
               "direction", "share of the variance", "What the directions tell apart")
plt.show()
print("spread before:", spread(x)[[0, 10, 11, 30]].round(3), "  after:", spread(white)[[0, 10, 11, 30]].round(3),
      "  (directions 1, 11, 12, 31)")

# %% [markdown]
# Items with nothing in common now have cosines around 0: the cloud is centred. But the cosines within a topic have come
# *down* as well. The right panel says why: the first directions tell topics apart, the next ones styles, and the rest
# tell nothing that matters, only which filler words a title has. Whitening by the book cannot know that. All directions
# are now equally loud.
#
# ## UniSRec: whitening with learned numbers, experts and a gate
#
# So UniSRec keeps the form $(x - b) W$ and learns $b$ and $W$ from the recommendations. It does so $G = 8$ times, with
# experts $g = 1 \dots G$, and a gate decides for each item how much of each expert it takes:
#
# $$ e_v = \sum_{g=1}^{G} a_{vg}\, (x_v - b_g)\, W_g, \qquad
#    a_v = \text{softmax}\big(x_v W_\text{gate} + \varepsilon_v\big). $$
#
# The noise $\varepsilon$ exists in training only; we come to it. MoRec is simpler, a projection and a GeLU:
# $e_v = \text{gelu}(W x_v + c)$. In both, the features themselves are *frozen*: data, not weights. What is learned is
# how to read them. From there on, everything is as before: $e_v$ takes the place of the id vector, in the input and in
# the scores.
#
# We train four models that differ in their item vectors, and in a setting that follows from them (`contrast`, below).
# `with_ids` adds a free vector to each item, which starts at 0.

# %%
ENCODERS = {"id": {"items": "id"}, "morec": {"items": "morec"}, "unisrec": {"items": "unisrec"},
            "unisrec + ids": {"items": "unisrec", "with_ids": True}}
trainers = {}
for name, chosen in ENCODERS.items():
    settings = mr.Config.make(method="erl", steps=2, width=32, inner_width=64, layers=1, dropout=0.1,
                              input_dropout=0.1, epochs=10, learning_rate=0.005, batch_positions=512,
                              weight_decay=0.1, seed=0, **chosen)
    trainers[name] = mr.Trainer(settings, data, device="cpu")
    *_, finished = trainers[name].train()
    print(f"{name:14} best epoch {finished.best_epoch:2} of {finished.epochs}, validation NDCG@20 "
          f"{trainers[name].best.metrics['NDCG@20']:.4f} (no cold items there)")

# %% [markdown]
# ## What the experts made of the features
#
# The left panel has the features again, in the plane in which they vary most. The others have the trained tables, each
# in its own plane. Cold items have a black edge.
#
# A model reads features times a power of two that brings their size near 1. Adam moves every weight by about the
# learning rate, whatever it multiplies, so weights that multiply small features would learn many times more
# slowly. `with_features` returns these scaled features; below, we use them wherever we apply trained weights.

# %%
read = with_features(trainers["unisrec"].config, data)[1]  # [V, F]
print(f"the model reads the features times {(read[x != 0] / x[x != 0]).mean():.0f}")
trained = {name: {**nest(trainer.best_weights), "item_features": read} for name, trainer in trainers.items()}
tables = {name: ITEM_ENCODERS[ENCODERS[name]["items"]].item_table(weights) for name, weights in trained.items()}
_, axes = plt.subplots(1, 4, figsize=(16, 3.8))
for ax, (name, table) in zip(axes, {"features": x, **{k: tables[k] for k in ("id", "morec", "unisrec")}}.items(),
                             strict=True):
    scatter(drawing.to_plane(table), ax, name)
plt.show()

# %%
_, axes = plt.subplots(1, 2, figsize=(9, 3.2))
show_cosines(tables["unisrec"], axes[0], "unisrec, trained")
clouds = {"features": x, "whitened by the book": white, "unisrec, trained": tables["unisrec"]}
drawing.curves(range(1, F + 1), {name: spread(cloud) / spread(cloud)[0] for name, cloud in clouds.items()}, axes[1],
               "direction", "spread (the largest is 1)", "Is it white?")
axes[1].legend(loc=(0.42, 0.3))
plt.show()

# %% [markdown]
# Is the trained whitening white? The name promises too much: nothing in the loss asks for equal variances. Training
# makes those directions loud that help to recommend, and leaves the others quiet. Count the loud directions, and
# remember how many topics and styles there are. (Twelve topic means span only eleven directions around their own mean.)
#
# Now look for the black edges. In the table of ids, cold items are *apart* from all others: they were never a target,
# but were contrasted with every target, so training pushed them to where scores are low. In the tables made from
# features they are where their titles put them, among their topic. (Models with features contrast only items that occur
# in training, `--contrast seen`: an item must not be pushed down for being new.)
#
# ## What the gate chooses
#
# $W_\text{gate}$ starts at 0, so every item begins with an equal share of every expert, 1/8. Here is what training made
# of it, as a mean over the items of each topic and style:

# %%
learned = trained["unisrec"]["item_encoder"]
gate = softmax(read @ learned["gate"])  # [V, G]
groups = {**{name: topic == number for number, name in enumerate(TOPICS)},
          **{name: style == number for number, name in enumerate(STYLES)}}
shares = np.array([gate[members].mean(axis=0) for members in groups.values()])
assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)
G = gate.shape[1]
_, ax = plt.subplots(figsize=(6.2, 6))
drawing.heatmap(shares, ax, rows=list(groups), columns="expert", centre=1 / G, values=True,
                title="The gate: share of each expert (white: 1/8)")
plt.show()
entropy = -(gate * np.log(gate)).sum(axis=1)
print(f"experts that an item really uses: {np.exp(entropy).mean():.1f} of {G} on average")

# %% [markdown]
# Read it by rows: do two topics choose different experts? Do two styles? And by columns: is there an expert that nobody
# chooses? What an expert *means* is up to the random start. The printed number says how soft the choice is: this gate
# shifts weight from one expert to another, and never chooses a single one. (Exercise 2 asks whether so small a shop
# needs experts at all.)
#
# In training, the gate is noisy: $\varepsilon_{vg} = n_{vg} \cdot (\text{softplus}(x_v W_\text{noise})_g + 0.01)$, with
# $n_{vg}$ drawn from $N(0, 1)$ in every step. Without it, an expert that happens to be good at first would get the most
# gradient and become better still, and others might never learn. When the model recommends there is no noise: the same
# item must always get the same vector.

# %%
item = 0
sigma = np.log1p(np.exp(read[item] @ learned["gate_noise"])) + 0.01  # [G]
draws = softmax(read[item] @ learned["gate"] + np.random.default_rng(0).standard_normal((400, G)) * sigma)
_, ax = plt.subplots(figsize=(6.5, 2.8))
ax.boxplot(draws, positions=range(G), showfliers=False)
ax.plot(range(G), gate[item], "C1D", label="without noise, as in recommending")
ax.set(xlabel="expert", ylabel="share", title=f"400 draws of the noisy gate, for the first item ({list(TOPICS)[0]})")
ax.legend()
plt.show()

# %% [markdown]
# ## Cold items
#
# The test now ranks each user's last item among all items. For three targets in ten, training never saw that item. The
# evaluation keeps the two groups apart:

# %%
chance = 10 / V
evaluations = {name: trainer.evaluate("test") for name, trainer in trainers.items()}
recall = {"never seen": [], "seen": []}
print(f"{'Recall@10, synthetic data':26} {'never seen':>11} {'seen more':>10}")
for name, evaluation in evaluations.items():
    found = evaluation.by_times_seen()
    recall["never seen"].append(found["0"]["excluded"]["Recall@10"])
    recall["seen"].append(found["more"]["excluded"]["Recall@10"])
    print(f"{name:26} {recall['never seen'][-1]:11.4f} {recall['seen'][-1]:10.4f}")
print(f"{'chance':26} {chance:11.4f} {chance:10.4f}")

# %%
_, ax = plt.subplots(figsize=(7, 3))
for shift, (group, found), colour, hatch in zip((-0.2, 0.2), recall.items(), ("C1", "C0"), ("//", ""), strict=True):
    ax.bar(np.arange(len(found)) + shift, found, 0.38, color=colour, hatch=hatch, edgecolor="white", label=group)
ax.axhline(chance, color="black", linestyle="--", linewidth=1, label="chance")
ax.set(xticks=range(len(ENCODERS)), xticklabels=ENCODERS, ylabel="Recall@10", ylim=(0, 0.9),
       title="Targets that training never saw, and others (synthetic)")
ax.legend(ncols=3)
plt.show()

# %% [markdown]
# A table of ids can do nothing for a cold item. A model that reads titles can, because it never learned "after 17 comes
# 42" in the first place, but "after this kind of thing comes that kind".
#
# Be careful with the rest of the picture. That features help so much *here* is no wonder: we made a shop in which
# titles decide what comes next. In a real shop they say less, and where items have been seen often, ids are hard to
# beat, as they are here. ([Figures for real
# data](../../tests/benchmarks/README.md#backbones-and-item-features).)
#
# And the last pair of bars? With features *and* free vectors, the model is best on items that training saw, and gives
# up the cold ones. Their free vectors started at 0 and no gradient ever reached them, so a cold item keeps the vector
# of its features. Why does that not help it?

# %%
both = trained["unisrec + ids"]
from_features = tables["unisrec + ids"] - both["item_embedding"]
assert not both["item_embedding"][cold].any()
for name, vectors in {"from features": from_features, "free": both["item_embedding"], "sum": from_features +
                      both["item_embedding"]}.items():
    length = np.linalg.norm(vectors, axis=1)
    print(f"length of vectors, {name:14} seen items {length[~cold].mean():.2f}   cold items {length[cold].mean():.2f}")

target = split.target("test")
rows = np.flatnonzero(cold[target])
inputs, lengths = split.inputs(rows, "test", 50)
states = np.asarray(trainers["unisrec + ids"].engine.states(inputs, lengths)).mean(axis=1)  # the answer of erl
scores = states @ tables["unisrec + ids"].T
own = scores[np.arange(len(rows)), target[rows]]
rank = 1 + (scores[:, cold] > own[:, None]).sum(axis=1)
print(f"among the {cold.sum()} cold items alone, the target is one of the first five for {np.mean(rank <= 5):.0%}")

# %% [markdown]
# The model knows *which* cold item it would be, but all cold items have short vectors, so their dot products lose
# against those of seen items. Comparing directions instead (`scores="cosine"`, as the authors of UniSRec do) takes the
# lengths away: exercise 4.
#
# ## What does it recommend?
#
# We take a user whose hidden item is cold and follows the rule of this shop: its topic comes after the topic of the
# last item in the history. `*` marks items that training never saw. (Six items out of 480 need not include the hidden
# one, or any star: look for topic and style.)

# %%
user = next(row for row in rows if topic[target[row]] == (topic[split.history(row, "test")[-1]] + 1) % 12)
past = split.history(user, "test")
print("history:")
for item in past:
    print("   ", titles[item])
print(f"hidden: *{titles[target[user]]}")
for name in ("id", "unisrec"):
    answer = trainers[name].recommender().recommend(data.item_ids[past].tolist(), k=6)[-1]
    print(f"\n{name} ({answer.row}):")
    for item in answer.items:
        print(f"   {'*' if cold[item] else ' '}{titles[item]}")

# %%
# How often does each model recommend a cold item at all? One item in eight is cold.
for name, trainer in trainers.items():
    recommender, found = trainer.recommender(), []
    for user in range(0, USERS, 25):
        past = data.item_ids[split.history(user, "test")].tolist()
        found += recommender.recommend(past, k=10)[-1].items
    print(f"{name:14} {np.mean(cold[found]):6.1%} of what it recommends is cold (in the shop: {cold.mean():.1%})")

# %% [markdown]
# A recommender that never shows new items keeps them new: nobody buys what nobody sees. That is why this matters beyond
# a row in a table.

# %% [markdown]
# ## Your turn
#
# **1. An item that does not exist yet.** Write a title for a new item, such as "kids mint tea for the night". Which
# items of the shop are nearest to it in the table of `unisrec`, by cosine? Which users would get it?
#
# <details><summary>Hint</summary>
#
# Make features for `[*titles, "your title"]`, train `unisrec` with them (the new item has no interactions), and take
# the last row of the table. A shorter way: the mean of the features of items with the same words.
#
# </details>

# %%
# your code here

# %% [markdown]
# **2. One expert.** Train `unisrec` with `experts=1`, and with 2. The paper of UniSRec pre-trains on many shops at once
# and needs its experts there. Does this little shop?
#
# <details><summary>Hint</summary>
#
# `settings.replaced(items="unisrec", with_ids=False, experts=1)`. Repeat with two more seeds before you believe a
# difference.
#
# </details>

# %%
# your code here

# %% [markdown]
# **3. Features that say nothing.** Shuffle the rows of the features among the items, or draw them at random, and train
# `unisrec` again, for 60 epochs. Which of the two groups of targets stays at chance, and why does the other one
# recover?
#
# <details><summary>Hint</summary>
#
# `shuffled = replace(data, features=Features(rng.permutation(x), "shuffled", V))`, then
# `mr.Trainer(settings.replaced(with_ids=False, epochs=60), shuffled)`. Random features still tell items apart: they are
# ids of another kind. But what is learned of one item helps no other, so it takes long: after 10 epochs, both groups
# are hardly better than chance.
#
# </details>

# %%
# your code here

# %% [markdown]
# **4. Lengths.** Train `unisrec + ids` with cosines, and look at both groups of targets again. How long are the vectors
# now, and why does it not matter?
#
# <details><summary>Hint</summary>
#
# `settings.replaced(scores="cosine", temperature=0.07)`: cosines are at most 1, so the softmax needs a small
# temperature. The cold items will gain, but not all that the free vectors cost them: a direction can be drowned too.
#
# </details>

# %%
# your code here

# %% [markdown]
# ## Where to go from here
#
# - The source code: [reference/items](../../minirearec/reference/items) and [nn/items](../../minirearec/nn/items) side
#   by side; [data/features](../../minirearec/data/features) for TF-IDF and SVD; [parts.py](../../minirearec/parts.py)
#   for the table of encoders. [CONTRIBUTING.md](../../CONTRIBUTING.md) shows how to add your own.
# - The papers: *Think Before Recommend*, [section 4](https://arxiv.org/abs/2503.22675), which puts reasoning on top of
#   both; Hou et al. 2022, [*UniSRec*](https://arxiv.org/abs/2206.05941); Yuan et al. 2023, [*Where to go next for
#   recommender systems? ID- vs. modality-based*](https://arxiv.org/abs/2303.13835) (MoRec); Su et al. 2021,
#   [*Whitening sentence representations*](https://arxiv.org/abs/2103.15316).
# - There is no assignment for this notebook.
# - This is the last notebook.
