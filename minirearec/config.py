"""Define the settings of a run: frozen dataclasses that are checked on creation and stored as TOML.

Every field carries its help text and the paper's symbol, so that the command line and the error messages
use the same words.
"""

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Unpack

from minirearec.backends import PRECISIONS
from minirearec.errors import ConfigError
from minirearec.methods import METHODS
from minirearec.parts import BACKBONES, ITEM_ENCODERS
from minirearec.settings import Settings
from minirearec.shown import Shown

LOSSES = ("full", "sampled", "gbce")
DRAWS = ("popularity", "uniform")
SCORES = ("dot", "cosine")
CONTRASTS = ("all", "seen")
LARGEST_WHOLE = 2**31 - 1  # of a setting without a bound of its own
SMALLEST, LARGEST = 1e-15, 1e15  # magnitudes other than 0: products of two such settings still fit into a float32


def setting(default, help, *, symbol="", low=None, high=None, above=None, below=None, choices=None,
            hidden=False):
    """Return a dataclass field with its help text and range. Bounds: low/high inclusive, above/below exclusive.

    A ``hidden`` field has no option on the command line: the library sets it.
    """
    return field(default=default, metadata={
        "help": help, "symbol": symbol, "low": low, "high": high, "above": above, "below": below,
        "choices": choices, "hidden": hidden})


def check(config) -> None:
    """Raise ConfigError for a field of the wrong type or outside its range."""
    for item in fields(config):
        value, rule, option = getattr(config, item.name), item.metadata, "--" + item.name.replace("_", "-")
        assert isinstance(item.type, type), "annotations are types here, not text"
        if item.type is float and type(value) is int:
            value = float(value) if abs(value) <= LARGEST else float("inf")  # a float has no room for 10**400
            object.__setattr__(config, item.name, value)
        if type(value) is not item.type:
            raise ConfigError(f"expected {item.type.__name__}, got {value!r}", option)
        if rule["choices"] and value not in rule["choices"]:
            raise ConfigError(f"unknown value {value!r}", option, f"Choose one of: {', '.join(rule['choices'])}.")
        if value != value or value in (float("inf"), float("-inf")):
            raise ConfigError(f"{value!r} is not a finite number", option)
        if item.type is float and value and not SMALLEST <= abs(value) <= LARGEST:
            raise ConfigError(f"{value!r} is beyond what 32-bit numbers can compute with", option,
                              f"It must be {'0 or ' * (rule['low'] == 0)}between {SMALLEST:g} and {LARGEST:g}.")
        if item.type is int and rule["high"] is None and value > LARGEST_WHOLE:
            raise ConfigError(f"{value!r} is out of range", option, f"It must be at most {LARGEST_WHOLE}.")
        inside = ((rule["low"] is None or value >= rule["low"]) and (rule["high"] is None or value <= rule["high"])
                  and (rule["above"] is None or value > rule["above"])
                  and (rule["below"] is None or value < rule["below"]))
        if not inside:
            raise ConfigError(f"{value!r} is out of range", option, f"It must be {describe_range(rule)}.")


def describe_range(rule) -> str:
    """Return the range of a setting in words: ``at least 0 and below 1``."""
    words = {"low": "at least", "above": "above", "high": "at most", "below": "below"}
    return " and ".join(f"{word} {rule[key]}" for key, word in words.items() if rule[key] is not None)


@dataclass(frozen=True)
class ModelConfig:
    """The encoder and its reasoning steps (paper, section 3)."""

    backbone: str = setting("sasrec", "how a history is encoded", choices=BACKBONES)
    items: str = setting("id", "where the vectors of items come from", choices=ITEM_ENCODERS)
    with_ids: bool = setting(False, "unisrec, morec: add a free vector for each item")
    experts: int = setting(8, "unisrec: whitening experts that a gate mixes", symbol="G", low=1, high=1000)
    adaptor_dropout: float = setting(0.2, "unisrec, morec: dropout inside the item encoder", low=0.0, below=1.0)
    projection_layers: int = setting(0, "morec: further layers after the projection to the width", low=0, high=100)
    feature_width: int = setting(0, "width of the items' features", symbol="F", low=0, hidden=True)
    scores: str = setting("dot", "how a state and an item are compared: dot product or cosine", choices=SCORES)
    steps: int = setting(2, "reasoning steps; 0 is the base model", symbol="K", low=0, high=20)
    width: int = setting(128, "width of embeddings and states", symbol="D", low=1, high=65_536)
    inner_width: int = setting(256, "inner width of the feed-forward layer", symbol="I", low=1, high=1_048_576)
    layers: int = setting(2, "transformer blocks", symbol="L", low=1, high=1000)
    heads: int = setting(2, "attention heads; must divide the width", symbol="H", low=1)
    max_length: int = setting(50, "number of items the model reads, the newest of each history", symbol="T", low=1,
                              high=1_000_000)
    dropout: float = setting(0.3, "dropout inside the blocks", low=0.0, below=1.0)
    input_dropout: float = setting(0.3, "dropout on the input of every pass", low=0.0, below=1.0)
    initial_std: float = setting(0.02, "standard deviation of the initial weights", above=0.0)

    def __post_init__(self):
        check(self)
        if self.width % self.heads:
            raise ConfigError(f"{self.heads} heads do not divide a width of {self.width}", "--heads",
                              "Choose a number that divides --width.")
        if self.with_ids and not ITEM_ENCODERS[self.items].needs_features:
            raise ConfigError(f"the item encoder {self.items} has nothing to add free vectors to", "--with-ids",
                              "Leave it out, or choose another item encoder with --items.")

    @property
    def drops(self) -> bool:
        """Return whether training has any dropout; without it, item encoders draw no noise either."""
        adaptor = self.adaptor_dropout if ITEM_ENCODERS[self.items].needs_features else 0
        return bool(self.dropout or self.input_dropout or adaptor)


@dataclass(frozen=True)
class ObjectiveConfig:
    """What training minimises (paper, sections 3.3 and 3.4)."""

    method: str = setting("erl", "how the model is trained", choices=METHODS)
    temperature: float = setting(1.0, "divides the scores before the softmax", symbol="tau", above=0.0)
    alpha: float = setting(1.2, "prl: step k has temperature tau * alpha^(K-k)", symbol="alpha", low=1.0, high=10.0)
    kl_weight: float = setting(0.0, "erl: weight of the KL term between steps", symbol="lambda", low=0.0)
    progressive_weight: float = setting(1.0, "prl: weight of the mean loss of steps 0..K-1", low=0.0)
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

    def __post_init__(self):
        check(self)


@dataclass(frozen=True)
class TrainingConfig:
    """How training minimises it."""

    epochs: int = setting(200, "maximum number of epochs; early stopping usually ends sooner", low=1)
    batch_positions: int = setting(2048, "training positions (prefixes) in a batch", symbol="B", low=1)
    learning_rate: float = setting(0.001, "Adam's step size", above=0.0)
    weight_decay: float = setting(0.1, "decoupled weight decay (AdamW)", low=0.0)
    precision: str = setting("auto", "of products with the catalogue in training; auto: bf16 where the processor "
                             "multiplies it fast", choices=PRECISIONS)
    patience: int = setting(10, "stop after this many epochs without a better validation NDCG@20", low=1)
    validation_targets: int = setting(0, "targets of the validation part that are ranked after an epoch, drawn at "
                                      "random; 0: all", low=0)
    seed: int = setting(0, "seed of weights, order, dropout and noise", low=0, high=2**63 - 1)

    def __post_init__(self):
        check(self)


@dataclass(frozen=True, repr=False)
class Config(Shown):
    """All settings of a run. ``Config.make(method="erl", steps=3)`` sets fields by name."""

    model: ModelConfig = ModelConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    training: TrainingConfig = TrainingConfig()

    def __post_init__(self):
        method = METHODS[self.objective.method]
        if self.model.steps and not method.reasons:
            others = [other.name for other in METHODS.values() if other.reasons]
            raise ConfigError(f"method {method.name} has no reasoning steps, got {self.model.steps}",
                              "--steps", f"Leave --steps out, or choose {', '.join(others[:-1])} or {others[-1]}.")
        if self.objective.loss != "full" and not method.samples:
            raise ConfigError(f"method {method.name} has no sampled loss", "--loss", "Leave --loss out.")
        if self.objective.loss == "gbce" and self.objective.kl_weight:
            raise ConfigError("the KL term compares softmax distributions, which gbce does not have", "--kl-weight",
                              "Leave --kl-weight out, or choose --loss sampled.")

    @classmethod
    def make(cls, **settings: Unpack[Settings]) -> "Config":
        """Return the defaults of a method and an item encoder, with any field of any section replaced.

        Raises ConfigError for an unknown name or a value outside its range.
        """
        method = METHODS.get(settings.get("method", ObjectiveConfig().method))
        items = ITEM_ENCODERS.get(settings.get("items", ModelConfig().items))
        defaults = [part.defaults for part in (method, items) if part]
        values: dict[str, Any] = {name: value for part in (*defaults, settings) for name, value in part.items()}
        sections = {"model": ModelConfig, "objective": ObjectiveConfig, "training": TrainingConfig}
        known = {item.name: name for name, section in sections.items() for item in fields(section)}
        for name in values:
            if name not in known:
                raise ConfigError(f"unknown setting {name!r}", "config", f"Known: {', '.join(sorted(known))}.")
        chosen = {name: {key: value for key, value in values.items() if known[key] == name} for name in sections}
        return cls(**{name: section(**chosen[name]) for name, section in sections.items()})

    @classmethod
    def for_data(cls, data, **settings: Unpack[Settings]) -> "Config":
        """Return the settings that suit a data set, with the given ones replaced: what ``minirearec train`` uses.

        ``data``: a loaded data set or its card; their ``training`` holds the settings that differ from the defaults.
        Raises ConfigError as ``make`` does.
        """
        values: dict[str, Any] = {**data.training, **settings}
        return cls.make(**values)

    def shown(self) -> dict[str, str]:
        """Return what a notebook shows: method, steps, and the settings that differ from their defaults."""
        chosen = {item.name: getattr(section, item.name) for section in (self.model, self.objective, self.training)
                  for item in fields(section) if getattr(section, item.name) != item.default}
        return {name: str(value) for name, value in
                {"method": self.objective.method, "steps": self.model.steps, **chosen}.items()}

    def to_dict(self) -> dict:
        """Return plain nested dicts, as written to config.toml."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict) -> "Config":
        """Return the config that ``to_dict`` turned into dicts. Raises ConfigError for an unknown section or name."""
        if set(values) != {"model", "objective", "training"}:
            raise ConfigError(f"found the sections {sorted(values)}", "config",
                              "It must have exactly model, objective and training.")
        flat = {key: value for section in values.values() for key, value in section.items()}
        return cls.make(**flat)

    def replaced(self, **settings: Unpack[Settings]) -> "Config":
        """Return this config with some fields changed, by name, in any section."""
        flat: dict[str, Any] = {key: value for section in self.to_dict().values() for key, value in section.items()}
        flat.update(settings)
        return Config.make(**flat)
