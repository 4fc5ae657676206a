"""The command line: `./rapt COMMAND`, or `python -m rapt COMMAND` in the made environment."""

import os
import sys

from rapt.cli.app import main

if __name__ == "__main__":
    main(sys.argv[1:], os.environ)
