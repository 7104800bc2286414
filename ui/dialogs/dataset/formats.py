"""Which files the dialog offers to open."""

FILTERS = ("Tables (*.csv *.tsv *.tab *.txt *.data *.dat *.gz)", "All files (*)")
"""The rows of the file chooser."""
