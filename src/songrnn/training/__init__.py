"""Batches + network -> checkpoint."""
