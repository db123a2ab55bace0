"""The base template and style of everything that becomes HTML, and figures as picture files."""
