"""A small data set of films with every kind of text."""

from dataclasses import replace

import numpy as np

from tests.data.splits.stories import plain

TITLES = ["Red River", "The red House", "", "River of no Return", "House of Cards", "?", "Red Dog", "Dog Days",
          "A last Letter", "The Letter"]
TEXTS = {
    "brand": ["Ace", "", "Ace", "Bolt", "", "Bolt", "", "Ace", "", "Ace"],
    "categories": ["Western", "Drama|Crime", "", "Western|Drama", "Drama", "Crime", "Comedy", "Comedy|Crime", "Drama",
                   "Western"],
    "price": ["9.99", "", "", "", "", "", "", "", "", "5"]}


def films(*roles, titles=True):
    """Return data of ten items with titles and the texts of some roles."""
    texts = {role: np.array(TEXTS[role], dtype=object) for role in roles}
    return replace(plain([[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]), name="films", texts=texts,
                   titles=np.array(TITLES, dtype=object) if titles else None)
