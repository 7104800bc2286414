"""The parts of the dialog that makes a model of another program's network."""
