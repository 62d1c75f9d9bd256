"""The studies that come with the library, all about one question: does thinking help?

Each is made when it is asked for, so that plugins take part: ``PRESETS["frontier"]()``.
"""

from collections.abc import Callable
from itertools import product

from minirearec.analysis.grids import PRESETS as GRIDS
from minirearec.analysis.sweeping import name_of
from minirearec.config import ModelConfig
from minirearec.methods import METHODS
from minirearec.parts import BACKBONES, ITEM_ENCODERS, REASONERS
from minirearec.studies.plan import Row, Study


def dropout(rate: float) -> dict:
    """Return the settings of one rate for all dropout."""
    return {"dropout": rate, "input_dropout": rate}


COUNTS = Row("counts, pctm", {"method": "counts", "counts": "pctm"})
TRIED = 3  # variants of every row of the frontier: all ways have the same budget of tuning
MOST_STEPS = 3  # of the ladder
HARD = {"soft_targets": "none"}
PLAIN = {**HARD, "average": 0.0, **dropout(ModelConfig.dropout)}  # whatever suits the data set


def ladder() -> Study:
    """Return the methods of the paper against the number of steps (paper, Fig. 5)."""
    rows = tuple(Row(name_of(point), point) for point in GRIDS["ladder"] if point["steps"] <= MOST_STEPS)
    return Study("ladder", "Does a step help, and the next one, with each method of the paper?", (*rows, COUNTS), PLAIN)


def levers() -> Study:
    """Return the base, with each lever alone and with all that helped."""
    tried: dict[str, list[dict]] = {
        "dropout": [dropout(rate) for rate in (0.2, 0.4, 0.5)],
        "learning rate": [{"learning_rate": rate} for rate in (0.0005, 0.002)],
        "batch": [{"batch_positions": size} for size in (1024, 4096)],
        "weight decay": [{"weight_decay": weight} for weight in (0.0, 0.3)],
        "averaged weights": [{"average": decay} for decay in (0.99, 0.999)],
        "schedule": [{"schedule": name} for name in ("linear", "cosine")],
        "warm-up": [{"warmup_steps": count} for count in (200, 1000)],
        "positions": [{"positions": name} for name in ("recency", "relative")],
        "samples": [{"samples": "prefixes"}, {"samples": "prefixes", "positions": "recency"}],
        "first items": [{"first_items": True}],
        "cosine": [{"scores": "cosine", "temperature": temperature} for temperature in (0.04, 0.06, 0.1)],
        "soft targets": [{"soft_targets": "counts", "counts": "pctm", "soft_weight": weight}
                         for weight in (0.1, 0.2, 0.4)],
        "label smoothing": [{"label_smoothing": share} for share in (0.05, 0.1)],
        "same target": [{"same_target_weight": weight, "same_target_temperature": 8.0} for weight in (0.03, 0.1)],
        "layers": [{"layers": count} for count in (1, 3)], "heads": [{"heads": count} for count in (1, 4)]}
    rows = tuple(Row(name, {"method": "base"}, variants=tuple(variants)) for name, variants in tried.items())
    return Study("levers", "How good can the base be, before anything thinks?",
                 (Row("base", {"method": "base"}), *rows, COUNTS), PLAIN, combined="all that helped")


def frontier() -> Study:
    """Return every way to think beside the base, each with as many variants to choose from on validation.

    All have what suits the data set, such as soft targets. A method of your own without them has a base without them.
    """
    steps = tuple({"steps": count} for count in range(1, TRIED + 1))
    rates = tuple(dropout(rate) for rate in (0.2, 0.3, 0.4))
    base = Row("base", {"method": "base"}, variants=rates)
    hard = Row("base, hard targets", {"method": "base", **HARD}, variants=rates)
    ways = [Row(one.name, {"method": one.name}, "" if one.shares_targets else hard.name, steps)
            for one in METHODS.values() if one.reasons]
    ways += [Row(f"erl, {one.name}", {"method": "erl", "reasoner": one.name}, variants=steps)
             for one in REASONERS.values() if one.name != ModelConfig.reasoner]
    bases = (base, hard) if any(way.base == hard.name for way in ways) else (base,)
    return Study("frontier", "Which way to think is worth its time, over the same base and with the same tuning?",
                 (*bases, *ways, COUNTS), blend=("counts:pctm",))


def depth() -> Study:
    """Return models that think, each to be stopped at every depth."""
    rows = tuple(Row(name, {"method": name, "steps": MOST_STEPS}) for name in ("rpe", "erl", "prl", "gate"))
    return Study("depth", "How much of the oracle does any choice of depth realise?", rows, view="steps")


def backbones() -> Study:
    """Return the methods of the paper over every backbone and item encoder, each beside its own base."""
    def row(backbone: str, items: str, method: str) -> Row:
        return Row(f"{backbone}, {items}, {method}", {"backbone": backbone, "items": items, "method": method},
                   f"{backbone}, {items}, base")

    rows = tuple(row(*names) for names in product(BACKBONES, ITEM_ENCODERS, ("base", "erl", "prl")))
    return Study("backbones", "Does thinking help every backbone, with free item vectors and with features?", rows,
                 PLAIN)


def patience() -> Study:
    """Return two models that train long, of which every shorter patience is a part."""
    rows = Row("base", {"method": "base"}), Row("erl", {"method": "erl"})
    return Study("patience", "What would a shorter patience have cost, and saved?", rows, {"patience": 20},
                 view="patience")


PRESETS: dict[str, Callable[[], Study]] = {
    one.__name__: one for one in (frontier, ladder, levers, depth, backbones, patience)}
