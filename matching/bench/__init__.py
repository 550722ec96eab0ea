"""The engine measured beside its rivals: time, memory, and whether all come to the same total."""
