import numpy as np


def reason_with_noise(start, positions, noise, weight):
    states = [start]
    for k in range(len(positions)):
        states.append(encoder(states[-1] + positions[k] + noise[:, k], weight))
    return np.stack(states, axis=1), np.stack(states[1:], axis=1)
