"""What a command and a button both show: each page reads what it needs, then builds the view."""
