"""`python -m service`: the program `modbot`, for child processes that must run in the same interpreter."""

from service.cli import main

main()
