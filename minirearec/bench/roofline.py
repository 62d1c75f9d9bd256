"""The roofline: how long the matrix products of a piece of work take at the best rate of this machine.

We measure the rate at every shape in the same process, with the same threads, right beside the work itself. The share
of the roofline is ``roofline seconds / measured seconds``: 100 % would mean that the work does nothing but products.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from minirearec.bench.work import Product

DTYPES = {"torch": ("float32", "bf16"), "numpy": ("float32",)}  # of each backend
ROUNDS = 5  # of which the best counts
SECONDS_A_ROUND = 0.01


class Roofline:
    """The rates of one backend; every shape and number type is measured once, when it is first asked for."""

    def __init__(self, backend: str, device: str = "auto"):
        self.backend, self.device = backend, device
        self.rates: dict[Product, float] = {}

    def rate(self, product: Product) -> float:
        """Return the operations a second of one such product, the best of several rounds."""
        once = replace(product, times=1)
        if once not in self.rates:
            self.rates[once] = once.flops / best_seconds(make_product(self.backend, once, self.device))
        return self.rates[once]

    def seconds(self, products: Iterable[Product]) -> float:
        """Return the time of all products at their rates: the shortest that the work could take."""
        return sum(product.flops / self.rate(product) for product in products if product.times)


def make_product(backend: str, wanted: Product, device: str) -> Callable[[], None]:
    """Return a function that multiplies once."""
    assert wanted.dtype in DTYPES[backend], "the engine chose a precision that its backend does not have"
    if backend == "torch":
        from minirearec.nn.products import product
    else:
        from minirearec.reference.products import product
    return product(wanted.m, wanted.k, wanted.n, wanted.dtype, device)


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
