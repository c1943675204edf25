"""Steps that bring the database up to the models."""
