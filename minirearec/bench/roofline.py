"""The roofline: how long the matrix products of a piece of work take at the best rate of this machine.

We measure the rate at every shape in the same process, with the same threads, right beside the work itself. The share
of the roofline is ``roofline seconds / measured seconds``: 100 % would mean that the work does nothing but products.
"""

import time
from collections.abc import Callable, Iterable

from minirearec.backends import BACKENDS
from minirearec.bench.work import Product
from minirearec.errors import ConfigError

DTYPES = ("float32", "bf16")
ROUNDS = 5  # of which the best counts
SECONDS_A_ROUND = 0.01


class Roofline:
    """The rates of one backend and number type; every shape is measured once, when it is first asked for."""

    def __init__(self, backend: str, dtype: str = "float32", device: str = "auto"):
        self.backend, self.dtype, self.device = backend, dtype, device
        self.rates: dict[tuple[int, int, int], float] = {}

    def rate(self, shape: tuple[int, int, int]) -> float:
        """Return the operations a second of the product [m, k] x [k, n], the best of several rounds."""
        if shape not in self.rates:
            product = make_product(self.backend, shape, self.dtype, self.device)
            self.rates[shape] = Product(*shape).flops / best_seconds(product)
        return self.rates[shape]

    def seconds(self, products: Iterable[Product]) -> float:
        """Return the time of all products at their rates: the shortest that the work could take."""
        return sum(product.flops / self.rate(product.shape) for product in products if product.times)


def make_product(backend: str, shape: tuple[int, int, int], dtype: str, device: str) -> Callable[[], None]:
    """Return a function that multiplies once. Raises ConfigError for a number type that the backend does not have."""
    if dtype not in DTYPES or (backend == "numpy" and dtype != "float32"):
        raise ConfigError(f"{backend} multiplies no {dtype} numbers", "dtype", f"Known: {', '.join(DTYPES)}.")
    assert backend in BACKENDS
    if backend == "torch":
        from minirearec.nn.products import product
    else:
        from minirearec.reference.products import product
    return product(*shape, dtype, device)


def best_seconds(product: Callable[[], None], clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the seconds of one call in the best of several rounds; a round has as many calls as fit its time."""
    product()  # allocates, and chooses a kernel
    best = float("inf")
    for _ in range(ROUNDS):
        began, calls, now = clock(), 0, 0.0
        while not calls or now - began < SECONDS_A_ROUND:
            product()
            calls, now = calls + 1, clock()
        best = min(best, (now - began) / calls)
    return best
