"""`make bench`: how fast, light and cheap the portal is, measured side by side in one run."""
