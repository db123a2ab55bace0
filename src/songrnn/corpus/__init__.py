"""Files -> a clean list of tune texts, split without leaks."""
