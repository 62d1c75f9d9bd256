"""TF-IDF: counts in the buckets of a fixed hash, and weights equal to scikit-learn's."""

import zlib

import numpy as np
import pytest

from minirearec.data.features.tfidf import Terms, count, tf_idf

TITLES = ["The Matrix", "The Matrix Reloaded", "Matrix: the the THE end", "", "Amélie 2", "!?", "reloaded, the"]


def dense(matrix):
    return matrix @ np.eye(matrix.width)


def test_words_are_counted_in_lower_case_alone_and_in_pairs():
    words = list(Terms().words("Amélie: the  THE"))
    expected = ["amélie", "the", "the", "amélie the", "the the"]
    assert words == [zlib.crc32(term.encode()) % 2**18 for term in expected]
    assert list(Terms(longest=1).words("a b")) == [zlib.crc32(b"a") % 2**18, zlib.crc32(b"b") % 2**18]
    assert list(Terms().words("?!")) == []


def test_the_hash_is_the_same_everywhere():
    assert list(Terms().words("matrix")) == [4164108751 % 2**18]


def test_labels_are_never_mixed_up_with_each_other_or_with_words():
    terms = Terms(buckets=2)
    assert [terms.label(label) for label in ("a", "b", "a", "a b")] == [2, 3, 2, 4]
    assert set(terms.words("a b c d e f")) <= {0, 1}


def test_counts_by_hand():
    counts = count([[7, 3, 7], [], [3]])
    assert dense(counts).tolist() == [[1, 2], [0, 0], [1, 0]] and counts.values.dtype == np.float64
    assert count([[], []]).shape == (2, 0)


@pytest.mark.parametrize("sublinear", [False, True])
def test_equal_to_scikit_learn(sublinear):
    text = pytest.importorskip("sklearn.feature_extraction.text", reason="needs scikit-learn, the oracle of this test")
    vectorizer = text.CountVectorizer(ngram_range=(1, 2), token_pattern=r"\w+")
    expected = vectorizer.fit_transform(TITLES).toarray()
    terms = Terms()
    counts = count(map(terms.words, TITLES))
    buckets = sorted(zlib.crc32(term.encode()) % 2**18 for term in vectorizer.get_feature_names_out())
    order = np.argsort([zlib.crc32(term.encode()) % 2**18 for term in vectorizer.get_feature_names_out()])
    assert len(set(buckets)) == len(buckets), "no collision among these"
    assert (dense(counts) == expected[:, order]).all()
    weights = text.TfidfTransformer(sublinear_tf=sublinear).fit_transform(expected[:, order]).toarray()
    np.testing.assert_allclose(dense(tf_idf(counts, sublinear)), weights, rtol=1e-12, atol=1e-12)


def test_collisions_add_up():
    counts = count(map(Terms(buckets=1).words, ["a b c", "a"]))
    assert dense(counts).tolist() == [[5], [1]]
