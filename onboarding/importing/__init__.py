"""A list of people, read, judged row by row, and added."""
