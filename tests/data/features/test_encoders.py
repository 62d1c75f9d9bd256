"""Sentence encoders: what they get and give, and the one whose package may be installed."""

import sys

import numpy as np
import pytest

from minirearec.data.features import encoders
from minirearec.errors import ConfigError


def test_an_empty_text_has_no_vector(monkeypatch):
    told = []

    def lengths(texts, on_step):
        on_step("half")
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)

    monkeypatch.setitem(encoders.ENCODERS, "lengths", lengths)
    assert encoders.encode("lengths", ["abc", ""], told.append).tolist() == [[3, 1], [0, 0]] and told == ["half"]


def test_an_encoder_that_is_unknown_or_not_installed(monkeypatch):
    with pytest.raises(ConfigError, match="--encoder: unknown encoder 'gpt'. Choose one of: wordllama"):
        encoders.encode("gpt", ["a"])
    monkeypatch.setitem(sys.modules, "wordllama", None)
    with pytest.raises(ConfigError, match="wordllama is not installed .*pip install '?wordllama=="):
        encoders.encode("wordllama", ["a"])


def test_wordllama_knows_what_words_mean():
    pytest.importorskip("wordllama", reason="needs the extra 'encoder'")
    told = []
    texts = ["a film about dogs", "a movie with puppies", "nail polish remover", ""]
    vectors = encoders.encode("wordllama", texts * 400, told.append)
    assert vectors.shape == (1600, 256) and told == ["encoding texts, 0 of 1,600", "encoding texts, 1,000 of 1,600"]
    dogs, puppies, polish, nothing = vectors[:4]
    assert not nothing.any() and np.allclose(vectors[4], dogs, atol=1e-5)

    def cosine(a, b):
        return a @ b / np.linalg.norm(a) / np.linalg.norm(b)

    assert cosine(dogs, puppies) > cosine(dogs, polish) + 0.2
