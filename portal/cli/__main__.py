"""Lets ``python -m portal.cli`` do what ``portal`` does."""

from portal.cli import main

# A process that this one spawns imports this file again, under another name.
if __name__ == "__main__":
    main(prog_name="portal")
