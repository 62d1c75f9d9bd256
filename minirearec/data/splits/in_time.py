"""The cut in time: the oldest interactions train the model, later ones select it, and the newest test it.

With the filters of the paper (section 4.1): rows need a history, and items that training never shows are left out.
"""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from minirearec.data.sequences import GivenSplit, Rows, SequenceData, SplitKind
from minirearec.data.splits.leakage import check
from minirearec.data.splits.split import Split, given_split
from minirearec.errors import ConfigError, DataError

WAYS = ("quantile", "span", "date")


def by_time(data: SequenceData, cuts: tuple, by: str = "quantile", *, min_history: int = 1,
            min_train_history: int = 1, known_items: bool = True) -> Split:
    """Cut at two times: t <= first trains, first < t <= second validates, t > second tests.

    ``cuts`` are two fractions of the interactions (``by="quantile"``) or of the time between the first and the
    last of them (``"span"``, as for Yelp in the paper), or two dates or numbers in the unit of the timestamps
    (``"date"``). Every interaction is a row: its item is the target, and the user's items before it are the history.
    A row to validate or test is kept when its history has ``min_history`` items and, with ``known_items``, when
    its target and its whole history occur in a row that trains; a training row is kept when its history has
    ``min_train_history`` items. ``split.data`` holds only the users and items of rows that were kept.
    Raises DataError for data without timestamps and for parts that end up empty, ConfigError for bad cuts.
    """
    if data.timestamps is None:
        raise DataError("has no timestamps", f"data set {data.name}",
                        "Import it with a time column to cut it in time.")
    first, second = cut_times(data.timestamps, cuts, by)
    rule = f"cut in time at {show_time(first)} and {show_time(second)}"
    train_lengths, is_target, valid, test = _rows(data, data.timestamps, (first, second), max(1, min_history),
                                                  max(1, min_train_history), known_items)
    split = split_rows(data, train_lengths, is_target, valid, test, rule, known_items)
    check(split)
    return split


def cut_times(timestamps: np.ndarray, cuts: tuple, by: str) -> tuple[float, float]:
    """Return the two cuts as times. Raises ConfigError unless there are two, in order."""
    if by not in WAYS:
        raise ConfigError(f"unknown way to cut {by!r}", "cut-by", f"Choose one of: {', '.join(WAYS)}.")
    if len(cuts) != 2:
        raise ConfigError(f"{len(cuts)} cuts", "cuts", "Give two, such as 0.8 and 0.9.")
    if by == "date":
        first, second = (parse_time(cut, unit_of(float(np.median(timestamps))) or 1) for cut in cuts)
    else:
        try:
            low, high = map(float, cuts)
        except (TypeError, ValueError):
            raise ConfigError(f"{cuts[0]} and {cuts[1]} are not two numbers", "cuts",
                              "Give two fractions, such as 0.8 and 0.9, or cut by date.") from None
        if not 0 < low < high < 1:
            raise ConfigError(f"{low:g} and {high:g} are not two increasing fractions", "cuts",
                              "Give two between 0 and 1, the smaller one first, such as 0.8 and 0.9.")
        if by == "span":
            start, end = float(timestamps.min()), float(timestamps.max())
            first, second = start + (end - start) * low, start + (end - start) * high
        else:
            first, second = np.quantile(timestamps, [low, high], method="lower")
    if not first < second:
        raise ConfigError(f"the cuts {show_time(first)} and {show_time(second)} leave nothing between them", "cuts",
                          "Give two times, the earlier one first.")
    return float(first), float(second)


def parse_time(value, unit: int = 1) -> float:
    """Return a number unchanged, and a date or date and time (ISO 8601, by default UTC) as time since 1970.

    ``unit``: 1 for seconds, 1000 for milliseconds.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        try:
            moment = datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise ConfigError(f"{value!r} is neither a number nor a date", "cuts",
                              "Write dates as 2018-09-04 or 2018-09-04 08:16:19.") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * unit
    if not np.isfinite(number):
        raise ConfigError(f"{value!r} is not a time", "cuts", "Write dates as 2018-09-04.")
    return number


def unit_of(value: float) -> int:
    """Return 1 for a timestamp that looks like seconds since 1970, 1000 for milliseconds, and 0 for neither."""
    return next((unit for unit in (1, 1000) if 1e8 <= abs(value) / unit < 1e10), 0)  # 1973 to 2286


def show_time(value: float) -> str:
    """Return a timestamp for people: a date when it looks like seconds or milliseconds since 1970."""
    unit = unit_of(value)
    return datetime.fromtimestamp(value / unit, UTC).strftime("%Y-%m-%d %H:%M:%S") if unit else f"{value:.15g}"


def _rows(data: SequenceData, times: np.ndarray, cuts: tuple[float, float], min_history: int, min_train_history: int,
          known_items: bool) -> tuple[np.ndarray, np.ndarray, Rows, Rows]:
    """Return training lengths [users], training targets [interactions] and the rows to validate and test."""
    (first, second), lengths = cuts, np.diff(data.offsets)
    user = np.repeat(np.arange(data.n_users), lengths)
    place = np.arange(data.n_interactions) - data.offsets[user]
    backwards = np.flatnonzero((times[1:] < times[:-1]) & (user[1:] == user[:-1]))
    if len(backwards):
        who = data.user_ids[user[backwards[0]]]
        raise DataError(f"the items of user {who} are not in the order of their timestamps", f"data set {data.name}",
                        "Import the file again: that puts them in order.")
    trains = times <= first
    is_target = trains & (place >= min_train_history)
    train_lengths = np.zeros(data.n_users, dtype=np.int64)
    np.maximum.at(train_lengths, user[is_target], place[is_target] + 1)
    kept = place >= min_history
    if known_items:
        known = np.zeros(data.n_items, dtype=bool)
        known[data.items[place < train_lengths[user]]] = True
        unknown = np.concatenate([[0], np.cumsum(~known[data.items])])  # among the first items of the file
        kept &= unknown[1:] == unknown[data.offsets[user]]  # none up to and including the target
    valid, test = kept & ~trains & (times <= second), kept & (times > second)
    return train_lengths, is_target, Rows(user[valid], place[valid]), Rows(user[test], place[test])


def split_rows(data: SequenceData, train_lengths: np.ndarray, is_target: np.ndarray, valid: Rows, test: Rows,
               rule: str, known_items: bool) -> Split:
    """Return the cut in time with these rows, over data reduced to them: users with a row, their items up to the last.

    ``known_items``: whether the rows were chosen so that training knows all their items; ``leakage.check`` holds the
    split to it. Raises DataError when a part has no rows.
    """
    for what, count in (("train on", int(is_target.sum())), ("validate on", len(valid)), ("test on", len(test))):
        if count == 0:
            raise DataError(f"no rows are left to {what} after the {rule}", f"data set {data.name}",
                            "Move the cuts, or require shorter histories.")
    needed = train_lengths.copy()
    for rows in (valid, test):
        np.maximum.at(needed, rows.user, rows.length + 1)
    users = np.flatnonzero(needed)
    length, user = np.diff(data.offsets), np.repeat(np.arange(data.n_users), np.diff(data.offsets))
    kept = np.arange(data.n_interactions) - data.offsets[user] < needed[user]
    items, index = np.unique(data.items[kept], return_inverse=True)
    moved = np.zeros(len(length), dtype=np.int64)
    moved[users] = np.arange(len(users))
    given = GivenSplit(SplitKind.IN_TIME, rule, train_lengths[users], is_target[kept],
                       Rows(moved[valid.user], valid.length), Rows(moved[test.user], test.length), known_items)
    return given_split(replace(
        data, items=index.astype(np.int32), offsets=np.concatenate([[0], np.cumsum(needed[users])]).astype(np.int64),
        user_ids=data.user_ids[users], item_ids=data.item_ids[items],
        titles=None if data.titles is None else data.titles[items],
        texts={role: column[items] for role, column in data.texts.items()},
        features=None if data.features is None else data.features.take(items),
        timestamps=None if data.timestamps is None else data.timestamps[kept], given=given))
