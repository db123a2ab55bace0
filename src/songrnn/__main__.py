"""`python -m songrnn` is the `songrnn` command."""

from songrnn.cli.main import main

if __name__ == "__main__":
    main()
