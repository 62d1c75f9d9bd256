"""hops: the next item is found by following a chain of pointers hidden in the history, h of them one after another.

A history first lists a random map of n places as n items, each of which is a pointer ``a -> b``, in random
order. Then come stations: the station after ``a`` is the place that h pointers lead to from ``a``. Each pointer
that is followed needs one look at the history, and for that look the result of the look before. So the depth of
computation decides: L layers without reasoning look L times in a row, and K more passes look K more times.

A station knows how many pointers lie ahead: station items are pairs (place, hops), and each user has stations of one
number of hops. The short ones teach the first look, and longer ones build on it.

The split is by users. All histories have the same length, so with leave-one-out the last positions would occur in the
test alone, and their embeddings would still be their random initial values. Here the training users train on all their
stations but the first, so every position of a test row was trained. What is new in the test is the history: there are
few maps, (places - 1)!, but many orders in which the pointers of each can be listed.
"""

from dataclasses import replace

import numpy as np

from minirearec.data.sequences import GivenSplit, Rows, SequenceData, SplitKind, content_sha256
from minirearec.errors import ConfigError

PLACES = 7  # so few that one wide look at all pointers learns some of two hops; more places take longer to learn
HOPS = 3
STATIONS = 5
TENTHS = 10  # of the users: eight train, one validates, one tests
RULE = "by users: 8 of 10 train, 1 of 10 validate, 1 of 10 test; pointers and first stations are not targets"


def hops(seed: int = 0, users: int = 20000, places: int = PLACES, longest: int = HOPS,
         stations: int = STATIONS) -> SequenceData:
    """Generate histories of ``places`` pointers and ``stations`` stations; users have 1 to ``longest`` hops in turn.

    The map is one cycle through all places. No station occurs twice in a history. The targets are all stations but
    the first; pointers, whose order is random, are not targets. Groups of ``longest`` users, one of each number of
    hops, train, validate or test together: see ``part_of_users``.
    Raises ConfigError for impossible sizes: hops and places with a common factor would repeat stations.
    """
    if stations < 2 or longest < 1:
        raise ConfigError(f"{stations} stations, {longest} hops", "hops", "At least 2 stations and 1 hop are needed.")
    if users < TENTHS * longest:
        raise ConfigError(f"{users} users, of 1 to {longest} hops", "hops",
                          f"At least {TENTHS * longest} users are needed, so that every part has all numbers of hops.")
    for number in range(1, longest + 1):
        if places // np.gcd(places, number) < stations:
            raise ConfigError(f"{number} hops among {places} places return after "
                              f"{places // np.gcd(places, number)} stations, and there are {stations}", "hops",
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
    part = part_of_users(users, longest)
    is_target = np.tile(np.arange(length) > places, users)  # the first station is given
    given = GivenSplit(SplitKind.BY_USERS, RULE, np.where(part == "train", length, places + 1), is_target,
                       station_rows(np.flatnonzero(part == "valid"), places, stations),
                       station_rows(np.flatnonzero(part == "test"), places, stations))
    used, index = np.unique(items, return_inverse=True)
    titles = np.array([title(item, places) for item in used], dtype=object)
    data = SequenceData("hops", index.reshape(-1).astype(np.int32), np.arange(users + 1) * length, rows + 1, used + 1,
                        "", True, f"synthetic, generated from seed {seed}", titles, None, given)
    return replace(data, sha256=content_sha256(data))


def part_of_users(users: int, longest: int = HOPS) -> np.ndarray:
    """Return the part of each user, "train", "valid" or "test": text [users].

    Of ten groups of ``longest`` users, one user of each number of hops, eight train, the ninth validates and the
    tenth tests.
    """
    return np.array(["train"] * (TENTHS - 2) + ["valid", "test"])[np.arange(users) // longest % TENTHS]


def station_rows(users: np.ndarray, places: int, stations: int) -> Rows:
    """Return a row for every station but the first of these users; its history is everything before it."""
    return Rows(np.repeat(users, stations - 1), np.tile(np.arange(places + 1, places + stations), len(users)))


def pointer_item(place, target, places: int = PLACES):
    """Return the number of the item ``place -> target``, before the catalogue is numbered."""
    return place * places + target


def station_item(place, number, places: int = PLACES):
    """Return the number of the station at a place with this many hops to the next."""
    return places * places + (number - 1) * places + place


def title(item: int, places: int = PLACES) -> str:
    """Return ``3 -> 5`` for a pointer, ``at 5, 2 hops`` for a station."""
    if item < places * places:
        return "{} -> {}".format(*divmod(int(item), places))
    number, place = divmod(int(item) - places * places, places)
    return f"at {place}, {number + 1} hop{'s' * (number > 0)}"


def hops_of_users(data: SequenceData, longest: int = HOPS) -> np.ndarray:
    """Return how many pointers lead from station to station, int [users]."""
    return np.arange(data.n_users) % longest + 1


def follow(history: list[str], number: int) -> str:
    """Return the station that ``number`` looks at the pointers lead to, read from a history of titles."""
    pointers = dict(line.split(" -> ") for line in history if " -> " in line)
    place, hop = history[-1].removeprefix("at ").split(", ")
    for _ in range(number):
        place = pointers[place]
    return f"at {place}, {hop}"
