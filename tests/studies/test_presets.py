"""The studies of the library follow its tables."""

from dataclasses import replace

from minirearec.methods import METHODS
from minirearec.parts import BACKBONES, ITEM_ENCODERS, REASONERS
from minirearec.studies.plan import VIEWS
from minirearec.studies.presets import COUNTS, MOST_STEPS, PRESETS, TRIED


def test_names_views_and_bases():
    for name, make in PRESETS.items():
        study = make()
        assert study.name == name and study.view in VIEWS and study.question.endswith("?")


def test_the_ladder_has_every_step_of_every_method():
    rows = PRESETS["ladder"]().rows
    assert {(row.settings["method"], row.settings["steps"]) for row in rows if row != COUNTS} == {
        ("base", 0), *((name, steps) for name in ("naive", "rpe", "erl", "prl") for steps in range(1, MOST_STEPS + 1))}


def test_every_way_of_the_frontier_has_the_same_budget(monkeypatch):
    assert "base, hard targets" not in [row.name for row in PRESETS["frontier"]().rows]
    monkeypatch.setitem(METHODS, "mine", replace(METHODS["rpe"], name="mine", shares_targets=False))
    rows = [row for row in PRESETS["frontier"]().rows if row != COUNTS]
    assert {len(row.variants) for row in rows} == {TRIED}
    assert {row.settings["reasoner"] for row in rows if "reasoner" in row.settings} == REASONERS.keys() - {"shared"}
    assert {row.settings["method"]: row.base for row in rows if row.base} == {"mine": "base, hard targets"}
    ways = {row.settings["method"] for row in rows}
    assert ways == {"base", *(one.name for one in METHODS.values() if one.reasons)} >= {"mine"}


def test_every_lever_moves_the_base():
    study = PRESETS["levers"]()
    base, *levers, counts = study.rows
    assert counts == COUNTS and study.combined and base.variants == ({},)
    assert all(row.settings == base.settings and all(row.variants) for row in levers)


def test_every_backbone_and_item_encoder_has_a_base_of_its_own():
    study = PRESETS["backbones"]()
    assert len(study.rows) == 3 * len(BACKBONES) * len(ITEM_ENCODERS)
    bases = {row.name: row.settings for row in study.rows if row.settings["method"] == "base"}
    assert all({**bases[row.base], "method": row.settings["method"]} == row.settings for row in study.rows)
