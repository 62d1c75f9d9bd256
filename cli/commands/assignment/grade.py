"""minirearec assignment grade: a folder of submissions as a table, pages, and files for Gradescope."""

import json
from dataclasses import replace
from pathlib import Path

import click

from minirearec.errors import ConfigError
from minirearec_cli import options
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place, Whole
from minirearec_tutorials.grading.marking.lateness import read_policy, read_time


class Read(click.ParamType):
    """A value that a function reads; its ValueError says what is wrong."""

    def __init__(self, name: str, read):
        self.name, self.read = name, read

    def convert(self, value, param, ctx):
        try:
            return self.read(value)
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)


@click.command("grade", cls=SectionCommand, examples=(
    "minirearec assignment grade a2 submissions --out grades.csv",
    "minirearec assignment grade a2 submissions --out grades.csv --rules course/grading.toml --similarity",
    "minirearec assignment grade a2 submissions --out grades.csv --only ann"))
@click.argument("name", type=Place())
@click.argument("folder", metavar="SUBMISSIONS", type=Place())
@option("--only", section="Submissions", multiple=True, metavar="STUDENT",
        help="grade this student again, by the rules of the earlier grading unless options say otherwise, and put the "
             "new grade into its tables; repeatable")
@option("--rules", section="Rules", type=Place(), metavar="FILE.toml",
        help="points, partial credit and the due time, as in the grading.toml that release writes")
@option("--due", section="Rules", type=Read("time", read_time), metavar="TIME",
        help="when the submissions were due, such as 2026-05-01T18:00")
@option("--late", section="Rules", type=Read("policy", read_policy), metavar="POLICY",
        help="what being late costs: note, zero, 10%/day, 1/day (points), 5%/hour  [default: note]")
@option("--times", section="Rules", type=Place(), metavar="FILE.csv",
        help="when each student handed in, as two columns: student, time  [default: when the files were changed last]")
@option("--out", section="Output", required=True, type=Place(), metavar="FILE.csv",
        help="the table to make; a folder of the same name gets a page and Gradescope's results.json for each student")
@option("--force", section="Output", is_flag=True, help="replace an earlier grading")
@option("--anonymous", section="Output", is_flag=True,
        help="hide names in the table and the pages; FILE-names.csv says who is who")
@option("--similarity", section="Output", is_flag=True, help="also compare the submissions, and show similar ones")
@options.json_option()
@option("--jobs", section="Machine", type=Whole(min=1, max=1024), metavar="N",
        help="submissions to grade at the same time  [default: 2, or 1 on one processor]")
def command(name, folder, only, rules, due, late, times, out, force, anonymous, similarity, as_json, jobs):
    """Grade a folder of submissions.

    A submission is a folder STUDENT, or a file STUDENT.py or NAME_STUDENT.py. It may be a notebook or a zip instead of
    a Python file, and it may have the name that Moodle or Canvas gave it.

    Every student gets one line in the table, whatever was handed in; 0 points come with a reason.
    """
    from minirearec_cli import console
    from minirearec_cli.views.assignment.grade_files import Wanted, refuse_inside
    from minirearec_cli.views.assignment.grade_table import show_grades
    from minirearec_cli.views.assignment.gradebook import grade_into
    from minirearec_tutorials.grading.assignment.finding import assignment
    from minirearec_tutorials.grading.marking.lateness import read_times
    from minirearec_tutorials.grading.marking.rules import Rules, load
    from minirearec_tutorials.grading.reporting.records import recorded_how

    item = assignment(name)
    how, table = load(Path(rules), item) if rules else Rules(), Path(out)
    if only:
        kept = recorded_how(item, Wanted(table).record).rules
        if rules and (how.points, how.partial) != (kept.points, kept.partial):
            raise ConfigError("the earlier grading had other points or another partial credit", rules,
                              "Leave --rules out to use those again, or grade all again, with --force.")
        how = how if rules else kept
    how = replace(how, due=due or how.due, late=late or how.late)
    if how.due is None and (late or times):
        raise click.UsageError("--late and --times need --due, or a due time in the rules.")
    item = how.applied(item)
    wanted = Wanted(table, jobs, force, only, how, read_times(Path(times)) if times else {}, anonymous, similarity)
    refuse_inside(wanted, [Path(one) for one in (folder, rules, times) if one])
    graded = grade_into(console.notices(), item, Path(folder), wanted)
    if as_json:
        from minirearec_tutorials.grading.reporting.report import as_dict

        pairs = [{"students": pair.students, "share": round(pair.share, 3)} for pair in graded.pairs or []]
        click.echo(json.dumps({"assignment": item.name, **{key: str(path) for key, path in graded.places.items()},
                               "grades": [as_dict(grade) for grade in graded.grades], "similar_pairs": pairs},
                              indent=2))
    else:
        show_grades(console.results(), item, graded)
