"""What one device carries: its networks alone, the pipeline in process, a real worker over gRPC."""
