"""The command line without a window: one file a command, and `program.py` with the table of them.

Nothing is imported here: the window shares `terminal.py` and must not wait for pandas.
"""
