"""The member's steps: what is done, and how it is known."""
