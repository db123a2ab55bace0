"""A request in, finished compositions out; the same for library, command line and server."""
