"""What people who watch an interview see and hear, and what they may ask for."""
