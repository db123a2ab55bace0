"""The base template and style of all HTML pages, and figures as picture files."""
