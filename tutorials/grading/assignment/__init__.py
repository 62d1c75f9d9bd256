"""What an assignment is: its folder, its texts, finding it, starting it."""
