"""One network's training on a CUDA device: what runs there, and the machine that it runs on."""
