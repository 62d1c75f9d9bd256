"""Settings that make no sense together: what one method, loss or part cannot do."""

from collections.abc import Iterable
from dataclasses import Field, fields
from typing import Any

from minirearec.errors import ConfigError
from minirearec.methods import METHODS
from minirearec.parts import REASONERS


def check_conflicts(config) -> None:
    """Raise ConfigError for settings of a Config that are right each by itself, but not together."""
    objective, method = config.objective, METHODS[config.objective.method]
    if config.model.steps and not method.reasons:
        raise ConfigError(f"method {method.name} has no reasoning steps, got {config.model.steps}",
                          "--steps", f"Leave --steps out, or choose {_able('reasons')}.")
    if objective.loss != "full" and config.model.steps and REASONERS[config.model.reasoner].whole_catalogue:
        raise ConfigError(f"the reasoner {config.model.reasoner} reads the whole catalogue at every step", "--loss",
                          "Leave --loss out, or choose another --reasoner.")
    if objective.loss != "full" and not method.samples:
        raise ConfigError(f"method {method.name} has no sampled loss", "--loss", "Leave --loss out.")
    soft = "--label-smoothing" if objective.soft_targets == "none" else "--soft-targets"
    if objective.softens and objective.loss != "full":
        raise ConfigError("a sampled loss does not score the items that soft targets share with", soft,
                          "Leave it out, or choose --loss full.")
    if (objective.softens or objective.same_target_weight) and not method.shares_targets:
        raise ConfigError(f"the loss of method {method.name} has no such term",
                          soft if objective.softens else "--same-target-weight",
                          f"Leave it out, or choose {_able('shares_targets')}.")
    if objective.loss == "gbce" and objective.kl_weight:
        raise ConfigError("the KL term compares softmax distributions, which gbce does not have", "--kl-weight",
                          "Leave --kl-weight out, or choose --loss sampled.")


def without_effect(config, names: Iterable[str]) -> dict[str, str]:
    """Return those of the named settings that nothing reads, each with the choice that leaves it out: ``method erl``.

    The help of most such settings begins with the choices that read it: ``prl, teacher: weight of ...``. What a user
    registered may read any.
    """
    sections = [getattr(config, section.name) for section in fields(config)]
    known = {item.name: (item, getattr(section, item.name)) for section in sections for item in fields(section)}
    idle, found = _idle(config), {}
    for name in names:
        found.update((name, why) for why, others in idle.items() if name in others)
        readers = _readers(known[name][0])
        for choice, (item, chosen) in known.items():
            choices = item.metadata["choices"] or ()
            reading = readers | getattr(choices, "of_users", set())
            if name not in found and choice != name and readers <= set(choices) and chosen not in reading:
                found[name] = f"{choice} {chosen}"
    return found


def _idle(config) -> dict[str, set[str]]:
    """Return the names of the settings that these choices leave out, whatever they are."""
    objective, method = config.objective, METHODS[config.objective.method]
    if method.name in METHODS.of_users:
        return {}
    items = {section.name: fields(getattr(config, section.name)) for section in fields(config)}
    every = {name: {item.name for item in own} for name, own in items.items()}
    read_by = {item.name: _readers(item) for own in items.values() for item in own}
    of_soft_targets = {name for name, readers in read_by.items() if readers == {"soft targets"}}
    of_steps = {name for name, readers in read_by.items() if readers <= {*METHODS, *REASONERS}}
    if not method.neural:
        rest = every["model"] | every["objective"] | every["training"]
        return {f"method {method.name}": rest - {"method", "seed", "refit"}}
    counting = every["counting"] if objective.soft_targets == "none" else set()
    return {f"method {method.name}": counting,
            "soft-targets none": of_soft_targets if objective.soft_targets == "none" else set(),
            "same-target-weight 0": set() if objective.same_target_weight else {"same_target_temperature"},
            "steps 0": set() if config.model.steps else of_steps | {"reasoner", "random_steps"}}


def _readers(item: Field) -> set[str]:
    """Return the words before the colon in the help of a setting: the choices that read it, for many."""
    return set(item.metadata["help"].partition(": ")[0].split(", "))


def usable(own: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a data set, without soft targets if the chosen loss or method cannot have them."""
    chosen = {**own, **given}
    method = METHODS.get(str(chosen.get("method", "")))
    if chosen.get("loss", "full") == "full" and (method is None or method.shares_targets):
        return own
    return {name: value for name, value in own.items() if name != "soft_targets"}


def _able(what: str) -> str:
    """Return the methods that can do something, in words."""
    *names, last = [one.name for one in METHODS.values() if getattr(one, what)]
    return f"{', '.join(names)} or {last}"
