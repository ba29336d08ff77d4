"""Bringing a team's own files in, and giving them back."""
