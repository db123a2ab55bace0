"""Studies: many trainings, compared in one report."""
