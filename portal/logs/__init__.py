"""Log lines: their form, the id of what is in hand, and what no line may hold."""
