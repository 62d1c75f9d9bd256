import numpy as np


def reason_with_noise(start, positions, noise, weight):
    states, noised = [start], [start]
    for k in range(len(positions)):
        states.append(encoder(states[-1] + positions[k], weight))
        noised.append(encoder(noised[-1] + positions[k] + noise[:, k], weight))
    return np.stack(states, axis=1), np.stack(noised[1:], axis=1)
