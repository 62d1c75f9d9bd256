"""Print a result for programs: as one JSON object, or as one table in CSV."""

import click


def check_format(as_json: bool, as_csv: bool) -> None:
    """Raise a usage error when both formats are asked for."""
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other. Choose one.")


def show(result, as_csv: bool) -> None:
    """Print a result with ``records`` and ``to_dict`` as CSV or JSON."""
    show_rows(result.records() if as_csv else result.to_dict(), as_csv)


def show_rows(rows, as_csv: bool) -> None:
    """Print dicts that share their keys as CSV, or anything as JSON."""
    import csv
    import io
    import json

    if not as_csv:
        click.echo(json.dumps(rows, indent=2))
        return
    lines = io.StringIO()
    writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    click.echo(lines.getvalue(), nl=False)
