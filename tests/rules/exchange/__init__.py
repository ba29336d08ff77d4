"""Reading files that people bring: no application, no database."""
