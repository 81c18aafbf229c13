"""What every page needs, whatever its feature."""
