"""Request -> compositions; one implementation for library, command line and server."""
