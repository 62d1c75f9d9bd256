"""Which engines and devices there are. Nothing heavy is imported before one is made."""

from minirearec.config import Config
from minirearec.errors import ConfigError

BACKENDS = ("torch", "numpy")
DEVICES = ("auto", "cpu", "cuda", "mps")


def make_engine(config: Config, n_items: int, device: str, backend: str):
    """The engine of a backend, imported only now: NumPy runs need no torch. Raises ConfigError for an unknown one."""
    if backend == "torch":
        from minirearec.nn.engine import TorchEngine

        return TorchEngine(config, n_items, device)
    if backend == "numpy":
        from minirearec.reference.engine import NumpyEngine

        return NumpyEngine(config, n_items, device)
    raise ConfigError(f"unknown backend {backend!r}", "--backend", f"Choose one of: {', '.join(BACKENDS)}.")
