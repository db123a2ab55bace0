"""Many trainings, one table or one answer."""
