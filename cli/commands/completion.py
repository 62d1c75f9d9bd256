"""minirearec completion: what a shell needs to complete commands, options, data sets and runs."""

import click

from minirearec_cli.options import SectionCommand

SHELLS = ("bash", "zsh", "fish")


@click.command(cls=SectionCommand, examples=(
    "minirearec completion fish | source",
    'eval "$(minirearec completion bash)"',
    'eval "$(minirearec completion zsh)"'))
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell):
    """Print the script that lets a shell complete commands, options, data sets and runs.

    Add the example of your shell to ~/.bashrc, ~/.zshrc or ~/.config/fish/config.fish.
    """
    from click.shell_completion import get_completion_class

    from minirearec_cli.main import COMPLETING, cli

    made = get_completion_class(shell)
    assert made is not None, "click knows these shells"
    click.echo(made.source_template % made(cli, {}, "minirearec", COMPLETING).source_vars())
