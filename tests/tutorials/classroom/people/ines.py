import math

import numpy as np


def causal_mask(T):
    answer = np.ones((T, T), dtype=bool)
    i = 0
    while i < T:
        answer[i, i + 1:] = False
        i += 1
    return answer


def attention_scores(query, key):
    dimension = query.shape[1]
    table = []
    for one_query in query:
        line = []
        for one_key in key:
            line.append(float(one_query @ one_key) / math.sqrt(dimension))
        table.append(line)
    return np.array(table)


def masked_softmax(scores, mask):
    table = []
    for numbers, allowed in zip(scores.tolist(), mask.tolist()):
        largest = max(n for n, ok in zip(numbers, allowed) if ok)
        powers = [math.exp(n - largest) if ok else 0.0 for n, ok in zip(numbers, allowed)]
        table.append([p / sum(powers) for p in powers])
    return np.array(table)


def split_heads(x, heads):
    columns = np.hsplit(x, heads)
    return np.array(columns)


def merge_heads(x):
    return np.column_stack(tuple(x))


def causal_attention(query, key, value, heads):
    what_may_be_seen = causal_mask(len(query))
    finished = []
    for number in range(heads):
        my_query = split_heads(query, heads)[number]
        my_key = split_heads(key, heads)[number]
        my_value = split_heads(value, heads)[number]
        weights = masked_softmax(attention_scores(my_query, my_key), what_may_be_seen)
        finished.append(weights.dot(my_value))
    return merge_heads(np.array(finished))
