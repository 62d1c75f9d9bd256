"""hops: the next item is found by following a chain of pointers hidden in the history, h of them one after another.

A history first lists a random map of n places as n items, each of which is a pointer ``a -> b``, in random
order. Then come stations: the station after ``a`` is the place that h pointers lead to from ``a``. Each pointer
that is followed needs one look at the history with a result in hand that only the look before gave. So the depth of
computation decides: L layers without reasoning look L times in a row, K more passes K times more.

A station knows how many pointers lie ahead: station items are pairs (place, hops), and each user has stations of one
number of hops. The short ones teach the first look, and longer ones build on it.
"""

from dataclasses import replace

import numpy as np

from minirearec.data.sequences import GivenSplit, Rows, SequenceData, content_sha256
from minirearec.errors import ConfigError

PLACES = 7  # so few that one wide look, at all pointers at once, learns some of two hops; more places take longer to learn
HOPS = 3
STATIONS = 5


def hops(seed: int = 0, users: int = 20000, places: int = PLACES, longest: int = HOPS,
         stations: int = STATIONS) -> SequenceData:
    """Histories of ``places`` pointers and ``stations`` stations; users have 1 to ``longest`` hops in turn.

    The map is one cycle through all places. Only stations are targets; the pointers, whose order is random,
    are not. The last station tests, the one before validates, as with leave-one-out. No station occurs twice in a history.
    Raises ConfigError for sizes that cannot be: hops and places without a common factor would repeat stations.
    """
    if stations < 4 or longest < 1 or users < 1:
        raise ConfigError(f"{stations} stations, {longest} hops, {users} users", "hops",
                          "It takes at least 4 stations, 1 hop and 1 user.")
    for number in range(1, longest + 1):
        if places // np.gcd(places, number) < stations:
            raise ConfigError(f"{number} hops among {places} places come back after "
                              f"{places // np.gcd(places, number)} stations, and {stations} are asked for", "hops",
                              "Choose more places, or fewer stations.")
    rng = np.random.default_rng(seed)
    rows = np.arange(users)
    cycle = np.argsort(rng.random((users, places)), axis=1)
    following = np.empty_like(cycle)
    np.put_along_axis(following, cycle, np.roll(cycle, -1, axis=1), axis=1)  # [users, places]: where each place points
    order = np.argsort(rng.random((users, places)), axis=1)
    number = rows % longest + 1
    start = rng.integers(places, size=users)
    line = [cycle[rows, (start + step * number) % places] for step in range(stations)]
    pointers = pointer_item(order, np.take_along_axis(following, order, axis=1), places)
    items = np.concatenate([pointers, station_item(np.stack(line, axis=1), number[:, None], places)], axis=1)
    length = places + stations
    is_target = np.tile(np.arange(length) > places, users)  # the first station is given
    given = GivenSplit("each user's last item", np.full(users, length - 2), is_target,
                       Rows(rows, np.full(users, length - 2)), Rows(rows, np.full(users, length - 1)))
    used, index = np.unique(items, return_inverse=True)
    titles = np.array([title(item, places) for item in used], dtype=object)
    data = SequenceData("hops", index.reshape(-1).astype(np.int32), np.arange(users + 1) * length, rows + 1, used + 1, "",
                        True, f"synthetic, generated from seed {seed}", titles, None, given)
    return replace(data, sha256=content_sha256(data))


def pointer_item(place, target, places: int = PLACES):
    """The number of the item ``place -> target``, before the catalogue is numbered."""
    return place * places + target


def station_item(place, number, places: int = PLACES):
    """The number of the station at a place with so many hops to the next."""
    return places * places + (number - 1) * places + place


def title(item: int, places: int = PLACES) -> str:
    """``3 -> 5`` for a pointer, ``at 5, 2 hops`` for a station."""
    if item < places * places:
        return "{} -> {}".format(*divmod(int(item), places))
    number, place = divmod(int(item) - places * places, places)
    return f"at {place}, {number + 1} hop{'s' * (number > 0)}"


def hops_of_users(data: SequenceData, longest: int = HOPS) -> np.ndarray:
    """How many pointers lead from station to station, int [users]."""
    return np.arange(data.n_users) % longest + 1


def follow(history: list[str], number: int) -> str:
    """The station that ``number`` looks at the pointers lead to, read off a history of titles."""
    pointers = dict(line.split(" -> ") for line in history if " -> " in line)
    place, hop = history[-1].removeprefix("at ").split(", ")
    for _ in range(number):
        place = pointers[place]
    return f"at {place}, {hop}"
