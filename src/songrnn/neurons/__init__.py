"""What single cells respond to."""
