"""Turn checkpoints of the authors' code (TangJiakai/ReaRec) into our runs.

Their checkpoint is a PyTorch state dict of ERL or PRL. It is loaded as tensors only, so that a file from
elsewhere cannot run code. Item number i of the checkpoint is item index i of the data set. Its tables have
one more row, for padding, which we drop.
"""

import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import numpy as np

from minirearec.config import Config, ModelConfig
from minirearec.data.files.lines import short
from minirearec.data.sequences import SequenceData
from minirearec.errors import ConfigError, RunError
from minirearec.runs.directory import Run
from minirearec.runs.environment import environment
from minirearec.weights import check_fit, starts_of

TOP_NAMES = {"item_emb.weight": "item_embedding", "pos_emb.weight": "position_embedding",
             "model.reason_pos_emb.weight": "reasoning_embedding", "model.LayerNorm.weight": "input_norm.weight",
             "model.LayerNorm.bias": "input_norm.bias"}
BLOCK_NAMES = {"multi_head_attention.query_layer": "query", "multi_head_attention.key_layer": "key",
               "multi_head_attention.value_layer": "value", "multi_head_attention.dense": "output",
               "multi_head_attention.LayerNorm": "attention_norm", "feed_forward.dense_1": "inner",
               "feed_forward.dense_2": "outer", "feed_forward.LayerNorm": "inner_norm"}
METHODS_OF_AUTHORS = ("erl", "prl")
PADDED = ("item_embedding", "position_embedding")
TABLES = (*PADDED, "reasoning_embedding")
FIRST_BIAS = "blocks.0.inner.bias"  # tells the inner width
OPTIONS = {"num_heads": "heads", "temp_scale": "alpha", "noise_factor": "noise", "pl_weight": "progressive_weight",
           "cl_weight": "contrastive_weight", "warmup": "warmup_epochs", "reason_step": "steps", "emb_size": "width",
           "inner_size": "inner_width", "num_layers": "layers", "lr": "learning_rate", "l2": "weight_decay",
           "batch_size": "batch_positions", "early_stop": "patience", "random_seed": "seed", "model_name": "method"}


# What their code has one way to do, so that a setting would make another model of the weights:
FIXED = {item.name for item in fields(ModelConfig)} - {*OPTIONS.values(), "max_length", "dropout", "input_dropout",
                                                       "initial_std"} | {"refit", "random_steps"}


def our_name(name: str) -> str | None:
    """Return our dotted name of their parameter; None for ``model.transformer.*``, a second copy of the encoder."""
    if name in TOP_NAMES:
        return TOP_NAMES[name]
    found = re.fullmatch(r"trm_encoder\.layer\.(\d+)\.(.+)\.(weight|bias)", name)
    if found and found[2] in BLOCK_NAMES:
        return f"blocks.{found[1]}.{BLOCK_NAMES[found[2]]}.{found[3]}"
    if name.startswith("model.transformer."):
        return None
    raise KeyError(name)


def read_checkpoint(path: Path | str) -> dict[str, np.ndarray]:
    """Return the weights of a checkpoint under our names, including padding rows.

    Raises RunError for a file that is missing, holds more than tensors, or belongs to another model.
    """
    import torch

    path = Path(path)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise RunError(f"cannot read this file ({error.strerror or error})", str(path),
                       "Give the state dict that the authors' code saved.") from error
    except Exception as error:  # torch's error for a damaged or unsafe file depends on its version
        raise RunError("not loaded: damaged, or not a file of tensors only", str(path),
                       "Save model.state_dict() with torch.save.") from error
    if not isinstance(state, dict) or not all(isinstance(name, str) and isinstance(value, torch.Tensor)
                                              for name, value in state.items()):
        raise RunError("not a state dict (a dict of tensors)", str(path), "Save model.state_dict() with torch.save.")
    odd = next((name for name, value in state.items() if value.layout != torch.strided or value.is_meta
                or not value.is_floating_point()), None)
    if odd is not None:
        raise RunError(f"{short(odd)} is not an array of real numbers", str(path),
                       "Save model.state_dict() with torch.save.")
    try:
        named = {ours: value.detach().float().numpy() for name, value in state.items()
                 if (ours := our_name(name)) is not None}
    except KeyError as error:
        raise RunError(f"has a parameter {error} that ERL and PRL of the authors' code do not have", str(path),
                       "Only their SASRec-based ERL and PRL can be imported.") from error
    missing = [name for name in (*TOP_NAMES.values(), FIRST_BIAS) if name not in named]
    flat = [name for name in (*TABLES, FIRST_BIAS) if name in named and named[name].ndim != 1 + (name in TABLES)]
    if missing or flat:
        raise RunError(f"lacks {', '.join(missing)}" if missing else f"{flat[0]} has another number of axes", str(path),
                       "Only ERL and PRL of the authors' code can be imported.")
    return named


def read_settings(path: Path | str) -> dict:
    """Read the settings of a checkpoint from JSON or TOML, under the authors' option names or ours."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        values = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"cannot read this file ({error.strerror})", str(path), "Give it with --config.") from error
    except (ValueError, RecursionError) as error:
        kind = "JSON" if path.suffix == ".json" else "TOML"
        raise ConfigError(f"not {kind} ({error})", str(path), 'Write, say: model_name = "PRL"') from error
    if not isinstance(values, dict):
        raise ConfigError(f"a JSON {type(values).__name__}, not an object", str(path),
                          'Write: {"model_name": "PRL", ...}')
    settings = {}
    for name, value in values.items():
        ours = OPTIONS.get(name, name)
        if ours in settings:
            raise ConfigError(f"{name} is the second name of one setting", str(path), "Leave one of the two out.")
        if ours in FIXED:
            raise ConfigError(f"{name} is not a setting of the authors' code", str(path), "Leave it out.")
        settings[ours] = value
    if "method" not in settings or "heads" not in settings or "temperature" not in settings:
        raise ConfigError("must set at least model_name, num_heads and temperature", str(path),
                          "A state dict does not contain them.")
    return {**settings, "method": str(settings["method"]).lower()}


def import_official(checkpoint: Path | str, config: Path | str, data: SequenceData, out: Path | str, *,
                    command: str = "") -> Run:
    """Write a run directory with the checkpoint's weights, to evaluate and recommend with like any other.

    The weights determine the sizes. Raises RunError when checkpoint, settings and data do not fit together.
    """
    weights = read_checkpoint(checkpoint)
    for name in PADDED:
        weights[name] = weights[name][:-1]
    layers = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks."))
    sizes = {"width": weights["item_embedding"].shape[1], "steps": len(weights["reasoning_embedding"]),
             "inner_width": len(weights[FIRST_BIAS]), "layers": layers,
             "max_length": len(weights["position_embedding"])}
    settings = read_settings(config)
    for name, value in sizes.items():
        if settings.get(name, value) != value:
            raise RunError(f"{name} is {settings[name]} there and {value} in the checkpoint", str(config),
                           "Omit it, or give the settings of this checkpoint.")
    if settings["method"] not in METHODS_OF_AUTHORS:
        raise ConfigError(f"method {settings['method']!r}", str(config), "The authors' code has ERL and PRL.")
    made = Config.make(**{**settings, **sizes})
    check_fit(weights, starts_of(made, data.n_items), str(checkpoint),
              f"Give the data set it was trained on; {data.name} has {data.n_items:,} items.")
    run = Run.create(Path(out), made, data, "torch", environment(made, data, "cpu", command))
    run.save_tensors("best", weights, {"epoch": 0})
    return run
