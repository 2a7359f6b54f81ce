"""Pages about the person who acts."""
