"""Run the command line as ``python -m minirearec``, which ``torchrun -m minirearec`` needs."""

if __name__ == "__main__":
    from minirearec_cli.main import run

    run()
