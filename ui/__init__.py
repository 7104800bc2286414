"""Everything Qt: the window, its panels and dialogs, and the picture of the network."""
