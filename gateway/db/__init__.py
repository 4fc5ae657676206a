"""What the gateway remembers about contents and people: SQLAlchemy, SQLite unless told otherwise."""
