import numpy as np


def temperatures(temperature, alpha, steps):
    return np.array([temperature * alpha ** k for k in range(steps + 1)], dtype=float)
