"""Credits: granted, used, and how long they last."""
