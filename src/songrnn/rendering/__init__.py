"""ABC -> something to hear or see."""
