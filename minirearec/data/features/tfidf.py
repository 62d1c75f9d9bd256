"""TF-IDF of words: n-grams are counted in buckets, found by a hash that is the same on every machine.

    tf(i, j)  = count of term j in document i, or 1 + ln(count) (sublinear)
    idf(j)    = ln((1 + n) / (1 + n_j)) + 1,    n documents, n_j of them with term j
    row i     = tf(i, .) * idf, divided by its length

The formulas are those of scikit-learn's TfidfTransformer; its HashingVectorizer also hashes, with signs.
"""

import re
import zlib
from array import array
from collections.abc import Iterable, Iterator

import numpy as np

from minirearec.data.features.sparse import Sparse, starts_of

BUCKETS = 1 << 18  # of n-grams: bounds the memory; two n-grams in one bucket count as one
LONGEST = 2  # words in an n-gram
WORD = re.compile(r"\w+")


class Terms:
    """Number terms: n-grams of words by their hash, labels as they first occur, so that no two labels are one."""

    def __init__(self, buckets: int = BUCKETS, longest: int = LONGEST):
        self.buckets, self.longest, self.labels = buckets, longest, {}

    def words(self, text: str) -> Iterator[int]:
        """Yield the buckets of a text's n-grams of 1 to ``longest`` words, in lower case."""
        words = WORD.findall(text.lower())
        for length in range(1, self.longest + 1):
            for start in range(len(words) - length + 1):
                yield zlib.crc32(" ".join(words[start:start + length]).encode()) % self.buckets

    def label(self, label: str) -> int:
        """Return the number of a label."""
        return self.buckets + self.labels.setdefault(label, len(self.labels))


def count(documents: Iterable[Iterable[int]]) -> Sparse:
    """Count the terms of each document; return [documents, terms], with the terms that occur as columns."""
    lengths, terms = [], array("q")
    for document in documents:
        before = len(terms)
        terms.extend(document)
        lengths.append(len(terms) - before)
    used, column = np.unique(np.frombuffer(terms, dtype=np.int64), return_inverse=True)
    row = np.repeat(np.arange(len(lengths)), lengths)
    pairs, counts = np.unique(row * len(used) + column, return_counts=True)
    rows, columns = np.divmod(pairs, max(1, len(used)))
    return Sparse(starts_of(rows, len(lengths)), columns, counts.astype(np.float64), len(used))


def tf_idf(counts: Sparse, sublinear: bool = False) -> Sparse:
    """Weigh counts; see above. An empty document stays a row of zeros."""
    n, m = counts.shape
    idf = np.log((1 + n) / (1 + np.bincount(counts.columns, minlength=m))) + 1
    values = (1 + np.log(counts.values) if sublinear else counts.values) * idf[counts.columns]
    length = np.sqrt(np.bincount(counts.rows, values ** 2, minlength=n))
    return Sparse(counts.starts, counts.columns, values / length[counts.rows], m)
