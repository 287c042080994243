"""What Kiro costs: fetched, kept, summed up."""
