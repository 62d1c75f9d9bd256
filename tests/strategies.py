"""Hypothesis strategies for the model's tests: they draw shapes and a seed, and everything else follows from these."""

from dataclasses import dataclass
from functools import cached_property
from itertools import count
from types import SimpleNamespace

import numpy as np
from hypothesis import strategies as st

from minirearec.methods import METHODS
from minirearec.parts import ITEM_ENCODERS, REASONERS, position_starts
from minirearec.reference.ops import Dropout
from minirearec.weights import combine


@dataclass(frozen=True)
class Problem:
    """A small model, a batch and noise, all drawn from one seed. Letters as in minirearec.shapes; d is D/H."""

    B: int
    T: int
    K: int
    H: int
    d: int
    I: int
    L: int
    V: int
    seed: int
    dropped: bool = False

    @property
    def D(self) -> int:
        return self.H * self.d

    def normal(self, name: str, *shape: int, scale: float = 1.0) -> np.ndarray:
        """Return normal numbers that depend only on the seed and the name."""
        return scale * np.random.default_rng([self.seed, *name.encode()]).standard_normal(shape)

    def integers(self, name: str, low: int, high: int, *shape: int) -> np.ndarray:
        """Return integers in low..high-1 that depend only on the seed and the name."""
        return np.random.default_rng([self.seed, *name.encode()]).integers(low, high, shape)

    @cached_property
    def weights(self) -> dict:
        """Return weights without zero biases or unit scales, which could hide a bug."""
        def affine(name, outputs, inputs):
            return {"weight": self.normal(name, outputs, inputs, scale=0.5),
                    "bias": self.normal(name + "b", outputs, scale=0.3)}

        def norm(name):
            return {"weight": 1 + self.normal(name, self.D, scale=0.3),
                    "bias": self.normal(name + "b", self.D, scale=0.3)}

        def block(b):
            D, I = self.D, self.I
            return {**{name: affine(b + name, D, D) for name in ("query", "key", "value", "output")},
                    "attention_norm": norm(b + "attention"), "inner": affine(b + "inner", I, D),
                    "outer": affine(b + "outer", D, I), "inner_norm": norm(b + "inner")}

        tree = {"item_embedding": self.normal("items", self.V, self.D),
                "position_embedding": self.normal("positions", self.T + 2, self.D),
                "input_norm": norm("input"), "blocks": [block(f"block{index}") for index in range(self.L)]}
        if self.K:
            tree["reasoning_embedding"] = self.normal("reasoning", self.K, self.D)
        return tree

    def weights_with_positions(self, positions: str, sides: int = 1) -> dict:
        """Return the weights with positions of this kind in place of absolute ones."""
        others = {name: part for name, part in self.weights.items() if name != "position_embedding"}
        config = SimpleNamespace(positions=positions, max_length=self.T + 2, width=self.D, heads=self.H)
        return {**others, **{name: self.normal("positions", *start.shape)
                             for name, start in position_starts(config, sides).items()}}

    def weights_with_features(self, encoder: str, with_ids: bool = True) -> dict:
        """Return weights of a model whose item encoder reads features; the first item has none."""
        features = self.normal("features", self.V, self.I + 1)
        features[0] = 0
        config = SimpleNamespace(width=self.D, feature_width=self.I + 1, experts=self.T + 1, with_ids=with_ids,
                                 projection_layers=self.K)
        names = count()
        drawn = combine(lambda start: self.normal(f"encoder{next(names)}", *start.shape, scale=0.7),
                        ITEM_ENCODERS[encoder].starts(config, self.V))
        others = {name: part for name, part in self.weights.items() if name != "item_embedding"}
        return {**others, **drawn, "item_features": features}

    def own_weights(self, method: str) -> dict:
        """Return what a method learns besides the model."""
        names, own = count(), METHODS[method].weights(SimpleNamespace(steps=self.K, width=self.D))
        return combine(lambda start: self.normal(f"{method}{next(names)}", *start.shape), own)

    def weights_of_steps(self, reasoner: str, others: dict | None = None) -> dict:
        """Return the weights, or others, with those of a reasoner; everything that starts at 0 is drawn."""
        config = SimpleNamespace(width=self.D, inner_width=self.I, layers=self.L, adapter_width=self.I,
                                 paths=self.T + 1)
        names = count()
        drawn = combine(lambda start: self.normal(f"reasoner{next(names)}", *start.shape, scale=0.4),
                        REASONERS[reasoner].starts(config))
        return {**(others or self.weights), **drawn}

    @property
    def items(self) -> np.ndarray:
        return self.integers("history", 0, self.V, self.B, self.T)

    @property
    def lengths(self) -> np.ndarray:
        return self.integers("lengths", 1, self.T + 1, self.B)

    @property
    def targets(self) -> np.ndarray:
        return self.integers("targets", 0, self.V, self.B, self.T)

    @property
    def noise(self) -> np.ndarray:
        return self.normal("noise", self.B, self.T, self.K, self.D, scale=0.2)

    @property
    def drop(self) -> Dropout | None:
        return Dropout(0.4, 0.3, self.seed, 0.2) if self.dropped else None


@st.composite
def problems(draw, min_steps: int = 0, max_steps: int = 3, dropout: bool = False) -> Problem:
    """Draw any small problem; with ``dropout``, some problems have dropout.

    D is at least 3: any two numbers normalise to +-1, so all gradients would be rounding errors.
    """
    def size(low, high):
        return draw(st.integers(low, high))

    return Problem(B=size(1, 3), T=size(1, 4), K=size(min_steps, max_steps), H=size(1, 3), d=size(3, 5), I=size(1, 6),
                   L=size(1, 2), V=size(2, 9), seed=size(0, 2**32 - 1), dropped=dropout and draw(st.booleans()))
