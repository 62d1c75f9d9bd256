"""beauty-sim: a synthetic data set of Beauty's size with planted structure, for machines without the real file."""

from dataclasses import dataclass

import numpy as np

from minirearec.data.sequences import SequenceData, array_sha256
from minirearec.errors import ConfigError

CORE = 5  # fewest interactions of a user and of an item
LONGEST = 200  # items in a history, and never more than half the catalogue
SMALLEST_CATALOGUE = 2 * CORE
REDRAWS = 10  # of a draw that the history already holds, before any unseen item is taken


@dataclass(frozen=True)
class Recipe:
    """Probabilities of the generative model, which ``beauty_sim`` explains."""

    follow: float = 0.2
    taste: float = 0.4  # the rest of the probability, 0.4, explores
    recency: tuple[float, ...] = (0.6, 0.25, 0.15)  # of the last, last but one, ... item being followed
    successors: tuple[float, ...] = (0.4, 0.3, 0.2, 0.1)  # of an item's successors, the likeliest first
    items_per_need: int = 40
    popularity_exponent: float = 0.9
    popularity_shift: float = 0.005  # of the catalogue's size: flattens the head, as in the real file
    length_exponent: float = 2.3  # of the tail of history lengths


def beauty_sim(seed: int = 0, users: int = 22363, items: int = 12101, interactions: int = 198502,
               recipe: Recipe = Recipe()) -> SequenceData:
    """Generate histories with exactly these totals; the same seed (and NumPy) gives the same data.

    - Items are spread evenly over hidden *needs*. Popularity falls with the rank r of an item as
      (r + shift)^-exponent. Each item has a few *successors* in its need, popular ones more often.
    - Lengths are at least 5, with a power-law tail cut at 200 (mean 8.88 at the published totals).
    - The next item of a history
        - follows, with probability 0.2: a successor of the last item or one of the two before it;
        - suits the taste, 0.4: from the need of any earlier item, by popularity;
        - explores, otherwise: from the whole catalogue, by popularity, as does the first item.
      An item that the history already holds is drawn again, so none occurs twice in a history.
    - Items left with fewer than 5 interactions then replace items that have more, at random places.

    So order matters (following), long histories help (taste), popularity alone says little, and items differ only
    by chance: nothing can be learned but what sequences show.
    Raises ConfigError for impossible sizes: all users and items need 5 interactions, no history may hold
    more than half the catalogue or 200 items, and there must be 10 items and 5 users.
    """
    _check_sizes(users, items, interactions)
    rng = np.random.default_rng(seed)
    lengths = _history_lengths(users, interactions, min(LONGEST, items // 2), recipe.length_exponent)
    catalogue = _make_catalogue(rng, items, recipe)
    history = _walk(rng, catalogue, lengths, recipe)  # longest first
    order = rng.permutation(users)
    history, lengths = history[order], lengths[order]
    flat = history[np.arange(history.shape[1]) < lengths[:, None]]
    flat = _raise_rare_items(rng, flat, np.repeat(np.arange(users), lengths), items)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return SequenceData(
        name="beauty-sim", items=flat, offsets=offsets,
        user_ids=np.arange(1, users + 1, dtype=np.int64), item_ids=np.arange(1, items + 1, dtype=np.int64),
        sha256=array_sha256(flat, offsets), synthetic=True, source=f"synthetic, generated from seed {seed}")


def _check_sizes(users: int, items: int, interactions: int) -> None:
    longest = min(LONGEST, items // 2)
    for bad, what in (
            (items < SMALLEST_CATALOGUE, f"{items} items, fewer than {SMALLEST_CATALOGUE}"),
            (users < CORE, f"{users} users, fewer than {CORE}"),
            (interactions < CORE * max(users, items),
             f"{interactions} interactions are fewer than {CORE} for each of {users} users and {items} items"),
            (interactions > longest * users,
             f"{interactions} interactions are more than {longest} for each of {users} users")):
        if bad:
            raise ConfigError(what, "beauty-sim", "Choose other sizes: users, items, interactions.")


def _history_lengths(users: int, total: int, longest: int, exponent: float) -> np.ndarray:
    """Return lengths int64 [users], longest first: quantiles of 5 + a Lomax law whose scale makes the sum ``total``."""
    tail = ((np.arange(users) + 0.5) / users) ** (-1 / exponent) - 1
    low, high = 0.0, 1.0
    while _lengths_at(high, tail, longest).sum() < total and high < 1e9:
        high *= 2
    for _ in range(60):  # bisection
        middle = (low + high) / 2
        low, high = (middle, high) if _lengths_at(middle, tail, longest).sum() <= total else (low, middle)
    lengths = _lengths_at(low, tail, longest)
    while missing := total - lengths.sum():  # rounding leaves some: one more for the longest with room
        room = np.flatnonzero(lengths < longest)[:missing]
        lengths[room] += 1
    return lengths


def _lengths_at(scale: float, tail: np.ndarray, longest: int) -> np.ndarray:
    return np.minimum(CORE + np.floor(scale * tail), longest).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Catalogue:
    need: np.ndarray  # int [V]
    successors: np.ndarray  # int [V, successors]
    by_need: np.ndarray  # int [V], items ordered by need
    bounds: np.ndarray  # float [needs + 1]: cumulative popularity where each need starts in by_need
    cumulative: np.ndarray  # float [V], of popularity in the order of by_need

    def draw(self, u: np.ndarray, need: np.ndarray | None = None) -> np.ndarray:
        """Draw items by popularity for uniform numbers u, from the whole catalogue or from one need each."""
        if need is None:
            point = u * self.cumulative[-1]
        else:
            point = self.bounds[need] + u * (self.bounds[need + 1] - self.bounds[need])
        place = np.searchsorted(self.cumulative, point, side="right")
        return self.by_need[np.minimum(place, len(self.by_need) - 1)]


def _make_catalogue(rng, items: int, recipe: Recipe) -> _Catalogue:
    popularity = (np.arange(1, items + 1) + recipe.popularity_shift * items) ** -recipe.popularity_exponent
    popularity = rng.permutation(popularity)
    members = np.array_split(rng.permutation(items), max(1, items // recipe.items_per_need))
    need = np.empty(items, dtype=np.int64)
    successors = np.empty((items, len(recipe.successors)), dtype=np.int64)
    for index, group in enumerate(members):
        need[group] = index
        # The largest of log weight + Gumbel noise are a weighted draw without repetition.
        keys = np.log(popularity[group]) + rng.gumbel(size=(len(group), len(group)))
        np.fill_diagonal(keys, -np.inf)  # nothing succeeds itself
        successors[group] = group[np.argsort(-keys, axis=1)[:, :len(recipe.successors)]]
    by_need = np.concatenate(members)
    cumulative = np.cumsum(popularity[by_need])
    ends = np.cumsum([len(group) for group in members]) - 1
    return _Catalogue(need, successors, by_need, np.concatenate([[0.0], cumulative[ends]]), cumulative)


def _walk(rng, catalogue: _Catalogue, lengths: np.ndarray, recipe: Recipe) -> np.ndarray:
    """Return histories int32 [users, longest], made for all users step by step; ``lengths`` must be descending."""
    history = np.full((len(lengths), lengths[0]), -1, dtype=np.int32)
    for step in range(lengths[0]):
        active = np.count_nonzero(lengths > step)
        waiting = np.arange(active)  # users whose item of this step is still to be drawn
        for _ in range(REDRAWS):
            drawn = _draw_next(rng, catalogue, history[waiting], step, recipe)
            fresh = (history[waiting, :step] != drawn[:, None]).all(axis=1)
            history[waiting[fresh], step] = drawn[fresh]
            waiting = waiting[~fresh]
        for user in waiting:
            unseen = np.setdiff1d(np.arange(len(catalogue.need)), history[user, :step])
            history[user, step] = rng.choice(unseen)
    return history


def _draw_next(rng, catalogue: _Catalogue, history: np.ndarray, step: int, recipe: Recipe) -> np.ndarray:
    """Draw one candidate for each user [n], given histories [n, .] filled before ``step``."""
    rows = np.arange(len(history))
    kind, u = rng.random(len(rows)), rng.random(len(rows))
    explored = catalogue.draw(u)
    if step == 0:
        return explored
    recency = np.cumsum(recipe.recency[:step])  # a young history has fewer items to follow
    back = np.minimum(np.searchsorted(recency, rng.random(len(rows)) * recency[-1], side="right"), step - 1)
    choice = np.searchsorted(np.cumsum(recipe.successors[:-1]), u, side="right")
    followed = catalogue.successors[history[rows, step - 1 - back], choice]
    liked = catalogue.need[history[rows, rng.integers(step, size=len(rows))]]
    suited = catalogue.draw(u, liked)
    return np.select([kind < recipe.follow, kind < recipe.follow + recipe.taste], [followed, suited], explored)


def _raise_rare_items(rng, flat: np.ndarray, user: np.ndarray, items: int) -> np.ndarray:
    """Replace items in the flat histories so that every item occurs 5 times.

    It always ends: for an item in fewer than 5 histories and one in more than 5 there is a history that has only
    the latter, and such a pair is drawn sooner or later.
    """
    flat = flat.copy()
    while True:
        counts = np.bincount(flat, minlength=items)
        wanted = np.repeat(np.arange(items), np.maximum(CORE - counts, 0))
        if len(wanted) == 0:
            return flat
        # Places in random order; from each item only as many as it can spare.
        places = rng.permutation(len(flat))
        places = places[_nth_occurrence(flat[places]) < (counts - CORE)[flat[places]]][:len(wanted)]
        wanted = rng.permutation(wanted)[:len(places)]
        held = np.isin(user[places] * items + wanted, user * items + flat)
        first = np.zeros(len(places), dtype=bool)  # the same item may be offered to one user twice
        first[np.unique(user[places] * items + wanted, return_index=True)[1]] = True
        flat[places[first & ~held]] = wanted[first & ~held]


def _nth_occurrence(values: np.ndarray) -> np.ndarray:
    """Return for each element how many equal ones come before it."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    nth = np.empty(len(values), dtype=np.int64)
    nth[order] = np.arange(len(values)) - np.repeat(starts, np.diff(np.concatenate([starts, [len(values)]])))
    return nth
