"""What is true right now: who is here, how the class is, and who watches the wall."""
