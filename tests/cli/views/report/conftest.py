"""A browser without a window, and pages of small runs for it."""

import os
import shutil
from dataclasses import replace

import numpy as np
import pytest

from minirearec.analysis.findings import findings
from minirearec.config import Config
from minirearec.methods import METHODS
from minirearec.runs.directory import Run
from minirearec.training import Trainer
from minirearec_cli.views.report.page import report_page
from tests.small import SMALL, finish

TITLES = {0: "<script>document.title = 'stolen'</script>", 1: "\"'><img src=x onerror=alert(1)>", 2: "\u202egnp.exe",
          3: "\u05e9\u05dc\u05d5\u05dd", 4: "\U0001f484\U0001f468\u200d\U0001f469\u200d\U0001f467", 5: "x" * 10_000,
          6: "=HYPERLINK(\"http://x\")", 7: "</script><b>bold", 8: "{{ 7 * 7 }}", 9: "\x1b[2Jgone", 10: "&lt;b&gt;"}


@pytest.fixture(scope="session")
def browser():
    """Start Chromium; skip the test where there is none."""
    place = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if place is None:
        pytest.skip("needs Chromium: install it, or name its program in the environment variable CHROMIUM")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the Python package playwright")
    with playwright.sync_playwright() as engine:
        opened = engine.chromium.launch(executable_path=place, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def titled(data):
    """Return the small data set; some of its titles are hostile."""
    titles = [TITLES.get(index, f"Title of {item}") for index, item in enumerate(data.item_ids.tolist())]
    return replace(data, titles=np.array(titles, dtype=object))


@pytest.fixture(scope="session")
def train(titled, tmp_path_factory):
    """Return a function that trains a run for an epoch; the same settings give the same run."""
    folder, made = tmp_path_factory.mktemp("runs"), {}

    def one(**settings) -> Run:
        name = "-".join(map(str, settings.values()))
        if name not in made:
            config = Config.make(**{**SMALL, "epochs": 1, "max_length": 8, "initial_std": 0.3, "layers": 2, "steps": 3
                                    if METHODS[settings["method"]].reasons else 0, **settings})
            trainer = Trainer(config, titled, out=folder / name)
            finish(trainer)
            Run.open(folder / name).write_results(trainer.results(trainer.evaluate("test")))
            made[name] = Run.open(folder / name)
        return made[name]

    return one


@pytest.fixture(scope="session")
def page_of(titled, tmp_path_factory):
    """Return a function that writes the report of some runs, and returns its path."""
    folder = tmp_path_factory.mktemp("pages")

    def write(*runs: Run, users: int | None = 20):
        """Write it with so many users to choose from, or without the data set for None."""
        path = folder / ("-".join(run.path.name for run in runs) + f"-{users}.html")
        if not path.exists():
            found = None if users is None else findings(runs, titled, users)
            path.write_text(report_page(list(runs), runs[0].read_items(), found), encoding="utf-8")
        return path

    return write


@pytest.fixture
def visit(browser):
    """Return a function that opens a page and waits for it; afterwards nothing must have gone wrong in any of them."""
    problems, pages = [], []

    def opened(path, hash: str = "", **options):
        page = browser.new_page(**options)
        pages.append(page)
        page.on("console", lambda message: problems.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: problems.append(f"request: {request.url}")
                if request.url.partition("#")[0] != path.as_uri() and not request.url.startswith("blob:") else None)
        page.goto(path.as_uri() + hash)
        page.wait_for_selector("#app[data-ready]")
        return page

    yield opened
    for page in pages:
        page.close()
    assert not problems
