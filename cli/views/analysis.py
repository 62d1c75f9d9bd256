"""Draw an analysis: one table for each question, with coloured cells where a pattern counts more than a figure."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from minirearec.analysis.figures import Figure
from minirearec.analysis.groups import Group
from minirearec.analysis.result import Analysis
from minirearec.analysis.thinking import NEWEST, Thinking
from minirearec.analysis.timing import Timing
from minirearec.evaluation.full_ranking import NULL_ORACLE, ORACLE
from minirearec.evaluation.published import REASONING_OVERHEAD
from minirearec_cli import text
from minirearec_cli.console import plain_table, say
from minirearec_cli.views.result_tables import COLUMN, METRICS, PARTS, ROW_NAME, metrics_table

DARK, LIGHT = (8, 48, 107), (222, 235, 247)  # colours of the largest and the smallest value


def show_analysis(console: Console, found: Analysis) -> None:
    """Show every table of an analysis."""
    say(console, f"{PARTS[found.part]} part of {text.data_name(found.facts['data'])}: {text.model_name(found.facts)}, "
                 f"{found.targets:,} targets of {found.users:,} users, seen items excluded", "bold")
    show_metrics(console, found)
    for title, groups in (("history length", found.by_history_length), ("how often training saw the target",
                                                                        found.by_popularity)):
        heading(console, f"{found.group_metric} by {title}: four groups of targets")
        console.print(group_table(groups, found.answer))
    if found.by_popularity[0].gains:
        say(console, "  gain over step 0 in brackets; * its 95 % interval leaves 0 out", "dim")
    if found.thinking:
        show_thinking(console, found.thinking)
    if found.moves:
        heading(console, "How the target's rank moves, compared with step 0: shares of targets")
        console.print(share_table(found.moves))
        say(console, "  found: in the top 20 now, not at step 0; lost (overthinking): in it at an earlier step", "dim")
    heading(console, "What the top 10 lists hold")
    console.print(lists_table(found))
    if found.thinking:
        show_attention(console, found.thinking)
    if found.timing:
        show_timing(console, found.timing)


def heading(console: Console, line: str) -> None:
    """Print a title after an empty line."""
    console.print()
    say(console, line, "bold")


def show_metrics(console: Console, found: Analysis) -> None:
    """Show the metrics of every row, and the gains over step 0."""
    metrics = [*map(str, METRICS)][:max(1, (console.width - ROW_NAME) // COLUMN)]
    console.print(metrics_table({"excluded": found.excluded, "answer": found.answer}, "excluded", metrics, named=True))
    if not found.gains:
        return
    say(console, "  step 0 is the same model at K = 0: steps never change it", "dim")
    say(console, f"  {ORACLE}: each user's best step, chosen after the fact", "dim")
    heading(console, "Gain over the same model at K = 0")
    table = plain_table()
    table.add_column("")
    for metric in found.gains:
        table.add_column(metric, justify="right", no_wrap=True)
        table.add_column("95 % interval", justify="right", no_wrap=True)
        table.add_column("relative", justify="right", no_wrap=True)
    for what in next(iter(found.gains.values())):
        cells = []
        for metric, gains in found.gains.items():
            gain, start = gains[what], found.excluded[found.base][metric]
            cells += [f"{gain.value:+.4f}", interval(gain), f"{gain.value / start:+.1%}" if start else "-"]
        table.add_row(what, *cells)
    console.print(table)
    say(console, "  null oracle: the best of as many copies at K = 0, which differ only by dropout"
        if NULL_ORACLE in found.excluded else "  no null oracle: the model has no dropout to draw copies with", "dim")


def interval(figure: Figure) -> str:
    """Return ``-.0012 to .0034``."""
    return f"{figure.low:+.4f} to {figure.high:+.4f}"


def group_table(groups: list[Group], answer: str) -> Table:
    """Return a table with a column for each group and a row for each step."""
    table = plain_table()
    table.add_column("", no_wrap=True)
    for group in groups:
        table.add_column(f"{group.name}\n ({group.targets:,})", justify="right", no_wrap=True)
    for row in groups[0].rows:
        cells = []
        for group in groups:
            gain = group.gains.get(row)
            change = "" if gain is None else f" ({gain.value:+.4f}{'*' if gain.clear else ' '})"
            cells.append(Text(text.figure(group.rows[row].value) + change,
                              "" if gain is None or not gain.clear else "green" if gain.value > 0 else "red"))
        table.add_row(row, *cells, style="bold" if row == answer else "")
    return table


def show_thinking(console: Console, thinking: Thinking) -> None:
    """Show how alike the states of a user are, and how sharp their distributions."""
    steps = [f"step {k}" for k in range(len(thinking.entropy))]
    heading(console, f"Cosine of the states of a user (mean over {thinking.targets:,} targets)")
    console.print(heat_table(steps, thinking.cosine))
    heading(console, f"KL divergence of their distributions, row to column, in nats (mean: {thinking.mean_kl:.3f})")
    console.print(heat_table(steps, thinking.kl))
    heading(console, "Entropy of the distribution at each step, in nats")
    console.print(heat_table(["entropy"], [thinking.entropy], steps))


def heat_table(rows: list[str], values: list[list[float]], columns: list[str] | None = None) -> Table:
    """Return a matrix as figures on a coloured ground: dark is large."""
    table, flat = plain_table(), [value for line in values for value in line]
    table.add_column("", no_wrap=True)
    for name in columns or rows:
        table.add_column(name, justify="right", no_wrap=True)
    for name, line in zip(rows, values, strict=True):
        table.add_row(name, *(heat(value, min(flat), max(flat)) for value in line))
    return table


def heat(value: float, low: float, high: float, digits: int = 3) -> Text:
    """Return a figure on the colour of its place between the smallest and the largest value."""
    place = (value - low) / (high - low) if high > low else 0.0
    ground = "".join(f"{round(light + place * (dark - light)):02x}" for dark, light in zip(DARK, LIGHT, strict=True))
    return Text(f"{value:.{digits}f}", f"#{'ffffff' if place > 0.5 else '000000'} on #{ground}")


def share_table(rows: dict) -> Table:
    """Return the shares of targets that moved, for each step, and the median rank."""
    table = plain_table()
    table.add_column("", no_wrap=True)
    for name in ("improved", "worsened", "same", "found", "lost", "median\n rank"):
        table.add_column(name, justify="right", no_wrap=True)
    for row, one in rows.items():
        *shares, median = vars(one).values()
        table.add_row(row, *(f"{share:.1%}" for share in shares), f"{median:,.1f}")
    return table


def lists_table(found: Analysis) -> Table:
    """Return coverage, popularity and novelty of each row's lists."""
    table = plain_table()
    table.add_column("", no_wrap=True)
    for name in ("coverage", "seen in\n training", "share of\n targets'", "novelty\n in bits"):
        table.add_column(name, justify="right", no_wrap=True)
    for row, lists in found.lists.items():
        share = "-" if lists.bias is None else f"{lists.bias:.0%}"
        table.add_row(row, f"{lists.coverage:.1%}", f"{lists.popularity:.1f}", share, f"{lists.novelty:.2f}")
    return table


def show_attention(console: Console, thinking: Thinking) -> None:
    """Show what each step attends to, by layer and head."""
    heading(console, "What the steps attend to: % of the attention; -1 is the newest item of the history")
    for k, layers in enumerate(thinking.attention, 1):
        table = plain_table()
        table.add_column(f"step {k}", no_wrap=True)
        inputs = range(1, 1 + len(layers[0][0].steps))
        for name in (*(str(-1 - age) for age in range(NEWEST)), "older", *(f"s{step}" for step in inputs)):
            table.add_column(name, justify="right", no_wrap=True)
        for layer, heads in enumerate(layers, 1):
            for number, head in enumerate(heads, 1):
                values = [*head.items, head.older, *head.steps]
                table.add_row(f"layer {layer} head {number}", *(heat(100 * value, 0, 100, 0) for value in values))
        console.print(table)
    inputs = "s1: the input of step 1, and so on; " if thinking.attention[0][0][0].steps else ""
    say(console, f"  {inputs}an item that a history is too short for counts as 0", "dim")


def show_timing(console: Console, timing: Timing) -> None:
    """Show how long an answer takes with 0 to 5 steps, beside the paper's overhead."""
    heading(console, f"Time of inference per target, a batch of {timing.targets:,} on {timing.device}")
    table = plain_table()
    table.add_column("", no_wrap=True)
    for name in ("with cache,\n ms", "over K = 0", "without,\n ms", "over K = 0", "paper,\n with cache"):
        table.add_column(name, justify="right", no_wrap=True)
    for steps, pair in enumerate(zip(timing.cached, timing.uncached, strict=True)):
        cells = []
        for each, base in zip(pair, (timing.cached[0], timing.uncached[0]), strict=True):
            cells += [f"{each:.3f}", f"{each / base - 1:+.1%}"]
        paper = f"{REASONING_OVERHEAD[steps]:+.2f}%" if steps in REASONING_OVERHEAD else ""
        table.add_row(f"K = {steps}", *cells, paper)
    console.print(table)
    say(console, "  the paper: PRL, a whole test set of padded histories on a GPU", "dim")
