"""Fields of a configuration that know their help text, their range and the paper's symbol, and how they are checked.

The command line and the error messages use the same words.
"""

from dataclasses import field, fields

from minirearec.errors import ConfigError

LARGEST_WHOLE = 2**31 - 1  # of a setting without a bound of its own
KINDS = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
SMALLEST, LARGEST = 1e-15, 1e15  # magnitudes other than 0: products of two such settings still fit into a float32


def setting(default, help, *, symbol="", low=None, high=None, above=None, below=None, choices=None,
            hidden=False):
    """Return a dataclass field with its help text and range. Bounds: low/high inclusive, above/below exclusive.

    A ``hidden`` field has no option on the command line: the library sets it.
    """
    return field(default=default, metadata={
        "help": help, "symbol": symbol, "low": low, "high": high, "above": above, "below": below,
        "choices": choices, "hidden": hidden})


def check(config) -> None:
    """Raise ConfigError for a field of the wrong type or outside its range."""
    for item in fields(config):
        value, rule, option = getattr(config, item.name), item.metadata, "--" + item.name.replace("_", "-")
        assert isinstance(item.type, type), "annotations are types here, not text"
        if item.type is float and type(value) is int:
            value = float(value) if abs(value) <= LARGEST else float("inf")  # a float has no room for 10**400
            object.__setattr__(config, item.name, value)
        if type(value) is not item.type:
            raise ConfigError(f"expected {KINDS[item.type]}, got {value!r}", option)
        if rule["choices"] and value not in rule["choices"]:
            raise ConfigError(f"unknown value {value!r}", option, f"Choose one of: {', '.join(rule['choices'])}.")
        if value != value or value in (float("inf"), float("-inf")):
            raise ConfigError(f"{value!r} is not a finite number", option)
        if item.type is float and value and not SMALLEST <= abs(value) <= LARGEST:
            raise ConfigError(f"{value!r} is beyond what 32-bit numbers can compute with", option,
                              f"It must be {'0 or ' * (rule['low'] == 0)}between {SMALLEST:g} and {LARGEST:g}.")
        if item.type is int and rule["high"] is None and value > LARGEST_WHOLE:
            raise ConfigError(f"{value!r} is out of range", option, f"It must be at most {LARGEST_WHOLE}.")
        inside = ((rule["low"] is None or value >= rule["low"]) and (rule["high"] is None or value <= rule["high"])
                  and (rule["above"] is None or value > rule["above"])
                  and (rule["below"] is None or value < rule["below"]))
        if not inside:
            raise ConfigError(f"{value!r} is out of range", option, f"It must be {describe_range(rule)}.")


def describe_range(rule) -> str:
    """Return the range of a setting in words: ``at least 0 and below 1``."""
    words = {"low": "at least", "above": "above", "high": "at most", "below": "below"}
    return " and ".join(f"{word} {rule[key]}" for key, word in words.items() if rule[key] is not None)
