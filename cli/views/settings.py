"""Say where the settings of a training come from, and which of them have no effect."""

from collections.abc import Iterable

from rich.console import Console

from minirearec.config import Config, settings_of
from minirearec.conflicts import without_effect
from minirearec.data import Card
from minirearec_cli.console import say


def say_settings(notices: Console, card: Card | None, config: Config, given: Iterable[str]) -> None:
    """Say which settings come from the data set's card, if any do, and which of the given ones have no effect."""
    own = settings_of(card, config.counting.counts) if card else {}
    used = {name: value for section in config.to_dict().values() for name, value in section.items()
            if own.get(name) == value}
    if used:
        listed = ", ".join(f"{name} {value}" for name, value in used.items())
        say(notices, f"Settings from the card of {card}: {listed}")
    for note in notes_without_effect(config, given):
        say(notices, note)


def notes_without_effect(config: Config, names: Iterable[str]) -> list[str]:
    """Return what to say about those of the given settings that do nothing beside the others."""
    return [f"Note: --{name} has no effect with --{choice}".replace("_", "-")
            for name, choice in without_effect(config, names).items()]
