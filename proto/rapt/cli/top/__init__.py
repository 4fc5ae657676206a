"""How are the running services doing? `./rapt top`: reads their metrics, knows nothing of them."""
