"""Contact sheets: what a film shows, on one picture."""
