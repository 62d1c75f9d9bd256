"""The explorer as its reader uses it: by mouse, keyboard and link; nothing goes wrong and nothing leaves the file."""

import csv
import io
import json
from xml.etree import ElementTree

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from minirearec.evaluation.full_ranking import ORACLE, evaluate
from minirearec.evaluation.scorers import Copies
from minirearec.export.in_page import example_split
from minirearec.recommender import Recommender
from minirearec.runs.opening import load_scorer
from tests.cli.views.report.conftest import TITLES

LISTS, FACTS, ATTENTION, CACHE = "#panel-lists", "#panel-facts", "#panel-attention", "#panel-cache"


@pytest.fixture(scope="module")
def erl(train):
    return train(method="erl")


@pytest.fixture(scope="module")
def both(train, page_of):
    return page_of(train(method="erl"), train(method="prl"))


def column(page, name: str) -> list[str]:
    """Return the ids in a column of the first model's lists."""
    return page.evaluate("""name => { const table = document.querySelector("#panel-lists table");
        const at = [...table.rows[0].cells].findIndex(cell => cell.textContent === name);
        return [...table.rows].slice(1).map(row => row.cells[at].querySelector(".item small").textContent); }""", name)


def history(page) -> list[int]:
    return [int(text) for text in page.locator("ol.history small").all_inner_texts()]


def expected(run, items: list[int]) -> dict[str, list[str]]:
    model = Recommender.load(run.path, backend="numpy")
    return {row.row: [str(item) for item in row.items] for row in model.recommend(items)}


def agrees(page, run) -> None:
    """Hold the lists of the page to those of NumPy for the history that the page shows."""
    for name, items in expected(run, history(page)).items():
        assert column(page, name) == items


def test_a_user_is_picked_and_their_history_edited(erl, page_of, visit):
    page = visit(page_of(erl))
    user = page.locator("#choose-user option").nth(7).get_attribute("value")
    page.select_option("#choose-user", user)
    before = history(page)
    assert before == [int(item) for item in Recommender.load(erl.path, backend="numpy").items.ids[
        next(one["history"] for one in page.evaluate("report.examples") if str(one["user"]) == user)]]
    agrees(page, erl)
    page.fill("#choose-search", "title of 4")
    assert "First 8 matches" in page.inner_text("#found-count")
    page.click(".found button >> nth=2")
    assert history(page) == [*before, 42]  # the third after 40: the title of 4 is another one
    agrees(page, erl)
    page.click("[data-key='up1']")
    assert history(page) == [before[1], before[0], *before[2:], 42]
    page.click("[data-key='remove0']")
    assert history(page) == [before[0], *before[2:], 42]
    agrees(page, erl)
    page.click("text=Undo edits")
    assert history(page) == before


def test_the_keyboard_suffices_and_keeps_its_place(erl, page_of, visit):
    page = visit(page_of(erl))
    page.focus("#choose-step")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("output[for='choose-step']") == "r_2"
    assert page.locator(f"{LISTS} th.marked").inner_text() == "step 2"
    count = len(history(page))
    page.focus("[data-key='remove1']")
    page.keyboard.press("Enter")
    assert len(history(page)) == count - 1
    assert page.evaluate("document.activeElement.dataset.key") == "remove1"


def test_a_link_opens_the_same_view_again(both, visit):
    page = visit(both)
    page.select_option("#choose-user", index=3)
    page.click("[data-key='remove0']")
    page.fill("#choose-search", "12")
    page.click(".found button")
    page.locator("#choose-step").fill("1")
    page.locator("#choose-temperature").fill("-0.3")
    page.locator("#choose-alpha").fill("2")
    page.select_option("#choose-head", "1")
    page.check("#choose-keep")
    link = page.evaluate("location.hash")
    assert link.startswith("#user=") and "step=1" in link
    again = visit(both, link)
    for panel in ("#panel-history", LISTS, FACTS, ATTENTION, CACHE):
        assert again.inner_html(panel) == page.inner_html(panel)
    for given, items in (("history=3&history=4", [3, 4]), ("history=5 6 7", [5, 6, 7])):
        again.evaluate(f"location.hash = '#step=2&{given}'")
        again.wait_for_function(f"document.querySelectorAll('ol.history li').length === {len(items)}")
        assert history(again) == items


@pytest.mark.parametrize("hash", [
    "#", "#user=nobody&step=99", "#step=-3&history=x&history=y z", "#step=NaN&layer=9&head=9&alpha=0",
    "#history=%E0%A4%A&user=%", "#user=__proto__&step=1&model=7&beside=-9"])
def test_a_broken_link_opens_some_view(hash, erl, page_of, visit):
    page = visit(page_of(erl), hash)
    assert history(page)
    agrees(page, erl)


def test_the_cache_grows_by_a_row_and_attention_sums_to_one(erl, page_of, visit):
    page = visit(page_of(erl), "#step=0&history=3 4 9")
    for step in range(4):
        assert page.locator(f"{CACHE} tbody tr").count() == 3 + step
        assert page.locator(f"{CACHE} tr.new").count() == (1 if step else 3)
        page.click("text=Next step")
    sums = page.evaluate(f"""[1, 2, 3, 4].map(at => [...document.querySelectorAll("{ATTENTION} tbody tr")].map(row =>
        Number(row.cells[at].querySelector("data")?.value ?? 0)).reduce((a, b) => a + b))""")
    assert sums == pytest.approx([1.0] * 4)


def test_where_all_items_take_the_steps_each_step_has_a_cache_of_its_own(train, page_of, visit):
    page = visit(page_of(train(method="rpe", reasoner="lares")), "#step=0&history=3 4 9")
    keys = []
    for step in range(4):
        assert page.locator(f"{CACHE} tbody tr").count() == page.locator(f"{CACHE} tr.new").count() == 3
        assert ("All items took this step" if step else "Reading the history") in page.inner_text(CACHE)
        keys.append(page.inner_text(f"{CACHE} tbody tr >> nth=0"))
        page.click("text=Next step")
    assert len(set(keys)) == 4
    assert page.locator(f"{ATTENTION} tbody tr").count() == 3 and "No step is fed back" in page.inner_text(ATTENTION)


def test_a_gate_shows_its_weights_and_moves_with_the_history(train, page_of, visit):
    run = train(method="gate", temperature=0.5, learning_rate=0.1)
    page = visit(page_of(run), "#history=3 4 9")
    ask = f"""[...document.querySelectorAll('{FACTS} tbody tr:last-child data')].map(one => Number(one.value))"""
    weights = page.evaluate(ask)
    assert len(weights) == 4 and sum(weights) == pytest.approx(1.0)
    page.click("[data-key='remove2']")
    agrees(page, run)
    assert page.evaluate(ask) != weights and sum(page.evaluate(ask)) == pytest.approx(1.0)


def test_temperature_changes_shares_and_no_rank(erl, page_of, visit):
    page = visit(page_of(erl))
    ask = f"[0, 1].map(at => Number(document.querySelectorAll('{FACTS} tbody tr')[at].cells[1].firstChild.value))"
    rank, entropy = page.evaluate(ask)
    lists = column(page, "step 0")
    page.locator("#choose-temperature").fill("-1")
    sharper = page.evaluate(ask)
    assert sharper[0] == rank and sharper[1] < entropy and column(page, "step 0") == lists
    page.click("text=Softmax as trained")
    assert page.evaluate(ask) == [rank, entropy]


def test_stopping_over_all_users_stands_beside_fixed_depths_and_both_oracles(both, train, titled, visit):
    page, runs = visit(both), [train(method="erl"), train(method="prl")]
    page.click("#halt-all")
    ask = """[...document.querySelectorAll("#panel-halt table")].map(table => [...table.rows].slice(1).map(
        row => Number(row.cells[1].querySelector("data").value)))"""
    rows, split = page.evaluate(ask), example_split(titled, 20)
    assert len(rows) == 2
    for run, (first, last, fixed, realised, oracle, null) in zip(runs, rows, strict=True):
        found = evaluate(load_scorer(run), split)
        steps = [found.excluded[f"step {k}"] for k in range(4)]
        depths = [mean(ranks.expected) for ranks in steps]
        assert [first, last, fixed] == pytest.approx([depths[0], depths[-1], max(depths)])
        assert oracle == pytest.approx(mean(found.excluded[ORACLE].expected)) and min(depths) <= oracle >= realised
        copies = evaluate(Copies(load_scorer(run).engine, 8, 4), split)
        assert null == pytest.approx(mean(copies.excluded[ORACLE].expected))
    for place, at in ((-5, 1), (1, None)):  # no step is reached: the last; every step is: the first that can be
        page.locator("#choose-halt").fill(str(place))
        _, last, fixed, realised, oracle, _ = page.evaluate(ask)[0]
        assert at is None or realised == last, "a threshold that no step reaches stops at the last"
        said = page.locator(".share-of-oracle data").first
        assert float(said.get_attribute("value")) == pytest.approx((realised - fixed) / (oracle - fixed))
    page.check("#choose-keep")
    kept = evaluate(Copies(load_scorer(runs[0]).engine, 8, 4), split).kept[ORACLE].expected
    assert page.evaluate(ask)[0][-1] == pytest.approx(mean(kept))


def mean(ranks) -> float:
    """Return the mean NDCG@20 of expected ranks, as the page computes it."""
    return sum(1 / np.log2(rank + 1) if rank <= 20 else 0 for rank in ranks) / len(ranks)


def test_hostile_titles_are_text(erl, page_of, visit):
    page = visit(page_of(erl), "#step=1&history=" + " ".join(map(str, range(1, 12))))
    shown = page.locator("ol.history bdi").all_text_contents()
    assert shown[:2] == [TITLES[0], TITLES[1]] and shown[2] == "\\u202egnp.exe" and shown[5] == "x" * 10_000
    assert page.title() != "stolen" and page.locator("main img, main b").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert page.evaluate("document.querySelector('ol.history').scrollHeight") < 1500


def test_a_saved_table_has_the_numbers_and_no_formula(erl, page_of, visit):
    page = visit(page_of(erl), "#step=1&history=7 3")
    with page.expect_download() as waiting:
        page.click(f"{ATTENTION} button.save")
    rows = list(csv.reader(io.StringIO(waiting.value.path().read_text("utf-8"))))
    assert rows[0] == ["position", "r_0", "r_1", "r_2", "r_3"] and len(rows) == 6
    assert rows[1][0].startswith("'=HYPERLINK")
    assert sum(float(row[4]) for row in rows[1:]) == pytest.approx(1.0)
    with page.expect_download() as waiting:
        page.click("#panel-map button.save")
    drawing = waiting.value.path().read_text("utf-8")
    assert ElementTree.fromstring(drawing).tag == "{http://www.w3.org/2000/svg}svg"
    assert "--c0: #0b57a4" in drawing and "@media" not in drawing, "in the colours of a light page"


@pytest.mark.parametrize("scheme, width", [("light", 1400), ("dark", 400)])
def test_no_serious_fault_of_accessibility(scheme, width, both, visit):
    page = visit(both, color_scheme=scheme, viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("#halt-all")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"][:300]) for one in found
               if one["impact"] in ("serious", "critical")]
    assert not serious, json.dumps(serious, indent=1)


def test_counts_have_lists_and_no_states(train, page_of, visit):
    run = train(method="counts")
    page = visit(page_of(run))
    agrees(page, run)
    assert "This model has none" in page.inner_text(CACHE)


def test_without_users_and_script_the_tables_remain(erl, page_of, visit, browser):
    page = visit(page_of(erl, users=0))
    assert page.locator("#choose-user").count() == 0
    agrees(page, erl)
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(page_of(erl).as_uri())
    assert plain.locator("table.metrics").count() == 2 and "needs JavaScript" in plain.inner_text("#explorer")
    assert plain.locator("table[data-table]").count() == 9
    context.close()
