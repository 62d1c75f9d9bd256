"""Make rendered/*.ipynb from notebooks/*.py: run every cell and keep its output.

    python tutorials/render.py          all of them
    python tutorials/render.py 3 4      some

Notebook 7 trains on Beauty.txt when MINIREAREC_DATA names a folder that holds it, and on beauty-sim otherwise.
"""

import sys
import tempfile
import time

import nbformat

from minirearec_tutorials.notebooks import execute, to_notebook, tutorial, tutorials


def render(found) -> float:
    """Run and write one notebook; return the seconds it took."""
    notebook = to_notebook(found.source)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        execute(notebook, folder)
    for cell in notebook.cells:
        cell.metadata = {}
    found.rendered.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, found.rendered)
    return time.perf_counter() - start


if __name__ == "__main__":
    chosen = [tutorial(int(number)) for number in sys.argv[1:]] or tutorials()
    for found in chosen:
        print(f"{found.name}: {render(found):.0f} s, {found.rendered.stat().st_size / 1e3:,.0f} kB", flush=True)
