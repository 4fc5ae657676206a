"""What the gateway remembers about contents and people, with SQLAlchemy."""
