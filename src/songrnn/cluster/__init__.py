"""Work of the commands on the nodes of a Ray cluster (`--ray ADDRESS`); `ray` is imported here only."""
