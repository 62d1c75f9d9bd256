"""Sentence encoders: optional packages that hold their weights, so that nothing is downloaded when they run."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from minirearec.errors import ConfigError
from minirearec.extras import install

STRETCH = 1000  # texts between two reports of progress


def wordllama(texts: list[str], on_step: Callable[[str], None]) -> np.ndarray:
    """Return the mean of the token embeddings [V, 256] that WordLlama (D. L. Miller, 2024) distilled from Llama 2.

    The package of version 0.3.9 holds weights and tokenizer; 0.4.0 would have to download the tokenizer.
    """
    import wordllama as package

    model = package.WordLlama.load(cache_dir=Path(package.__file__).parent, disable_download=True)
    parts = []
    for start in range(0, len(texts), STRETCH):
        on_step(f"encoding texts, {start:,} of {len(texts):,}")
        parts.append(model.embed(texts[start:start + STRETCH]))
    return np.concatenate(parts)


ENCODERS: dict[str, Callable[[list[str], Callable[[str], None]], np.ndarray]] = {"wordllama": wordllama}


def encode(name: str, texts: list[str], on_step: Callable[[str], None] = lambda step: None) -> np.ndarray:
    """Return a vector [V, F] for each text, zeros for an empty one.

    Raises ConfigError for an unknown encoder, and for one whose package is not installed or lacks its files.
    """
    if name not in ENCODERS:
        raise ConfigError(f"unknown encoder {name!r}", "--encoder", f"Choose one of: {', '.join(ENCODERS)}.")
    try:
        vectors = ENCODERS[name](texts, on_step)
    except (ImportError, FileNotFoundError) as error:
        raise ConfigError(f"the encoder {name} is not installed ({error})", "--encoder",
                          f"Install it: {install('encoder')}") from None
    return vectors * np.array([bool(text) for text in texts])[:, None]
