"""What no flow can say: needs served together or not at all, and needs of which one is served."""
