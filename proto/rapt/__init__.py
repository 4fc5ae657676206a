"""Public package of Rapt: the wire contract, what all services share, client, command line."""
