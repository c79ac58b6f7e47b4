"""Bringing data in: files, what was understood of them, their receipts, and how they are shown."""
