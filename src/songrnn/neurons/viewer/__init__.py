"""The page that shows what neurons do: one HTML file that opens without a network."""
