"""Public Python package of Rapt: the wire contract, its errors, the client, the command line."""
