"""The studio: a page in the browser, and an HTTP API, over composing, rendering and judging."""
