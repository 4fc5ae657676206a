"""The command line: `python -m rapt`, reached by the launcher `./rapt`."""
