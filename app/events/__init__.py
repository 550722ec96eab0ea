"""The event log and the history of the record."""
