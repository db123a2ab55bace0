"""What the network does in the tune on the page: the values of a neuron, and why each character."""
