"""Files brought into a database, and taken back."""
