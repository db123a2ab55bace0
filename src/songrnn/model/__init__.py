"""The network: its settings, its equations in NumPy, and the same in PyTorch."""
