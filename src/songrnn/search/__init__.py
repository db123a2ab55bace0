"""Search for the best settings of a network."""
