"""Fields that know their range: what they accept, what they refuse, and how they say it."""

from dataclasses import dataclass, fields

import pytest

from minirearec.errors import ConfigError
from minirearec.settings import check, describe_range, setting


@dataclass(frozen=True)
class Some:
    """Settings of every kind."""

    share: float = setting(0.5, "a share", low=0.0, below=1.0)
    count: int = setting(3, "a count", above=0)
    kind: str = setting("a", "a kind", choices=("a", "b"))

    def __post_init__(self):
        check(self)


def test_a_whole_number_becomes_a_float_where_one_is_due():
    assert type(Some(share=0).share) is float
    assert Some(share=0.99, count=2**31 - 1, kind="b") == Some(share=0.99, count=2**31 - 1, kind="b")


@pytest.mark.parametrize("given, message", [
    ({"share": 1.0}, "--share: 1.0 is out of range. It must be at least 0.0 and below 1.0"),
    ({"share": "x"}, "--share: expected a number, got 'x'"), ({"share": 1e-20}, "--share: .* It must be 0 or between"),
    ({"count": 0}, "--count: 0 is out of range. It must be above 0"),
    ({"count": True}, "--count: expected a whole number"),
    ({"count": 2**31}, "--count: .* at most 2147483647"), ({"kind": "c"}, "--kind: unknown value 'c'. .*: a, b")])
def test_what_does_not_fit_is_named(given, message):
    with pytest.raises(ConfigError, match=message):
        Some(**given)


def test_ranges_in_words():
    words = {item.name: describe_range(item.metadata) for item in fields(Some)}
    assert words == {"share": "at least 0.0 and below 1.0", "count": "above 0", "kind": ""}
