"""Define the settings of a run: frozen dataclasses that are checked on creation and stored as TOML."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Unpack

from minirearec.backends import PRECISIONS
from minirearec.conflicts import check_conflicts, usable
from minirearec.count_models import COUNTS, CountsConfig
from minirearec.errors import ConfigError
from minirearec.methods import METHODS
from minirearec.parts import BACKBONES, ITEM_ENCODERS, POSITIONS, REASONERS, Reasoning
from minirearec.setting_types import Settings
from minirearec.settings import check, setting
from minirearec.shown import Shown

LOSSES = ("full", "sampled", "gbce")
DRAWS = ("popularity", "uniform")
SCORES = ("dot", "cosine")
CONTRASTS = ("all", "seen")
SOFT = ("none", "counts")
SAMPLES = ("windows", "prefixes")
SCHEDULES = ("constant", "linear", "cosine")
TRAIN, TRAIN_AND_VALIDATION = "train", "train and validation"  # what a model is fitted on


@dataclass(frozen=True)
class ModelConfig:
    """The encoder and its reasoning steps (paper, section 3)."""

    backbone: str = setting("sasrec", "how a history is encoded", choices=BACKBONES)
    items: str = setting("id", "where the vectors of items come from", choices=ITEM_ENCODERS)
    with_ids: bool = setting(False, "unisrec, morec: add a free vector for each item")
    experts: int = setting(8, "unisrec: whitening experts that a gate mixes", symbol="G", low=1, high=1000)
    adaptor_dropout: float = setting(0.2, "unisrec, morec: dropout on features, or before further layers",
                                     low=0.0, below=1.0)
    projection_layers: int = setting(0, "morec: further layers after the projection to the width", low=0, high=100)
    feature_width: int = setting(0, "width of the items' features", symbol="F", low=0, hidden=True)
    positions: str = setting("absolute", "how the order of items enters: absolute, vectors counted from the oldest; "
                             "recency, from the newest; relative, a bias of attention for each distance",
                             choices=POSITIONS)
    scores: str = setting("dot", "how a state and an item are compared: dot product, or cosine, which needs a "
                         "--temperature near 0.1", choices=SCORES)
    steps: int = setting(2, "reasoning steps; 0 is the base model", symbol="K", low=0, high=20)
    reasoner: str = setting("shared", "how a reasoning step is computed", choices=REASONERS)
    adapter_width: int = setting(16, "adapter: width of the bottleneck", symbol="A", low=1, high=65_536)
    guesses: int = setting(10, "items: best items whose weighted mean is the expected item", symbol="M", low=1)
    paths: int = setting(3, "paths: streams that take every step side by side", symbol="M", low=1, high=1000)
    width: int = setting(128, "width of embeddings and states", symbol="D", low=1, high=65_536)
    inner_width: int = setting(256, "inner width of the feed-forward layer", symbol="I", low=1, high=1_048_576)
    layers: int = setting(2, "transformer blocks", symbol="L", low=1, high=1000)
    heads: int = setting(2, "attention heads; must divide the width", symbol="H", low=1)
    max_length: int = setting(50, "number of items the model reads, the newest of each history", symbol="T", low=1,
                              high=1_000_000)
    dropout: float = setting(0.3, "dropout inside the blocks", low=0.0, below=1.0)
    input_dropout: float = setting(0.3, "dropout on the input of every pass", low=0.0, below=1.0)
    first_items: bool = setting(False, "also train on the first item of each history that has a second one; a "
                                "learned state of the empty history predicts it")
    initial_std: float = setting(0.02, "standard deviation of the initial weights", above=0.0)

    def __post_init__(self):
        check(self)
        if self.width % self.heads:
            raise ConfigError(f"{self.heads} heads do not divide a width of {self.width}", "--heads",
                              "Choose a number that divides --width.")
        if self.positions not in BACKBONES[self.backbone].positions:
            raise ConfigError(f"the backbone {self.backbone} has no {self.positions} positions", "--positions",
                              f"Choose one of: {', '.join(BACKBONES[self.backbone].positions)}.")
        if self.with_ids and not ITEM_ENCODERS[self.items].needs_features:
            raise ConfigError(f"the item encoder {self.items} has nothing to add free vectors to", "--with-ids",
                              "Leave it out, or choose another item encoder with --items.")

    @property
    def drops(self) -> bool:
        """Return whether training has any dropout; without it, item encoders draw no noise either."""
        adaptor = self.adaptor_dropout if ITEM_ENCODERS[self.items].needs_features else 0
        return bool(self.dropout or self.input_dropout or adaptor)

    @property
    def reasoning(self) -> Reasoning:
        """Return how the steps are computed."""
        return Reasoning(self.reasoner, self.scores, self.guesses)


@dataclass(frozen=True)
class ObjectiveConfig:
    """What training minimises (paper, sections 3.3 and 3.4)."""

    method: str = setting("erl", "how the model is trained", choices=METHODS)
    temperature: float = setting(1.0, "divides the scores before the softmax", symbol="tau", above=0.0)
    alpha: float = setting(1.2, "prl: step k has temperature tau * alpha^(K-k)", symbol="alpha", low=1.0, high=10.0)
    kl_weight: float = setting(0.0, "erl: weight of the KL term between steps", symbol="lambda", low=0.0)
    progressive_weight: float = setting(1.0, "prl, teacher: weight of the mean loss of steps 0..K-1", low=0.0)
    contrastive_weight: float = setting(0.1, "prl: weight of the contrastive (self-correction) term", low=0.0)
    noise: float = setting(0.01, "prl: standard deviation of the noise on reasoning inputs", symbol="gamma", low=0.0)
    warmup_epochs: int = setting(2, "first epochs without the noise and contrastive term (prl) or KL term (erl)", low=0)
    loss: str = setting("full", "items that a target is contrasted with: full, all of them; sampled, a softmax over "
                        "drawn negatives; gbce, binary cross-entropy with drawn negatives", choices=LOSSES)
    contrast: str = setting("all", "items that can be contrasted: all; seen, those that occur in training, so that "
                            "items without interactions are not pushed down", choices=CONTRASTS)
    negatives: int = setting(1024, "sampled, gbce: items drawn in each step", symbol="N", low=1)
    negatives_by: str = setting("popularity", "sampled: how negatives are drawn; gbce draws uniformly", choices=DRAWS)
    gbce_t: float = setting(0.75, "gbce: calibration, from 0 (plain binary cross-entropy) to 1 (as if unsampled)",
                            symbol="t", low=0.0, high=1.0)
    soft_targets: str = setting("none", "items that share a target's probability: none; counts, those that followed "
                                "the newest items in training, weighted as --counts does", choices=SOFT)
    soft_weight: float = setting(0.2, "soft targets: their share; the target keeps the rest", low=0.0, high=1.0)
    soft_followers: int = setting(10, "soft targets: followers of an item, the strongest", low=1, high=1000)
    soft_items: int = setting(5, "soft targets: items whose followers share, the newest of each prefix", low=1,
                              high=1000)
    label_smoothing: float = setting(0.0, "share of each target that all items get evenly (Szegedy et al. 2016)",
                                     low=0.0, below=1.0)
    same_target_weight: float = setting(0.0, "weight of a contrast that pulls histories with the same target together "
                                        "(DuoRec, Qiu et al. 2022)", low=0.0)
    same_target_temperature: float = setting(1.0, "temperature of the same-target contrast", above=0.0)

    def __post_init__(self):
        check(self)

    @property
    def softens(self) -> bool:
        """Return whether targets share their probability with other items."""
        return self.soft_targets != "none" or self.label_smoothing > 0


@dataclass(frozen=True)
class TrainingConfig:
    """How training minimises it."""

    epochs: int = setting(200, "maximum number of epochs; early stopping usually ends sooner", low=1)
    batch_positions: int = setting(2048, "training positions (prefixes) in a batch", symbol="P", low=1)
    samples: str = setting("windows", "windows: the prefixes of a history share a pass, where the backbone allows it; "
                           "prefixes: each has its own, with its own dropout, and ends at its newest item",
                           choices=SAMPLES)
    learning_rate: float = setting(0.001, "Adam's step size", above=0.0)
    weight_decay: float = setting(0.1, "decoupled weight decay (AdamW)", low=0.0)
    schedule: str = setting("constant", "the learning rate after its warm-up: constant; linear, cosine: it falls to 0, "
                            "and training ends there", choices=SCHEDULES)
    schedule_epochs: int = setting(30, "linear, cosine: epochs in which the learning rate falls to 0; early "
                                   "stopping may end training before", low=1)
    warmup_steps: int = setting(0, "steps in which the learning rate rises to its full size", low=0)
    average: float = setting(0.0, "evaluate a running mean of the weights with this decay, such as 0.999; 0: the "
                             "weights themselves", low=0.0, below=1.0)
    precision: str = setting("auto", "precision of products with the catalogue in training; auto: bf16 where the "
                             "processor multiplies it fast", choices=PRECISIONS)
    patience: int = setting(10, "stop after this many epochs without a better validation NDCG@20", low=1)
    validation_targets: int = setting(0, "targets of the validation part that are ranked after an epoch, drawn at "
                                      "random; 0: all", low=0)
    seed: int = setting(0, "seed of weights, order, dropout and noise", low=0, high=2**63 - 1)
    random_steps: bool = setting(False, "take a random number of steps in each batch, around or up to --steps")
    refit: bool = setting(False, "then train again on train and validation, for the number of epochs that was best")

    def __post_init__(self):
        check(self)

    @property
    def most_epochs(self) -> int:
        """Return the epochs after which training ends at the latest."""
        return self.epochs if self.schedule == "constant" else min(self.epochs, self.schedule_epochs)


@dataclass(frozen=True, repr=False)
class Config(Shown):
    """All settings of a run. ``Config.make(method="erl", steps=3)`` sets fields by name."""

    model: ModelConfig = ModelConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    training: TrainingConfig = TrainingConfig()
    counting: CountsConfig = CountsConfig()

    def __post_init__(self):
        check_conflicts(self)

    @classmethod
    def make(cls, **settings: Unpack[Settings]) -> "Config":
        """Return the defaults of a method, an item encoder and a count model, with any field of any section replaced.

        Raises ConfigError for an unknown name or a value outside its range.
        """
        method = METHODS.get(str(settings.get("method", ObjectiveConfig().method)))
        items = ITEM_ENCODERS.get(str(settings.get("items", ModelConfig().items)))
        counts = COUNTS.get(str(settings.get("counts", CountsConfig.counts)))
        defaults = [part.defaults for part in (method, items, counts) if part]
        values: dict[str, Any] = {name: value for part in (*defaults, settings) for name, value in part.items()}
        known = {item.name: name for name, section in SECTIONS.items() for item in fields(section)}
        for name in values:
            if name not in known:
                raise ConfigError(f"unknown setting {name!r}", "config", f"Known: {', '.join(sorted(known))}.")
        chosen = {name: {key: value for key, value in values.items() if known[key] == name} for name in SECTIONS}
        return cls(**{name: section(**chosen[name]) for name, section in SECTIONS.items()})

    @classmethod
    def for_data(cls, data, **settings: Unpack[Settings]) -> "Config":
        """Return the settings that suit a data set, with the given ones replaced: what ``minirearec train`` uses.

        ``data``: a loaded data set or its card; see ``settings_of``. Raises ConfigError as ``make`` does.
        """
        own = settings_of(data, settings.get("counts", CountsConfig.counts))
        values: dict[str, Any] = {**usable(own, dict(settings)), **settings}
        return cls.make(**values)

    def shown(self) -> dict[str, str]:
        """Return what a notebook shows: method, steps, and the settings that differ from their defaults."""
        sections = [getattr(self, name) for name in SECTIONS]
        chosen = {item.name: getattr(section, item.name) for section in sections
                  for item in fields(section) if getattr(section, item.name) != item.default}
        return {name: str(value) for name, value in
                {"method": self.objective.method, "steps": self.model.steps, **chosen}.items()}

    @property
    def single_prefixes(self) -> bool:
        """Return whether a row of a training batch is one prefix, rather than a history whose prefixes share a pass."""
        return self.training.samples == "prefixes" or not BACKBONES[self.model.backbone].causal

    def fitted_on(self, part: str = "test") -> str:
        """Return what the model that this part evaluates is fitted on: a refit sees the validation targets as well."""
        return TRAIN_AND_VALIDATION if self.training.refit and part == "test" else TRAIN

    def to_dict(self) -> dict:
        """Return plain nested dicts, as written to config.toml."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict) -> "Config":
        """Return the config that ``to_dict`` turned into dicts; earlier versions wrote none for counting.

        Raises ConfigError for an unknown section or name.
        """
        if {*values, "counting"} != set(SECTIONS):
            raise ConfigError(f"found the sections {sorted(values)}", "config",
                              f"It must have exactly {', '.join(SECTIONS)}.")
        flat = {key: value for section in values.values() for key, value in section.items()}
        return cls.make(**flat)

    def replaced(self, **settings: Unpack[Settings]) -> "Config":
        """Return this config with some fields changed, by name, in any section."""
        flat: dict[str, Any] = {key: value for section in self.to_dict().values() for key, value in section.items()}
        flat.update(settings)
        return Config.make(**flat)


SECTIONS = {"model": ModelConfig, "objective": ObjectiveConfig, "training": TrainingConfig, "counting": CountsConfig}


def settings_of(data, counts: str) -> dict[str, Any]:
    """Return the settings in which a data set or card differs from the defaults, with a count model of this name.

    They are its ``training``, where a table with the name of a count model has settings for that model alone.
    """
    plain = {name: value for name, value in data.training.items() if type(value) is not dict}
    return {**plain, **data.training.get(str(counts), {})}
