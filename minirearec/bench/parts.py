"""The parts of a benchmark. Each runs in a process of its own and yields its cases and, at the end, its peak memory.

A sample stands for the whole where the whole takes long: some batches for an epoch; with ``quick`` every eighth user
for all of them. A case then says so in its note.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from minirearec.bench import work
from minirearec.bench.machine import threads_and_rates
from minirearec.bench.roofline import Roofline
from minirearec.bench.timing import QUICK_REPEATS, REPEATS, Times, in_turns, peak_memory
from minirearec.config import Config
from minirearec.counts.followers import find_followers
from minirearec.data.batching import iterate, training_windows
from minirearec.data.sequences import Rows, SequenceData
from minirearec.data.splits import Split, make_split
from minirearec.engine import make_engine, make_learner, with_features
from minirearec.errors import DataError
from minirearec.evaluation.full_ranking import USERS_AT_A_TIME, evaluate
from minirearec.evaluation.ranking import top_items
from minirearec.evaluation.scorers import Scorer, StateScorer
from minirearec.recommender import Recommender
from minirearec.runs.directory import DataFacts
from minirearec.sampling import find_seen
from minirearec.weights import draw, starts_of

BATCHES, QUICK_BATCHES = 12, 3  # of an epoch, unless all of them are asked for
QUICK_USERS = 8  # with ``quick`` one of so many users is evaluated
CALLS, QUICK_CALLS = 300, 60  # for one user


@dataclass(frozen=True)
class Job:
    """What a process measures: a model by its settings, the data, and how thoroughly."""

    config: Config
    data: SequenceData
    backend: str
    device: str = "auto"
    quick: bool = False
    full_epoch: bool = False
    run: str = ""  # the run directory to open

    @property
    def repeats(self) -> int:
        return QUICK_REPEATS if self.quick else REPEATS

    @property
    def features(self) -> np.ndarray | None:
        """Return the features of the items, if the item encoder needs them."""
        return with_features(self.config, self.data)[1]

    def scorer(self, config: Config | None = None) -> StateScorer:
        """Return a model with the weights that training starts from: speed does not depend on their values."""
        config = config or self.config
        weights = draw(starts_of(config, self.data.n_items), config.model.initial_std, config.training.seed)
        return StateScorer(make_engine(config, self.data.n_items, weights, self.backend, self.device,
                                       features=self.features), config)

    def without_steps(self) -> Config:
        """Return the settings with K = 0."""
        return self.config.replaced(steps=0)

    def roofline(self) -> Roofline:
        """Return a roofline for the products of this backend."""
        return Roofline(self.backend, self.device)


def case(name: str, times: Times, roofline: Roofline | None = None, products: list[work.Product] | None = None,
         note: str = "") -> dict:
    """Return a case as plain values; with products, beside their roofline."""
    found = {"case": name, "seconds": asdict(times), "note": note}
    if roofline is None or products is None:
        return found
    shortest = roofline.seconds(products)
    return {**found, "flops": work.flops(products), "roofline_seconds": shortest, "share": shortest / times.median}


def repeated(products: list[work.Product] | None, times: float) -> list[work.Product] | None:
    """Return products that are computed so many times as often."""
    return products and [replace(product, times=product.times * times) for product in products]


def training(job: Job) -> Iterator[dict]:
    """Measure the machine's rates, then training steps and an epoch, after the warm-up epochs."""
    config, split, roofline = job.config, make_split(job.data), job.roofline()
    epoch = config.objective.warmup_epochs + 1
    windows = training_windows(split.train_items, split.train_offsets, config.model.max_length, split.is_target,
                               config.single_prefixes, config.model.first_items)
    batches = list(iterate(windows, config.training.batch_positions, np.random.default_rng(config.training.seed)))
    if not batches:
        raise DataError("no user has two items that train, so there is nothing to measure", f"data set {job.data.name}",
                        "Choose another data set.")
    count = len(batches) if job.full_epoch else min(len(batches), QUICK_BATCHES if job.quick else BATCHES)
    sample = batches[:count]
    learner = make_learner(config, job.data.n_items, job.backend, job.device, split.popularity, job.features,
                           find_followers(config, split))
    precision = learner.config.training.precision
    yield {"machine": {**threads_and_rates(roofline, config.model.width, job.data.n_items), "precision": precision}}
    learner.start_epoch(epoch)
    learner.train_batch(sample[0])
    taken = in_turns({str(place): partial(learner.train_batch, batch) for place, batch in enumerate(sample)},
                     job.repeats, warm=0)
    seen = find_seen(config, split.popularity)
    products = None if not work.counts_training(config) else [product for batch in sample for product in work.training(
        learner.config, epoch, job.data.n_items, batch, None if seen is None else len(seen.items))]
    steps = [seconds for values in taken.values() for seconds in values]
    note = f"{config.training.batch_positions:,} positions, losses in {precision}"
    yield case("training step", Times.of(steps), roofline, repeated(products, 1 / count), note)
    scale = windows.positions / sum(batch.positions for batch in sample)
    rounds = [float(sum(values)) for values in zip(*taken.values(), strict=True)]
    note = "" if count == len(batches) else f"epoch from {count} of {len(batches)} batches"
    yield case("training epoch", Times.of(rounds, scale), roofline, repeated(products, scale), note)
    yield {"memory": "training", "bytes": peak_memory()}


def evaluation(job: Job) -> Iterator[dict]:
    """Measure validation as training does it, the test with all steps, its null oracle, and K = 0 beside K in batches.

    The last is reasoning's overhead: the whole test set in batches, with scores of all items and without their ranking.
    Once we trim batches of similar histories to their longest; once we pad every history to ``max_length``, as the
    paper does, so that the steps are a smaller share of the work.
    """
    config, split, roofline = job.config, make_split(job.data), job.roofline()
    split, scale, note = sampled(split) if job.quick else (split, 1.0, "")
    scorer, V = job.scorer(), job.data.n_items
    lengths = {part: np.minimum(split.rows(part).length, config.model.max_length) for part in ("valid", "test")}
    for name, part, only_answer, rows in (("validation", "valid", True, 1),
                                          ("test, all steps", "test", False, config.model.steps + 1)):
        taken = in_turns({name: partial(evaluate, scorer, split, part, only_answer, null=False)}, job.repeats)[name]
        products = work.inference(config.model, V, lengths[part], rows)
        yield case(name, Times.of(taken, scale), roofline, scaled(products, scale), note)
    copies = scorer.copies()
    if config.model.steps and copies is not None:
        name, count = "test, null oracle", len(copies.rows)
        products = work.inference(job.without_steps().model, V, lengths["test"], 1)
        taken = in_turns({name: partial(evaluate, copies, split, "test")}, job.repeats)[name]
        yield case(name, Times.of(taken, scale), roofline, scaled(products, scale * count), note)
    yield {"memory": "evaluation", "bytes": peak_memory()}
    configs = {0: job.without_steps(), config.model.steps: config}
    scorers = {steps: job.scorer(one) for steps, one in configs.items()}
    for place, pad in (("in batches", 0), ("padded", config.model.max_length)):
        taken = in_turns({str(steps): partial(score_everyone, scorer, split, pad)
                          for steps, scorer in scorers.items()}, 2 * job.repeats - 1)
        for steps, one in configs.items():
            products = None if pad else scaled(work.inference(one.model, V, lengths["test"], 1), scale)
            yield case(f"test set {place}, K = {steps}", Times.of(taken[str(steps)], scale), roofline, products, note)


def sampled(split: Split) -> tuple[Split, float, str]:
    """Return the split with every eighth row of its parts, the factor back to all rows, and a note."""
    parts = {part: Rows(split.rows(part).user[::QUICK_USERS], split.rows(part).length[::QUICK_USERS])
             for part in ("valid", "test")}
    return replace(split, **parts), len(split.test) / len(parts["test"]), f"from one of {QUICK_USERS} users"


def scaled(products: list[work.Product], scale: float) -> list[work.Product]:
    """Return the products of a whole from those of a sample."""
    return [replace(product, times=product.times * scale) for product in products]


def score_everyone(scorer: Scorer, split: Split, pad: int = 0) -> None:
    """Compute the scores of the answer for all test rows, in batches of histories of similar length, or padded."""
    order, memory = np.argsort(split.test.length, kind="stable"), None
    for start in range(0, len(order), USERS_AT_A_TIME):
        rows = order[start:start + USERS_AT_A_TIME]
        items, lengths = split.inputs(rows, "test", scorer.max_length)
        if pad:
            items = np.pad(items, ((0, 0), (0, pad - items.shape[1])))
        states = scorer.states(items, lengths)
        scores = scorer.scores(states, scorer.answer, None if memory is None else memory[:len(rows)])
        memory = scores if memory is None else memory


def serving(job: Job) -> Iterator[dict]:
    """Measure one user: the longest history, the top 10 of the catalogue without the seen items."""
    config, roofline, V = job.config, job.roofline(), job.data.n_items
    length = min(config.model.max_length, V)
    history = np.random.default_rng(0).choice(V, length, replace=False)
    configs = {0: job.without_steps(), config.model.steps: config}
    scorers = {steps: job.scorer(one) for steps, one in configs.items()}
    ways: dict[str, Callable] = {f"one user, K = {steps}": partial(best_items, scorer, history)
                                 for steps, scorer in scorers.items()}
    products = {f"one user, K = {steps}": work.one_user(one.model, V, length) for steps, one in configs.items()}
    if config.model.steps:
        recommender = Recommender(scorers[config.model.steps], job.data.catalogue, DataFacts.of(job.data),
                                  lambda: job.data)
        ways["one user, every step"] = partial(recommender.recommend, job.data.item_ids[history].tolist())
        products["one user, every step"] = work.one_user(config.model, V, length, config.model.steps + 1)
    taken = in_turns(ways, QUICK_CALLS if job.quick else CALLS, warm=20)
    for name, values in taken.items():
        yield case(name, Times.of(values), roofline, products[name], f"history of {length}, one thread")


def best_items(scorer: Scorer, history: np.ndarray) -> np.ndarray:
    """Return the top 10 of the model's answer, as ``minirearec recommend`` computes them."""
    return top_items(scorer.scores(scorer.states_of_one(history), scorer.answer)[0], 10, history)


def opening(job: Job) -> Iterator[dict]:
    """Measure opening a run for inference, from its directory to an object that recommends; imports are done."""
    path = Path(job.run)
    taken = in_turns({"open": partial(Recommender.load, path, device=job.device)}, job.repeats)["open"]
    yield case("opening a run", Times.of(taken))
    Recommender.load(path, device=job.device).recommend(job.data.item_ids[:1].tolist())
    yield {"memory": "opening and recommending", "bytes": peak_memory()}


PARTS = {"training": training, "evaluation": evaluation, "serving": serving, "opening": opening}
