"""Where in its tune any ABC text stands after each of its characters."""
