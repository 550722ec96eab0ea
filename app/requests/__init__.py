"""Requests with their needs, and group submissions with their consents."""
