"""The search for the best settings of a network."""
