"""The frame's pages. The roof: may know both apps."""
