"""Small drawings for the notebooks: matrices, masks, paths of hidden states, curves. Needs matplotlib.

Every helper draws on ``ax`` (by default in a new figure) and returns it. People with any kind of colour vision can
tell the colours apart, and nothing depends on colour alone.
"""

from itertools import cycle, pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")  # Okabe and Ito's palette
MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def use_style():
    """Set matplotlib's defaults for all later figures: small, light, without needless lines."""
    plt.rcParams.update({
        "figure.figsize": (6.0, 3.6),
        "figure.dpi": 80,
        "savefig.dpi": 80,
        "figure.facecolor": "white",
        "figure.constrained_layout.use": True,
        "axes.prop_cycle": plt.cycler(color=COLOURS),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 11,
        "axes.labelsize": 10,
        "legend.frameon": False,
        "legend.fontsize": 9,
        "font.size": 10,
        "image.interpolation": "nearest",
    })


def heatmap(matrix, ax=None, title="", rows=None, columns=None, values=False, cmap="cividis", centre=None,
            highest=None):
    """Draw a matrix as coloured cells with a colour bar.

    ``rows`` and ``columns`` are the labels of the cells (or of a whole axis, as one string); ``values`` writes the
    numbers into the cells; with ``centre`` the colours are symmetric around that value (purple below it, orange above);
    with ``highest`` they range from 0 to that value, so that several pictures can share them.
    Shapes: matrix [R, C].
    """
    matrix = np.asarray(matrix, dtype=float)
    ax = _axes(ax, (1.6 + 0.42 * matrix.shape[1], 1.1 + 0.36 * matrix.shape[0]))
    if centre is None:
        image = ax.imshow(matrix, cmap=cmap, aspect="auto", vmin=None if highest is None else 0, vmax=highest)
    else:
        reach = np.nanmax(np.abs(matrix - centre)) or 1.0
        image = ax.imshow(matrix, cmap="PuOr_r" if cmap == "cividis" else cmap, aspect="auto",
                          vmin=centre - reach, vmax=centre + reach)
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.85)
    if np.nanmin(matrix) >= 0:
        bar.ax.set_ylim(bottom=max(bar.vmin, 0))  # no colours of values that cannot be
    _label_cells(ax, matrix.shape, rows, columns)
    if values:
        _write_values(ax, image, matrix)
    ax.set_title(title)
    return ax


def mask(matrix, ax=None, title="", rows=None, columns=None, values=None):
    """Draw a mask: dark cells with a dot are visible (True), light cells are not.

    ``values`` are texts to write into the cells instead of the dots. Shapes: matrix [R, C] booleans.
    """
    matrix = np.asarray(matrix, dtype=bool)
    if values is None:
        values = np.where(matrix, "•", "")
    return cells(matrix, ("", ""), ax, title, rows, columns, values)


def cells(kinds, names, ax=None, title="", rows=None, columns=None, values=None):
    """Draw a table with cells coloured by kind: 0 is light; 1, 2, ... take the colours in turn.

    ``names[kind]`` is the kind's entry in the legend, an empty text for none; ``values`` are texts for the cells.
    Shapes: kinds [R, C] integers from 0 to 6.
    """
    kinds = np.asarray(kinds, dtype=int)
    ax = _axes(ax, (1.2 + 0.38 * kinds.shape[1], 1.0 + 0.34 * kinds.shape[0]))
    palette = ("#F0F0F0", *COLOURS[:6])
    ax.imshow(kinds, cmap=ListedColormap(palette), vmin=0, vmax=len(palette) - 1, aspect="auto")
    ax.set_xticks(np.arange(kinds.shape[1] + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(kinds.shape[0] + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=1.5)
    ax.tick_params(which="minor", length=0)
    for (row, column), kind in np.ndenumerate(kinds):
        text = "" if values is None else str(values[row][column])
        ax.text(column, row, text, ha="center", va="center", color="white" if kind in (1, 2, 3) else "black")
    _label_cells(ax, kinds.shape, rows, columns)
    handles = [Patch(facecolor=palette[kind], label=name) for kind, name in enumerate(names) if name]
    if handles:
        ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    ax.set_title(title)
    return ax


def states(points, ax=None, labels=None, title=""):
    """Draw the paths of states through K reasoning steps: an arrow per step, from state 0 (empty marker) to state K.

    Shapes: points [N, K+1, 2] (N paths); labels N texts or None.
    """
    points = np.asarray(points, dtype=float)
    ax = _axes(ax, (5.6, 4.2))
    for number, (path, colour, marker) in enumerate(zip(points, cycle(COLOURS), cycle(MARKERS), strict=False)):
        for start, end in pairwise(path):
            ax.annotate("", xy=end, xytext=start,
                        arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.4, "shrinkA": 3, "shrinkB": 3})
        ax.scatter(path[1:, 0], path[1:, 1], color=colour, marker=marker, s=22, zorder=3,
                   label=None if labels is None else labels[number])
        ax.scatter(path[:1, 0], path[:1, 1], facecolor="white", edgecolor=colour, marker=marker, s=40, zorder=3)
        if len(points) <= 8:
            for step in (0, len(path) - 1):
                ax.annotate(str(step), path[step], xytext=(5, 4), textcoords="offset points", fontsize=8, color=colour)
    ax.margins(0.12)
    ax.set_title(title)
    if labels is not None:
        ax.legend()
    return ax


def curves(x, series, ax=None, xlabel="", ylabel="", title=""):
    """Draw one line for every name in ``series`` ({name: y}); lines differ in colour and in marker.

    Shapes: x [N], every y [N].
    """
    ax = _axes(ax)
    for (name, y), colour, marker in zip(series.items(), cycle(COLOURS), cycle(MARKERS), strict=False):
        few = len(y) <= 40
        ax.plot(x, y, color=colour, marker=marker if few else None, markersize=4.5, linewidth=1.6, label=name)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.set_title(title)
    ax.legend()
    return ax


def to_plane(states):
    """Project states onto the two directions in which they vary most (PCA, by an SVD of the centred states).

    ``X - mean(X) = U S V^T``; the coordinates are ``(X - mean(X)) V[:, :2]``. The sign of each direction is fixed: its
    largest entry is positive. Shapes: states [..., D], out [..., 2].
    """
    states = np.asarray(states, dtype=float)
    flat = states.reshape(-1, states.shape[-1])
    flat = flat - flat.mean(axis=0)
    directions = np.linalg.svd(flat, full_matrices=False)[2][:2]
    directions *= np.sign(directions[np.arange(len(directions)), np.abs(directions).argmax(axis=1)])[:, None]
    plane = np.zeros((len(flat), 2))
    plane[:, :len(directions)] = flat @ directions.T  # fewer than two directions if there is one state, or D = 1
    return plane.reshape(*states.shape[:-1], 2)


def _axes(ax, size=None):
    return ax if ax is not None else plt.subplots(figsize=size)[1]


def _label_cells(ax, shape, rows, columns):
    for axis, labels, number, name in ((ax.yaxis, rows, shape[0], ax.set_ylabel),
                                       (ax.xaxis, columns, shape[1], ax.set_xlabel)):
        if isinstance(labels, str):
            name(labels)
            labels = None
        if labels is not None:
            axis.set_ticks(range(number), [str(label) for label in labels])
        elif number <= 20:
            axis.set_ticks(range(0, number, 1 if number <= 10 else 2))


def _write_values(ax, image, matrix):
    for (row, column), value in np.ndenumerate(matrix):
        red, green, blue, _ = image.cmap(image.norm(value))
        bright = 0.3 * red + 0.59 * green + 0.11 * blue > 0.5
        ax.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=8,
                color="black" if bright else "white")
