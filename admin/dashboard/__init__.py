"""What a person sees first: what waits, how their offices stand, and the way to the reports behind a number."""
