"""The names and types of all settings, so that editors complete ``Config.make(`` and type checkers check it.

The sections in ``config`` say what they mean; a test compares the two.
"""

from typing import TypedDict


class Settings(TypedDict, total=False):
    """Every setting of every section, by name."""

    # ModelConfig
    backbone: str
    items: str
    with_ids: bool
    experts: int
    adaptor_dropout: float
    projection_layers: int
    feature_width: int
    positions: str
    scores: str
    steps: int
    reasoner: str
    adapter_width: int
    guesses: int
    paths: int
    width: int
    inner_width: int
    layers: int
    heads: int
    max_length: int
    dropout: float
    input_dropout: float
    first_items: bool
    initial_std: float
    # ObjectiveConfig
    method: str
    temperature: float
    alpha: float
    kl_weight: float
    progressive_weight: float
    contrastive_weight: float
    noise: float
    warmup_epochs: int
    loss: str
    contrast: str
    negatives: int
    negatives_by: str
    gbce_t: float
    soft_targets: str
    soft_weight: float
    soft_followers: int
    soft_items: int
    label_smoothing: float
    same_target_weight: float
    same_target_temperature: float
    # TrainingConfig
    epochs: int
    batch_positions: int
    samples: str
    learning_rate: float
    weight_decay: float
    schedule: str
    schedule_epochs: int
    warmup_steps: int
    average: float
    precision: str
    patience: int
    validation_targets: int
    seed: int
    random_steps: bool
    refit: bool
    # CountsConfig
    counts: str
    window: int
    gap_kernel: str
    gap_decay: float
    history_length: int
    history_kernel: str
    history_decay: float
    head: int
    head_share: float
    strongest: int
    idf: bool
    tau: float
    boost: float
