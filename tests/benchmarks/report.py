"""How large a report is, how fast it opens, and how fast the model in it answers, in headless Chromium.

    python tests/benchmarks/report.py RUN [RUN ...] [--data-dir DIR]

Prints the bytes of the page; the time from its address to the first lists; and, for a history of 50 items, the time
of the model alone and of everything that a change of the history draws, each the fastest and the median of 20.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

TRIES, LENGTH = 20, 50
TIMED = """([tries, length, whole]) => Array.from({length: tries}, (_, attempt) => {
    const history = Array.from({length}, (_, i) => (7 * i + attempt) % report.ids.length), began = performance.now();
    if (whole) document.querySelector("#choose-halt").dispatchEvent(new Event("input"));
    else explain(report.models[0], history, {target: 0});
    return performance.now() - began; }).sort((a, b) => a - b)"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--data-dir", default=None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as engine:
        path = Path(folder) / "report.html"
        words = ["report", *given.runs, "-o", path] + (["--data-dir", given.data_dir] if given.data_dir else [])
        subprocess.run([sys.executable, "-m", "minirearec", *map(str, words)], check=True)
        browser = engine.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page, began = browser.new_page(), time.perf_counter()
        page.goto(path.as_uri())
        page.wait_for_selector("#app[data-ready]")
        print(f"{path.stat().st_size:,} bytes, opens in {time.perf_counter() - began:.2f} s")
        page.evaluate("""length => { location.hash = "#step=1&history=" + Array.from({length}, (_, i) =>
            report.ids[(7 * i) % report.ids.length]).join(" ") }""", LENGTH)
        page.wait_for_function(f"document.querySelectorAll('ol.history li').length === {LENGTH}")
        for name, whole in (("the first model alone", False), ("a change of the view, all models and panels", True)):
            times = page.evaluate(TIMED, [TRIES, LENGTH, whole])
            print(f"{LENGTH} items, {name}: fastest {times[0]:.0f} ms, median {times[TRIES // 2]:.0f} ms")
        browser.close()


if __name__ == "__main__":
    main()
