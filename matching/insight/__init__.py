"""What a solved model can tell: previews, losses, alternates, smallest changes, prices of one more unit."""
