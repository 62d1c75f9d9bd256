"""Objects at the prompt and in a notebook: short, and safe whatever the data are called."""

import re

import pytest

from minirearec.config import Config
from minirearec.data import beauty_sim, load
from minirearec.shown import Shown
from minirearec.training import Trainer


class Thing(Shown):
    """An object with a hostile name."""

    def shown(self):
        return {"name": "<b>\x1b[31mbad\n", "empty": "", "count": "3"}


def test_texts_are_escaped_and_empty_ones_left_out():
    assert repr(Thing()) == r"Thing(name: <b>\x1b[31mbad\n, count: 3)"
    html = Thing()._repr_html_()
    assert "&lt;b&gt;" in html and "\x1b" not in html and "empty" not in html


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    config = Config.make(method="erl", steps=1, epochs=1, width=8, inner_width=8, layers=1)
    data = beauty_sim(users=60, items=40, interactions=500)
    return Trainer(config, data, out=tmp_path_factory.mktemp("runs") / "run").fit(progress=False)


def test_every_object_of_a_session_shows_itself_on_one_line(trained):
    model, run = trained.recommender(), trained.run
    assert run is not None
    shown = [
        (trained.data, r"SequenceData\(name: beauty-sim \(SYNTHETIC DATA\), users: 60, items: 40, .*"),
        (trained.config, r"Config\(method: erl, steps: 1, width: 8, inner_width: 8, .*"),
        (trained, r"Trainer\(method: erl, K = 1, data: beauty-sim, epochs: 1, run: .*, best: epoch 1, .*"),
        (trained.evaluate(), r"Evaluation\(part: test, users: 60, answer: mean of steps, Recall@5: 0\.\d{4}, .*"),
        (model, r"Recommender\(data: beauty-sim, items: 40, answer: mean of steps\)"),
        (run, r"Run\(path: .*, method: erl, data: beauty-sim, state: not finished\)")]
    for thing, pattern in shown:
        text, html = repr(thing), thing._repr_html_()
        assert re.fullmatch(pattern, text), text
        assert "\n" not in text and len(text) < 700
        assert html.startswith("<table>") and html.count("<tr>") == len([one for one in thing.shown().values() if one])


def test_recommendations_show_titles_in_a_notebook():
    data = load([[f"film {item}" for item in range(5)], ["film 1", "<b>", "film 3"]])
    model = Trainer(Config.make(method="counts"), data).fit(progress=False).recommender()
    found = model.recommend(user="2", k=2)
    assert repr(found) == f"Recommendations({model.answer}: {', '.join(found.answer.items)}; 1 rows)"
    assert found.answer is found[0] and found._repr_html_().count("<tr>") == 3
    assert "&lt;b&gt;" in model.recommend(["film 0"], k=9)._repr_html_()
