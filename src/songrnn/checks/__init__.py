"""What is wrong with a tune, as written and as played."""
