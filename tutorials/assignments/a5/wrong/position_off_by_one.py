import numpy as np


def reason_with_noise(start, positions, noise, weight):
    K = len(positions)
    states, noised = [start], []
    for k in range(1, K + 1):
        x = states[-1] + positions[k % K]
        states.append(encoder(x, weight))
        noised.append(encoder(x + noise[:, k - 1], weight))
    return np.stack(states, axis=1), np.stack(noised, axis=1)
