"""Rewards on the staff site."""
