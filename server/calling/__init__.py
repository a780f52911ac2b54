"""`viva call`: a caller played by a program, at the far end of any bridge's wire."""
