"""HTTP and WebSocket in, gRPC out: browsers, tickets, walls, heatmaps."""
