"""The people: from being added to leaving."""
