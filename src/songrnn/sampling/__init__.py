"""Checkpoint -> characters; no PyTorch anywhere on this path."""
