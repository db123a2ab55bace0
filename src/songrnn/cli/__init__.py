"""Arguments and printing only, one module a command."""
