"""What runs a network: the native engine, and NumPy as reference and fallback."""
