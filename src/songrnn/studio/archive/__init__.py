"""The tunebook: what the player keeps, in a database."""
