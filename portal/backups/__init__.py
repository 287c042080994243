"""Backup and restore: every table in one file, for both databases, with nothing but Python."""
