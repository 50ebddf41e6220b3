"""`python -m styx` is the command `styx`."""

from styx.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
