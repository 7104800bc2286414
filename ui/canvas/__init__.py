"""The picture of the network: layout and colour in plain NumPy, painters and the widget on top of them."""
