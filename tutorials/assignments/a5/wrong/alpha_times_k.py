import numpy as np


def temperatures(temperature, alpha, steps):
    return np.array([temperature + (steps - k) * (alpha - 1) * temperature for k in range(steps + 1)], dtype=float)
