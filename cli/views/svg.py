"""Write plots as SVG files that need nothing else: intervals of differences, and curves."""

from collections.abc import Sequence
from html import escape

from minirearec.analysis.figures import Figure
from minirearec.text import one_line
from minirearec_cli.views.report.figures import HEIGHT, LEFT, RIGHT, WIDTH, Chart, marks

COLOURS = ("#0b57a4", "#a63c06", "#1a6b3c", "#7b2d8b", "#8a6100", "#b01657")
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 4", "12 3")  # curves differ without their colours too
ROW, CHARACTER = 22, 7  # height of a row, width of a character


def forest(title: str, rows: Sequence[tuple[str, Figure]]) -> str:
    """Return a plot of means with their intervals, one below the other, and a line at 0."""
    left = 20 + CHARACTER * max(len(name) for name, _ in rows)
    places = marks(min(0, *(one.low for _, one in rows)), max(0, *(one.high for _, one in rows)))
    width, height = left + WIDTH, 70 + ROW * len(rows)

    def x(value: float) -> float:
        return left + (WIDTH - RIGHT - 30) * (value - places[0]) / (places[-1] - places[0])

    drawn = [label(left, 20, title, "start")]
    for place in places:
        drawn += [line(x(place), 30, x(place), height - 30, "#8886", 2 if place == 0 else 1),
                  label(x(place), height - 12, f"{place:+.4g}" if place else "0", "middle")]
    for number, (name, one) in enumerate(rows):
        y = 45 + ROW * number
        colour = COLOURS[0] if one.clear else "#57606a"
        drawn += [label(left - 10, y + 4, name, "end"), line(x(one.low), y, x(one.high), y, colour, 2),
                  f'<circle cx="{x(one.value):.1f}" cy="{y}" r="4" fill="{colour}"><title>{one.value:+.4f}, '
                  f'{one.low:+.4f} to {one.high:+.4f}</title></circle>']
    return page(width, height, drawn)


def curves(chart: Chart) -> str:
    """Return a chart with its curves and, below it, their names."""
    drawn = [label(LEFT, 16, chart.title, "start"), '<g transform="translate(0 20)">']
    for tick in chart.y_ticks:
        drawn += [line(LEFT, tick.place, WIDTH - RIGHT, tick.place, "#8886", 1),
                  label(LEFT - 6, tick.place + 4, tick.label, "end")]
    drawn += [label(tick.place, HEIGHT - 18, tick.label, "middle") for tick in chart.x_ticks]
    drawn.append(label(WIDTH / 2, HEIGHT - 3, chart.across, "middle"))
    for number, one in enumerate(chart.lines):
        style = f'stroke="{COLOURS[number % 6]}" stroke-width="2" stroke-dasharray="{DASHES[number % 6]}"'
        y = HEIGHT + ROW * (number + 1)
        drawn += [f'<polyline fill="none" {style} points="{one.path}"/>',
                  *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[number % 6]}"><title>{value:.4f}</title>'
                    '</circle>' for x, y, value in one.points),
                  f'<path {style} d="M {LEFT} {y - 4} h 26"/>', label(LEFT + 34, y, one.name, "start")]
    return page(WIDTH, HEIGHT + 40 + ROW * len(chart.lines), [*drawn, "</g>"])


def page(width: float, height: float, drawn: Sequence[str]) -> str:
    """Return a whole SVG file on white ground."""
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
                      f'height="{height}" font-family="system-ui, sans-serif" font-size="12">',
                      '<rect width="100%" height="100%" fill="#fff"/>', *drawn, "</svg>", ""])


def label(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#1b1f24">{escape(one_line(words))}</text>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float) -> str:
    return f'<path d="M {x1:.1f} {y1:.1f} L {x2:.1f} {y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'
