"""What both a command and a button show: each page reads what it needs, then builds the view."""
