"""The parts of the dialog "Load a data set": the source, the raw columns, the recipe in stages, what follows."""
