"""What the command line says of the doctor's findings and their fixes."""
